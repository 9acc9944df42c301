"""One process at work on a run, a step at a time: what runner and session decide between two steps.

Planner, takeover, guards, books and bisection are the real ones. What is written here once more is only
the order in which `_fanout.runner.Runner` asks them.
"""

import uuid
from contextlib import suppress

from attrs import define, evolve, field, frozen
from fanout_world import FACTS
from memory_journal import Disk

from model.attempt import Attempt, Outcome, body_of, run_now
from model.model_clock import ModelClock
from model.step_journal import StepJournal
from pushwoosh_async import JournalError, PushwooshError, RetryPolicy, SendReport
from pushwoosh_async._fanout.bisection import Bisection
from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.journal import Ending, RunFacts
from pushwoosh_async._fanout.plan import Chunk, Planner
from pushwoosh_async._fanout.resume import Again, Work
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._fanout.takeover import Takeover
from pushwoosh_async._transport.retry import asked_delay, is_repeatable
from pushwoosh_async._window import Window
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import AuthenticationError, TransportError

_TIMEOUT = 30.0


@frozen(kw_only=True)
class Start:
    """How a process is started.

    Attributes:
        source: the recipients.
        chunk_size: of them in a chunk.
        bisect_requests: halves at most; 0 for no bisecting.
        again: what is sent once more.
        run_id: drawn for this process; counts where the journal is new.
    """

    source: tuple[str, ...]
    chunk_size: int
    bisect_requests: int
    again: Again
    run_id: uuid.UUID


@define(eq=False)
class Parcel:
    """A chunk that was begun and is not settled.

    Attributes:
        guard: its guard.
        attempt: the one under way.
    """

    guard: ChunkGuard
    attempt: Attempt | None = field(default=None)


def window_of(size: int) -> Window:
    """Return the window of a request, as a client with default options has it."""
    return RetryPolicy().window_for(_TIMEOUT, size)


