"""Which steps does a life take? Dice with a seed, and the way to a quiet end."""

import random
import uuid
from collections.abc import Callable, Sequence
from typing import TypeAlias

from model import truth
from model.attempt import ANSWERS, Answer
from model.server_model import FATES, PERSONALITIES, Fate
from model.world import Setting, World
from pushwoosh_async import SendReport

Step: TypeAlias = Callable[[World, random.Random], None]
Steps: TypeAlias = tuple[tuple[float, Step], ...]

# Around the edges of what the window allows: 150 s to the last repeat, 300 s in all.
DELAYS = (0.01, 5.0, 31.0, 60.0, 100.0, 149.0, 151.0, 200.0, 240.0, 265.0, 301.0)
LATENESS = (0.0, 1.0, 60.0, 104.0)
WALL_STEPS = (-3600.0, -290.0, -60.0, 60.0, 3600.0)
WALL_ERRORS = (0.0, -3600.0, -290.0, 3600.0)  # of a machine that starts again


def _answer(rng: random.Random) -> Answer:
    return "itself" if rng.random() < 0.4 else rng.choice(ANSWERS)


def _backoff(rng: random.Random) -> float:
    return rng.choice((0.5, 0.5, 20.0))


def _start(world: World, rng: random.Random) -> None:
    world.start(
        uuid.UUID(int=rng.getrandbits(128)),
        rejected=rng.random() < 0.3,
        doubts=rng.choice(("", "", "", "all", "named")),
    )


def _pushing(fates: Sequence[Fate]) -> Step:
    """Return the step that lets a piece go; half of the requests are processed at once."""

    def push(world: World, rng: random.Random) -> None:
        fate = "now" if rng.random() < 0.5 else rng.choice(fates)
        world.push(rng.randrange(4), fate, rng.choice(LATENESS), _backoff(rng))

    return push


def _hear(world: World, rng: random.Random) -> None:
    world.hear(rng.randrange(4), _answer(rng), _backoff(rng))


def _crash(world: World, rng: random.Random) -> None:
    world.crash(rng.randrange(4))


def _reboot(world: World, rng: random.Random) -> None:
    world.reboot(rng.randrange(4), rng.choice(WALL_ERRORS))


def _end(world: World, rng: random.Random) -> None:
    world.end()


def _another_source(world: World, rng: random.Random) -> None:
    world.start_with_another_source(uuid.UUID(int=rng.getrandbits(128)), rng.randrange(16))


_WORK: Steps = (
    (8, _start),
    (8, lambda world, rng: world.read(rng.choice((1, 3, 20)))),
    (8, lambda world, rng: world.take(rng.randrange(4))),
    (8, lambda world, rng: world.begin(rng.randrange(4))),
    (8, lambda world, rng: world.commit(rng.choice((None, None, 1, 2)))),
    (5, _hear),
    (4, _end),
)
_MISHAPS: Steps = (
    (1, lambda world, rng: world.fail(rng.randrange(4), _backoff(rng))),
    (1, _crash),
    (0.5, lambda world, rng: world.stop()),
    (0.5, lambda world, rng: world.cancel()),
)
_WAIT: tuple[float, Step] = (3, lambda world, rng: world.wait(rng.choice(DELAYS)))
_ODDITIES: Steps = (
    _WAIT,
    (1, lambda world, rng: world.suspend(rng.choice(DELAYS))),
    (0.5, lambda world, rng: world.step_wall(rng.choice(WALL_STEPS))),
    (0.5, _reboot),
    (0.2, lambda world, rng: world.fill_disk()),
    (0.3, lambda world, rng: world.mend()),
    (0.2, _another_source),
)


class DiceLife:
    """One life: some steps by dice, then a quiet end.

    Attributes:
        world: where it is lived.
        name: what makes it anew.
    """

    def __init__(self, name: str, rng: random.Random, setting: Setting, steps: Steps) -> None:
        self.world = World(setting)
        self.name = name
        self._rng = rng
        self._steps = steps

    def go(self) -> SendReport | None:
        """Live it; return the last report, where there is a quiet end.

        Raises:
            AssertionError: a promise is broken; tells which life it was, and its steps.
        """
        try:
            self._walk()
            return end_quietly(self.world) if self.world.setting.honest_gateway else None
        except AssertionError as error:
            error.add_note("\n".join([self.name, str(self.world.setting), *self.world.steps]))
            raise

    def _walk(self) -> None:
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
    some = tuple(step for step in _MISHAPS + _ODDITIES if rng.random() < 0.5)
    return DiceLife(f"wild({seed})", rng, _drawn(rng), (*_WORK, (16.0, _pushing(FATES)), *some))


def calm(seed: int) -> DiceLife:
    """Meet crashes and lost answers, but lose no time, with a server that answers repeats well."""
    rng = random.Random(seed)  # noqa: S311 -- a seed
    setting = Setting(recipients=7, chunk_size=2, personality=rng.choice(("same", "empty")))
    push = _pushing(("late", "never", "limited", "revoked"))
    return DiceLife(f"calm({seed})", rng, setting, (*_WORK, (16.0, push), *_MISHAPS))


def lying(seed: int) -> DiceLife:
    """Meet a gateway whose 429 may come after processing, as A7 says it does not; see `World.over`."""
    rng = random.Random(seed)  # noqa: S311 -- a seed
    setting = Setting(recipients=1, personality=rng.choice(PERSONALITIES), honest_gateway=False)
    push = _pushing(("limited", "limited", "late", "never"))
    return DiceLife(f"lying({seed})", rng, setting, (*_WORK, (16.0, push), (1, _crash), _WAIT))


def _drawn(rng: random.Random) -> Setting:
    recipients = rng.choice((1, 1, 2, 4, 4, 7, 16))
    return Setting(
        recipients=recipients,
        chunk_size=rng.choice((1, 2, 4)) if recipients < 7 else 4,
        refused=frozenset(rng.sample(range(16), rng.choice((0, 0, 1, 2)))),
        personality=rng.choice(PERSONALITIES),
        bisect_requests=rng.choice((0, 2, 100)),
        counts_suspend=rng.random() < 0.5,
    )


def end_quietly(world: World) -> SendReport:
    """Let a healthy server settle everything; then one more process must find nothing to do.

    Raises:
        AssertionError: something is lost, or never settled.
    """
    for number in range(8):
        world.start(uuid.UUID(int=number))
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
        world.wait(1.0)
        report = world.end()
        truth.check(world)
        if report is not None:
            return report
    raise AssertionError("the process never ends")
