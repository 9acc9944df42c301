"""Which lives are there? Each from a seed: some steps by dice, and the way to a quiet end."""

import random
import uuid

from model import preludes, truth
from model.dice import (
    MISHAPS,
    ODDITIES,
    WORK,
    Step,
    Steps,
    crash,
    pushing,
    starting,
    wait_a_little,
)
from model.server_model import FATES, PERSONALITIES
from model.surroundings import Setting
from model.world import World
from pushwoosh_async import SendReport


class DiceLife:
    """One life: perhaps some steps that dice seldom bring about, some by dice, then a quiet end.

    Attributes:
        world: where it is lived.
        name: what makes it anew.
    """

    def __init__(
        self,
        name: str,
        rng: random.Random,
        setting: Setting,
        steps: Steps,
        prelude: Step | None = None,
    ) -> None:
        self.world = World(setting)
        self.name = name
        self._rng = rng
        self._steps = steps
        self._prelude = prelude

    def go(self) -> SendReport | None:
        """Live it; return the last report, where there is a quiet end.

        Raises:
            AssertionError: a promise is broken. Whatever is raised tells which life it was, and its steps.
        """
        try:
            self._walk()
            if self.world.setting.honest_gateway:
                return end_quietly(self.world)
            self.world.wait(300.0)  # what is under way may still come
            truth.check(self.world)
        except Exception as error:
            error.add_note("\n".join([self.name, str(self.world.setting), *self.world.steps]))
            raise
        finally:
            self.world.crash(0)
        return None

    def _walk(self) -> None:
        if self._prelude is not None:
            self._prelude(self.world, self._rng)
            truth.check(self.world)
            if self.world.over:
                return
        weights, steps = zip(*self._steps, strict=True)
        done = 0
        for step in self._rng.choices(steps, weights, k=self._rng.randint(100, 400)):
            step(self.world, self._rng)
            if len(self.world.steps) == done:
                continue  # it meant nothing just then
            done = len(self.world.steps)
            truth.check(self.world)
            if self.world.over:
                return


def wild(seed: int) -> DiceLife:
    """Meet anything: crashes, reboots, clocks that are set, suspends, a full disk, late commits.

    Each life leaves out about half of what can happen: else there is never enough of one thing.
    """
    rng = random.Random(seed)  # noqa: S311 -- a seed
    some = tuple(step for step in MISHAPS + ODDITIES if rng.random() < 0.5)
    return DiceLife(f"wild({seed})", rng, _drawn(rng), (*WORK, (16.0, pushing(FATES)), *some))


def packed(seed: int) -> DiceLife:
    """Meet large requests, again and again inside their window, with chunks that were throttled before."""
    rng = random.Random(seed)  # noqa: S311 -- a seed
    setting = Setting(
        recipients=7,
        chunk_size=1,
        refused=frozenset(rng.sample(range(7), rng.choice((0, 0, 1)))),
        personality=rng.choice(PERSONALITIES),
        all_or_nothing=rng.random() < 0.5,
    )
    push = pushing(("late", "late", "late", "never", "part", "limited", "malformed"))
    steps = ((8.0, starting(1, 6, 6)), *WORK[1:], (16.0, push), *MISHAPS, (3.0, wait_a_little))
    prelude = rng.choice((None, preludes.kill_with_pack, preludes.kill_with_throttled))
    return DiceLife(f"packed({seed})", rng, setting, steps, prelude)


def calm(seed: int) -> DiceLife:
    """Meet crashes and lost answers, but lose no time, with a server that answers repeats well."""
    rng = random.Random(seed)  # noqa: S311 -- a seed
    setting = Setting(
        recipients=7,
        chunk_size=rng.choice((1, 2)),
        personality=rng.choice(("same", "empty")),
        all_or_nothing=rng.random() < 0.5,
    )
    push = pushing(("late", "never", "part", "limited", "revoked"))
    return DiceLife(f"calm({seed})", rng, setting, (*WORK, (16.0, push), *MISHAPS))


def lying(seed: int) -> DiceLife:
    """Meet a gateway whose 429 may come after processing, as A7 says it does not; see `World.over`."""
    rng = random.Random(seed)  # noqa: S311 -- a seed
    setting = Setting(
        recipients=rng.choice((1, 3)),
        chunk_size=1,
        personality=rng.choice(PERSONALITIES),
        all_or_nothing=rng.random() < 0.5,
        honest_gateway=False,
    )
    push = pushing(("limited", "limited", "late", "never"))
    steps = ((8.0, starting(1, 3)), *WORK[1:], (16.0, push), (1.0, crash), (3.0, wait_a_little))
    prelude = preludes.hold_throttled if setting.recipients > 1 else None
    return DiceLife(f"lying({seed})", rng, setting, steps, prelude)


def _drawn(rng: random.Random) -> Setting:
    recipients = rng.choice((1, 1, 2, 4, 4, 7, 16))
    return Setting(
        recipients=recipients,
        chunk_size=rng.choice((1, 2, 4)) if recipients <= 7 else 4,
        refused=frozenset(rng.sample(range(16), rng.choice((0, 0, 1, 2)))),
        personality=rng.choice(PERSONALITIES),
        all_or_nothing=rng.random() < 0.5,
        bisect_requests=rng.choice((0, 2, 100)),
        counts_suspend=rng.random() < 0.5,
    )


def end_quietly(world: World) -> SendReport:
    """Let a healthy server settle everything; then one more process must find nothing to do.

    Raises:
        AssertionError: something is lost, or never settled.
    """
    for number in range(8):
        world.start(uuid.UUID(int=number), most=1 + number % 3)
        assert world.process is not None
        nothing_left = not world.process.left
        requests = world.server.requests
        report = _finish(world)
        if nothing_left:
            assert world.server.requests == requests, "a finished run sends"
            assert report.not_sent == 0, report
            return report
    raise AssertionError("the run never ends")


def _finish(world: World) -> SendReport:
    for _ in range(1000):
        world.read(3)
        world.take(0)
        world.begin(0)
        world.commit(None)
        world.push(0, "now", 0.0, 0.5)
        truth.check(world)
        world.hear(0, "itself", 0.5)
        truth.check(world)
        world.wake()
        world.be_read()
        world.wait(1.0)
        report = world.end()
        truth.check(world)
        if report is not None:
            return report
    raise AssertionError("the process never ends")
