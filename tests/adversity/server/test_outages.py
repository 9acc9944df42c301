"""Ten minutes in which the server lets nobody through: what waits, what ends in doubt, what comes after."""

import asyncio
import time
from math import ceil
from pathlib import Path

import pytest
from fault_server import Connection, Script, accept, answer, fault_server, http
from fault_server.api_scripts import says, while_true

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RetryPolicy
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async.testing import FakeClock

from .surroundings import Fate, each_fate, server_on

OUTAGE = 600.0
START = 1_700_000_000.0
SLOW = RetryPolicy(base_delay=20, max_delay=20)
TIMEOUT = 1.0
# One new chunk for each window in which a doubt is repeated.
PROBES = ceil(OUTAGE / (300 - TIMEOUT - 120))


def limited(*retry_after: str) -> Script:
    """Answer 429, and perhaps how long to wait."""
    return answer(429, b"", [("Retry-After", each) for each in retry_after])


def begun(record: Record) -> float:
    """Return the seconds from the start of the test to a record's t0."""
    t0 = record.life.exposure.t0
    assert t0 is not None
    return t0.wall - START


STORMS = {"a wait": limited("20"), "no wait": limited(), "in the body": says(429, "Slow down")}


@pytest.mark.parametrize("storm", STORMS)
@pytest.mark.row("S4")
async def test_storm_of_429(tmp_path: Path, story: Story, storm: str) -> None:
    """Never processed, never in doubt: all wait together, and each window starts anew (A7)."""
    clock = FakeClock(wall=START)
    raging = while_true(lambda: clock.monotonic() < OUTAGE, STORMS[storm])
    async with server_on(clock, default=raging) as server:
        trial = Trial(tmp_path, server, story, clock=clock, retry=SLOW)
        told = await trial.send()

        assert set(told.failures) == {"not sent"}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        renewed = [begun(record) > SLOW.window for record in trial.records()]
        assert renewed == [True] * 4
        assert len({request.notifications for request in server.complete}) == 4
        story.saw(
            f"{sum(renewed)} of {len(renewed)} chunks sent after more than "
            f"{SLOW.window:.0f} s, each as if for the first time"
        )
        await trial.end_well()


@pytest.mark.row("S4")
async def test_one_429_holds_everybody(tmp_path: Path, story: Story) -> None:
    """Whoever it was told: nobody else begins before the wait is over."""
    hold = 0.3
    async with fault_server(limited(), default=accept) as server:
        trial = Trial(tmp_path, server, story, retry=RetryPolicy(base_delay=hold))
        started = time.time()
        told = await trial.send()

        assert told.report.accepted == 40
        early = sum(each.at - started < hold for each in server.ledger.arrivals)
        assert early <= 2  # one was under way, and the next may have begun before the 429 was read
        story.saw(f"{4 - early} of 4 chunks waited for one 429")
        await trial.end_well()


@each_fate
@pytest.mark.row("S5")
async def test_429_after_a_doubt_is_waited_out(tmp_path: Path, story: Story, fate: Fate) -> None:
    """Inside the window: the doubt's t0 stays, and the repeat that gets through clears it."""
    clock = FakeClock(wall=START)
    async with server_on(clock, fate(answer(500)), limited("40"), limited("40")) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            clock=clock,
            concurrency=1,
            retry=RetryPolicy(base_delay=0),
        )
        told = await trial.send()

        assert told.failures == {"in doubt": 1, "not sent": 2}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert begun(trial.records()[0]) == 0
        assert clock.monotonic() == 80
        story.saw(f"waited {clock.monotonic():.0f} s, counted from the first attempt on")
        await trial.end_well()


@each_fate
@pytest.mark.parametrize(("wait", "ends"), [("40", 160.0), ("250", 0.0)])
@pytest.mark.row("S5")
async def test_429_after_a_doubt_that_outlasts_its_window(
    tmp_path: Path, story: Story, fate: Fate, wait: str, ends: float
) -> None:
    """The doubt ends with its last useful attempt; the others, which never were one, wait and are sent."""
    clock = FakeClock(wall=START)
    raging = while_true(lambda: clock.monotonic() < OUTAGE, limited(wait))
    async with server_on(clock, fate(answer(500)), default=raging) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            clock=clock,
            concurrency=1,
            timeout=TIMEOUT,
            retry=RetryPolicy(base_delay=0),
        )
        told = await trial.send()

        doubt, *others = trial.records()
        assert (told.report.accepted, told.report.in_doubt) == (30, 10)
        assert doubt.ended - START == ends
        assert {record.life.in_doubt for record in others} == {False}
        story.saw(f"a wait of {wait} s: its last attempt after {doubt.ended - START:.0f} s")
        await trial.end_well()


AT_ONCE = 50


@each_fate
@pytest.mark.parametrize("wait", [[], [("Retry-After", "250")]], ids=["no_wait", "a_long_wait"])
@pytest.mark.row("S6")
async def test_outage_with_fifty_in_flight(
    tmp_path: Path, story: Story, fate: Fate, wait: list[tuple[str, str]]
) -> None:
    """The breaker lets one new chunk a window through, to see; what is behind it is sent afterwards."""
    clock = FakeClock(wall=START)
    policy = RetryPolicy(base_delay=60, max_delay=60)
    down = while_true(lambda: clock.monotonic() < OUTAGE, fate(answer(503, b"busy", wait)))
    async with server_on(clock, default=down) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            clock=clock,
            concurrency=AT_ONCE,
            count=300,
            chunk_size=2,
            timeout=TIMEOUT,
            retry=policy,
        )
        told = await trial.send()

        doubts = len(told.report.in_doubt_chunks)
        assert AT_ONCE <= doubts <= AT_ONCE + PROBES
        assert told.report.accepted == 300 - 2 * doubts
        story.saw(
            f"{AT_ONCE} in flight: {doubts} of 150 chunks in doubt, {told.report.not_sent} not sent"
        )
        story.check("G3", by=f"the bound of doubts, those in flight and {PROBES} more chunks")
        await trial.end_well()


class Staggered:
    """A server that answers one request at once, and the others when it has nothing else to answer.

    Attributes:
        answered: how many.
    """

    def __init__(self, refusal: bytes, held: int) -> None:
        self.answered = 0
        self._refusal = refusal
        self._held = held
        self._patience = 0.2  # seconds, in which a new chunk could have come

    async def __call__(self, connection: Connection) -> None:
        """Play it."""
        await connection.read_request()
        if self._held:
            self._held -= 1
            before = -1
            while before < self.answered:
                before = self.answered
                await asyncio.sleep(self._patience)
        self.answered += 1
        await connection.send(self._refusal)


@pytest.mark.row("S6")
async def test_outage_that_ends_doubts_at_once(tmp_path: Path, story: Story) -> None:
    """What is still unanswered counts: a worker whose doubts end at once begins no others beside it."""
    clock, at_once = FakeClock(wall=START), 8
    refusal = http(503, b"busy", [("Retry-After", "250")])
    down = while_true(lambda: clock.monotonic() < OUTAGE, Staggered(refusal, at_once - 1))
    async with server_on(clock, default=down) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            clock=clock,
            concurrency=at_once,
            count=60,
            chunk_size=2,
            timeout=TIMEOUT,
        )
        told = await trial.send()

        doubts = len(told.report.in_doubt_chunks)
        assert at_once <= doubts <= at_once + PROBES
        assert told.report.accepted == 60 - 2 * doubts
        story.saw(f"{at_once} in flight: {doubts} of 30 chunks in doubt")
        story.check("G3", by=f"the bound of doubts, those in flight and {PROBES} more chunks")
        await trial.end_well()
