"""What can be done in one step, and how often is it? Steps of a life, drawn by dice."""

import random
import uuid
from collections.abc import Callable, Sequence
from typing import TypeAlias

from model.attempt import ANSWERS, Answer
from model.server_model import Fate
from model.world import World

Step: TypeAlias = Callable[[World, random.Random], None]
Steps: TypeAlias = tuple[tuple[float, Step], ...]

# Around the edges of what the window allows: some 130 s to the last repeat of one alone, 300 s in all.
DELAYS = (0.01, 5.0, 31.0, 60.0, 100.0, 149.0, 151.0, 200.0, 240.0, 265.0, 301.0)
# So that a pack is met again before its window closes.
SHORT_DELAYS = (5.0, 31.0, 60.0, 80.0, 120.0)
LATENESS = (0.0, 60.0, 104.0, 180.0, 230.0)  # cut to what A3 allows
WALL_STEPS = (-3600.0, -290.0, -60.0, 60.0, 3600.0)
WALL_ERRORS = (0.0, -3600.0, -290.0, 3600.0)  # of a machine that starts again


def _answer(rng: random.Random) -> Answer:
    return "itself" if rng.random() < 0.4 else rng.choice(ANSWERS)


def _backoff(rng: random.Random) -> float:
    return rng.choice((0.5, 0.5, 20.0))


def starting(*mosts: int) -> Step:
    """Return the step that starts a process, with one of these numbers of notifications in a request."""

    def start(world: World, rng: random.Random) -> None:
        world.start(
            uuid.UUID(int=rng.getrandbits(128)),
            rejected=rng.random() < 0.3,
            doubts=rng.choice(("", "", "", "all", "named")),
            most=rng.choice(mosts),
            cautious=rng.random() < 0.3,
            watched=rng.random() < 0.2,
        )

    return start


def pushing(fates: Sequence[Fate]) -> Step:
    """Return the step that lets a piece go; half of the requests are processed at once."""

    def push(world: World, rng: random.Random) -> None:
        fate = "now" if rng.random() < 0.5 else rng.choice(fates)
        world.push(rng.randrange(4), fate, rng.choice(LATENESS), _backoff(rng))

    return push


def _hear(world: World, rng: random.Random) -> None:
    world.hear(rng.randrange(4), _answer(rng), _backoff(rng))


def crash(world: World, rng: random.Random) -> None:
    world.crash(rng.randrange(4))


def _reboot(world: World, rng: random.Random) -> None:
    world.reboot(rng.randrange(4), rng.choice(WALL_ERRORS))


def _end(world: World, rng: random.Random) -> None:
    world.end()


def wait_a_little(world: World, rng: random.Random) -> None:
    world.wait(rng.choice(SHORT_DELAYS))


def _another_source(world: World, rng: random.Random) -> None:
    world.start_with_another_source(uuid.UUID(int=rng.getrandbits(128)), rng.randrange(16))


WORK: Steps = (
    (8, starting(1, 1, 2, 3, 6)),
    (8, lambda world, rng: world.read(rng.choice((1, 3, 20)))),
    (8, lambda world, rng: world.take(rng.randrange(4))),
    (8, lambda world, rng: world.begin(rng.randrange(4))),
    (8, lambda world, rng: world.commit(rng.choice((None, None, 1, 2)))),
    (5, _hear),
    (2, lambda world, rng: world.wake()),
    (1, lambda world, rng: world.be_read()),
    (4, _end),
)
MISHAPS: Steps = (
    (1, lambda world, rng: world.fail(rng.randrange(4), _backoff(rng))),
    (1, crash),
    (0.5, lambda world, rng: world.stop()),
    (0.5, lambda world, rng: world.cancel()),
)
ODDITIES: Steps = (
    (3, lambda world, rng: world.wait(rng.choice(DELAYS))),
    (1, lambda world, rng: world.suspend(rng.choice(DELAYS))),
    (0.5, lambda world, rng: world.step_wall(rng.choice(WALL_STEPS))),
    (0.5, _reboot),
    (0.2, lambda world, rng: world.fill_disk()),
    (0.3, lambda world, rng: world.mend()),
    (0.2, _another_source),
)
