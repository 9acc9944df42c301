"""What a run remembers of its chunks: the Journal protocol, and one in memory."""

from collections.abc import Iterable
from typing import Protocol

from pushwoosh_async._fanout.plan import Chunk
from pushwoosh_async._fanout.state import SETTLED, Life


class Journal(Protocol):
    """The record of a run, written before its deeds."""

    async def intend(self, chunk: Chunk, life: Life) -> None:
        """Record that an attempt begins. Its bytes may leave once this has returned, not before.

        Raises:
            JournalError: it could not be recorded: nothing may be sent.
        """

    def note(self, chunk: Chunk, life: Life) -> None:
        """Record what became of an attempt. Never waits, so that nothing can come in between."""

    def unsettled(self) -> Iterable[tuple[Chunk, Life]]:
        """Return every chunk with an intent and no final record."""


class MemoryJournal:
    """A journal that lives as long as its run. Holds what is open, and nothing that is settled."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Chunk, Life]] = {}

    async def intend(self, chunk: Chunk, life: Life) -> None:
        """Remember the chunk."""
        self._open[chunk.path] = (chunk, life)

    def note(self, chunk: Chunk, life: Life) -> None:
        """Remember how it stands, or forget it once it is settled."""
        if life.state in SETTLED:
            self._open.pop(chunk.path, None)
        else:
            self._open[chunk.path] = (chunk, life)

    def unsettled(self) -> list[tuple[Chunk, Life]]:
        """Return what is open."""
        return list(self._open.values())
