"""How does a send live through its scenario? Episodes that are killed, stopped and resumed, then calm."""

from collections.abc import Callable
from math import inf

import anyio
from anyio.abc import TaskGroup

from pushwoosh_async import InputChangedError
from pushwoosh_async._fanout.state import State, replay
from simulation.check import check_end, check_journal, check_told, counts
from simulation.computer import VirtualLoop
from simulation.dice import Episode, Scenario
from simulation.episode import Sitting, Told
from simulation.minutes import FINAL
from simulation.world import World

# A run that stops at each rejected chunk needs an episode for each.
_MOST_CALM = 60
_FOR_EVER = 50_000.0  # seconds; a long life has 13,000


class Life:
    """One send, from its first episode to the end of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._episodes = 0
        self._group: TaskGroup

    async def live(self) -> None:
        """Live it."""
        with anyio.move_on_after(_FOR_EVER) as time:
            await self._live()
        if time.cancelled_caught:
            self._world.witness.never(f"it went on for {_FOR_EVER} s")
        self._world.server.ledger.catch_up(inf)
        check_end(self._world)

    async def _live(self) -> None:
        async with anyio.create_task_group() as self._group:
            self._group.start_soon(self._be_rough)
            for episode in self._world.scenario.episodes:
                await self._live_through(episode)
            if self._world.scenario.journalled:
                await self._calm_down()
            self._group.cancel_scope.cancel()

    async def _live_through(self, episode: Episode) -> None:
        if episode.changed and self._is_open():
            await self._try_another_input()
        await self._live_one(episode)
        await anyio.sleep(episode.gap)
        if episode.reboot:
            self._world.witness.happened("a reboot")
            self._world.computer.reboot()
            self._world.computer.step_wall(self._world.rng.choice([0.0, -600.0, -600.0, 600.0]))

    async def _live_one(self, episode: Episode) -> Told | None:
        world = self._world
        self._episodes += 1
        world.witness.note(f"EPISODE {self._episodes}: {episode}")
        told = await Sitting(world, episode, self._episodes).live(self._group)
        if told is not None:
            check_told(world, told)
        if world.scenario.journalled:
            check_journal(world)
        return told

    async def _be_rough(self) -> None:
        world, rng = self._world, self._world.rng
        while world.scenario.weather.rough:
            await anyio.sleep(rng.expovariate(1 / 15))
            if world.server.calm:
                return
            kind = rng.choice(["stop", "suspend", "wall clock"])
            world.witness.happened(f"the computer: {kind}")
            if kind == "stop":
                world.computer.stop(rng.uniform(0.0, 400.0))
            elif kind == "suspend":
                world.computer.suspend(rng.uniform(0.0, 400.0))
            else:
                world.computer.step_wall(rng.choice([-3600.0, -100.0, 100.0, 3600.0]))

    # -- another input --------------------------------------------------------------------------

    def _is_open(self) -> bool:
        """Whether the journal knows of something, and not that all is done."""
        ending, rows = self._world.disk.ending, self._world.disk.rows
        states = {replay(row.life).state for row in rows.values()}
        over = ending is not None and ending.complete
        return bool(states) and (not over or not states.isdisjoint({State.PLANNED, State.IN_DOUBT}))

    async def _try_another_input(self) -> None:
        world = self._world
        world.witness.happened("another input was given")
        self._episodes += 1
        before = dict(world.disk.rows)
        other = world.inputs.changed(before.values(), world.rng)
        told = await Sitting(
            world,
            Episode(end="another input", packing=world.scenario.packing),
            self._episodes,
            other,
        ).live(self._group)
        if told is None or not isinstance(told.error, InputChangedError) or told.requests:
            world.witness.never(f"another input was not refused: {told}")
        if world.disk.rows != before:
            world.witness.never("another input changed the journal")

    # -- the end --------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """G3: with nothing in its way a run comes to its end, and then says the same for ever."""
        world = self._world
        world.server.calm = True
        world.witness.note("from here on all is calm")
        calm = Episode(packing=world.scenario.packing)
        told = await self._live_one(calm)
        for _ in range(_MOST_CALM):
            if told is None or not told.report.stopped:
                break
            told = await self._live_one(calm)
        if told is None or told.report.stopped or told.report.not_sent or told.error is not None:
            world.witness.never(f"even in calm it does not end: {told}")
            return
        left = [row.path for row in world.disk.rows.values() if row.life.state not in FINAL]
        if left:
            world.witness.never(f"{left} have no final record")
        again = await self._live_one(calm)
        if again is None or again.requests or counts(again.report) != counts(told.report):
            world.witness.never(f"a finished run does not stand by what it said: {again}")


async def live(
    scenario: Scenario, loop: VirtualLoop, tell: Callable[[str], None] | None = None
) -> World:
    """Live a scenario; return the world it left behind."""
    world = World(scenario, loop, tell)
    await Life(world).live()
    return world
