"""Killed by the kernel in a write to the journal: a transaction is half there, and is undone."""

from pathlib import Path

import pytest
from process.killing import finish
from process.world import CHUNK_SIZE, World

from adversity.story import Story

# Bytes that a file may have: half a page of SQLite's side file; all of it, and half a page of the journal.
TORN = (600, 9_000)


@pytest.mark.row("P1")
def test_before_the_run_is_kept(tmp_path: Path, story: Story) -> None:
    """Whoever finds no run in the journal knows that nothing was sent, and begins anew."""
    with World(tmp_path, story=story) as world:
        for size in (0, 300, *TORN, 20_000):
            assert world.die(world.start("--die-writing-at", f"begin:1:{size}"))
            assert world.records() == []
            assert world.arrivals() == []

        finish(world)
        assert not world.tale.left_doubts


@pytest.mark.row("P2")
def test_in_the_first_intent(tmp_path: Path, story: Story) -> None:
    """It was not kept, so nothing of it has left; whoever runs it again sends it."""
    with World(tmp_path, story=story) as world:
        for size in TORN:
            assert world.die(world.start("--die-writing-at", f"before_intend:1:{size}"))
            assert world.records() == []
            assert world.arrivals() == []

        finish(world)


@pytest.mark.row("P6")
@pytest.mark.parametrize("number", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_in_an_outcome(tmp_path: Path, story: Story, number: int) -> None:
    """The answer was read and is lost: its chunk is in doubt, and the server knows the repeat."""
    with World(tmp_path, story=story) as world:
        for size in TORN:
            assert world.die(world.start("--die-writing-at", f"answered:{number}:{size}"))

        finish(world)

        assert world.tale.left_doubts
        assert "replay" in {each.verdict for each in world.arrivals()}


@pytest.mark.row("P7")
def test_while_it_is_closed(tmp_path: Path, story: Story) -> None:
    """In the run, in its first resume and in its second: each finds what the one before has left."""
    with World(tmp_path, story=story) as world:
        for number, size in ((world.count // CHUNK_SIZE, TORN[0]), (1, TORN[0]), (1, TORN[1])):
            assert world.die(world.start("--die-writing-at", f"recorded:{number}:{size}"))

        finish(world)
