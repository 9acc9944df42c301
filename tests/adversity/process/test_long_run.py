"""Two days of a slow source, on a clock that jumps: what is kept does not grow, and tokens may change."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncIterator
from math import ceil
from pathlib import Path

import pytest
from fault_server import FaultServer, Ledger, accept, fault_server, processed, reset_after_body
from wire_clients import Way

from adversity.effort import effort
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import Hooks
from pushwoosh_async.testing import FakeClock

HOURS = 48
IN_AN_HOUR = effort(4, 8)  # pages of the source
PAGE = 10
# Bytes: sqlite3 remembers up to 200 cursors that are gone, before it looks. What a chunk leaves behind is
# seen from 170 bytes on.
SLACK = 25_000
# Real seconds until the journal's thread has written all that was noted: at most one.
WRITTEN = 1.2


class Days:
    """A source that yields a page every few minutes, for two days.

    Attributes:
        grown: bytes that the library holds more after the last hour than after the twelfth.
    """

    def __init__(self, clock: FakeClock, server: FaultServer) -> None:
        self._clock = clock
        self._server = server
        self._held: list[int] = []

    async def pages(self, ids: list[str]) -> AsyncIterator[list[str]]:
        """Yield them, each once the one before the last was sent: a chunk waits for the next to begin."""
        for number, start in enumerate(range(0, len(ids), PAGE)):
            yield ids[start : start + PAGE]
            await self._server.until(
                lambda sent=number: len(self._server.ledger.arrivals) >= sent  # type: ignore[misc]
            )
            await self._clock.sleep(3600 / IN_AN_HOUR)
            if number + 1 in {12 * IN_AN_HOUR, HOURS * IN_AN_HOUR}:
                await asyncio.sleep(WRITTEN)
                self._held.append(held_by_the_library())

    @property
    def grown(self) -> int:
        early, late = self._held
        return late - early


def held_by_the_library() -> int:
    """Return the bytes of memory that code of the library has asked for and not given back."""
    gc.collect()
    ours = tracemalloc.Filter(inclusive=True, filename_pattern="*/pushwoosh_async/*")
    clock = tracemalloc.Filter(inclusive=False, filename_pattern="*/pushwoosh_async/testing/*")
    snapshot = tracemalloc.take_snapshot().filter_traces([ours, clock])
    return sum(each.size for each in snapshot.statistics("filename"))


def tokens_seen(server: FaultServer) -> list[str]:
    """Return the tokens that came, each once, in order."""
    bodies = (json.loads(request.body)["request"] for request in server.complete)
    return list(dict.fromkeys(body["auth"] for body in bodies))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["httpx", "aiohttp"])
@pytest.mark.row("P27")
async def test_two_days(tmp_path: Path, story: Story, way: Way) -> None:
    """Everybody is accepted, each hour's token is used in its hour, and what the library holds stays."""
    clock = FakeClock()
    ledger = Ledger(wall=lambda: clock.stamp().wall)
    count = HOURS * IN_AN_HOUR * PAGE

    async def token() -> str:
        return f"TOKEN-OF-HOUR-{clock.monotonic() // 3600:.0f}"

    async with fault_server(default=accept, ledger=ledger) as server:
        trial = Trial(tmp_path, server, story, way=way, count=count, clock=clock, hooks=Hooks())
        days = Days(clock, server)
        tracemalloc.start()
        try:
            told = await trial.send(users=days.pages(trial.ids), api_token=token)
        finally:
            tracemalloc.stop()

        assert (told.report.accepted, told.report.retries) == (count, 0)
        hours = round(told.report.seconds / 3600)
        seen = tokens_seen(server)
        assert seen == [f"TOKEN-OF-HOUR-{hour}" for hour in range(HOURS + 1)]
        assert days.grown < SLACK
        story.saw(
            f"{hours} hours, {len(seen)} tokens, at most {ceil(days.grown / SLACK) * SLACK} bytes more"
        )
        await trial.end_well()


@pytest.mark.row("P27")
async def test_a_token_changes_between_a_doubt_and_its_repeat(tmp_path: Path, story: Story) -> None:
    """The repeat carries the new token, and is the same message all the same."""
    tokens = iter(f"TOKEN-{number}" for number in range(100))
    async with fault_server(processed(reset_after_body), default=accept) as server:
        trial = Trial(tmp_path, server, story, concurrency=1)
        told = await trial.send(api_token=lambda: next(tokens))
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        seen = tokens_seen(server)
        assert seen == [f"TOKEN-{number}" for number in range(5)]
        first, repeat = server.complete[:2]
        assert first.notifications == repeat.notifications
        story.saw(f"{len(seen)} tokens in {len(server.complete)} requests")
        await trial.end_well()
