"""How does one episode go? A process is started, the real sender in it, and something ends it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import anyio
from anyio.abc import TaskGroup
from attrs import frozen
from fanout_world import fan_out

from pushwoosh_async import (
    ChunkOutcome,
    FanOut,
    Hooks,
    InputChangedError,
    JournalError,
    RateLimit,
    RunStoppedError,
    SendReport,
)
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.state import State
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.session import Session
from pushwoosh_async._transport.slots import Slots
from pushwoosh_async._transport.tokens import Tokens
from simulation.dice import TIMEOUT, Episode
from simulation.inputs import BrokenSourceError
from simulation.process import Connection, Process, sender
from simulation.slow_journal import SlowJournal
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
        before: the journal's records as it found them.
    """

    report: SendReport
    error: Exception | None
    outcomes: list[ChunkOutcome]
    requests: int
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
        ids = self._world.inputs.ids
        return self._world.inputs.source(
            breaks_at=self._rng.randrange(len(ids) + 1) if broken else None
        )

    def _fan_out(self, source: Any) -> FanOut:
        world, scenario, episode = self._world, self._world.scenario, self._episode
        calls = Session(
            self._transport,
            tokens=Tokens(api=Secret("token", "api_token")),
            limiter=RateLimiter(RateLimit() if scenario.paced else None),
            policy=scenario.policy,
            timeout=TIMEOUT,
            clock=world.computer,
            hooks=Hooks(),
            rng=self._rng,
        )
        resumed = world.disk.facts is not None
        return fan_out(
            source,
            sender(calls),
            clock=world.computer,
            chunk_size=scenario.chunk_size,
            concurrency=scenario.concurrency,
            deadline=episode.after if episode.end == "deadline" else None,
            on_rejected=scenario.on_rejected,
            invalid="drop" if scenario.odd else "raise",
            dedupe=scenario.dedupe,
            refusals_are_clean=scenario.clean,
            window=lambda size: scenario.policy.window_for(TIMEOUT, size),
            journal=self._journal() if scenario.journalled else None,
            again=_AGAIN.get(episode.again, _NO_AGAIN) if resumed else None,
            bisect_requests=scenario.bisect_requests,
            # A resume takes the journal's run id, whatever its own would have been.
            facts={"run_id": str(uuid.UUID(int=self._rng.getrandbits(128), version=4))},
        )

    def _journal(self) -> SlowJournal:
        world = self._world
        self._process.journal = SlowJournal(
            world.disk,
            computer=world.computer,
            rng=self._rng,
            witness=world.witness,
            step=self._process.step,
            workers=world.scenario.concurrency,
            lying=world.scenario.weather.lying_disk,
        )
        return self._process.journal

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
        return Told(self._report, self._error, self._outcomes, self._process.requests, self._before)

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
        if self._process.journal is not None:
            self._world.witness.happened("a full disk")
            self._process.journal.grow_old()
            self._process.journal.full = True
