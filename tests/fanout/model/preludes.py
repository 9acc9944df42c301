"""How may a life begin that dice alone bring about too seldom? With a pack, and something amiss."""

import random
import uuid

from model.dice import LATENESS, wait_a_little
from model.server_model import Fate
from model.world import World


def _pack_throttled(world: World, rng: random.Random) -> None:
    """Meet a 429 with one chunk alone; its run is stopped, and the next one packs it with others."""
    _begin_all(world, rng, most=1)
    world.push(0, "limited", 0.0, 0.5)
    world.push(0, "limited", rng.choice((0.0, 0.0, 60.0)), 0.5)
    world.hear(0, "itself", 0.5)
    world.stop()
    world.end()
    _wait_shortly(world, rng)
    _begin_all(world, rng, most=3)


def hold_throttled(world: World, rng: random.Random) -> None:
    """Be held up before such a pack leaves: only the oldest t0 in it says how long is too long."""
    _pack_throttled(world, rng)
    _wait_shortly(world, rng)


def kill_with_throttled(world: World, rng: random.Random) -> None:
    """Lose power with such a pack in flight: its windows close one after the other."""
    _pack_throttled(world, rng)
    _push_and_die(world, rng, rng.choice(("now", "never")))
    _wait_shortly(world, rng)
    _begin_all(world, rng, most=3)


def kill_with_pack(world: World, rng: random.Random) -> None:
    """Lose power with a pack in flight, so that the next process repeats it whole."""
    _begin_all(world, rng, most=6)
    _push_and_die(world, rng, rng.choice(("now", "now", "late")))
    wait_a_little(world, rng)
    _begin_all(world, rng, most=rng.choice((1, 6)))


def _push_and_die(world: World, rng: random.Random, fate: Fate) -> None:
    world.push(0, fate, 0.0, 0.5)
    world.push(0, fate, rng.choice(LATENESS), 0.5)
    world.crash(rng.randrange(4))


def _wait_shortly(world: World, rng: random.Random) -> None:
    """Wait so long that two such waits may close the window of three in a request, and one does not."""
    world.wait(rng.choice((31.0, 60.0, 80.0)))


def _begin_all(world: World, rng: random.Random, *, most: int) -> None:
    world.start(uuid.UUID(int=rng.getrandbits(128)), most=most)
    world.read(20)
    world.read(20)
    world.take(rng.randrange(len(world.source)))
    world.begin(0)
    world.commit(None)
