"""What does a process leave behind when it dies? A journal whose commits take time, and what it sees."""

import random
from collections.abc import Callable

from attrs import evolve
from memory_journal import Disk, MemoryJournal

from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import REPLACED, SETTLED, State, replay
from simulation.computer import Computer
from simulation.witness import Witness

_COMMIT_SECONDS = (0.0, 0.004, 0.03, 0.4)
_OUTCOMES_DURABLE = 1.0  # seconds, at the latest
FINAL = SETTLED | REPLACED


class SlowJournal(MemoryJournal):
    """A journal whose commits take time, and that holds each arrival against what it knows.

    Where it is lying, what it calls durable is so a second later.
    """

    def __init__(
        self,
        disk: Disk,
        *,
        computer: Computer,
        rng: random.Random,
        witness: Witness,
        step: Callable[[str], None],
        workers: int,
        lying: bool,
    ) -> None:
        super().__init__(disk)
        self._workers = workers
        self._lying = lying
        self._computer = computer
        self._rng = rng
        self._witness = witness
        self._step = step
        self._times: list[float] = []
        # As a new process understands them: an intent without an outcome is a doubt.
        self._latest = {
            row.transaction_id: evolve(row, life=replay(row.life)) for row in disk.rows.values()
        }
        self._doubts_in_a_row = 0

    async def intend(self, record: Record) -> None:
        """Write an intent, and all before it; others may come in between."""
        self._compare(record)
        self._take(record)
        self._step("intent handed over")
        await self._computer.sleep(self._rng.choice(_COMMIT_SECONDS))
        if not self._lying:
            self.flush()
        self._step("intent durable")

    def note(self, *records: Record) -> None:
        """Take a transaction."""
        self._take(*records)
        self._step("outcome handed over")

    def _take(self, *records: Record) -> None:
        self.pending.append(records)
        self._times.append(self._computer.true())
        for record in records:
            self._latest[record.transaction_id] = record
            self._tell(record)

    def _tell(self, record: Record) -> None:
        state = record.life.state
        name = f"{record.path} {record.transaction_id[:8]}"
        self._witness.note(f"journal: {name} {state.value} {record.life.reason}")
        if record.life.inherited:
            self._witness.excuse(record.transaction_id)
        if state in FINAL:
            self._witness.happened(f"a chunk was {state.value}", record.path)
        if "unsplit" in record.life.reason:
            self._witness.happened("a budget of halves was used up")
        if state is State.IN_DOUBT:
            self._doubts_in_a_row += 1
            if self._doubts_in_a_row == self._workers:
                self._witness.happened("the breaker opened")
        elif state in {State.ACCEPTED, State.REJECTED, State.SPLIT}:
            self._doubts_in_a_row = 0

    def _compare(self, record: Record) -> None:
        """Hold an intent against the one before: the t0 of a doubt never changes."""
        before = self._latest.get(record.transaction_id)
        if before is None:
            return
        if before.life.in_doubt:
            self._witness.never(f"{record.path} was in doubt, and its t0 was renewed")
        elif before.life.state is State.IN_FLIGHT:
            self._witness.happened("a window was renewed after a 429")

    def flush(self, most: int | None = None) -> None:
        """Make the first so many transactions durable; by default all."""
        super().flush(most)
        self._times = self._times[len(self._times) - len(self.pending) :]

    def crash(self, keep: int = 0) -> Disk:
        """Lose power, but keep what is older than a second."""
        if not self.full:
            self.grow_old()
            keep = self._rng.randint(0, len(self.pending)) if keep == 0 else keep
            if keep < len(self.pending):
                self._witness.happened(
                    "records were lost in a crash", str(len(self.pending) - keep)
                )
        self.full = False
        return super().crash(keep)

    def grow_old(self) -> None:
        """Make durable what has waited long enough."""
        until = self._computer.true() - _OUTCOMES_DURABLE
        self.flush(sum(at <= until for at in self._times))

    def arrived(self, tid: str) -> None:
        """Hold a request that the server has just received against the journal."""
        record = self._latest.get(tid)
        if record is None:
            self._witness.never(f"{tid} arrived, and the journal has never heard of it")
            return
        if record.life.state in FINAL:
            self._witness.never(f"{record.path} arrived when it was {record.life.state.value}")
        durable = self.disk.rows.get(record.path)
        states = {State.IN_FLIGHT, State.IN_DOUBT}
        if not self._lying and (durable is None or durable.life.state not in states):
            self._witness.never(f"{record.path} arrived before its intent was durable")
        if self.closed:
            self._witness.never(f"{record.path} arrived when its run was over")
