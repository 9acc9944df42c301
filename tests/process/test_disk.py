"""A disk that is full, or that fails a sync: nothing is sent that is not written down."""

from pathlib import Path

import pytest
from adversity.story import Story
from stracing import can_strace, injecting

from .tale import Told
from .world import CONCURRENCY, World

SIDE_FILE = "the side file of SQLite becomes a device that cannot be synced"


def assert_recovers(world: World, told: Told) -> None:
    """Check what was said of the run, and that a resume on a sound disk ends it."""
    assert told.error == "JournalError"
    world.assert_sound(told, poisoned=True)
    told = world.run()
    world.assert_sound(told)
    assert (told.error, told.report.accepted) == ("", world.count)
    assert world.deliveries() == world.count


@pytest.mark.row("P18")
@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 2048, 8192, 30_000, 50_000])
def test_a_full_disk(tmp_path: Path, story: Story, limit: int) -> None:
    """From whichever write on: the run ends with the journal's error, and its report is true."""
    with World(tmp_path, story=story, count=4000) as world:
        told = world.run("--full-at", f"begin:1:{limit}")

        assert bool(world.arrivals()) == (limit >= 30_000)
        assert_recovers(world, told)


@pytest.mark.row("P18")
@pytest.mark.parametrize(
    "step",
    [
        "before_intend:1",
        pytest.param("before_intend:9", marks=pytest.mark.slow),
        pytest.param("answered:1", marks=pytest.mark.slow),
        pytest.param("answered:9", marks=pytest.mark.slow),
    ],
)
def test_a_disk_that_is_full_all_at_once(tmp_path: Path, story: Story, step: str) -> None:
    """Before an intent: its chunk is not sent. Behind an answer: the report knows it, the journal not."""
    with World(tmp_path, story=story, count=1000) as world:
        told = world.run("--full-at", f"{step}:0")

        under_way = 0 if step == "before_intend:1" else 9 + 2 * CONCURRENCY
        assert len(world.arrivals()) <= under_way
        assert told.report.in_doubt == 0
        assert told.report.accepted == world.deliveries()
        assert_recovers(world, told)


# The second is SQLite's, of the folder, and SQLite goes on whatever comes of that.
@pytest.mark.row("P19")
@pytest.mark.parametrize(
    "number", [5, *[pytest.param(each, marks=pytest.mark.slow) for each in (1, 3, 4, 8, 13)]]
)
def test_a_failing_sync(tmp_path: Path, story: Story, number: int) -> None:
    """The n-th sync of the journal's thread fails: none is tried again, and nothing more is sent."""
    with World(tmp_path, story=story) as world:
        if can_strace():
            told = world.run(under=injecting("fdatasync,fsync", f"error=EIO:when={number}"))
        else:
            story.lacks("strace", instead=SIDE_FILE)
            told = world.run("--no-sync-at", f"before_intend:{number}")

        assert_recovers(world, told)


@pytest.mark.row("P19")
@pytest.mark.parametrize(
    "step", ["before_intend:9", pytest.param("answered:9", marks=pytest.mark.slow)]
)
def test_a_side_file_that_is_never_synced(tmp_path: Path, story: Story, step: str) -> None:
    """From that moment on every sync fails: what is in flight is finished, and nothing more is sent."""
    with World(tmp_path, story=story, count=1000) as world:
        told = world.run("--no-sync-at", step)

        assert len(world.arrivals()) <= 9 + 2 * CONCURRENCY
        assert told.report.accepted == world.deliveries()
        assert_recovers(world, told)
