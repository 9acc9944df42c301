"""A signal to a program that drains at the first and cancels at the second: the journal is left sound."""

import signal
from pathlib import Path

import pytest
from adversity.story import Story

from .world import World

EITHER = pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)


@pytest.mark.row("P11")
@EITHER
def test_once(tmp_path: Path, story: Story, number: signal.Signals) -> None:
    """What is in flight gets its answer, the rest is not sent, and a resume sends it."""
    with World(tmp_path, "--latency", "0.1", story=story) as world:
        process = world.start()
        world.await_arrivals(5)
        world.terminate(process, number)
        told = world.end(process)

        world.assert_sound(told)
        assert (told.error, told.report.in_doubt) == ("", 0)
        assert 0 < told.report.accepted == world.count - told.report.not_sent < world.count

        assert world.run().report.accepted == world.count


@pytest.mark.row("P11")
@pytest.mark.slow
@EITHER
def test_twice(tmp_path: Path, story: Story, number: signal.Signals) -> None:
    """Who is cancelled waits for answers under way, for a bounded time, and labels everybody."""
    with World(tmp_path, "--latency", "0.5", story=story) as world:
        process = world.start()
        world.await_arrivals(6)
        world.terminate(process, number)
        world.terminate(process, number)
        told = world.end(process)

        world.assert_sound(told)
        assert told.error == "CancelledError"
        assert 0 < told.report.accepted < world.count

        assert world.run().report.accepted == world.count


@pytest.mark.row("P11")
@pytest.mark.slow
def test_to_a_program_that_hears_none(tmp_path: Path, story: Story) -> None:
    """The event loop's own way with SIGINT is to cancel: the first one is the second."""
    with World(tmp_path, "--latency", "0.3", story=story) as world:
        process = world.start("--careless")
        world.await_arrivals(6)
        world.terminate(process, signal.SIGINT)
        told = world.end(process)

        world.assert_sound(told)
        assert told.error == "CancelledError"
        assert 0 < told.report.accepted < world.count

        assert world.run().report.accepted == world.count
