"""A disk that is full, or that fails a sync: nothing is sent that is not written down."""

from pathlib import Path

import pytest
from stracing import needs_strace

from .world import Told, World


def assert_recovers(world: World, told: Told) -> None:
    """Check what was said of the run, and that a resume on a sound disk ends it."""
    world.assert_sound(told, poisoned=True)
    told = world.run()
    world.assert_sound(told)
    assert (told.error, told.report.accepted) == ("", world.count)
    assert world.deliveries() == world.count


@pytest.mark.parametrize("limit", [0, 2048, 8192, 30_000, 50_000])
def test_a_full_disk(tmp_path: Path, limit: int) -> None:
    """From whichever write on: the run ends with the journal's error, and its report is true."""
    with World(tmp_path, count=4000) as world:
        told = world.run("--file-limit", str(limit))

        assert told.error == "JournalError"
        assert bool(world.arrivals()) == (limit >= 30_000)
        assert_recovers(world, told)


# The second is SQLite's, of the folder, and SQLite goes on whatever comes of that.
@needs_strace
@pytest.mark.parametrize("number", [1, 3, 4, 5, 8, 13])
def test_a_failing_sync(tmp_path: Path, number: int) -> None:
    """The n-th sync of the journal's thread fails: none is tried again, and nothing more is sent."""
    fail = ("-e", "trace=fdatasync,fsync", "-e", f"inject=fdatasync,fsync:error=EIO:when={number}")
    with World(tmp_path) as world:
        told = world.run(under=("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", *fail))

        assert told.error == "JournalError"
        assert_recovers(world, told)
