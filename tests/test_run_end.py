"""How a run ends when it is told to: no backoff, no hold and no failing source keeps it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from pushwoosh_async import Notification, PushwooshClient
from pushwoosh_async.sandbox import Sandbox

NOTE = Notification(content="Hello")
APPLICATION = "XXXXX-XXXXX"


def client_of(url: str) -> PushwooshClient:
    return PushwooshClient(
        api_token="sandbox-token", application=APPLICATION, base_url=url, rate_limit=None
    )


@pytest.mark.parametrize("end", ["drain", "deadline", "leave"])
async def test_no_hold_outlives_the_run(end: str) -> None:
    """Chunks that a 429 holds for up to a minute are given up at once: nothing of them is in doubt."""
    users = [f"u{index}" for index in range(60)]
    deadline = 0.5 if end == "deadline" else None
    async with Sandbox(rate_limit=2) as sandbox, client_of(sandbox.url) as client:
        async with asyncio.timeout(10):
            async with client.fan_out(
                NOTE, users=users, chunk_size=10, concurrency=4, deadline=deadline
            ) as run:
                accepted = 0
                async for outcome in run:
                    accepted += outcome.outcome == "accepted"
                    if accepted == 2 and end == "drain":
                        run.drain()
                    if accepted == 2 and end == "leave":
                        break
        assert (run.report.accepted, run.report.not_sent) == (20, 40)
        assert run.report.stopped
        assert sandbox.truth().recipients == 20


class CloseError(Exception):
    """What a source raises as it is closed."""


def stubborn() -> Iterator[str]:
    try:
        for index in range(10_000):
            yield f"u{index}"
    finally:
        raise CloseError


async def stubborn_async() -> AsyncIterator[str]:
    try:
        for index in range(10_000):
            yield f"u{index}"
    finally:
        raise CloseError


@pytest.mark.parametrize("source", [stubborn, stubborn_async])
async def test_a_source_that_raises_on_closing_cancels_nothing(source: object) -> None:
    """What is under way is drained, and the source's own error is raised, not a group of errors."""
    assert callable(source)
    async with Sandbox() as sandbox, client_of(sandbox.url) as client:
        run = client.fan_out(NOTE, users=source(), chunk_size=10, concurrency=2)

        async def drained() -> None:
            async with run:
                async for _ in run:
                    run.drain()

        with pytest.raises(CloseError):
            await drained()
        report = run.report
        assert report.in_doubt == 0
        assert report.accepted == sandbox.truth().recipients > 0


async def test_a_run_that_was_told_to_stop_too_late_did_not_stop() -> None:
    """Where all was begun already, the report says nothing of a stop."""
    async with Sandbox() as sandbox, client_of(sandbox.url) as client:
        async with client.fan_out(NOTE, users=["u1"]) as run:
            async for _ in run:
                run.drain()
        assert (run.report.accepted, run.report.stopped) == (1, "")
