"""What became of whom: one chunk's outcome, a run's progress, its report. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import get_args

from attrs import evolve, field, frozen

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.state import Label, Life


@frozen(kw_only=True)
class ChunkOutcome:
    """What became of one chunk.

    Attributes:
        outcome: ``"accepted"``, ``"rejected"``, ``"in_doubt"`` or ``"not_sent"``.
        recipients: how many ids it had.
        ids: whom it was for. Empty in a report, which keeps ranges only, and in a run that nobody began
            to iterate over while 64 outcomes came.
        start: input position of its first id, from 0.
        stop: input position after its last.
        transaction_id: under which it was sent.
        message_code: as the API named it; None where it named none.
        unknown_devices: those of its ids that the application does not know.
        attempts: how many were made.
        reason: why it was not accepted; empty when accepted.
    """

    outcome: Label
    recipients: int
    ids: Sequence[str] = field(default=(), repr=False)
    start: int
    stop: int
    transaction_id: str
    message_code: str | None = None
    unknown_devices: tuple[str, ...] = field(default=(), repr=lambda ids: f"<{len(ids)} ids>")
    attempts: int
    reason: str = ""


def chunk_outcome(chunk: Chunk, life: Life, unknown: tuple[str, ...]) -> ChunkOutcome:
    """Label a chunk whose life is over, or is taken to be. Its ids are named to whoever watches only."""
    return ChunkOutcome(
        outcome=life.label,
        recipients=chunk.count,
        start=chunk.start,
        stop=chunk.stop,
        transaction_id=chunk.transaction_id,
        message_code=life.message_code,
        unknown_devices=unknown,
        attempts=life.attempts,
        reason=life.reason,
    )


@frozen(kw_only=True)
class Progress:
    """How far a run has come, in recipients where nothing else is said.

    Attributes:
        accepted: the API accepted them.
        rejected: the API refused them.
        in_doubt: they may have been sent to; some may still become accepted.
        taken: ids read from the source so far.
        total: ids in the source, where it has a length; else None.
        invalid: ids set aside because they break a rule.
        duplicates: ids set aside because they came before.
        requests: HTTP requests begun.
        retries: how many of them were repeats.
        seconds: since the run began; the earlier sessions of a resumed run are not counted.
        last_failure: the newest failed attempt, in words; empty if there was none.
        limited: answers that said 429, each of which holds every request of the client.
        held: seconds until the hold that stands now ends; 0 for none.
        paused: whether `pause` holds back new chunks.
        resumed: of the accepted, those of earlier sessions of a resumed run.
    """

    accepted: int
    rejected: int
    in_doubt: int
    taken: int
    total: int | None
    invalid: int
    duplicates: int
    requests: int
    retries: int
    seconds: float
    last_failure: str
    limited: int = 0
    held: float = 0.0
    paused: bool = False
    resumed: int = 0

    @property
    def rate(self) -> float:
        """Recipients accepted per second so far, not counting earlier sessions."""
        return (self.accepted - self.resumed) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the time left at this rate; None while it cannot be told."""
        if self.total is None or self.rate == 0:
            return None
        settled = self.accepted + self.rejected + self.invalid + self.duplicates
        return max(self.total - settled, 0) / self.rate


@frozen(kw_only=True)
class SendReport:
    """What became of every recipient of a run. The six counts add up to the input that was read.

    Attributes:
        accepted: the API accepted them.
        rejected: the API refused them: nobody of these got it.
        in_doubt: they may have got it.
        not_sent: they certainly did not get it.
        invalid: set aside because they break a rule for ids.
        duplicates: set aside because they came before (with `dedupe`).
        not_sent_ranges: where in the input they are: pairs of start and stop, from 0, what was set aside
            in between included. What was never read comes after the last. With `dedupe`, ids that were
            never reached may have come before: leave out whom an earlier position reached.
        input_complete: False where the run ended before its source did, and the source does not say
            how much more it holds: what was not read is then in no count.
        accepted_on_repeat: of the accepted, those that rest on the server's promise to accept a
            transactionId once (assumption A6).
        unknown_devices: ids of accepted chunks that the application does not know.
        requests: HTTP requests begun.
        retries: how many of them were repeats.
        seconds: the run's time; with a journal, that of all its sessions, to within a few seconds where
            one was killed.
        stopped: why it ended early; empty if it did not.
        rejected_chunks: each rejected chunk, by input range.
        in_doubt_chunks: each chunk in doubt, by input range, with its transactionId and reason. None of
            them where a session ended before it had read what earlier ones left in its journal: then
            everybody is in doubt, and the next session tells.
    """

    accepted: int = 0
    rejected: int = 0
    in_doubt: int = 0
    not_sent: int = 0
    invalid: int = 0
    duplicates: int = 0
    not_sent_ranges: tuple[tuple[int, int], ...] = ()
    input_complete: bool = True
    accepted_on_repeat: int = 0
    unknown_devices: int = 0
    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    stopped: str = ""
    rejected_chunks: tuple[ChunkOutcome, ...] = field(default=(), repr=False)
    in_doubt_chunks: tuple[ChunkOutcome, ...] = field(default=(), repr=False)

    @property
    def total(self) -> int:
        """All inputs: the sum of the six counts."""
        return (
            self.accepted
            + self.rejected
            + self.in_doubt
            + self.not_sent
            + self.invalid
            + self.duplicates
        )


class Tally:
    """Adds up outcomes as they come; keeps the chunks that a person may have to look at."""

    def __init__(self) -> None:
        # Ranges that were begun, merged: chunks end out of order, but never far apart.
        self._begun: list[tuple[int, int]] = []
        self.counts: dict[Label, int] = dict.fromkeys(get_args(Label), 0)
        self.accepted_on_repeat = 0
        self.unknown_devices = 0
        self.kept: dict[Label, list[ChunkOutcome]] = {"rejected": [], "in_doubt": []}

    def add(self, outcome: ChunkOutcome, *, was_in_doubt: bool, unknown: int) -> None:
        """Count one chunk, and how many of its ids the application does not know."""
        if outcome.outcome != "not_sent":
            self._merge(outcome.start, outcome.stop)
        self.counts[outcome.outcome] += outcome.recipients
        self.unknown_devices += unknown
        if outcome.outcome == "accepted" and was_in_doubt:
            self.accepted_on_repeat += outcome.recipients
        if outcome.outcome in self.kept:
            self.kept[outcome.outcome].append(evolve(outcome, ids=()))

    def _merge(self, start: int, stop: int) -> None:
        at = bisect_left(self._begun, (start, stop))
        if at < len(self._begun) and self._begun[at][0] == stop:
            stop = self._begun.pop(at)[1]
        if at > 0 and self._begun[at - 1][1] == start:
            at -= 1
            start = self._begun.pop(at)[0]
        self._begun.insert(at, (start, stop))

    def gaps(self, end: int) -> tuple[tuple[int, int], ...]:
        """Return the ranges below `end` in which nothing was begun."""
        edges = [0, *(edge for begun in self._begun for edge in begun), end]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return tuple((start, stop) for start, stop in pairs if start < stop)
