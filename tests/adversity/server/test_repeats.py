"""Servers that differ in what they do with a transactionId they have seen, and whether they keep A1."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from fault_server import (
    Connection,
    Repeat,
    Script,
    answer,
    fault_server,
    http,
    processed,
)
from fault_server.api_scripts import committed_late, envelope, losing_first_answers
from wire_clients import Record

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import AttemptEvent, OutcomeEvent, RetryEvent, RetryPolicy
from pushwoosh_async.testing import FakeClock

from .surroundings import server_on


@pytest.mark.parametrize("repeat", get_args(Repeat))
@pytest.mark.row("S17")
async def test_known_id(tmp_path: Path, story: Story, repeat: Repeat) -> None:
    """Acknowledged again, a repeat is accepted; refused, it is in doubt: one chunk a lost answer."""
    clock = FakeClock()
    losing = losing_first_answers()
    async with server_on(clock, default=losing, repeat=repeat) as server:
        trial = Trial(
            tmp_path, server, story, clock=clock, retry=RetryPolicy(base_delay=5, max_delay=5)
        )
        told = await trial.send()

        lost = 2
        acknowledged = repeat in {"same_code", "empty"}
        assert set(server.ledger.sent_to().values()) == {1}
        assert len(server.ledger.sent_to()) == 40
        assert told.report.rejected == told.report.not_sent == 0
        assert told.report.in_doubt == (0 if acknowledged else lost * 10)
        assert told.report.accepted_on_repeat == (lost * 10 if acknowledged else 0)
        codes = {record.life.message_code for record in trial.records() if record.life.in_doubt}
        assert (codes == {None}) is (repeat != "same_code")
        story.saw(f"{repeat}: {len(told.report.in_doubt_chunks)} in doubt for {lost} lost answers")
        story.check("G3", by=f"one chunk for each of {lost} lost answers")
        await trial.end_well()


FORGETS = 200.0


def _late_commit(clock: FakeClock, after: str) -> tuple[Script, Script]:
    """Lose an answer and ask for a pause; take the repeat a minute after it came."""
    lost = processed(answer(503, b"", [("Retry-After", after)]))
    reply = http(200, envelope(200, "OK", {"Messages": ["CODE_NOT_AVAILABLE"]}))
    return lost, committed_late(60, clock.advance, reply)


@pytest.mark.parametrize("after", ["70", "160"])
@pytest.mark.row("S18")
async def test_window_shorter_than_promised(tmp_path: Path, story: Story, after: str) -> None:
    """The harness sees duplicates where A1 is broken, and none where `window` says what is true."""
    doubled, doubts = {}, {}
    for window in (300.0, FORGETS):
        clock = FakeClock()
        (folder := tmp_path / f"{window:g}").mkdir()
        async with server_on(clock, *_late_commit(clock, after), window=FORGETS) as server:
            trial = Trial(
                folder,
                server,
                story,
                clock=clock,
                count=10,
                timeout=1.0,
                retry=RetryPolicy(base_delay=0, window=window),
                breaks_a_promise=window > FORGETS,
            )
            told = await trial.send()
            doubled[window] = sum("was accepted 2 times" in found for found in trial.found)
            doubts[window] = told.report.in_doubt
            if window == FORGETS:
                await trial.end_well()
    is_late = after == "160"
    assert doubled == {300.0: 10 if is_late else 0, FORGETS: 0}
    assert doubts == {300.0: 0, FORGETS: 10 if is_late else 0}
    story.saw(
        f"a repeat after {after} s, taken 60 s late: "
        + ", ".join(f"{doubled[each]} twice with window={each:g}" for each in doubled)
    )


class OneAtATime(Record):
    """Hears the client begin and end attempts.

    Attributes:
        at_once: the most attempts of one transactionId that were under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at_once = 0
        self._open: Counter[tuple[str, ...]] = Counter()

    def on_attempt(self, event: AttemptEvent) -> None:
        """Count one more."""
        super().on_attempt(event)
        self._open[event.transaction_ids] += 1
        self.at_once = max(self.at_once, *self._open.values())

    def on_retry(self, event: RetryEvent) -> None:
        """Count one less."""
        super().on_retry(event)
        self._open[event.transaction_ids] -= 1

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Count one less."""
        super().on_outcome(event)
        self._open[event.transaction_ids] -= 1


class Careless:
    """An API that looks an id up when a request comes, and notes it down when it has sent.

    Whatever comes in between, it would send again. The ledger, which does not, counts arrivals.

    Attributes:
        doubled: requests that came while another with the same id was being worked on.
    """

    def __init__(self) -> None:
        self.doubled = 0
        self._working: Counter[str] = Counter()

    def works(self, reply: bytes | None = None, *, until_doubled: int = 0) -> Script:
        """Take a request once so many were doubled, and answer so; by default as the API does."""

        async def working(connection: Connection) -> None:
            request = await connection.read_request()
            (name,) = request.transaction_ids
            self.doubled += self._working[name] > 0
            self._working[name] += 1
            connection.server.note_change()
            for _ in range(20):  # turns of the event loop, in which another copy could come
                await asyncio.sleep(0)
            await connection.server.until(lambda: self.doubled >= until_doubled)
            self._working[name] -= 1
            taken = connection.server.ledger.take(request)
            await connection.send(reply or taken)

        return working


@pytest.mark.row("S19")
async def test_no_copies_behind_answers(tmp_path: Path, story: Story) -> None:
    """However a server fails, as long as it answers there is one request of an id at a time."""
    api, hooks = Careless(), OneAtATime()
    failing = [http(500), http(409), http(200, b"<html>"), http(503), http(429), http(200, b"")]
    scripts = [api.works(reply) for reply in failing * 3]
    async with fault_server(*scripts, default=api.works()) as server:
        trial = Trial(tmp_path, server, story, count=100, concurrency=4, hooks=hooks)
        told = await trial.send()

        assert (told.report.accepted, told.report.requests) == (100, 10 + len(scripts))
        assert (api.doubled, hooks.at_once) == (0, 1)
        story.saw(f"{len(hooks.retries)} repeats behind answers: {api.doubled} overlapped")
        await trial.end_well()


@pytest.mark.row("S19")
async def test_copies_behind_timeouts(tmp_path: Path, story: Story) -> None:
    """An attempt that was given up may still be worked on: a copy then rests on A1, which says so."""
    api, hooks = Careless(), OneAtATime()
    held = [api.works(until_doubled=2)] * 2
    async with fault_server(*held, default=api.works()) as server:
        trial = Trial(tmp_path, server, story, hooks=hooks, timeout=0.2)
        told = await trial.send()

        assert told.report.accepted == 40
        assert (api.doubled, hooks.at_once) == (2, 1)
        await server.until(lambda: len(server.ledger.arrivals) == 6)
        story.saw(f"{len(hooks.retries)} repeats behind timeouts: {api.doubled} overlapped")
        await trial.end_well()
