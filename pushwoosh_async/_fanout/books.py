"""What a run has learnt so far, and what it says of itself: counts, progress, report."""

from collections.abc import Iterable

from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.report import (
    ChunkOutcome,
    Progress,
    SendReport,
    Tally,
    chunk_outcome,
)
from pushwoosh_async._fanout.state import Event, Life, State


class Books:
    """Counts attempts as they are heard of, and chunks as they end."""

    def __init__(self, planner: Planner, total: int | None) -> None:
        self._planner = planner
        self._total = total
        self._tally = Tally()
        self._requests = 0
        self._retries = 0
        self._ever_accepted = False
        self._refusals_in_a_row = 0
        self._last_failure = ""

    def heard(self, event: Event, life: Life) -> None:
        """Count an attempt that began, or what became of it."""
        if event is Event.INTENT:
            self._requests += 1
            self._retries += life.attempts > 1
        elif event is Event.ACCEPTED:
            self._ever_accepted = True
        elif event is not Event.EXPIRED:
            self._last_failure = life.reason
            clean = life.state is State.REJECTED
            self._refusals_in_a_row = self._refusals_in_a_row + 1 if clean else 0

    def refused_from_the_start(self, limit: int) -> bool:
        """Tell whether nothing was ever accepted and the last `limit` answers were clean refusals."""
        return not self._ever_accepted and self._refusals_in_a_row >= limit

    def enter(self, guard: ChunkGuard) -> ChunkOutcome:
        """Enter a chunk whose life is over; return its label."""
        outcome = chunk_outcome(guard.chunk, guard.life, guard.unknown)
        self._tally.add(outcome, was_in_doubt=guard.in_doubt)
        return outcome

    def progress(self, open_guards: Iterable[ChunkGuard], seconds: float) -> Progress:
        """Return how far the run has come."""
        counts = self._tally.counts
        open_doubts = sum(len(guard.chunk.ids) for guard in open_guards if guard.in_doubt)
        return Progress(
            accepted=counts["accepted"],
            rejected=counts["rejected"],
            in_doubt=counts["in_doubt"] + open_doubts,
            taken=self._planner.taken,
            total=self._total,
            invalid=self._planner.invalid,
            duplicates=self._planner.duplicates,
            requests=self._requests,
            retries=self._retries,
            seconds=seconds,
            last_failure=self._last_failure,
        )

    def report(self, progress: Progress, *, complete: bool, read: int, stopped: str) -> SendReport:
        """Return what became of whom.

        What was not begun is not sent: the rest of what was read, and of a source that says how much
        it holds.

        Args:
            progress: as it stands.
            complete: the source was read to its end.
            read: ids that came out of the source.
            stopped: why the run ended early; empty if it did not.
        """
        tally = self._tally
        end = progress.taken if complete else max(progress.taken, read, progress.total or 0)
        labelled = progress.accepted + progress.rejected + progress.in_doubt
        not_sent = self._planner.kept - labelled + end - progress.taken
        return SendReport(
            accepted=progress.accepted,
            rejected=progress.rejected,
            in_doubt=progress.in_doubt,
            not_sent=not_sent,
            not_sent_ranges=tally.gaps(end) if not_sent else (),
            invalid=progress.invalid,
            duplicates=progress.duplicates,
            input_complete=complete or progress.total is not None,
            accepted_on_repeat=tally.accepted_on_repeat,
            unknown_devices=tally.unknown_devices,
            requests=progress.requests,
            retries=progress.retries,
            seconds=progress.seconds,
            stopped=stopped,
            rejected_chunks=tuple(tally.kept["rejected"]),
            in_doubt_chunks=tuple(tally.kept["in_doubt"]),
        )
