"""Thousands of random lives of the real state code: nobody twice, every label true, nothing lost.

Rests on A1 to A8 of the design; which part rests on A7 has a test of its own. `MODEL_LIVES` sets how many
lives a batch has.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from adversity.effort import effort
from adversity.story import Story

from model.lives import calm, lying, packed, wild
from model.server_model import PERSONALITIES
from model.world import World
from pushwoosh_async import SendReport
from pushwoosh_async._fanout.state import State

# The first words of what a world writes down.
STEPS = {"start", "crash", "reboot", "disk", "stop", "cancel", "end", "mend"}
STEPS |= {"read", "take", "begin", "commit", "push", "hear", "fail", "wait", "suspend", "wall"}
STEPS |= {"wake", "be"}
LIVES = int(os.environ.get("MODEL_LIVES", effort(1000, 20_000)))


@pytest.mark.row("M2")
@pytest.mark.parametrize(
    "batch", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 8))]
)
def test_wild_lives_keep_the_promises(batch: int, story: Story) -> None:
    """G1, G2 and G3 after every step, through crashes, reboots, clock steps and late commits."""
    ended = [wild(seed).go() for seed in range(batch * LIVES, (batch + 1) * LIVES)]
    story.saw(f"{len(ended):,} lives in a batch, no broken promise")
    story.check("G1", "G2", "G3", by="the model's ledger")


@pytest.mark.row("M2")
@pytest.mark.parametrize("batch", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_packed_lives_keep_the_promises(batch: int, story: Story) -> None:
    """The same of large requests that fail, and are repeated in their window: whole, and in parts."""
    ended = [packed(seed).go() for seed in range(batch * LIVES, (batch + 1) * LIVES)]
    story.saw(f"{len(ended):,} packed lives in a batch, no broken promise")
    story.check("G1", "G2", "G3", by="the model's ledger")


def test_nothing_stays_in_doubt_where_no_time_is_lost() -> None:
    """However often it is killed: a run that is restarted at once ends with everybody accepted."""
    for seed in range(LIVES):
        report = calm(seed).go()
        assert report is not None
        assert report.accepted == 7, (seed, report)


def test_no_repeat_inside_the_window_rests_on_what_a_429_means() -> None:
    """Nobody is sent to twice if a 429 comes after processing, until a t0 is renewed (A7)."""
    ended = 0
    for seed in range(2 * LIVES):
        life = lying(seed)
        life.go()
        ended += life.world.over
    assert LIVES / 2 < ended < 1.5 * LIVES


def test_lives_meet_everything() -> None:
    """Each step, each state, each label and each server is met, so that the model is not blind."""
    seen: Counter[str] = Counter()
    for seed in range(600):
        life = wild(seed)
        seen.update(_met(life.world, life.go()))
    states = {state.value for state in State if state not in {State.PLANNED, State.IN_FLIGHT}}
    for name in (*PERSONALITIES, *states, *STEPS):
        assert seen[name] >= 3, (name, seen)
    for name in (
        "accepted",
        "rejected",
        "in_doubt",
        "accepted_on_repeat",
        "resent",
        "split",
        "pack",
    ):
        assert seen[name] >= 3, (name, seen)


def _met(world: World, report: SendReport | None) -> Iterator[str]:
    yield from {step.split()[0].rstrip(",") for step in world.steps}
    yield from {state.value for state in world.disk.states().values()}
    if world.server.requests > len(world.disk.rows):
        yield world.setting.personality
    if world.resent:
        yield "resent"
    if world.server.packs:
        yield "pack"
    for label in ("accepted", "rejected", "in_doubt", "accepted_on_repeat"):
        if report is not None and getattr(report, label):
            yield label
