"""Who sends which chunk when: workers on one bounded stream, until the input or the run ends."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Literal, TypeAlias

import anyio.lowlevel
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import evolve, frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.breaker import Breaker
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.journal import Journal
from pushwoosh_async._fanout.plan import Chunk, Planner
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._window import Window
from pushwoosh_async.errors import (
    AuthenticationError,
    ConfigurationError,
    JournalError,
    PushwooshError,
    RedirectError,
    RunStoppedError,
    TransportError,
)

Send: TypeAlias = Callable[[Chunk, ChunkGuard], Awaitable[object]]
OnRejected: TypeAlias = Literal["report", "stop"]

# Seconds that a cancelled run waits for answers under way, which turn doubts into facts.
DRAIN_TIMEOUT = 5.0
_CANCELLED = "cancelled"


@frozen(kw_only=True)
class RunSettings:
    """How a run goes.

    Attributes:
        concurrency: chunks in flight.
        deadline: seconds after which nothing new begins; None for no end.
        on_rejected: whether a rejected chunk stops the run.
        refusals_are_clean: False where another run may have used the same transaction ids.
        window: the window of a request whose ids take so many bytes.
    """

    concurrency: int
    deadline: float | None
    on_rejected: OnRejected
    refusals_are_clean: bool
    window: Callable[[int], Window]


class Runner:
    """One run. Also the overseer of its chunks' guards."""

    def __init__(
        self,
        *,
        intake: Intake,
        planner: Planner,
        send: Send,
        journal: Journal,
        clock: Clock,
        settings: RunSettings,
    ) -> None:
        self._intake = intake
        self._planner = planner
        self._send = send
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._breaker = Breaker(settings.concurrency)
        self._books = Books(planner, intake.total)
        self._guards: dict[str, ChunkGuard] = {}
        self._attended: dict[str, anyio.CancelScope] = {}
        self._changed: anyio.Event | None = None
        self._intake_scope = anyio.CancelScope()
        self._started = clock.monotonic()
        self._seconds: float | None = None
        self._complete = False
        self._stopped = ""
        self._error: BaseException | None = None
        self.emit: Callable[[ChunkOutcome], Awaitable[None]] | None = None

    # -- the run --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send everything. Raises nothing but a cancellation: see `failure`."""
        self._started = self._clock.monotonic()
        try:
            async with anyio.create_task_group() as watch:
                if self._settings.deadline is not None:
                    watch.start_soon(self._watch_deadline, self._settings.deadline)
                await self._run_workers()
                watch.cancel_scope.cancel()
        except BaseException:
            self._stopped = _CANCELLED
            raise
        finally:
            await self._close_books()

    async def _run_workers(self) -> None:
        into, chunks = anyio.create_memory_object_stream[Chunk](0)
        async with anyio.create_task_group() as workers, chunks:
            for _ in range(self._settings.concurrency):
                workers.start_soon(self._work, chunks.clone())
            await self._take_in(into)

    async def _watch_deadline(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.stop(f"the deadline of {seconds:g} s has passed")

    async def _take_in(self, into: MemoryObjectSendStream[Chunk]) -> None:
        with self._intake_scope:
            try:
                async with into, aclosing(self._intake.pages()) as pages:
                    async for page in pages:
                        await self._hand_out(self._planner.feed(page), into)
                    await self._hand_out(self._planner.finish(), into)
                    self._complete = True
            except Exception as error:  # noqa: BLE001 -- the caller's source may raise anything
                self._fail(error)

    async def _hand_out(self, chunks: list[Chunk], into: MemoryObjectSendStream[Chunk]) -> None:
        for chunk in chunks:
            # At once to a worker that waits, so that one turn of the event loop serves them all: a
            # turn for each chunk doubled the CPU of a chunk.
            try:
                into.send_nowait(chunk)
            except anyio.WouldBlock:
                await into.send(chunk)
        if not chunks:  # a source that is all invalid must not keep the loop to itself
            await anyio.lowlevel.checkpoint()

    async def _work(self, chunks: MemoryObjectReceiveStream[Chunk]) -> None:
        async with chunks:
            async for chunk in chunks:
                await self._until_may_begin()
                await self._deliver(chunk)

    async def _until_may_begin(self) -> None:
        while not self.stopping() and not self._breaker.may_begin(under_way=len(self._guards)):
            await self._change()

    async def _deliver(self, chunk: Chunk) -> None:
        if self.stopping():
            return  # not begun: what is read and has no label is not sent
        try:
            window = self._settings.window(len(chunk.encoded))
        except ConfigurationError as error:
            self._fail(error)
            return
        guard = ChunkGuard(
            chunk,
            journal=self._journal,
            clock=self._clock,
            window=window,
            overseer=self,
            refusals_are_clean=self._settings.refusals_are_clean,
        )
        self._guards[chunk.path] = guard
        await self._attend(chunk, guard)
        guard.expire()
        await self._settle(guard)

    async def _attend(self, chunk: Chunk, guard: ChunkGuard) -> None:
        with anyio.CancelScope() as scope:
            self._attended[chunk.path] = scope
            try:
                await self._send(chunk, guard)
            except PushwooshError as error:
                self._judge(error)
            except Exception as error:  # noqa: BLE001 -- a hook or token callable may raise anything
                self._fail(error)
            finally:
                del self._attended[chunk.path]

    async def _settle(self, guard: ChunkGuard) -> None:
        guard.close("it was left without an answer")
        del self._guards[guard.chunk.path]
        outcome = self._books.enter(guard)
        self._notify()
        if outcome.outcome == "rejected" and self._settings.on_rejected == "stop":
            self._stop_for(f"a chunk was rejected: {outcome.reason}")
        if self.emit is not None:
            await self.emit(outcome)

    async def _close_books(self) -> None:
        """Wait, for a bounded time, for answers under way; then label what is left, without awaiting."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(DRAIN_TIMEOUT):
                while any(g.life.state is State.IN_FLIGHT for g in self._guards.values()):
                    await self._change()
        for guard in self._guards.values():
            guard.close("the run ended before its answer came")
            self._books.enter(guard)
        self._guards.clear()
        self._seconds = self._clock.monotonic() - self._started

    # -- what ends it ---------------------------------------------------------------------------

    def stop(self, reason: str) -> None:
        """Begin nothing new; what is in flight goes on, doubts to their gate. The first reason counts."""
        if not self._stopped and not self.finished:
            self._stopped = reason
            self._intake_scope.cancel()
            for path, scope in self._attended.items():
                if self._guards[path].waiting:  # no backoff or hold outlives the run's end
                    scope.cancel()
            self._notify()

    def stopping(self) -> bool:
        """Whether nothing new may begin."""
        return bool(self._stopped)

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        ours = isinstance(error, PushwooshError)
        self.stop(str(error) if ours else f"{type(error).__name__} was raised")

    def _stop_for(self, reason: str, error: PushwooshError | None = None) -> None:
        if self._error is None and not self._stopped:
            self._error = _Stop(reason, error)
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

    def heard(self, event: Event, life: Life) -> None:
        """Learn from every attempt of every chunk."""
        self._books.heard(event, life)
        if event is Event.DOUBT:
            self._breaker.doubted()
        elif event not in {Event.INTENT, Event.UNSENT, Event.EXPIRED}:
            self._breaker.answered()
        limit = self._settings.concurrency
        if not self._complete and self._books.refused_from_the_start(limit):
            self._stop_for(f"nothing was accepted and everything refused: {life.reason}")
        self._notify()

    def _notify(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def _change(self) -> None:
        """Wait until something is heard."""
        if self._changed is None:
            self._changed = anyio.Event()
        await self._changed.wait()

    # -- what it says ---------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether the run has ended and its books are closed."""
        return self._seconds is not None

    @property
    def seconds(self) -> float:
        """Seconds since it began, or that it took."""
        return self._clock.monotonic() - self._started if self._seconds is None else self._seconds

    def progress(self) -> Progress:
        """Return how far it has come."""
        return self._books.progress(self._guards.values(), self.seconds)

    def report(self) -> SendReport:
        """Return what became of whom."""
        report = self._books.report(
            self.progress(), complete=self._complete, read=self._intake.read, stopped=self._stopped
        )
        harmless = self._complete and not report.not_sent and self._error is None
        if harmless and self._stopped != _CANCELLED:  # it was asked to stop when all had begun
            return evolve(report, stopped="")
        return report

    def failure(self) -> BaseException | None:
        """Return what the caller shall be told by an exception, if anything: made anew, with the report."""
        error = self._error
        if isinstance(error, _Stop):
            stopped = RunStoppedError(f"the run was stopped: {error.reason}", report=self.report())
            stopped.__cause__ = error.cause
            return stopped
        if isinstance(error, PushwooshError):
            error.report = self.report()
        elif error is not None:
            error.add_note(f"fan_out was ended by this: {self.report()}")
        return error


class _Stop(Exception):  # noqa: N818 -- an end, kept until the report is complete
    def __init__(self, reason: str, cause: PushwooshError | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause
