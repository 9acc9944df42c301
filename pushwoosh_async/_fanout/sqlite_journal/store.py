"""What is read from and written to the database: one connection, used by one thread."""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain

from attrs import evolve

from pushwoosh_async._fanout.journal import Ending, Opened, Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal.connection import connect, damaged, sqlite_errors
from pushwoosh_async._fanout.sqlite_journal.place import Place
from pushwoosh_async._fanout.sqlite_journal.queries import all_recalls, page_of_records
from pushwoosh_async._fanout.sqlite_journal.rows import (
    Recall,
    Row,
    recall_row,
    recipients_row,
    row_of,
    slice_row,
)
from pushwoosh_async._fanout.sqlite_journal.run_row import RunRow, values_of
from pushwoosh_async._fanout.sqlite_journal.schema import create_tables, is_empty, upsert
from pushwoosh_async._fanout.sqlite_journal.trust import trusting, verified
from pushwoosh_async._fanout.timeline import Slice

# Rows of one statement, a power of two. sqlite3 lets other threads run during each step, and may wait
# five milliseconds to get the interpreter back: beside a busy loop a commit of 64 rows took 66 ms with
# `executemany`, which steps for each row, and 14 ms so.
_MOST_AT_ONCE = 64

_RECIPIENTS = """INSERT INTO recipients VALUES (?, ?, ?, ?, ?) ON CONFLICT(root, path)
  DO UPDATE SET unknown=excluded.unknown, seal=excluded.seal WHERE unknown <> excluded.unknown"""
_SLICE = "INSERT OR REPLACE INTO slice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_RECALL = "INSERT OR REPLACE INTO recall VALUES (?, ?, ?, ?)"


class Store:
    """The database of an open journal.

    Attributes:
        run: its row of `run`.
        highest: the highest ordinal of a chunk written.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        place: Place,
        run: RunRow,
        *,
        highest: int = -1,
        resumed: bool = False,
    ) -> None:
        self._connection = connection
        self._place = place
        self._resumed = resumed
        self.run = run
        self.highest = highest

    def opened(self) -> Opened:
        """Return what was found."""
        return Opened(
            facts=self.run.facts,
            resumed=self._resumed,
            ending=self.run.ending,
            highest=self.highest,
            salvaged_to=self.run.salvaged_to,
        )

    def write(
        self,
        records: Sequence[Record],
        slices: Sequence[Slice],
        recalls: Sequence[Recall],
        *,
        with_ids: bool,
    ) -> None:
        """Commit, durably, all or nothing. Later ones of a path replace earlier ones.

        Raises:
            sqlite3.Error: it failed: what is on the disk now is found at the next opening.
        """
        execute = self._connection.execute
        execute("BEGIN")
        rows = [row_of(each) for each in records]
        self._write_chunks(rows)
        if with_ids:
            kept = [recipients_row(each) for each in records if each.ids or each.unknown_ids]
            self._connection.executemany(_RECIPIENTS, kept)
        if slices:
            session = self.run.session
            self._connection.executemany(_SLICE, [slice_row(session, each) for each in slices])
        if recalls:
            self._connection.executemany(_RECALL, [recall_row(each) for each in recalls])
        execute("COMMIT")
        self.highest = max(self.highest, max((row[0] for row in rows), default=-1))

    def _write_chunks(self, rows: Sequence[Row]) -> None:
        at = 0
        while at < len(rows):
            left = len(rows) - at
            size = min(_MOST_AT_ONCE, 1 << (left.bit_length() - 1))
            values = list(chain.from_iterable(rows[at : at + size]))
            self._connection.execute(upsert(size), values)
            at += size

    def page(self, after: int) -> list[Record]:
        """Return about a thousand records past this root, all of a root together; none at the end.

        Raises:
            JournalError: one cannot be trusted.
        """
        with trusting(self._place):
            return page_of_records(self._connection, after)

    def recalls(self) -> Mapping[str, Recall]:
        """Return what became of recalling which path.

        Raises:
            JournalError: one cannot be trusted.
        """
        with trusting(self._place):
            return all_recalls(self._connection)

    def end(self, ending: Ending) -> None:
        """Write down how the session ended.

        Raises:
            JournalError: it cannot be written.
        """
        self._replace_run(evolve(self.run, ending=ending))

    def begin_session(self) -> None:
        """Count an opening; find out that the file can be written.

        Raises:
            JournalError: it cannot.
        """
        self._replace_run(evolve(self.run, session=self.run.session + 1))

    def _replace_run(self, run: RunRow) -> None:
        with sqlite_errors(self._place):
            self._connection.execute("BEGIN")
            self._connection.execute("DELETE FROM run")
            _insert_run(self._connection, run)
            self._connection.execute("COMMIT")
        self.run = run

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def open_store(place: Place, facts: RunFacts | None, *, made: bool) -> Store:
    """Open a journal that exists, or begin one in an empty file.

    Args:
        place: where.
        facts: of the run to begin; None where one must be there.
        made: whether the file was not there a moment ago.

    Raises:
        JournalError: it cannot be trusted, or not be written.
    """
    connection = connect(place)
    try:
        if is_empty(connection):
            store = begin(
                connection, place, RunRow(facts=_for_an_empty_one(place, facts, made=made))
            )
        else:
            run, highest = verified(connection, place)
            store = Store(connection, place, run, highest=highest, resumed=True)
            store.begin_session()
    except BaseException:
        connection.close()
        raise
    return store


def _for_an_empty_one(place: Place, facts: RunFacts | None, *, made: bool) -> RunFacts:
    if not made and place.status.exists():  # that is written after the run only
        raise damaged(place, f"it is empty, though {place.status.name} tells of a run")
    if facts is None:
        raise place.refusal("there is no run in it", delivery="not_sent")
    return facts


def begin(connection: sqlite3.Connection, place: Place, run: RunRow) -> Store:
    """Make tables and run in an empty file, in one transaction.

    Raises:
        JournalError: it cannot be written.
    """
    with sqlite_errors(place, delivery="not_sent"):
        connection.execute("BEGIN EXCLUSIVE")
        create_tables(connection)
        _insert_run(connection, run)
        connection.execute("COMMIT")
    return Store(connection, place, run)


def _insert_run(connection: sqlite3.Connection, run: RunRow) -> None:
    """Write the row of `run`, inside the caller's transaction."""
    row = values_of(run)
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO run VALUES ({places})", row)  # noqa: S608 -- question marks
