"""kill -9 at every step of an attempt, in every commit, and at any instant: nobody is sent to twice, and
whoever runs the same again ends with everybody accepted.
"""  # noqa: D205 -- one promise

from collections.abc import Sequence
from pathlib import Path

import pytest
from adversity.effort import effort
from adversity.story import Story
from stracing import can_strace, injecting

from pushwoosh_async._fanout.state import State

from .killing import finish, kill_at_random
from .world import CHUNK_SIZE, CONCURRENCY, World

STEPS = {
    "before_intend": "P2",
    "after_intend": "P3",
    "post": "P3",
    "piece": "P4",
    "sent": "P4",
    "answered": "P5",
    "recorded": "P6",
}
QUICK = ("after_intend", "sent", "answered")
# A commit is four syncs, nine writes and a truncation, and the first one makes the run.
EARLY = (1, 2, 3, 5, 8, 13)
LATER = (4, 12, 17, 22, 30, 40)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, marks=[pytest.mark.row(row), *[pytest.mark.slow] * (step not in QUICK)])
        for step, row in STEPS.items()
    ],
)
def test_at_a_step(tmp_path: Path, story: Story, step: str) -> None:
    """At its first passages and, when much is settled, a later one: each in a resume of the one before."""
    with World(tmp_path, story=story) as world:
        for number in (1, 9, 2, 3)[: effort(2, 4)]:
            assert world.die(world.start("--kill-at", f"{step}:{number}"))

        finish(world)


@pytest.mark.row("P7")
@pytest.mark.slow
def test_at_its_end(tmp_path: Path, story: Story) -> None:
    """A run that is finished stays so, whatever becomes of its process."""
    with World(tmp_path, story=story) as world:
        assert world.die(world.start("--kill-at", "closed:1"))
        arrived = len(world.arrivals())

        finish(world)

        assert len(world.arrivals()) == arrived


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "numbers", "step"),
    [
        pytest.param("fdatasync", EARLY, "before_intend", marks=pytest.mark.row("P2")),
        pytest.param("pwrite64", LATER, "answered", marks=pytest.mark.row("P6")),
        pytest.param("ftruncate", EARLY, "recorded", marks=pytest.mark.row("P7")),
    ],
)
def test_in_a_commit(
    tmp_path: Path, story: Story, call: str, numbers: Sequence[int], step: str
) -> None:
    """At the n-th system call that writes to the journal, from its creation to its close."""
    if not can_strace():
        story.lacks("strace", instead=f"killed in writes behind the step {step}")
    with World(tmp_path, story=story) as world:
        for number in numbers:
            if can_strace():
                world.die(world.start(under=injecting(call, f"signal=KILL:when={number}")))
            else:
                # Whatever file grows by it: the n-th half kilobyte instead of the n-th call.
                world.die(world.start("--die-writing-at", f"{step}:1:{number * 512}"))
        killed = world.tale.events["killed"] + world.tale.events["killed in a write"]

        finish(world)

        assert killed >= 3


@pytest.mark.row("P3")
@pytest.mark.slow
def test_between_two_halves(tmp_path: Path, story: Story) -> None:
    """The first half of a rejected chunk is begun, the second is not: the resume knows of both."""
    options = ("--concurrency", "1", "--on-rejected", "bisect")
    with World(tmp_path, "--reject-id", "u17", story=story) as world:
        # The intents of chunk 0, of chunk 1, and of the first half of that.
        assert world.die(world.start(*options, "--kill-at", "after_intend:3"))

        told = world.run(*options)

        world.assert_sound(told)
        assert [(each.start, each.recipients) for each in told.report.rejected_chunks] == [(17, 1)]
        assert told.report.accepted == world.count - 1


@pytest.mark.row("P8")
def test_over_and_over(tmp_path: Path, story: Story) -> None:
    """In full two hundred times over a run of a thousand chunks: every doubt is cleared."""
    kills, chunks = effort(4, 200), effort(40, 1000)
    with World(tmp_path, "--latency", "0.05", story=story, count=chunks * CHUNK_SIZE) as world:
        # Long enough for an answer or two: who is always killed before one only repeats, until it expires.
        kill_at_random(world, 5, kills=kills, most=0.15)
        assert sum(each.life.state is State.ACCEPTED for each in world.records()) < chunks

        finish(world, "--concurrency", "50")

        assert world.tale.events["killed"] == kills


@pytest.mark.row("P8")
@pytest.mark.slow
def test_at_random(tmp_path: Path, story: Story) -> None:
    """Twenty times in one run, on a bad line: within the window every doubt is cleared."""
    faults = ("--faults", "reset_after:0.05,error_500_before:0.05,truncated_after:0.05")
    with World(tmp_path, "--latency", "0.02", *faults, story=story, count=6000) as world:
        kill_at_random(world, 1, kills=20)

        finish(world)


@pytest.mark.row("P8")
@pytest.mark.slow
@pytest.mark.parametrize("way", ["empty", "210", "409"])
def test_at_random_where_repeats_are_answered_so(tmp_path: Path, story: Story, way: str) -> None:
    """Where a repeat is refused, a doubt of a killed process stays one; nothing else does."""
    # A 409 is repeated until the window closes: the last process is told of a short one.
    short = ("--window", "3", "--margin", "1", "--timeout", "1") if way == "409" else ()
    options = ("--latency", "0.02", "--repeat", way)
    with World(tmp_path, *options, story=story, count=1200) as world:
        kill_at_random(world, 2, kills=4)

        told = world.run(*short)

        world.assert_sound(told)
        assert world.deliveries() == world.count
        assert told.report.accepted + told.report.in_doubt == world.count
        most = 0 if way == "empty" else 4 * CONCURRENCY * CHUNK_SIZE
        assert told.report.in_doubt <= most


@pytest.mark.row("P8")
@pytest.mark.slow
def test_at_random_while_chunks_are_taken_apart(tmp_path: Path, story: Story) -> None:
    """Kills in the midst of bisecting: bad ids end rejected, alone, or in doubt with a chunk that was in
    flight in a kill, since a refusal of its repeat proves nothing.
    """  # noqa: D205 -- the exception belongs to the rule
    bad = set(range(7, 1000, 40))  # so many that a kill always finds some chunk half taken apart
    rejects = [text for each in bad for text in ("--reject-id", f"u{each}")]
    with World(tmp_path, "--latency", "0.02", *rejects, story=story, count=1000) as world:
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
