"""What a run has learnt so far, and what it says of itself: counts, progress, report."""

from collections.abc import Iterable

from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.journal import Ending, Record
from pushwoosh_async._fanout.report import (
    ChunkOutcome,
    Progress,
    SendReport,
    Tally,
    chunk_outcome,
)
from pushwoosh_async._fanout.sieve import Sieve
from pushwoosh_async._fanout.state import REPLACED, SETTLED, Event, Life, State


class Books:
    """Counts attempts as they are heard of, and chunks as they end.

    Attributes:
        known: whether it is known what earlier sessions did, or that there were none. Before that nobody
            can be called not sent.
        seconds_before: that earlier sessions were at work.
    """

    def __init__(self, sieve: Sieve, total: int | None) -> None:
        self.known = True
        self.seconds_before = 0.0
        self._sieve = sieve
        self._total = total
        self._tally = Tally()
        self._requests = 0
        self._retries = 0
        self._limited = 0
        self._ever_accepted = False
        self._refusals_in_a_row = 0
        self._last_failure = ""
        # What earlier sessions left: labels that stand until this one takes the chunk up again.
        self._left: dict[str, tuple[ChunkOutcome, bool]] = {}
        self._resumed = 0
        self._extent = 0
        self._invalid = 0
        self._duplicates = 0

    # -- what earlier sessions knew ---------------------------------------------------------------

    def restore(self, record: Record, life: Life, *, open_again: bool) -> None:
        """Enter what a journal knows of a chunk.

        Args:
            record: its last record.
            life: as it is after `replay`.
            open_again: this session will take it up again, though it is settled.
        """
        if record.pack in {
            "",
            record.path,
        }:  # a request counts once, with the first that it carried
            self._requests += life.attempts
            self._retries += max(life.attempts - 1, 0)
        self._extent = max(self._extent, record.stop)
        self._invalid += record.invalid
        self._duplicates += record.duplicates
        if life.state in REPLACED:
            return
        outcome = _outcome_of(record, life)
        if life.state in SETTLED and not open_again:
            self._tally.add(outcome, was_in_doubt=life.in_doubt, unknown=record.unknown)
            if life.state is State.ACCEPTED:
                self._ever_accepted = True
                self._resumed += record.recipients
        elif outcome.outcome != "not_sent":
            self._left[record.path] = (outcome, life.in_doubt)

    def restore_requests(self, ending: Ending) -> None:
        """Enter how many requests there were before an ending. What records tell is less: of a pack that
        was taken apart they know the first of it only.
        """  # noqa: D205 -- the reason belongs to the rule
        self._requests = max(self._requests, ending.requests)
        self._retries = max(self._retries, ending.retries)

    def restore_ending(self, ending: Ending) -> None:
        """Enter how an earlier session ended, whose input was read to its end."""
        self._extent = max(self._extent, ending.taken)
        self._invalid = max(self._invalid, ending.invalid)
        self._duplicates = max(self._duplicates, ending.duplicates)

    def leave(self, path: str, outcome: ChunkOutcome, *, was_in_doubt: bool) -> None:
        """Enter a label that stands until the chunk is taken up."""
        self._left[path] = (outcome, was_in_doubt)

    def take_up(self, path: str) -> None:
        """Drop the label of a chunk: from now on its guard, or its successor, speaks for it."""
        self._left.pop(path, None)

    def settle_left(self) -> None:
        """Enter what was never taken up."""
        for outcome, was_in_doubt in self._left.values():
            self._tally.add(outcome, was_in_doubt=was_in_doubt, unknown=0)
        self._left.clear()

    # -- what this session learns -----------------------------------------------------------------

    def heard(self, event: Event, life: Life) -> None:
        """Count an attempt that began, or what became of it."""
        if event is Event.INTENT:
            self._requests += 1
            self._retries += life.attempts > 1
        elif event is Event.ACCEPTED:
            self._ever_accepted = True
        elif event is not Event.EXPIRED:
            self._limited += event is Event.LIMITED
            self._last_failure = life.reason
            clean = life.state in {State.REJECTED, State.SPLIT}
            self._refusals_in_a_row = self._refusals_in_a_row + 1 if clean else 0

    def refused_from_the_start(self, limit: int) -> bool:
        """Tell whether nothing was ever accepted and the last `limit` answers were clean refusals."""
        return not self._ever_accepted and self._refusals_in_a_row >= limit

    def enter(self, guard: ChunkGuard) -> ChunkOutcome:
        """Enter a chunk whose life is over; return its label."""
        outcome = chunk_outcome(guard.chunk, guard.life, guard.unknown)
        self._tally.add(outcome, was_in_doubt=guard.in_doubt, unknown=len(guard.unknown))
        return outcome

    # -- what is said -----------------------------------------------------------------------------

    def progress(self, open_guards: Iterable[ChunkGuard], seconds: float) -> Progress:
        """Return how far the run has come."""
        counts = dict(self._tally.counts)
        for outcome, _ in self._left.values():
            counts[outcome.outcome] += outcome.recipients
        open_doubts = sum(
            guard.chunk.count
            for guard in open_guards
            if (guard.in_doubt or guard.life.inherited) and guard.life.state is not State.ACCEPTED
        )
        return Progress(
            accepted=counts["accepted"],
            rejected=counts["rejected"],
            in_doubt=counts["in_doubt"] + open_doubts,
            taken=self._sieve.taken,
            total=self._total,
            invalid=max(self._sieve.invalid, self._invalid),
            duplicates=max(self._sieve.duplicates, self._duplicates),
            requests=self._requests,
            retries=self._retries,
            seconds=seconds,
            last_failure=self._last_failure,
            limited=self._limited,
            resumed=self._resumed,
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
        end = progress.taken
        if not (complete and end):  # a finished run is not read again, nor one that was interrupted
            end = max(end, self._extent)
        if not complete:
            end = max(end, read, progress.total or 0)
        labelled = progress.accepted + progress.rejected + progress.in_doubt
        not_sent = end - progress.invalid - progress.duplicates - labelled
        unknown, not_sent = (0, not_sent) if self.known else (not_sent, 0)
        return SendReport(
            accepted=progress.accepted,
            rejected=progress.rejected,
            in_doubt=progress.in_doubt + unknown,
            not_sent=not_sent,
            not_sent_ranges=tally.gaps(end) if not_sent else (),
            invalid=progress.invalid,
            duplicates=progress.duplicates,
            input_complete=complete or progress.total is not None,
            accepted_on_repeat=tally.accepted_on_repeat,
            unknown_devices=tally.unknown_devices,
            requests=progress.requests,
            retries=progress.retries,
            seconds=self.seconds_before + progress.seconds,
            stopped=stopped,
            rejected_chunks=tuple(tally.kept["rejected"]),
            in_doubt_chunks=tuple(tally.kept["in_doubt"]),
        )


def _outcome_of(record: Record, life: Life) -> ChunkOutcome:
    return ChunkOutcome(
        outcome=life.label,
        recipients=record.recipients,
        start=record.start,
        stop=record.stop,
        transaction_id=record.transaction_id,
        message_code=life.message_code,
        unknown_devices=(),
        attempts=life.attempts,
        reason=life.reason,
    )
