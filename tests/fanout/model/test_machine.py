"""The same world under hypothesis: what it finds, it makes short. `MODEL_EXAMPLES`: how many it tries."""

import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from adversity.effort import effort
from adversity.story import Story
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from model import truth
from model.attempt import ANSWERS, Answer
from model.dice import DELAYS, LATENESS, WALL_ERRORS, WALL_STEPS
from model.lives import end_quietly
from model.server_model import FATES, PERSONALITIES, Fate
from model.surroundings import Setting
from model.world import World

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", effort(150, 2000)))

which = st.integers(0, 3)
backoffs = st.sampled_from((0.5, 20.0))
delays = st.sampled_from(DELAYS)
lateness = st.sampled_from(LATENESS)
fates = st.sampled_from(FATES)
answers = st.sampled_from(ANSWERS)
run_ids = st.uuids(version=4)


class DeliveryMachine(RuleBasedStateMachine):
    """Each rule is one step of the world, or one whole attempt."""

    lived = 0  # stories, by all

    @initialize(
        setting=st.builds(
            Setting,
            recipients=st.integers(1, 8),
            chunk_size=st.integers(1, 4),
            refused=st.frozensets(st.integers(0, 7), max_size=2),
            personality=st.sampled_from(PERSONALITIES),
            all_or_nothing=st.booleans(),
            bisect_requests=st.sampled_from((0, 2, 100)),
            counts_suspend=st.booleans(),
        )
    )
    def begin_life(self, setting: Setting) -> None:
        self.world = World(setting)

    def rests(self) -> bool:
        return self.world.process is None

    def has_rows(self) -> bool:
        return bool(self.world.disk.rows)

    def can_read(self) -> bool:
        process = self.world.process
        return process is not None and not process.taken_in and not process.stopped

    def can_take(self) -> bool:
        process = self.world.process
        return process is not None and bool(process.requests) and not process.stopped

    def can_begin(self) -> bool:
        return self._busy("waiting") or self.can_take()

    def can_wake(self) -> bool:
        return bool(self.world.clock.sleepers)

    def can_be_read(self) -> bool:
        return self.world.process is not None and self.world.process.waits_for_reader

    def can_commit(self) -> bool:
        return self.world.process is not None and bool(self.world.process.journal.pending)

    def can_push(self) -> bool:
        return self._busy("sending")

    def can_hear(self) -> bool:
        return self._busy("handed over")

    def can_end(self) -> bool:
        return self.world.process is not None and self.world.process.may_end

    def _busy(self, stage: str) -> bool:
        process = self.world.process
        attempts = list(self.world.orphans)
        if process is not None:
            attempts += [*process.client.attempts, *process.client.orphans]
        return any(attempt.stage == stage for attempt in attempts)

    @precondition(rests)
    @rule(
        run_id=run_ids,
        rejected=st.booleans(),
        doubts=st.sampled_from(("", "", "all", "named")),
        pages=st.sampled_from((9, 1)),
        how=st.fixed_dictionaries(
            {"most": st.integers(1, 4), "cautious": st.booleans(), "watched": st.booleans()}
        ),
    )
    def start(
        self, run_id: uuid.UUID, rejected: bool, doubts: str, pages: int, how: dict[str, Any]
    ) -> None:
        self.world.start(run_id, rejected=rejected, doubts=doubts, **how)
        for _ in range(pages):
            self.world.read(2)

    @precondition(can_read)
    @rule(size=st.sampled_from((1, 3, 20)))
    def read(self, size: int) -> None:
        self.world.read(size)

    @precondition(can_take)
    @rule(index=which)
    def take(self, index: int) -> None:
        self.world.take(index)

    @precondition(can_begin)
    @rule(index=which)
    def begin(self, index: int) -> None:
        self.world.begin(index)

    @precondition(can_commit)
    @rule(most=st.sampled_from((None, 1, 2)))
    def commit(self, most: int | None) -> None:
        self.world.commit(most)

    @precondition(can_push)
    @rule(index=which, fate=fates, delay=lateness, backoff=backoffs)
    def push(self, index: int, fate: Fate, delay: float, backoff: float) -> None:
        self.world.push(index, fate, delay, backoff)

    @precondition(can_hear)
    @rule(index=which, answer=answers, backoff=backoffs)
    def hear(self, index: int, answer: Answer, backoff: float) -> None:
        self.world.hear(index, answer, backoff)

    @precondition(can_push)
    @rule(index=which, backoff=backoffs)
    def fail(self, index: int, backoff: float) -> None:
        self.world.fail(index, backoff)

    @precondition(can_begin)
    @rule(index=which, fate=fates, delay=lateness, answer=answers)
    def deliver(self, index: int, fate: Fate, delay: float, answer: Answer) -> None:
        """Make a whole attempt, with nothing in between."""
        self.world.take(index)
        self.world.begin(index)
        self.world.commit(None)
        self.world.push(index, fate, delay, 0.5)
        self.world.push(index, fate, delay, 0.5)
        self.world.hear(index, answer, 0.5)

    @precondition(can_wake)
    @rule()
    def wake(self) -> None:
        self.world.wake()

    @precondition(can_be_read)
    @rule()
    def be_read(self) -> None:
        self.world.be_read()

    @precondition(has_rows)
    @rule(seconds=delays)
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @precondition(can_hear)
    @rule(seconds=delays, step=st.sampled_from(WALL_STEPS))
    def disturb_the_clock(self, seconds: float, step: float) -> None:
        self.world.suspend(seconds)
        self.world.step_wall(step)

    @precondition(lambda self: not self.rests())
    @rule(keep=st.integers(0, 3), wall_error=st.sampled_from((None, None, *WALL_ERRORS)))
    def crash(self, keep: int, wall_error: float | None) -> None:
        if wall_error is None:
            self.world.crash(keep)
        else:
            self.world.reboot(keep, wall_error)

    @precondition(can_hear)
    @rule(how=st.sampled_from((World.stop, World.cancel, World.fill_disk, World.mend)))
    def interfere(self, how: Callable[[World], None]) -> None:
        how(self.world)

    @precondition(lambda self: self.rests() and self.has_rows())
    @rule(run_id=run_ids, index=which)
    def start_with_another_source(self, run_id: uuid.UUID, index: int) -> None:
        self.world.start_with_another_source(run_id, index)

    @precondition(can_end)
    @rule()
    def end(self) -> None:
        self.world.end()

    @invariant()
    def promises_hold(self) -> None:
        truth.check(self.world)
        self.world.go_on()

    def teardown(self) -> None:
        DeliveryMachine.lived += 1
        if hasattr(self, "world"):
            try:
                end_quietly(self.world)
            finally:
                self.world.crash(0)


@pytest.mark.row("M3")
def test_no_story_breaks_a_promise(story: Story) -> None:
    """Whatever steps hypothesis strings together: truth is checked after each."""
    before = DeliveryMachine.lived
    rules = settings(max_examples=EXAMPLES, stateful_step_count=80, deadline=None)
    run_state_machine_as_test(DeliveryMachine, settings=rules)
    lived = DeliveryMachine.lived - before
    assert lived >= EXAMPLES
    story.saw(f"{lived:,} stories of up to 80 steps, no broken promise")
    story.check("G1", "G2", "G3", by="the model's ledger")
