"""Sources that are used up, or others than before, when a run is gone on with (I14)."""

from collections.abc import Callable
from typing import Any

import pytest
from fault_server import FaultServer
from wire_clients import open_client

from adversity.story import Story
from pushwoosh_async import InputChangedError

from .sending import HELLO, Sending

IDS = [f"u{number}" for number in range(120)]


def _another_id(ids: list[str]) -> list[str]:
    return [*ids[:3], "stranger", *ids[4:]]


def _reordered(ids: list[str]) -> list[str]:
    return [ids[1], ids[0], *ids[2:]]


def _one_less(ids: list[str]) -> list[str]:
    return ids[1:]


def _used_up(ids: list[str]) -> list[str]:
    return []


def _partly_used_up(ids: list[str]) -> list[str]:
    return ids[30:]


CHANGES: list[Callable[[list[str]], list[str]]] = [
    _another_id,
    _reordered,
    _one_less,
    _used_up,
    _partly_used_up,
]


@pytest.mark.row("I14")
@pytest.mark.parametrize("form", [list, iter], ids=["list", "generator"])
@pytest.mark.parametrize("change", CHANGES)
async def test_another_source_at_the_resume(
    sending: Sending,
    server: FaultServer,
    story: Story,
    change: Callable[[list[str]], list[str]],
    form: Callable[[list[str]], Any],
) -> None:
    """Each chunk is compared up to the last that may have been sent, before a new one is."""
    async with open_client("httpx", server.url) as client:
        run = client.fan_out(
            HELLO, users=form(IDS), journal=sending.journal, chunk_size=10, concurrency=2
        )
        async with run:
            async for _ in run:
                break
    reached = sending.reached()
    assert 10 <= len(reached) < len(IDS)
    with pytest.raises(InputChangedError) as caught:
        await sending.send(form(change(IDS)))
    assert sending.reached() == reached
    assert "stranger" not in str(caught.value)
    story.saw(f"{type(caught.value).__name__}, {sending.reached().total() - reached.total()} sent")
    await sending.put_right(form(IDS), ids=IDS)
