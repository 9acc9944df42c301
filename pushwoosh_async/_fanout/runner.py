"""Who sends which chunk when: workers on one bounded stream, until the input or the run ends."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from math import inf
from typing import TypeAlias

import anyio.lowlevel
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.account import CANCELLED, Account
from pushwoosh_async._fanout.admission import Admission
from pushwoosh_async._fanout.bell import Bell
from pushwoosh_async._fanout.bisection import Bisection
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.journal import Journal, RunFacts
from pushwoosh_async._fanout.plan import Chunk, Planner
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.resume import Work
from pushwoosh_async._fanout.settings import RunSettings
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._fanout.takeover import Takeover
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async.errors import (
    AuthenticationError,
    ConfigurationError,
    JournalError,
    PushwooshError,
    RedirectError,
    TransportError,
)

Send: TypeAlias = Callable[[Chunk, ChunkGuard], Awaitable[object]]

# Seconds that a cancelled run waits for answers under way, which turn doubts into facts.
DRAIN_TIMEOUT = 5.0


class Runner:
    """One run. Also the overseer of its chunks' guards."""

    def __init__(
        self,
        *,
        intake: Intake,
        planner: Planner,
        send: Send,
        journal: Journal,
        facts: Callable[[], Awaitable[RunFacts]],
        clock: Clock,
        settings: RunSettings,
    ) -> None:
        self._intake = intake
        self._planner = planner
        self._send = send
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._admission = Admission(settings.concurrency, settings.window(0))
        self._account = Account(
            planner=planner, intake=intake, journal=journal, clock=clock, held=settings.held
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
        self._bell = Bell(clock.sleep)
        bisects = settings.on_rejected == "bisect"
        self._bisection = Bisection(planner, settings.bisect_requests if bisects else 0)
        self._guards = self._account.guards
        self._attended: dict[str, anyio.CancelScope] = {}
        self._intake_scope = anyio.CancelScope()
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
            if isinstance(error, JournalError) and error.delivery == "not_sent":
                self._account.books.known = (
                    True  # there is no journal, so there was no session before
                )
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
        into, works = anyio.create_memory_object_stream[Work](0)
        async with anyio.create_task_group() as workers, works:
            for _ in range(self._settings.concurrency):
                workers.start_soon(self._work, works.clone())
            await self._take_in(into)

    async def _watch_deadline(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.stop(f"the deadline of {seconds:g} s has passed")

    async def _take_in(self, into: MemoryObjectSendStream[Work]) -> None:
        with self._intake_scope:
            try:
                async with into, aclosing(self._intake.pages()) as pages:
                    async for page in pages:
                        await self._hand_out(self._planner.feed(page), into)
                    await self._hand_out(self._planner.finish(), into)
                    await self._pass_on(self._takeover.finish(), into)
                    self._account.complete = True
            except Exception as error:  # noqa: BLE001 -- the caller's source may raise anything
                self._fail(error)

    async def _hand_out(self, chunks: list[Chunk], into: MemoryObjectSendStream[Work]) -> None:
        await self._pass_on(await self._takeover.due(chunks), into)
        if not chunks:  # a source that is all invalid must not keep the loop to itself
            await anyio.lowlevel.checkpoint()

    async def _pass_on(self, works: list[Work], into: MemoryObjectSendStream[Work]) -> None:
        for work in works:
            # At once to a worker that waits, so that one turn of the event loop serves them all: a
            # turn for each chunk doubled the CPU of a chunk.
            try:
                into.send_nowait(work)
            except anyio.WouldBlock:
                await into.send(work)

    async def _work(self, works: MemoryObjectReceiveStream[Work]) -> None:
        async with works:
            async for work in works:
                await self._deliver(work)

    async def _deliver(self, work: Work) -> None:
        """Deliver a chunk, and then its halves, if it is taken apart."""
        line = [work]
        while line:
            work = line.pop(0)
            if not work.life.in_doubt:
                await self._until_may_begin()
            if self.stopping():
                return  # not begun: what has no label of its own is not sent
            line[:0] = map(Work, await self._deliver_one(work))

    async def _until_may_begin(self) -> None:
        while not self.stopping():
            now = self._clock.monotonic()
            delay = self._admission.wait(now, under_way=len(self._guards))
            if delay <= 0:
                return
            await self._bell.wait(delay)

    async def _deliver_one(self, work: Work) -> tuple[Chunk, ...]:
        try:
            window = self._settings.window(len(work.chunk.encoded))
        except ConfigurationError as error:
            self._fail(error)
            return ()
        guard = ChunkGuard(
            work.chunk,
            journal=self._journal,
            clock=self._clock,
            window=window,
            overseer=self,
            life=work.life,
            refusals_are_clean=self._takeover.refusals_are_clean,
            store_ids=self._settings.store_ids,
        )
        self._account.books.take_up(work.chunk.path)
        self._guards[work.chunk.path] = guard
        await self._attend(work.chunk, guard)
        guard.expire()
        await self._settle(guard)
        return guard.halves

    async def _attend(self, chunk: Chunk, guard: ChunkGuard) -> None:
        with anyio.CancelScope() as scope:
            self._attended[chunk.path] = scope
            try:
                await self._send(chunk, guard)
            except PushwooshError as error:
                self._judge(error)
            except Exception as error:  # noqa: BLE001 -- a hook or token callable may raise anything
                self._fail(error)
            except anyio.get_cancelled_exc_class():
                if anyio.current_effective_deadline() == -inf:
                    raise
                # Nobody cancelled us: passed on, it would end a worker, and the run as if it were done.
                self._stop_for(
                    "what it called (the token, a hook) was cancelled, and the run was not"
                )
            finally:
                del self._attended[chunk.path]

    async def _settle(self, guard: ChunkGuard) -> None:
        guard.close("it was left without an answer")
        del self._guards[guard.chunk.path]
        if guard.life.state is State.SPLIT:
            self._bell.ring()
            return
        outcome = self._account.enter(guard)
        self._bell.ring()
        if outcome.outcome == "rejected" and self._settings.on_rejected == "stop":
            self._stop_for(f"a chunk was rejected: {outcome.reason}")
        if self.emit is not None:
            await self.emit(outcome)

    async def _close_books(self) -> None:
        """Wait, for a bounded time, for answers under way; then label what is left, without awaiting."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(DRAIN_TIMEOUT):
                while any(g.life.state is State.IN_FLIGHT for g in self._guards.values()):
                    await self._bell.wait()
            for guard in self._guards.values():
                guard.close("the run ended before its answer came")
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
            for path, scope in self._attended.items():
                if self._guards[path].waiting:  # no backoff or hold outlives the run's end
                    scope.cancel()
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

    def _judge(self, error: PushwooshError) -> None:
        """Stop for what every further chunk would meet too (delivery.md 2.3, run-level refusals)."""
        if isinstance(error, (ConfigurationError, JournalError)):
            self._fail(error)
        elif isinstance(error, (AuthenticationError, RedirectError)) or (
            isinstance(error, TransportError) and error.permanent
        ):
            self._stop_for(str(error), error)

    # -- what it hears --------------------------------------------------------------------------

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Learn from every attempt of every chunk."""
        self._account.heard(event, life, seconds)
        if event is Event.DOUBT:
            self._admission.breaker.doubted()
        elif event not in {Event.INTENT, Event.UNSENT, Event.EXPIRED}:
            self._admission.breaker.answered()
        if not self._account.complete and self._account.books.refused_from_the_start(
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
