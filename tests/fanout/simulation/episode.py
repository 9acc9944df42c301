"""How does one episode go? A process is started, the real sender in it, and something ends it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskGroup
from attrs import frozen

from pushwoosh_async import (
    ChunkOutcome,
    FanOut,
    InputChangedError,
    JournalError,
    RateLimit,
    RunStoppedError,
    SendReport,
)
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.state import State
from pushwoosh_async._transport.session import Session
from pushwoosh_async._transport.slots import Slots
from simulation.dice import Episode
from simulation.inputs import BrokenSourceError
from simulation.minutes import Minutes
from simulation.process import Connection, Process
from simulation.sending import ROOM_AROUND, Sending, most_under_way, session_of
from simulation.slow_journal import ForgottenJournal, SlowJournal
from simulation.world import World

_NO_AGAIN = Again()
_AGAIN = {"rejected": Again(rejected=True), "doubts": Again(doubts=True)}
# What an episode may raise beside a RunStoppedError.
_RAISES: dict[str, type[Exception]] = {
    "full disk": JournalError,
    "broken source": BrokenSourceError,
    "another input": InputChangedError,
}


@frozen
class Told:
    """What a run said of itself, in the end.

    Attributes:
        report: its report.
        error: what it raised.
        outcomes: those that were read one by one.
        requests: how many the server received from its process.
        told: transactionIds that its process was told are accepted.
        before: the journal's records as it found them.
    """

    report: SendReport
    error: Exception | None
    outcomes: list[ChunkOutcome]
    requests: int
    told: frozenset[str]
    before: Mapping[str, Record]


class Sitting:
    """One process in a world, from its start to its end."""

    def __init__(self, world: World, episode: Episode, number: int, source: Any = None) -> None:
        self._world = world
        self._episode = episode
        self._before = dict(world.disk.rows)
        self._process = Process(world.witness)
        self._rng = world.dice(f"process {number}")
        self._outcomes: list[ChunkOutcome] = []
        self._error: Exception | None = None
        self._report: SendReport | None = None
        self._told: frozenset[str] = frozenset()
        self._transport = Slots(self._connect, capacity=world.scenario.concurrency)
        self._run = self._fan_out(self._source() if source is None else source)

    def _connect(self) -> Connection:
        world = self._world
        rough = world.scenario.weather.rough and not world.server.calm
        return Connection(
            self._process, world.server, world.computer, world.witness, self._rng, rough
        )

    def _source(self) -> Any:
        broken = self._episode.end == "broken source"
        return self._world.inputs.source(self._rng if broken else None)

    def _fan_out(self, source: Any) -> FanOut:
        world, scenario, episode = self._world, self._world.scenario, self._episode
        session = session_of(scenario, self._transport, world.computer, self._rng)
        self._process.journal = self._journal(session)
        resumed = world.disk.facts is not None
        return Sending(
            scenario=scenario,
            process=self._process,
            computer=world.computer,
            session=session,
            packing=episode.packing,
            deadline=episode.after if episode.end == "deadline" else None,
            again=_AGAIN.get(episode.again, _NO_AGAIN) if resumed else _NO_AGAIN,
            rng=self._rng,
        ).fan_out(source)

    def _journal(self, session: Session) -> SlowJournal | ForgottenJournal:
        world, packing = self._world, self._episode.packing
        minutes = Minutes(
            world.disk.rows.values(),
            packing=Packing(most=packing.most, max_bytes=packing.max_bytes + ROOM_AROUND),
            bound=partial(most_under_way, session),
            workers=world.scenario.concurrency,
            witness=world.witness,
        )
        if not world.scenario.journalled:
            return ForgottenJournal(minutes, self._process.step)
        return SlowJournal(
            world.disk,
            minutes,
            computer=world.computer,
            rng=self._rng,
            witness=world.witness,
            step=self._process.step,
            lying=world.scenario.weather.lying_disk,
        )

    # -- its life -------------------------------------------------------------------------------

    async def live(self, group: TaskGroup) -> Told | None:
        """Live it; return what the run said, unless the process was killed.

        Args:
            group: what outlives it: a killed process takes a while to fall down.
        """
        if self._episode.again and self._world.disk.rows:
            self._ask_again()
        group.start_soon(self._send)
        async with anyio.create_task_group() as events:
            self._prepare(events)
            await self._process.over.wait()
            events.cancel_scope.cancel()
        if not self._process.alive or isinstance(self._error, JournalError):
            self._excuse_intents()
        if not self._process.alive or self._report is None:
            return None
        self._check_error()
        return Told(
            self._report,
            self._error,
            self._outcomes,
            self._process.requests,
            self._told,
            self._before,
        )

    def _ask_again(self) -> None:
        self._world.witness.happened(f"again: {self._episode.again}")
        if self._rng.random() < 0.5:
            self._world.server.bad.clear()

    async def _send(self) -> None:
        with self._process.scope:
            try:
                await self._watch()
            except Exception as error:  # noqa: BLE001 -- judged in a moment
                self._error = error
        self._report = self._run.report
        self._told = frozenset(self._process.told)
        self._world.witness.excuse_all_open()
        await self._transport.aclose()
        if self._process.alive:
            self._tell_end(self._report)
            if self._run.report != self._report:
                self._world.witness.never("a report changed after its run had ended")
        self._process.over.set()

    def _tell_end(self, report: SendReport) -> None:
        how = f"a run was {'stopped' if report.stopped else 'complete'}"
        self._world.witness.happened(how, f"{self._error!r}: {report}")
        if isinstance(self._error, BrokenSourceError):
            self._world.witness.happened("a broken source")
        if report.stopped.startswith("the deadline"):
            self._world.witness.happened("a deadline")

    async def _watch(self) -> None:
        if not self._episode.entered:
            await self._run
            return
        async with self._run:
            async for outcome in self._run:
                self._outcomes.append(outcome)

    def _check_error(self) -> None:
        witness, error, end = self._world.witness, self._error, self._episode.end
        if error is None or isinstance(error, RunStoppedError):
            return
        if end not in _RAISES or not isinstance(error, _RAISES[end]):
            witness.never(f"it raised {error!r}")

    def _excuse_intents(self) -> None:
        """An intent whose outcome was not written down is a doubt."""
        rows = self._world.disk.rows.values()
        open_ = [row.transaction_id for row in rows if row.life.state is State.IN_FLIGHT]
        self._world.witness.excuse(*open_)

    # -- what ends it ---------------------------------------------------------------------------

    def _prepare(self, events: TaskGroup) -> None:
        episode = self._episode
        if episode.pause is not None:
            events.start_soon(self._pause, *episode.pause)
        act = self._action(events)
        if act is None:
            return
        if episode.step:
            self._process.at_step[episode.step] = act
        else:
            events.start_soon(self._act_after, episode.after, act)

    def _action(self, events: TaskGroup) -> Callable[[], None] | None:
        return {
            "crash": self._process.kill,
            "drain": self._drain,
            "cancel": self._cancel,
            "twice": lambda: self._drain_then_cancel(events),
            "full disk": self._fill_disk,
        }.get(self._episode.end)

    async def _act_after(self, seconds: float, act: Callable[[], None]) -> None:
        await anyio.sleep(seconds)
        act()

    async def _pause(self, after: float, seconds: float) -> None:
        await anyio.sleep(after)
        self._world.witness.happened("a pause")
        self._run.pause()
        await anyio.sleep(seconds)
        self._run.set_rate(RateLimit(requests=10, per=1.0, burst=1))
        self._run.unpause()

    def _drain(self) -> None:
        self._world.witness.happened("a drain")
        self._run.drain()

    def _cancel(self) -> None:
        self._world.witness.happened("a cancellation")
        self._process.scope.cancel()

    def _drain_then_cancel(self, events: TaskGroup) -> None:
        self._drain()
        events.start_soon(self._act_after, self._rng.uniform(0.0, 30.0), self._cancel)

    def _fill_disk(self) -> None:
        journal = self._process.journal
        if isinstance(journal, SlowJournal):
            self._world.witness.happened("a full disk")
            journal.grow_old()
            journal.full = True
