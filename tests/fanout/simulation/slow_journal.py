"""What does a process leave behind when it dies? A journal whose commits take time, and one of nothing."""

import random
from collections.abc import Callable, Sequence

from memory_journal import Disk, MemoryJournal

from pushwoosh_async._fanout.journal import Ending, NoJournal, Record
from simulation.computer import Computer
from simulation.minutes import Minutes
from simulation.witness import Witness

_COMMIT_SECONDS = (0.0, 0.004, 0.03, 0.4)
_OUTCOMES_DURABLE = 1.0  # seconds, at the latest


class SlowJournal(MemoryJournal):
    """A journal whose commits take time, and that holds each arrival against what it knows.

    Where it is lying, what it calls durable is so a second later.
    """

    def __init__(
        self,
        disk: Disk,
        minutes: Minutes,
        *,
        computer: Computer,
        rng: random.Random,
        witness: Witness,
        step: Callable[[str], None],
        lying: bool,
    ) -> None:
        super().__init__(disk)
        self.minutes = minutes
        self._lying = lying
        self._computer = computer
        self._rng = rng
        self._witness = witness
        self._step = step
        self._times: list[float] = []

    async def intend(self, *records: Record) -> None:
        """Write intents, and all before them; others may come in between."""
        self.minutes.intend(records)
        self._take(records)
        self._step("intents handed over")
        await self._computer.sleep(self._rng.choice(_COMMIT_SECONDS))
        if not self._lying:
            self.flush()
        self._step("intents durable")

    def note(self, *records: Record) -> None:
        """Take a transaction."""
        self.minutes.note(records)
        self._take(records)
        self._step("outcome handed over")

    def _take(self, records: tuple[Record, ...]) -> None:
        self.pending.append(records)
        self._times.append(self._computer.true())

    def flush(self, most: int | None = None) -> None:
        """Make the first so many transactions durable; by default all."""
        super().flush(most)
        self._times = self._times[len(self._times) - len(self.pending) :]

    async def close(self, ending: Ending | None) -> None:
        """Write all down."""
        self.minutes.closed = True
        await super().close(ending)

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

    def arrived(self, tids: Sequence[str], size: int) -> None:
        """Hold a request that the server has just received against what is durable."""
        rows = self.disk.rows
        self.minutes.arrived(tids, size, None if self._lying else rows.get)


class ForgottenJournal(NoJournal):
    """The journal of a run without one: nothing of it is left."""

    def __init__(self, minutes: Minutes, step: Callable[[str], None]) -> None:
        self.minutes = minutes
        self._step = step

    async def intend(self, *records: Record) -> None:
        """See intents."""
        self.minutes.intend(records)
        self._step("intents handed over")

    def note(self, *records: Record) -> None:
        """See a transaction."""
        self.minutes.note(records)
        self._step("outcome handed over")

    async def close(self, ending: Ending | None) -> None:
        """See the end."""
        self.minutes.closed = True

    def arrived(self, tids: Sequence[str], size: int) -> None:
        """Hold a request that the server has just received against what was seen."""
        self.minutes.arrived(tids, size, None)
