"""One journal has one process: a second one is turned away, and a forked copy too."""

import signal
from pathlib import Path

import pytest
from adversity.story import Story

from .world import World


@pytest.mark.row("P22")
def test_two_processes(tmp_path: Path, story: Story) -> None:
    """The second names the first and sends nothing; the first goes on."""
    with World(tmp_path, story=story) as world:
        first = world.start("--stop-at", "answered:3")
        world.await_stopped(first)

        second = world.run()

        assert second.error == "JournalLockedError"
        assert str(first.pid) in second.text
        assert second.report.accepted == 0
        first.send_signal(signal.SIGCONT)
        told = world.end(first)
        world.assert_sound(told)
        assert told.report.accepted == world.count == world.deliveries()


@pytest.mark.row("P23")
def test_a_forked_copy(tmp_path: Path, story: Story) -> None:
    """It is turned away like a stranger, and its end leaves the lock to whoever has it."""
    with World(tmp_path, story=story) as world:
        # Behind its fork: by the fifteenth answer, with four at a time, three outcomes have been seen.
        process = world.start("--fork-at", "3", "--stop-at", "answered:15")
        world.await_stopped(process)

        assert world.run().error == "JournalLockedError"

        process.send_signal(signal.SIGCONT)
        told = world.end(process)
        world.assert_sound(told)
        assert (told.error, told.report.accepted) == ("", world.count)
