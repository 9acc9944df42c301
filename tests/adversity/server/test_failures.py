"""Servers that fail, by HTTP status or in the body, and how long they ask to be left alone."""

from itertools import pairwise
from pathlib import Path

import pytest
from fault_server import Script, accept, answer, fault_server
from fault_server.api_scripts import says
from fault_server.retry_after import NOW, WAITS
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RateLimit, RetryPolicy
from pushwoosh_async.testing import FakeClock

from .surroundings import Fate, each_fate, server_on, timed

AT_ONCE = RetryPolicy(base_delay=0)


@each_fate
@each_own_way
@pytest.mark.row("S1")
async def test_500_is_a_doubt(tmp_path: Path, story: Story, way: Way, fate: Fate) -> None:
    """Whether it was taken before the failure nobody can tell: repeated, and nobody gets it twice."""
    await _is_doubted(tmp_path, story, way, fate(answer(500, b"<h1>Internal Server Error</h1>")))


@each_fate
@each_own_way
@pytest.mark.row("S10")
async def test_500_in_the_body_is_a_doubt(
    tmp_path: Path, story: Story, way: Way, fate: Fate
) -> None:
    """HTTP 200 around it changes nothing."""
    await _is_doubted(tmp_path, story, way, fate(says(500, "Internal")))


async def _is_doubted(folder: Path, story: Story, way: Way, script: Script) -> None:
    async with fault_server(script, script, script, default=accept) as server:
        trial = Trial(folder, server, story, way=way)
        told = await trial.send()

        assert told.failures == {"in doubt": 3}
        assert told.report.accepted == 40
        assert told.report.accepted_on_repeat >= 10
        await trial.end_well()


CAPS = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0)


@each_fate
@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.row("S2")
async def test_gateways_that_fail(tmp_path: Path, story: Story, status: int, fate: Fate) -> None:
    """Pauses are random below a cap that doubles, and a repeat pays the rate limit like any other."""
    clock = FakeClock()
    times: list[float] = []
    script = timed(times, clock, fate(answer(status, b"<html>")))
    async with server_on(clock, *[script] * 6, default=timed(times, clock, accept)) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            concurrency=1,
            clock=clock,
            retry=RetryPolicy(base_delay=1, max_delay=8),
            rate_limit=RateLimit(requests=60, per=60, burst=1),
        )
        told = await trial.send()

        pauses = [event.delay for event in trial.heard.retries]
        assert told.failures == {"in doubt": len(CAPS)}
        assert all(0 <= pause <= cap for pause, cap in zip(pauses, CAPS, strict=True))
        assert len(set(pauses)) == len(CAPS)
        assert set(pauses) <= set(clock.sleeps)
        between = [behind - before for before, behind in pairwise(times)]
        assert len(times) == 10
        assert min(between) >= 0.999
        story.saw(
            f"{len(set(pauses))} different pauses of {len(pauses)}, each below its cap; "
            f"two requests at least {min(between):.0f} s apart, as the limit asks"
        )
        assert told.report.accepted == 40
        await trial.end_well()


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.row("S3")
async def test_retry_after_a_doubt(tmp_path: Path, story: Story, name: str) -> None:
    """Waited out where the window allows it; where it does not, the doubt ends without a pause."""
    values, asked = WAITS[name]
    clock = FakeClock(wall=NOW)
    busy = answer(503, b"busy", [("Retry-After", value) for value in values])
    async with server_on(clock, busy) as server:
        trial = Trial(tmp_path, server, story, clock=clock, retry=AT_ONCE)
        told = await trial.send()

        outlasts = asked == 300.0
        assert clock.sleeps == ([] if outlasts else [asked or 0.0])
        assert (told.report.accepted, told.report.in_doubt) == ((30, 10) if outlasts else (40, 0))
        _tell(story, asked, clock)
        await trial.end_well()


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.row("S3")
async def test_retry_after_429(tmp_path: Path, story: Story, name: str) -> None:
    """Never in doubt, so waited out up to the cap, and accepted."""
    values, asked = WAITS[name]
    clock = FakeClock(wall=NOW)
    limited = answer(429, b"", [("Retry-After", value) for value in values])
    async with server_on(clock, limited) as server:
        trial = Trial(tmp_path, server, story, concurrency=1, clock=clock, retry=AT_ONCE)
        told = await trial.send()

        assert clock.monotonic() == (asked or 0.0)
        assert told.failures == {"not sent": 1}
        assert told.report.accepted == 40
        _tell(story, asked, clock)
        await trial.end_well()


def _tell(story: Story, asked: float | None, clock: FakeClock) -> None:
    if asked is None:
        story.saw(f"unreadable: {sum(clock.sleeps):g} s slept")
    elif asked == 300.0:
        story.saw(f"300 s and more: {sum(clock.sleeps):g} s slept")
    else:
        story.saw(f"less: {sum(clock.sleeps) / asked if asked else 1:.0%} of it slept")
