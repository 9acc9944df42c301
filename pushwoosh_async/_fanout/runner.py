"""Who sends which chunk when: workers on one bounded stream, until the input or the run ends."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from math import inf

import anyio.lowlevel
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import evolve

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.account import CANCELLED, Account
from pushwoosh_async._fanout.admission import Admission
from pushwoosh_async._fanout.bell import Bell
from pushwoosh_async._fanout.bisection import Bisection
from pushwoosh_async._fanout.carrier import CalledOffError, Carrier, Send
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.feed import Feed
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.journal import Journal, NoJournal, RunFacts
from pushwoosh_async._fanout.packing import Packer
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.request_guard import stops_a_run
from pushwoosh_async._fanout.resume import Work
from pushwoosh_async._fanout.settings import RunSettings
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._fanout.takeover import Takeover
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async.errors import ConfigurationError, JournalError, PushwooshError

# Seconds that a cancelled run waits for answers under way, which turn doubts into facts.
DRAIN_TIMEOUT = 5.0


class Runner:
    """One run. Also the sender whose requests its carrier carries."""

    def __init__(
        self,
        *,
        intake: Intake,
        planner: AnyPlanner,
        send: Send,
        journal: Journal,
        facts: Callable[[], Awaitable[RunFacts]],
        clock: Clock,
        settings: RunSettings,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._admission = Admission(
            settings.concurrency, settings.window(0), packs=settings.packing.most > 1
        )
        self._carrier = Carrier(
            self,
            send=send,
            journal=journal,
            clock=clock,
            window=settings.window,
            pause=settings.pause,
        )
        self._account = Account(
            planner=planner,
            intake=intake,
            journal=journal,
            clock=clock,
            held=settings.held,
            guards=self._carrier.guards,
        )
        self._takeover = Takeover(
            journal,
            facts=facts,
            again=settings.again,
            planner=planner,
            books=self._account.books,
            clock=clock,
            window=settings.window,
            store_ids=settings.store_ids,
        )
        self._feed = Feed(intake, planner, self._takeover, Packer(settings.packing))
        self._bell = Bell(clock.sleep)
        bisects = settings.on_rejected == "bisect"
        self._bisection = Bisection(planner, settings.bisect_requests if bisects else 0)
        self._intake_scope = anyio.CancelScope()
        self._unbegun: set[str] = set()  # paths of what was handed to workers and waits
        self.emit: Callable[[ChunkOutcome], Awaitable[None]] | None = None

    # -- the run --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send everything. Raises a cancellation, and what is no Exception; for all else see `failure`."""
        self._account.begin()
        try:
            if await self._begin():
                await self._go_on()
        except BaseException:
            self._account.stopped = CANCELLED
            raise
        finally:
            await self._close_books()

    async def _begin(self) -> bool:
        """Open the journal; tell whether anything is left to do."""
        try:
            left = await self._takeover.begin()
        except Exception as error:  # noqa: BLE001 -- a source may raise anything when it is looked at
            self._fail(error)
            return False
        self._bisection.spent = self._takeover.halves
        self._account.complete = not left
        return left

    async def _go_on(self) -> None:
        async with anyio.create_task_group() as watch:
            if self._settings.deadline is not None:
                watch.start_soon(self._watch_deadline, self._settings.deadline)
            await self._run_workers()
            watch.cancel_scope.cancel()

    async def _run_workers(self) -> None:
        into, requests = anyio.create_memory_object_stream[Sequence[Work]](0)
        async with anyio.create_task_group() as workers, requests:
            for _ in range(self._settings.concurrency):
                workers.start_soon(self._work, requests.clone())
            await self._take_in(into)

    async def _watch_deadline(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.stop(f"the deadline of {seconds:g} s has passed")

    async def _take_in(self, into: MemoryObjectSendStream[Sequence[Work]]) -> None:
        with self._intake_scope:
            try:
                async with into, aclosing(self._feed.requests()) as requests:
                    async for request in requests:
                        await self._pass_on(request, into)
                    self._account.complete = True
            except Exception as error:  # noqa: BLE001 -- the caller's source may raise anything
                self._fail(error)

    async def _pass_on(
        self, request: Sequence[Work], into: MemoryObjectSendStream[Sequence[Work]]
    ) -> None:
        self._unbegun.update(work.chunk.path for work in request)
        # At once to a worker that waits, so that one turn of the event loop serves them all: a turn for
        # each chunk doubled the CPU of a chunk.
        try:
            into.send_nowait(request)
        except anyio.WouldBlock:
            await into.send(request)

    async def _work(self, requests: MemoryObjectReceiveStream[Sequence[Work]]) -> None:
        async with requests:
            async for request in requests:
                await self._deliver(request)

    async def _deliver(self, request: Sequence[Work]) -> None:
        """Deliver a request, in parts where all of it may not go at once; and then the halves of its
        chunks, if one was split.
        """  # noqa: D205 -- the exceptions belong to the rule
        line = [request]
        while line:
            works = line.pop(0)
            if not works[0].life.in_doubt:
                size = await self._until_may_begin(works)
                if works[size:]:
                    line.insert(0, works[size:])
                works = works[:size]
            if self.stopping():
                return  # not begun: what has no label of its own is not sent
            guards = [self._take_up(work) for work in works]
            await self._carrier.carry(guards)
            line[:0] = [(Work(half),) for guard in guards for half in guard.halves]

    async def _until_may_begin(self, works: Sequence[Work]) -> int:
        """Wait; return with how many of them the next request may begin."""
        try:
            window = self._settings.window(sum(work.chunk.size for work in works))
        except ConfigurationError as error:
            self._fail(error)
        while not self.stopping():
            under_way = len(self._carrier.guards)
            room = self._admission.room(
                len(works),
                under_way=under_way,
                apart=self._carrier.apart,
                rate=self._settings.rate(),
                window=window,
            )
            now = self._clock.monotonic()
            delay = self._admission.wait(now, under_way=under_way) if room else inf
            if delay <= 0:
                return room
            await self._bell.wait(delay)
        return 0

    def _take_up(self, work: Work) -> ChunkGuard:
        self._account.books.take_up(work.chunk.path)
        self._unbegun.discard(work.chunk.path)
        return ChunkGuard(
            work.chunk,
            clock=self._clock,
            overseer=self,
            life=work.life,
            pack=work.pack,
            refusals_are_clean=self._takeover.refusals_are_clean,
            store_ids=self._settings.store_ids,
            keeps=type(self._journal) is not NoJournal,  # who derives from it may want to see
        )

    async def settled(self, guard: ChunkGuard) -> None:
        """Enter a chunk whose life is over."""
        if guard.life.state is State.SPLIT:
            self._bell.ring()
            return
        outcome = self._account.enter(guard)
        self._bell.ring()
        if guard.refused and self._settings.on_rejected == "stop":
            self._stop_for(f"a chunk was rejected: {outcome.reason}")
        if self.emit is not None:
            await self.emit(evolve(outcome, ids=guard.chunk.ids))

    async def _close_books(self) -> None:
        """Wait, for a bounded time, for answers under way; then label what is left, without awaiting."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(DRAIN_TIMEOUT):
                while self._carrier.in_flight:
                    await self._bell.wait()
            self._carrier.close("the run ended before its answer came")
            for guard in self._carrier.guards.values():
                if guard.life.state is not State.SPLIT:
                    self._account.enter(guard)
            self._account.end()
            await self._close_journal()

    async def _close_journal(self) -> None:
        done = self._takeover.done
        try:
            await self._takeover.aclose()
            ending = self._account.ending() if done else None
            await self._journal.close(ending)
        except JournalError as error:
            self._account.lose_journal(error)

    # -- what ends it ---------------------------------------------------------------------------

    def stop(self, reason: str) -> None:
        """Begin nothing new; what is in flight goes on, doubts to their gate. The first reason counts."""
        if not self.stopping() and not self._account.finished:
            self._account.stopped = reason
            self._intake_scope.cancel()
            self._carrier.give_up_waiting()
            self._bell.ring()

    def stopping(self) -> bool:
        """Whether nothing new may begin."""
        return bool(self._account.stopped)

    def _fail(self, error: Exception) -> None:
        self._account.error = self._account.error or error
        ours = isinstance(error, PushwooshError)
        self.stop(str(error) if ours else f"{type(error).__name__} was raised")

    def _stop_for(self, reason: str, error: PushwooshError | None = None) -> None:
        self._account.stop_for(reason, error)
        self.stop(reason)

    def failed(self, guards: Sequence[ChunkGuard], error: Exception) -> None:
        """Stop for what every further request would meet too."""
        del guards
        if isinstance(error, CalledOffError):
            self._stop_for("what it called (the token, a hook) was cancelled, and the run was not")
        elif not isinstance(error, PushwooshError) or isinstance(
            error, (ConfigurationError, JournalError)
        ):
            self._fail(error)
        elif stops_a_run(error):
            self._stop_for(str(error), error)

    # -- what it hears --------------------------------------------------------------------------

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Learn from every attempt of every chunk."""
        self._account.heard(event, life, seconds)
        self._admission.heard(event)
        all_begun = self._account.complete and not self._unbegun
        if not all_begun and self._account.books.refused_from_the_start(
            self._settings.most_refusals
        ):
            self._stop_for(f"nothing was accepted and everything refused: {life.reason}")
        self._bell.ring()

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Take a rejected chunk apart, as far as the run may."""
        return self._bisection.halve(chunk)

    # -- what it is told ------------------------------------------------------------------------

    def pause(self, *, paused: bool) -> None:
        """Hold new chunks back, or no longer."""
        self._admission.paused = paused
        self._bell.ring()

    def set_rate(self, limit: RateLimit | None) -> None:
        """Let new chunks begin at this rate at most."""
        self._admission.set_rate(limit)
        self._bell.ring()

    # -- what it says ---------------------------------------------------------------------------

    def progress(self) -> Progress:
        """Return how far it has come."""
        return self._account.progress(paused=self._admission.paused)

    def report(self) -> SendReport:
        """Return what became of whom."""
        return self._account.report()

    def failure(self) -> Exception | None:
        """Return what the caller shall be told by an exception, if anything."""
        return self._account.failure()
