"""What does a run say of itself? Who is under way, what is settled, why it ends, and the sum of it all."""

from collections.abc import Callable

from attrs import evolve

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.chronicle import Chronicle
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.journal import Ending, Journal, NoJournal
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.state import Event, Life
from pushwoosh_async.errors import PushwooshError, RunStoppedError

CANCELLED = "cancelled"


class Account:
    """Everything that is known of a run while it goes on and afterwards.

    Attributes:
        books: what was learnt of chunks.
        complete: the source was read to its end.
        stopped: why nothing new begins; empty while it does.
        error: what the caller shall be told by an exception.
    """

    def __init__(
        self,
        *,
        planner: AnyPlanner,
        intake: Intake,
        journal: Journal,
        clock: Clock,
        held: Callable[[float], float],
        guards: dict[str, ChunkGuard],
    ) -> None:
        self.books = Books(planner.sieve, intake.total)
        self._guards = guards  # of the chunks under way, by path
        self.complete = False
        forgets = isinstance(journal, NoJournal)
        self.books.known = forgets
        self.stopped = ""
        self.error: Exception | None = None
        self._sieve = planner.sieve
        self._intake = intake
        self._clock = clock
        self._held = held
        self._chronicle = None if forgets else Chronicle(journal, clock, self.progress)
        self._started = clock.monotonic()
        self._seconds: float | None = None

    # -- it is told -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the time."""
        self._started = self._clock.monotonic()

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Take down what happened to a chunk."""
        self.books.heard(event, life)
        if self._chronicle is not None:
            self._chronicle.heard(event, life, seconds)

    def enter(self, guard: ChunkGuard) -> ChunkOutcome:
        """Enter a chunk whose life is over."""
        outcome = self.books.enter(guard)
        if self._chronicle is not None:
            self._chronicle.settled(outcome)
        return outcome

    def end(self) -> None:
        """Stop the time; whoever is still under way, or was never taken up, is labelled already."""
        self._guards.clear()
        self.books.settle_left()
        self._seconds = self._clock.monotonic() - self._started
        if self._chronicle is not None:
            self._chronicle.show()

    def stop_for(self, reason: str, cause: PushwooshError | None) -> None:
        """Note what the caller shall be told, where nothing else was noted before."""
        if self.error is None and not self.stopped:
            self.error = _Stop(reason, cause)

    def lose_journal(self, error: Exception) -> None:
        """Note that not all could be written down: that comes before a stop, not before another error."""
        if self.error is None or isinstance(self.error, _Stop):
            self.error = error
        self.stopped = self.stopped or str(error)

    # -- it says --------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether the run has ended and its books are closed."""
        return self._seconds is not None

    @property
    def seconds(self) -> float:
        """Seconds since it began, or that it took."""
        return self._clock.monotonic() - self._started if self._seconds is None else self._seconds

    def progress(self, *, paused: bool = False) -> Progress:
        """Return how far it has come."""
        progress = self.books.progress(self._guards.values(), self.seconds)
        return evolve(progress, held=self._held(self._clock.monotonic()), paused=paused)

    def report(self) -> SendReport:
        """Return what became of whom."""
        report = self.books.report(
            self.progress(), complete=self.complete, read=self._intake.read, stopped=self.stopped
        )
        harmless = self.complete and not report.not_sent and self.error is None
        if harmless and self.stopped != CANCELLED:  # it was asked to stop when all had begun
            return evolve(report, stopped="")
        return report

    def ending(self) -> Ending:
        """Return what the journal keeps of this session and those before it."""
        report = self.report()
        return Ending(
            complete=self.complete and not report.not_sent,
            taken=max(self._sieve.taken, report.total),
            invalid=report.invalid,
            duplicates=report.duplicates,
            input_complete=report.input_complete,
            stopped=report.stopped,
            seconds=report.seconds,
            ended=self._clock.stamp().wall,
            requests=report.requests,
            retries=report.retries,
        )

    def failure(self) -> Exception | None:
        """Return what the caller shall be told by an exception, if anything: made anew, with the report."""
        error = self.error
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
