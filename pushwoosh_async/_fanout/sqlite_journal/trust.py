"""Can what is in the file be trusted? Every check there is, before a journal is resumed or read."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from pushwoosh_async._fanout.sqlite_journal.connection import damaged, sqlite_errors
from pushwoosh_async._fanout.sqlite_journal.place import Place
from pushwoosh_async._fanout.sqlite_journal.rows import DAMAGE, record_of
from pushwoosh_async._fanout.sqlite_journal.run_row import RunRow, run_of
from pushwoosh_async._fanout.sqlite_journal.schema import has_our_tables, refuse_strangers

_ROWS_AT_ONCE = 1000


@contextmanager
def trusting(place: Place) -> Iterator[None]:
    """Turn a damaged row into an error that names the file, and what SQLite complains of too.

    Raises:
        JournalError: one was found.
    """
    try:
        with sqlite_errors(place):
            yield
    except DAMAGE:
        pass
    else:
        return
    raise damaged(place, "a row is not what was written")


def verified(connection: sqlite3.Connection, place: Place) -> tuple[RunRow, int]:
    """Return the run in the file, and the highest ordinal of a chunk with an intent.

    Raises:
        JournalError: the file is not ours, or anything in it is not as it was written.
    """
    with trusting(place):
        refuse_strangers(connection, place)
        if not has_our_tables(connection):
            raise damaged(place, "its tables are not ours")
        (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if finding != "ok":
            raise damaged(place, str(finding).replace("\n", " "))
        (row,) = connection.execute("SELECT * FROM run").fetchall()
        run = run_of(row)
        return run, _counted(connection, place)


def _counted(connection: sqlite3.Connection, place: Place) -> int:
    """Read every chunk; return the highest."""
    rows, last = 0, -1
    cursor = connection.execute("SELECT * FROM chunk ORDER BY root, path")
    while page := cursor.fetchmany(_ROWS_AT_ONCE):
        for row in page:
            last = max(last, record_of(row).root)
        rows += len(page)
    (tally,) = connection.execute("SELECT chunks, highest, mirror FROM tally").fetchall()
    if tally != (rows, last, -1 - last):
        raise damaged(place, "rows are missing")
    return last
