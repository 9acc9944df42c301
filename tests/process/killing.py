"""How are runs killed, left alone until they are forgotten, and seen to end well all the same?"""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from .world import World


def finish(world: World, *options: str) -> None:
    """Run the same again, to its end: everybody is accepted, once. And again: no request is made."""
    told = world.run(*options)
    assert (told.error, told.report.accepted, told.report.total) == ("", world.count, world.count)
    world.assert_sound(told)
    assert world.deliveries() == world.count
    arrived = len(world.arrivals())

    assert world.run(*options).report.accepted == world.count
    assert len(world.arrivals()) == arrived


def kill_at_random(world: World, seed: int, *options: str, kills: int) -> None:
    """Kill a run so often, each time some moments after it has begun to send again."""
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    for _ in range(kills):
        arrived = len(world.arrivals())
        process = world.start(*options)
        world.await_arrivals(arrived + 1)
        time.sleep(dice.uniform(0.0, 0.05))
        process.kill()
        assert world.die(process)


def outlast(world: World) -> None:
    """Wait until the server has forgotten every transactionId that the journal knows."""
    stamps = [each.life.exposure.t0 for each in world.records()]
    end = max(stamp.wall for stamp in stamps if stamp is not None) + world.window
    while (left := end - time.time()) > -0.1:
        time.sleep(max(left, 0.1))


def worlds(
    stack: ExitStack, folder: Path, *options: str, number: int, window: float, **source: int
) -> list[World]:
    """Start worlds that wait for the end of their windows together."""
    made = []
    for each in range(number):
        (folder / str(each)).mkdir()
        world = World(folder / str(each), *options, window=window, **source)
        made.append(stack.enter_context(world))
    return made
