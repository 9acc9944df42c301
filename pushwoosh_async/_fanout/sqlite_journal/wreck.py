"""What can still be read in a damaged journal? Row by row, each by its own seal."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from attrs import frozen

from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal.place import Place
from pushwoosh_async._fanout.sqlite_journal.queries import with_ids
from pushwoosh_async._fanout.sqlite_journal.rows import (
    DAMAGE,
    Recall,
    Row,
    recall_of,
    record_of,
    slice_of,
)
from pushwoosh_async._fanout.sqlite_journal.run_row import RunRow, run_of
from pushwoosh_async._fanout.state import REPLACED, State
from pushwoosh_async._fanout.timeline import Slice

T = TypeVar("T")


@frozen
class Tally:
    """How many rows there must be, and their highest root."""

    chunks: int
    highest: int


class Wreck:
    """A damaged journal's database. Nothing here complains of damage, but for the run's own row.

    Attributes:
        seen: how many rows are undamaged, and their highest root; -1 for none.
        tally: the count of rows that was kept; None if it is damaged, or older than the rows.
    """

    def __init__(self, connection: sqlite3.Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self.seen = self._seen()
        self.tally = self._tally()

    def run(self) -> RunRow:
        """Return the run.

        Raises:
            JournalError: it cannot be read, and without it nothing can be resumed.
        """
        with suppress(sqlite3.Error, *DAMAGE):
            return run_of(self._connection.execute("SELECT * FROM run").fetchone())
        raise self._place.refusal(
            "what its run was cannot be read any more, so nothing of it can be resumed: "
            "take everybody it was for as possibly sent to"
        )

    def is_whole(self) -> bool:
        """Tell whether the damage is elsewhere: no chunk's row is damaged or missing, by the tally."""
        with suppress(sqlite3.Error, *DAMAGE):
            (finding,) = self._connection.execute("PRAGMA quick_check(chunk)").fetchone()
            rows, highest = 0, -1
            for row in self._connection.execute("SELECT * FROM chunk"):
                rows, highest = rows + 1, max(highest, record_of(row).root)
            return finding == "ok" and self.tally == Tally(rows, highest)
        return False

    def family(self, root: int) -> list[Record] | None:
        """Return a chunk's record and those of its descendants, with ids where they are stored.

        Returns:
            None if one of them is damaged or missing: what the others say may be out of date.
        """
        with suppress(sqlite3.Error, *DAMAGE):
            rows = self._connection.execute(
                "SELECT * FROM chunk WHERE root = ?", (root,)
            ).fetchall()
            records = [record_of(row) for row in rows]
            return self._filled(records) if _is_complete(records) else None
        return None

    def slices(self) -> Iterator[Slice]:
        """Yield the slices of the timeline that are left, of all sessions."""
        return self._intact("SELECT * FROM slice", slice_of)

    def recalls(self) -> Iterator[Recall]:
        """Yield the recalls that are left."""
        return self._intact("SELECT * FROM recall", recall_of)

    def _seen(self) -> Tally:
        """Look from either end: a damaged page may lie between."""
        rows, highest = 0, -1
        for each in self._intact("SELECT * FROM chunk ORDER BY root", record_of):
            rows, highest = rows + 1, max(highest, each.root)
        for each in self._intact("SELECT * FROM chunk ORDER BY root DESC LIMIT 1", record_of):
            highest = max(highest, each.root)
        return Tally(rows, highest)

    def _tally(self) -> Tally | None:
        with suppress(sqlite3.Error, *DAMAGE):
            query = "SELECT chunks, highest, mirror FROM tally"
            chunks, highest, mirror = self._connection.execute(query).fetchone()
            if (
                highest + mirror == -1
                and chunks >= self.seen.chunks
                and highest >= self.seen.highest
            ):
                return Tally(chunks, highest)
        return None

    def _filled(self, records: Sequence[Record]) -> list[Record]:
        filled = list(records)
        with suppress(sqlite3.Error, *DAMAGE):
            filled = [with_ids(self._connection, record) for record in records]
        return filled

    def _intact(self, query: str, read: Callable[[Row], T]) -> Iterator[T]:
        with suppress(sqlite3.Error, *DAMAGE):
            for row in self._connection.execute(query):
                with suppress(*DAMAGE):
                    yield read(row)


def _is_complete(records: Sequence[Record]) -> bool:
    """Tell whether everybody who must be there is, and whoever was replaced says so."""
    parents = {record.parent for record in records}
    paths = {record.path for record in records} | {""}
    return parents <= paths and all(
        (record.life.state in REPLACED) == (record.path in parents)
        and (record.life.state is not State.SPLIT or f"{record.path}.1" in paths)
        and (record.life.state is not State.SPLIT or f"{record.path}.0" in paths)
        for record in records
    )
