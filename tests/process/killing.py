"""How are runs killed, left alone until they are forgotten, and seen to end well all the same?"""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from adversity.story import Story

from .world import World


def finish(world: World, *options: str) -> None:
    """Run the same again, to its end: everybody is accepted, once. And again: no request is made."""
    told = world.run(*options)
    accepted = (told.error, told.report.accepted, told.report.total)
    assert accepted == ("", world.count, world.count), told.report
    world.assert_sound(told)
    assert world.deliveries() == world.count
    arrived = len(world.arrivals())

    assert world.run(*options).report.accepted == world.count
    assert len(world.arrivals()) == arrived


def kill_at_random(world: World, seed: int, *options: str, kills: int, most: float = 0.05) -> None:
    """Kill a run so often, each time some moments, at most so many seconds, after it sends again."""
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    for _ in range(kills):
        arrived = len(world.arrivals())
        process = world.start(*options)
        world.await_arrivals(arrived + 1)
        time.sleep(dice.uniform(0.0, most))
        process.kill()
        assert world.die(process)


def forgotten_at(world: World) -> float:
    """Return when the server has forgotten every transactionId that the journal knows."""
    stamps = [each.life.exposure.t0 for each in world.records()]
    return max((stamp.wall for stamp in stamps if stamp is not None), default=0.0) + world.window


def outlast(world: World) -> None:
    """Wait until that."""
    end = forgotten_at(world)
    while (left := end - time.time()) > -0.1:
        time.sleep(max(left, 0.1))


def worlds(
    stack: ExitStack,
    folder: Path,
    *options: str,
    number: int,
    window: float,
    story: Story | None = None,
    count: int = 200,
    id_length: int = 1,
) -> list[World]:
    """Start worlds that wait for the end of their windows together."""
    made = []
    for each in range(number):
        (folder / str(each)).mkdir()
        world = World(
            folder / str(each),
            *options,
            story=story,
            count=count,
            id_length=id_length,
            window=window,
        )
        made.append(stack.enter_context(world))
    return made
