"""What is in a journal that nobody uses: read, checked as on resume, and not changed."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal.connection import connect_to_read
from pushwoosh_async._fanout.sqlite_journal.lock import JournalLock
from pushwoosh_async._fanout.sqlite_journal.place import Place, look, place_of
from pushwoosh_async._fanout.sqlite_journal.queries import (
    all_recalls,
    all_slices,
    page_of_records,
    timeline,
    with_ids,
)
from pushwoosh_async._fanout.sqlite_journal.rows import DamagedError, Recall
from pushwoosh_async._fanout.sqlite_journal.schema import is_empty
from pushwoosh_async._fanout.sqlite_journal.trust import trusting, verified
from pushwoosh_async._fanout.timeline import Slice


class JournalReader:
    """A journal that is only read. Its methods block on the disk; for one thread at a time.

    Attributes:
        facts: of the run.
        ending: how its latest session ended; None while none has.
        highest: the highest ordinal of a chunk with an intent; -1 for none.
        salvaged_to: up to this ordinal a chunk without a record may have been sent; -1 unless salvaged.
    """

    def __init__(self, connection: sqlite3.Connection, place: Place) -> None:
        run, highest = verified(connection, place)
        self.facts: RunFacts = run.facts
        self.ending: Ending | None = run.ending
        self.highest: int = highest
        self.salvaged_to: int = run.salvaged_to
        # Of what was salvaged some may be gone.
        self._has_ids = run.facts.store_ids and run.salvaged_to < 0
        self._connection = connection
        self._place = place

    def records(self, *, ids: bool = False) -> Iterator[Record]:
        """Yield every record in the order of the input, all of one chunk's descendants behind it.

        Holds a thousand of them at a time, and the ids of one.

        Args:
            ids: fill in `ids` and `unknown_ids` where the run stored them: personal data.

        Raises:
            JournalError: one cannot be trusted.
        """
        after = -1
        while page := self._page(after):
            for record in page:
                yield self._with_ids(record) if ids else record
            after = page[-1].root

    def slices(self) -> Sequence[Slice]:
        """Return the timeline in order; ten seconds that two sessions share are one slice.

        Raises:
            JournalError: it cannot be trusted.
        """
        with trusting(self._place):
            return timeline(all_slices(self._connection))

    def recalls(self) -> Mapping[str, Recall]:
        """Return what became of cancelling which chunk's message, by path.

        Raises:
            JournalError: it cannot be trusted.
        """
        with trusting(self._place):
            return all_recalls(self._connection)

    def _page(self, after: int) -> list[Record]:
        with trusting(self._place):
            return page_of_records(self._connection, after)

    def _with_ids(self, record: Record) -> Record:
        with trusting(self._place):
            filled = with_ids(self._connection, record)
            if self._has_ids and not filled.ids:
                raise DamagedError
            return filled


@contextmanager
def read_journal(path: str | os.PathLike[str]) -> Iterator[JournalReader]:
    """Open a journal that nobody uses, and keep others out while it is read. Blocks on the disk.

    Nothing in it is changed, but that SQLite rolls back what a dead process left half done.

    Args:
        path: of the journal.

    Raises:
        JournalLockedError: somebody uses it: see `read_status`.
        JournalError: there is none, or it cannot be trusted.
    """
    place = place_of(path)
    _refuse_absence(place)
    lock = JournalLock(place)
    lock.take()
    try:
        _refuse_absence(place)
        connection = connect_to_read(place)
        try:
            with trusting(place):
                empty = is_empty(connection)
            if empty:
                raise place.refusal("there is no run in it", delivery="not_sent")
            yield JournalReader(connection, place)
        finally:
            connection.close()
    finally:
        lock.release()


def _refuse_absence(place: Place) -> None:
    if look(place) is None:
        raise place.refusal("there is no such journal", delivery="not_sent")
