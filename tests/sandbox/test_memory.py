"""What a message costs the sandbox: its text, and never the ids it went to."""

import gc
import sys
import tracemalloc

import pytest

from pushwoosh_async.sandbox import Sandbox

from .caller import Caller, ids, notification

MESSAGES = 100


@pytest.mark.parametrize("send_date", ["now", "2026-12-24 18:00"])
async def test_ids_are_not_kept(api: Caller, send_date: str) -> None:
    """A hundred messages to the same thousand users cost less than as many lists of references."""
    users = ids(1000)
    await api.send(users, send_date=send_date)
    tracemalloc.start()
    try:
        for _ in range(MESSAGES):
            await api.send(users, send_date=send_date)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    rows = (await api.call("getPushHistory")).json()["response"]["rows"]
    assert len(rows) == MESSAGES + 1
    assert grown < MESSAGES * sys.getsizeof(users) / 2


async def test_forgetting_is_free(api: Caller) -> None:
    """Ten thousand messages are kept by default, and not one more."""
    for _ in range(10):
        await api.create(*[notification(users=ids(10))] * 1000)
    oldest = "0001-85EBCA77-9E3779B1"
    assert (await api.call("getMessageDetails", message=oldest)).json()["status_code"] == 200

    await api.create(notification(users=ids(10)))

    assert (await api.call("getMessageDetails", message=oldest)).json()["status_code"] == 210


def test_keep_none() -> None:
    """A sandbox keeps at least one message."""
    with pytest.raises(ValueError, match="keep_messages must be at least 1"):
        Sandbox(keep_messages=0)
