"""A journal whose commits happen when the model says so, and take as much of the queue as it says."""

import types
from collections.abc import Generator

from memory_journal import Disk, MemoryJournal

from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Record


class StepJournal(MemoryJournal):
    """Intents wait for a commit; a commit takes a prefix of what is pending."""

    def __init__(self, disk: Disk) -> None:
        super().__init__(disk)
        self._written = 0

    async def intend(self, record: Record) -> None:
        """Hand an intent over, and wait until a commit has taken it."""
        self._check()
        self.pending.append((record,))
        own = self._written + len(self.pending)
        while self._written < own:
            await _pause()
            self._check()

    def flush(self, most: int | None = None) -> None:
        """Commit the first so many transactions."""
        before = len(self.pending)
        super().flush(most)
        self._written += before - len(self.pending)

    def lose_power(self, keep: int) -> None:
        """Crash; a full disk takes nothing on the way down either."""
        if self.full:
            self._dead = True
        self.crash(keep)

    def _check(self) -> None:
        if self.full:
            raise JournalError("no space left on device", delivery="not_sent")


@types.coroutine
def _pause() -> Generator[None]:
    yield
