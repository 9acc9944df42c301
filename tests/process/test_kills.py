"""kill -9 at every step of an attempt, in every commit, and at any instant: nobody is sent to twice, and
whoever runs the same again ends with everybody accepted.
"""  # noqa: D205 -- one promise

from pathlib import Path

import pytest
from stracing import needs_strace

from .killing import finish, kill_at_random
from .sender import STEPS
from .world import CHUNK_SIZE, CONCURRENCY, World

KILLS = 20


@pytest.mark.parametrize("step", STEPS[:-1])
def test_at_a_step(tmp_path: Path, step: str) -> None:
    """At its first passages and, when much is settled, a later one: each in a resume of the one before."""
    with World(tmp_path) as world:
        for number in (1, 2, 3, 9):
            assert world.die(world.start("--kill-at", f"{step}:{number}"))

        finish(world)


def test_at_its_end(tmp_path: Path) -> None:
    """A run that is finished stays so, whatever becomes of its process."""
    with World(tmp_path) as world:
        assert world.die(world.start("--kill-at", "closed:1"))
        arrived = len(world.arrivals())

        finish(world)

        assert len(world.arrivals()) == arrived


@needs_strace
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "ftruncate"])
def test_in_a_commit(tmp_path: Path, call: str) -> None:
    """At the n-th system call that writes to the journal, from its creation to its close."""
    with World(tmp_path) as world:
        for number in (1, 2, 3, 5, 8, 13):
            kill = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
            under = ("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", *kill)
            world.die(world.start(under=under))

        finish(world)


def test_between_two_halves(tmp_path: Path) -> None:
    """The first half of a rejected chunk is begun, the second is not: the resume knows of both."""
    options = ("--concurrency", "1", "--on-rejected", "bisect")
    with World(tmp_path, "--reject-id", "u17") as world:
        # The intents of chunk 0, of chunk 1, and of the first half of that.
        assert world.die(world.start(*options, "--kill-at", "after_intend:3"))

        told = world.run(*options)

        world.assert_sound(told)
        assert [(each.start, each.recipients) for each in told.report.rejected_chunks] == [(17, 1)]
        assert told.report.accepted == world.count - 1


def test_at_random(tmp_path: Path) -> None:
    """Twenty times in one run, on a bad line: within the window every doubt is cleared."""
    faults = ("--faults", "reset_after:0.05,error_500_before:0.05,truncated_after:0.05")
    with World(tmp_path, "--latency", "0.02", *faults, count=6000) as world:
        kill_at_random(world, 1, kills=KILLS)

        finish(world)


@pytest.mark.parametrize("way", ["empty", "210", "409"])
def test_at_random_where_repeats_are_answered_so(tmp_path: Path, way: str) -> None:
    """Where a repeat is refused, a doubt of a killed process stays one; nothing else does."""
    # A 409 is repeated until the window closes: the last process is told of a short one.
    short = ("--window", "3", "--margin", "1", "--timeout", "1") if way == "409" else ()
    with World(tmp_path, "--latency", "0.02", "--repeat", way, count=1200) as world:
        kill_at_random(world, 2, kills=4)

        told = world.run(*short)

        world.assert_sound(told)
        assert world.deliveries() == world.count
        assert told.report.accepted + told.report.in_doubt == world.count
        most = 0 if way == "empty" else 4 * CONCURRENCY * CHUNK_SIZE
        assert told.report.in_doubt <= most


def test_at_random_while_chunks_are_taken_apart(tmp_path: Path) -> None:
    """Kills in the midst of bisecting: bad ids end rejected, alone, or in doubt with a chunk that was in
    flight in a kill, since a refusal of its repeat proves nothing.
    """  # noqa: D205 -- the exception belongs to the rule
    bad = set(range(7, 1000, 40))  # so many that a kill always finds some chunk half taken apart
    rejects = [text for each in bad for text in ("--reject-id", f"u{each}")]
    with World(tmp_path, "--latency", "0.02", *rejects, count=1000) as world:
        kill_at_random(world, 3, "--on-rejected", "bisect", kills=6)

        told = world.run("--on-rejected", "bisect")

        world.assert_sound(told)
        rejected = {(each.start, each.recipients) for each in told.report.rejected_chunks}
        doubtful = [set(range(e.start, e.stop)) & bad for e in told.report.in_doubt_chunks]
        assert rejected | {(each, 1) for found in doubtful for each in found} == {
            (b, 1) for b in bad
        }
        assert all(doubtful)
        assert rejected