class Process:
    """A run in progress. Also the overseer of its guards.

    Attributes:
        works: handed out by the takeover, not begun.
        parcels: begun, by path.
        journal: its side of the disk.
        stopped: nothing new begins.
        cancelled: nothing at all begins.
        taken_in: the source was read to its end.
        left: whether the journal had left anything to do.
    """

    def __init__(self, disk: Disk, clock: ModelClock, start: Start) -> None:
        self.works: list[Work] = []
        self.parcels: dict[str, Parcel] = {}
        self.journal = StepJournal(disk)
        self.stopped = False
        self.cancelled = False
        self.taken_in = False
        self._start = start
        self._clock = clock
        self._read = 0
        identity = RunIdentity(start.run_id, FACTS.base_url, "A", FACTS.kind, "00")
        self._planner = Planner(
            identity, "users", chunk_size=start.chunk_size, invalid="raise", dedupe=False
        )
        self._books = Books(self._planner, len(start.source))
        self._bisection = Bisection(self._planner, start.bisect_requests)
        self._takeover = Takeover(
            self.journal,
            facts=self._facts,
            again=start.again,
            planner=self._planner,
            books=self._books,
            clock=clock,
            window=window_of,
            store_ids=False,
        )
        self.left = run_now(self._takeover.begin())
        self._bisection.spent = self._takeover.halves
        self.taken_in = not self.left

    async def _facts(self) -> RunFacts:
        return evolve(
            FACTS,
            run_id=str(self._start.run_id),
            chunk_size=self._start.chunk_size,
            total=len(self._start.source),
            created=self._clock.stamp(),
        )

    # -- what its guards ask and tell -----------------------------------------------------------

    def stopping(self) -> bool:
        """See `Overseer`."""
        return self.stopped

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """See `Overseer`."""
        self._books.heard(event, life)

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """See `Overseer`."""
        return self._bisection.halve(chunk)

    # -- from the source to an attempt ----------------------------------------------------------

    def read(self, size: int) -> None:
        """Pull a page; what was cut is compared, and what is due handed out."""
        page = self._start.source[self._read : self._read + size]
        self._read += len(page)
        if page:
            self.works += run_now(self._takeover.due(self._planner.feed(page)))
            return
        self.works += run_now(self._takeover.due(self._planner.finish()))
        self.works += self._takeover.finish()
        self.taken_in = True

    def take(self, index: int) -> None:
        """A worker takes a chunk."""
        work = self.works.pop(index)
        guard = ChunkGuard(
            work.chunk,
            journal=self.journal,
            clock=self._clock,
            window=window_of(len(work.chunk.encoded)),
            overseer=self,
            life=work.life,
            refusals_are_clean=self._takeover.refusals_are_clean,
        )
        self._books.take_up(work.chunk.path)
        self.parcels[work.chunk.path] = Parcel(guard)

    def begin(self, parcel: Parcel) -> None:
        """Begin an attempt, up to its intent."""
        parcel.attempt = Attempt(parcel.guard, body_of(parcel.guard))
        self._go_on(parcel, parcel.attempt)

    def commit(self, most: int | None) -> None:
        """Write down what is pending, or its beginning; wake who waited for it."""
        with suppress(JournalError):  # who waits is told
            self.journal.flush(most)
        for parcel in list(self.parcels.values()):
            if parcel.attempt is not None and parcel.attempt.stage == "intending":
                self._go_on(parcel, parcel.attempt)

    def _go_on(self, parcel: Parcel, attempt: Attempt) -> None:
        try:
            attempt.go_on()
        except PushwooshError as error:
            parcel.guard.record(TransportError("not begun", delivery="not_sent"))
            self._give_up(parcel, error)

    # -- from an outcome to the books -----------------------------------------------------------

    def conclude(self, parcel: Parcel, outcome: Outcome, backoff: float) -> None:
        """An attempt is over: wait for the next one, or leave it at that."""
        parcel.attempt = None
        if not isinstance(outcome, PushwooshError):
            self._settle(parcel)
        elif not (
            is_repeatable(outcome, doubts_too=True)
            and parcel.guard.may_repeat(max(backoff, asked_delay(outcome)))
        ):
            self._give_up(parcel, outcome)

    def _give_up(self, parcel: Parcel, error: PushwooshError) -> None:
        parcel.attempt = None
        permanent = isinstance(error, TransportError) and error.permanent
        if permanent or isinstance(error, (AuthenticationError, JournalError)):
            self.stop()
        self._settle(parcel)

    def _settle(self, parcel: Parcel) -> None:
        guard = parcel.guard
        if guard.chunk.path not in self.parcels:
            return  # it waited when the run was stopped
        guard.expire()
        guard.close("it was left without an answer")
        del self.parcels[guard.chunk.path]
        if guard.life.state is not State.SPLIT:
            self._books.enter(guard)
        elif not self.stopped:
            self.works[:0] = map(Work, guard.halves)

    # -- the end --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Begin nothing new; what waits and is not in doubt is given up."""
        self.stopped = True
        for parcel in list(self.parcels.values()):
            if parcel.attempt is None and parcel.guard.waiting:
                self._settle(parcel)

    def cancel(self) -> None:
        """The caller is gone: revoke what was not handed over."""
        self.stopped = self.cancelled = True
        for parcel in self.parcels.values():
            if parcel.attempt is not None:
                parcel.attempt.cancel()

    @property
    def may_end(self) -> bool:
        """Whether nothing keeps the run from closing its books."""
        idle = not self.parcels and (self.stopped or (self.taken_in and not self.works))
        return self.cancelled or idle

    def end(self) -> tuple[SendReport, bool]:
        """Close the books; return the report, and whether the journal took all of it."""
        for parcel in self.parcels.values():
            parcel.guard.close("the run ended before its answer came")
            if parcel.guard.life.state is not State.SPLIT:
                self._books.enter(parcel.guard)
        self._books.settle_left()
        report = self._report()
        return report, self._close_journal(report)

    def _close_journal(self, report: SendReport) -> bool:
        run_now(self._takeover.aclose())
        ending = Ending(
            complete=self.taken_in and not report.not_sent,
            taken=max(self._planner.taken, report.total),
            invalid=report.invalid,
            duplicates=report.duplicates,
            input_complete=report.input_complete,
            stopped=report.stopped,
            seconds=0.0,
            ended=self._clock.stamp().wall,
        )
        try:
            run_now(self.journal.close(ending))
        except JournalError:
            return False
        return True

    def _report(self) -> SendReport:
        progress = self._books.progress((), 0.0)
        stopped = "stopped" if self.stopped else ""
        return self._books.report(
            progress, complete=self.taken_in, read=self._read, stopped=stopped
        )

    def die(self, keep: int) -> None:
        """Lose power. Of what is pending, so many transactions are durable."""
        self.journal.lose_power(keep)
        run_now(self._takeover.aclose())
