"""A journal whose commits happen when the model says so, and take as much of the queue as it says."""

import asyncio

from memory_journal import Disk, MemoryJournal

from model.step_loop import StepLoop
from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Record


class StepJournal(MemoryJournal):
    """Intents wait for a commit; a commit takes a prefix of what is pending."""

    def __init__(self, disk: Disk, loop: StepLoop) -> None:
        super().__init__(disk)
        self._loop = loop
        self._written = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    async def intend(self, *records: Record) -> None:
        """Hand intents over, and wait until a commit has taken them."""
        self._check()
        self.pending.append(records)
        committed: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((self._written + len(self.pending), committed))
        await committed
        self._check()

    def flush(self, most: int | None = None) -> None:
        """Commit the first so many transactions; tell whoever waited for them, if only of a failure."""
        before = len(self.pending)
        try:
            super().flush(most)
        finally:
            self._written += before - len(self.pending)
            told = [each for each in self._waiting if self.full or each[0] <= self._written]
            self._waiting = [each for each in self._waiting if each not in told]
            for _, committed in told:
                if not committed.done():
                    committed.set_result(None)

    def lose_power(self, keep: int) -> None:
        """Crash; a full disk takes nothing on the way down either."""
        if self.full:
            self._dead = True
        self.crash(keep)

    def _check(self) -> None:
        if self.full:
            raise JournalError("no space left on device", delivery="not_sent")
