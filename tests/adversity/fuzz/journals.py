"""Do the readers of a journal survive any file? What they read of a damaged one is what was written."""

from contextlib import suppress
from functools import cache
from pathlib import Path

from pushwoosh_async import JournalError, read_journal
from pushwoosh_async._fanout import sqlite_journal
from pushwoosh_async._fanout.journal import Record

from .scratch import written
from .target import CORPUS


def read_any_journal(data: bytes) -> str:
    """Read a file as a journal, and salvage what is damaged."""
    path = written("run.db", data)
    _remove_beside(path)
    try:
        records = _records(path)
        read_journal(path)
    except JournalError:
        return f"JournalError, {_salvaged(path)}"
    assert set(records) in map(set, _originals())
    return "read"


def _records(path: Path) -> list[Record]:
    """Read everything."""
    with sqlite_journal.read_journal(path) as reader:
        records = list(reader.records())
        for more in (lambda: list(reader.records(ids=True)), reader.slices, reader.recalls):
            with suppress(JournalError):
                more()
        return records


def _salvaged(path: Path) -> str:
    into = path.with_name("saved.db")
    _remove_beside(into)
    into.unlink(missing_ok=True)
    try:
        sqlite_journal.salvage(path, into)
    except JournalError:
        return "nothing salvaged"
    kept = set(_records(into))
    assert any(kept <= set(original) for original in _originals())
    return "salvaged"


@cache
def _originals() -> list[list[Record]]:
    """Return what the kept journals hold: every input is one of them, more or less damaged."""
    kept = sorted((CORPUS / "journal").glob("*.db"))
    return [_records(written("original.db", each.read_bytes())) for each in kept]


def _remove_beside(path: Path) -> None:
    for suffix in ("-journal", ".lock", ".status"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


JOURNAL_TOKENS = (
    b"SQLite format 3\x00",
    b"pwj1",
    b"\x00" * 64,
    b"\xff" * 8,
    b"accepted",
    b"in_doubt",
    b"planned",
    b"rejected",
    b"CREATE TABLE run(",
    b"\x0d\x00\x00\x00\x01",
    b"\x05\x00\x00\x00\x01",
)
