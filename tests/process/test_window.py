"""Processes that come back, or go on, when the server has forgotten: the window is scaled to seconds."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from adversity.story import Story

from .killing import outlast, worlds
from .tale import Told
from .world import CHUNK_SIZE, CONCURRENCY, World

# A whole attempt and the margin leave 1.5 s or more in which a doubt may be repeated.
WINDOW = 3.0
SCALED = ("--window", str(WINDOW), "--margin", "0.5", "--timeout", "0.5")
# Ids so long that the body of one chunk is sent in many pieces: 8, and the last byte.
LONG = 1000
BIG = 500
PIECES = 9


@pytest.mark.row("P9")
@pytest.mark.parametrize(
    "steps",
    [
        ["answered:6"],
        pytest.param(["after_intend:6", "piece:6", "sent:6"], marks=pytest.mark.slow),
    ],
)
def test_restart_past_the_window(tmp_path: Path, story: Story, steps: list[str]) -> None:
    """What was in doubt has expired, and is never requested again; all else is sent."""
    with ExitStack() as stack:
        made = worlds(
            stack, tmp_path, "--latency", "0.1", number=len(steps), window=WINDOW, story=story
        )
        killed = [
            world.start(*SCALED, "--kill-at", step) for world, step in zip(made, steps, strict=True)
        ]
        for world, process in zip(made, killed, strict=True):
            assert world.die(process)
        before = [{each.transaction_id for each in world.arrivals()} for world in made]
        for world in made:
            outlast(world)

        resumed = [world.start(*SCALED) for world in made]

        for world, process, known in zip(made, resumed, before, strict=True):
            told = world.end(process)
            world.assert_sound(told)
            assert told.report.accepted + told.report.in_doubt == world.count
            assert 0 < told.report.in_doubt <= CONCURRENCY * CHUNK_SIZE
            doubtful = {each.transaction_id for each in told.report.in_doubt_chunks}
            arrived = [each.transaction_id for each in world.arrivals()]
            assert all(arrived.count(each) == (each in known) for each in doubtful)


@pytest.mark.row("P9")
@pytest.mark.slow
def test_doubts_are_resent_only_on_demand(tmp_path: Path, story: Story) -> None:
    """Under fresh ids; what certainly never arrived is then accepted, and nobody gets it twice."""
    with World(tmp_path, story=story, window=WINDOW) as world:
        # Before the last byte of any body: nothing arrives.
        assert world.die(world.start(*SCALED, "--kill-at", "piece:2"))
        assert world.arrivals() == []
        outlast(world)
        expired = world.run(*SCALED).report

        told = world.run(*SCALED, "--resend-in-doubt")

        world.assert_sound(told)
        assert 0 < expired.in_doubt == world.count - expired.accepted
        assert told.report.accepted == world.count == world.deliveries()


def stop_and_go(made: list[World], steps: Sequence[str]) -> list[Told]:
    """Stop a sender in each world at its step, until all windows are over; return what they say then."""
    stopped = []
    for world, step in zip(made, steps, strict=True):
        options = ("--chunk-size", str(BIG), "--concurrency", "1", "--stop-at", step)
        process = world.start(*SCALED, *options)
        world.await_stopped(process)
        stopped.append(process)
    for world in made:
        outlast(world)
    for process in stopped:
        process.send_signal(signal.SIGCONT)
    return [world.end(process) for world, process in zip(made, stopped, strict=True)]


@pytest.mark.row("P12")
@pytest.mark.slow
def test_stopped_past_the_window_in_a_first_attempt(tmp_path: Path, story: Story) -> None:
    """A process that goes on past the window sends what it had not handed over, by a fresh intent."""
    steps = ("after_intend:2", "post:2", f"piece:{PIECES + 4}", "sent:2", "answered:2")
    with ExitStack() as stack:
        made = worlds(
            stack,
            tmp_path,
            number=len(steps),
            window=WINDOW,
            story=story,
            count=2 * BIG,
            id_length=LONG,
        )
        tales = stop_and_go(made, steps)
        for world, told in zip(made, tales, strict=True):
            world.assert_sound(told)
        assert [told.report.accepted for told in tales[:3]] == [2 * BIG] * 3


@pytest.mark.row("P12")
@pytest.mark.parametrize("pieces", [[PIECES - 1], pytest.param([1, 2, 4], marks=pytest.mark.slow)])
def test_stopped_past_the_window_in_a_repeat(
    tmp_path: Path, story: Story, pieces: list[int]
) -> None:
    """The server has taken the first attempt, and forgotten it: the rest of a long body never comes."""
    steps = [f"piece:{PIECES + number}" for number in pieces]
    options = ("--faults", "reset_after:1")
    with ExitStack() as stack:
        made = worlds(
            stack,
            tmp_path,
            *options,
            number=len(steps),
            window=WINDOW,
            story=story,
            count=BIG,
            id_length=LONG,
        )
        for world, told in zip(made, stop_and_go(made, steps), strict=True):
            world.assert_sound(told)
            assert told.report.in_doubt == world.deliveries() == BIG
            assert len(world.arrivals()) == 1
