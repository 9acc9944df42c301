"""What was written down so far, and does what happens agree with it? Held against each other at each step.

The rules of a pack (delivery.md 2.4, 2.5) are judged here by what a journal is told and what leaves.
"""

from collections.abc import Callable, Iterable, Sequence

from attrs import evolve

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.state import REPLACED, SETTLED, State, replay
from simulation.witness import Witness

FINAL = SETTLED | REPLACED
_OPEN = frozenset({State.IN_FLIGHT, State.IN_DOUBT})


class Minutes:
    """What one process knows of its chunks, going by the records that it made.

    Attributes:
        latest: the last record of each transactionId.
        closed: the run is over.
    """

    def __init__(
        self,
        rows: Iterable[Record],
        *,
        packing: Packing,
        bound: Callable[[int], float],
        workers: int,
        witness: Witness,
    ) -> None:
        # As a new process understands them: an intent without an outcome is a doubt.
        self.latest = {row.transaction_id: evolve(row, life=replay(row.life)) for row in rows}
        self.closed = False
        self._packs = self._inherited_packs()
        self._packing = packing
        self._bound = bound
        self._workers = workers
        self._witness = witness
        self._proven = False
        self._under_way: set[str] = set()
        self._apart: set[str] = set()
        self._doubts_in_a_row = 0

    def _inherited_packs(self) -> dict[str, set[str]]:
        """Return the doubts of earlier processes that went out together: to be repeated so."""
        packs: dict[str, set[str]] = {}
        for tid, record in self.latest.items():
            if record.life.state is State.IN_DOUBT and record.pack:
                packs.setdefault(record.pack, set()).add(tid)
        return packs

    # -- what is written down -------------------------------------------------------------------

    def intend(self, records: Sequence[Record]) -> None:
        """Take the intents of one request."""
        first = records[0].path if len(records) > 1 else ""
        for record in records:
            self._compare(record)
            if record.pack != first:
                self._witness.never(f"{record.path} is said to be in pack {record.pack}: {first}")
        self._take(records)

    def note(self, records: Sequence[Record]) -> None:
        """Take what became of something."""
        doubts = {each.transaction_id for each in records if each.life.state is State.IN_DOUBT}
        if len(doubts) > 1:
            self._apart |= doubts
        self._take(records)
        self._count_doubts(records)

    def _take(self, records: Sequence[Record]) -> None:
        for record in records:
            self.latest[record.transaction_id] = record
            self._tell(record)
            if record.life.state in FINAL:
                self._under_way.discard(record.transaction_id)
                self._apart.discard(record.transaction_id)

    def _tell(self, record: Record) -> None:
        state, reason = record.life.state, record.life.reason
        name = f"{record.path} {record.transaction_id[:8]}"
        self._witness.note(f"journal: {name} {state.value} {reason}")
        if record.life.inherited:
            self._witness.excuse(record.transaction_id)
        if state in FINAL:
            self._witness.happened(f"a chunk was {state.value}", record.path)
        if "unsplit" in reason:
            self._witness.happened("a budget of halves was used up")
        if state is State.EXPIRED and "rejected_in_pack" in reason:
            self._witness.happened("a chunk was refused when alone, after its pack")
        if state is State.ACCEPTED and record.pack:
            self._witness.happened("a chunk of a pack was accepted")

    def _count_doubts(self, records: Sequence[Record]) -> None:
        state = records[0].life.state
        if state is State.ACCEPTED:
            self._proven = True
        if state is State.IN_DOUBT:
            self._proven = False
            self._doubts_in_a_row += 1
            if self._doubts_in_a_row == self._workers:
                self._witness.happened("the breaker opened")
        elif state in {State.ACCEPTED, State.REJECTED, State.SPLIT}:
            self._doubts_in_a_row = 0

    def _compare(self, record: Record) -> None:
        """Hold an intent against the one before: the t0 of a doubt never changes."""
        before = self.latest.get(record.transaction_id)
        if before is None:
            return
        if before.life.in_doubt:
            self._witness.never(f"{record.path} was in doubt, and its t0 was renewed")
        elif before.life.state is State.IN_FLIGHT:
            self._witness.happened("a window was renewed after a 429")

    # -- what shall leave -----------------------------------------------------------------------

    def begin(self, chunks: Sequence[Chunk]) -> None:
        """See a request begin, which will be repeated as it is or taken apart."""
        tids = [chunk.transaction_id for chunk in chunks]
        doubts = [tid for tid in tids if tid in self.latest and self.latest[tid].life.in_doubt]
        self._witness.note(f"begins: {' '.join(chunk.path for chunk in chunks)}")
        if not doubts:
            self._begin_new(tids, sum(chunk.size for chunk in chunks))
        elif len(doubts) == len(tids):
            self._begin_again(set(tids))
        else:
            self._witness.never(f"{doubts} are repeated together with others: {tids}")
        self._under_way.update(tids)

    def _begin_new(self, tids: Sequence[str], size: int) -> None:
        if self._apart:
            self._witness.never(f"{tids} began while {self._apart} were being taken apart")
        if len(tids) > 1:
            self._witness.happened("a pack was sent")
            if not self._proven:
                self._witness.never(
                    f"{tids} began together, and nothing was accepted since a doubt"
                )
        if self._packing.most > 1:
            self._check_bound(len(self._under_way.union(tids)), max(self._bound(size), 1.0))
        if len(tids) > self._packing.most:
            self._witness.never(
                f"{len(tids)} notifications in a request, more than {self._packing}"
            )

    def _check_bound(self, under_way: int, bound: float) -> None:
        if under_way > bound:
            self._witness.never(f"{under_way} are under way, and {bound} fit the window")
        if under_way + 1 > bound:
            self._witness.happened("as many were under way as fit the window")

    def _begin_again(self, tids: set[str]) -> None:
        if len({self.latest[tid].pack or tid for tid in tids}) > 1:
            self._witness.never(f"{tids} were never in one request, and are repeated in one")
        for name, pack in list(self._packs.items()):
            if pack.isdisjoint(tids):
                continue
            del self._packs[name]
            left = {tid for tid in pack if self.latest[tid].life.state not in FINAL}
            if tids != left:
                self._witness.never(f"of pack {name} {tids} are repeated, and {left} are in doubt")
            sent = {tid for tid, each in self.latest.items() if each.pack == name}
            whole = "whole" if tids == sent else "as far as in doubt"
            self._witness.happened(f"a pack of another process was repeated {whole}")
            if len(tids) > self._packing.most:
                self._witness.happened("a pack was repeated that is larger than new ones")
            if left != pack:
                self._witness.happened("a pack was repeated without its expired ones")
        if tids & self._apart:
            self._witness.happened("a pack was taken apart")

    # -- what has arrived -----------------------------------------------------------------------

    def arrived(
        self, tids: Sequence[str], size: int, durable: Callable[[str], Record | None] | None
    ) -> None:
        """Hold a request of so many bytes that the server has just received against what is known."""
        records = [self.latest[tid] for tid in tids if tid in self.latest]
        if len(records) < len(tids):
            self._witness.never(f"{tids} arrived, and the journal has never heard of one of them")
        fresh = not any(record.life.in_doubt for record in records)
        if fresh and len(tids) > 1 and size > self._packing.max_bytes:
            self._witness.never(f"{size} bytes arrived together, more than {self._packing}")
        for record in records:
            self._check_arrival(record, durable)
        if self.closed:
            self._witness.never(f"{tids} arrived when its run was over")

    def _check_arrival(
        self, record: Record, durable: Callable[[str], Record | None] | None
    ) -> None:
        if record.life.state in FINAL:
            self._witness.never(f"{record.path} arrived when it was {record.life.state.value}")
        if durable is None:
            return
        kept = durable(record.path)
        if kept is None or kept.life.state not in _OPEN:
            self._witness.never(f"{record.path} arrived before its intent was durable")
