"""How the database is opened: the connection, its settings, and what is made of its complaints."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from pushwoosh_async._fanout.sqlite_journal.place import Place, look
from pushwoosh_async.errors import Delivery, JournalError, JournalLockedError

# SQLite's errors, by the byte of their codes that says the kind. Any other is taken for damage.
_KIND = 0xFF
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CANNOT = {
    sqlite3.SQLITE_CANTOPEN: "opened",
    sqlite3.SQLITE_FULL: "written",
    sqlite3.SQLITE_IOERR: "written",
    sqlite3.SQLITE_READONLY: "written",
    sqlite3.SQLITE_NOMEM: "read",
}

# What each must answer when asked. A rollback journal, since a damaged or missing -wal opens as an
# older state without a word (delivery.md 2.6); the next four make a commit survive the power.
_DURABLE: dict[str, tuple[str, object]] = {
    "locking_mode": ("EXCLUSIVE", "exclusive"),
    "journal_mode": ("TRUNCATE", "truncate"),
    "synchronous": ("FULL", 2),
    "fullfsync": ("ON", 1),
}
# A damaged page is found when it is read; SQL in a file that somebody else wrote can do nothing;
# ids are not spilled into a temporary file.
_WARY: dict[str, tuple[str, object]] = {
    "cell_size_check": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "temp_store": ("MEMORY", 2),
}


@contextmanager
def sqlite_errors(place: Place, *, delivery: Delivery = "in_doubt") -> Iterator[None]:
    """Turn what SQLite complains of into ours."""
    try:
        yield
    except sqlite3.Error as error:
        complaint = str(error)
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    else:
        return
    if code & _KIND in _BUSY:
        raise JournalLockedError(f"{place.path}: another program has it open: close that first")
    if code & _KIND in _CANNOT:
        done = "read" if code == sqlite3.SQLITE_IOERR_READ else _CANNOT[code & _KIND]
        raise place.refusal(
            f"cannot be {done}: {complaint}: see whether its disk is full, failing or read-only, "
            "or too many files are open",
            delivery=delivery,
        )
    raise damaged(place, complaint)


def damaged(place: Place, finding: str) -> JournalError:
    """Return the error for a journal that cannot be trusted."""
    return place.refusal(
        f"it cannot be trusted ({finding}), so nothing is sent by it: "
        "see whether its disk is well, then `salvage` what can be read into a new journal"
    )


def connect(place: Place) -> sqlite3.Connection:
    """Open an existing file for reading and writing, for this thread alone.

    Raises:
        JournalError: it cannot be opened as it must be.
        JournalLockedError: another program has it open.
    """
    return _connect(place, "rw", _DURABLE | _WARY)


def connect_to_read(place: Place) -> sqlite3.Connection:
    """Open an existing file for reading, for one thread at a time.

    A transaction that its process left behind has to be rolled back first, and that is a write.

    Raises:
        JournalError: it cannot be opened.
        JournalLockedError: another program has it open.
    """
    unfinished = place.rollback.exists() and place.rollback.stat().st_size > 0
    return _connect(place, "rw" if unfinished else "ro", _WARY, any_thread=True)


def connect_to_wreck(place: Place) -> sqlite3.Connection:
    """Open a copy of a damaged file, whatever state it is in."""
    connection = sqlite3.connect(place.path, isolation_level=None)
    connection.execute("PRAGMA trusted_schema=OFF")
    # One table whose definition is damaged does not keep the others from being read.
    connection.execute("PRAGMA writable_schema=ON")
    return connection


def _connect(
    place: Place, mode: str, settings: dict[str, tuple[str, object]], *, any_thread: bool = False
) -> sqlite3.Connection:
    before = look(place)
    with sqlite_errors(place):
        connection = sqlite3.connect(
            f"{place.path.as_uri()}?mode={mode}",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=not any_thread,
        )
        try:
            _refuse_another(place, before)
            _set_up(connection, place, settings)
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_another(place: Place, before: os.stat_result | None) -> None:
    """SQLite follows symbolic links, and has no way to be handed a descriptor."""
    after = look(place)
    if before is None or after is None or not os.path.samestat(before, after):
        raise place.refusal("was replaced while it was being opened: try again")


def _set_up(
    connection: sqlite3.Connection, place: Place, settings: dict[str, tuple[str, object]]
) -> None:
    for name, (value, wanted) in settings.items():
        connection.execute(f"PRAGMA {name}={value}").fetchall()
        (answer,) = connection.execute(f"PRAGMA {name}").fetchone()
        if answer != wanted:
            raise place.refusal(
                f"SQLite refuses {name}={value} here (it says {answer!r}): use a local disk"
            )
