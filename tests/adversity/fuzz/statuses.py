"""Does whoever asks how far a run is survive any status file? The journal beside it is in use."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pushwoosh_async import JournalLockedError, read_status
from pushwoosh_async._clock import SystemClock
from pushwoosh_async._fanout import sqlite_journal
from pushwoosh_async._fanout.sqlite_journal.place import place_of
from pushwoosh_async._fanout.sqlite_journal.status import highest_shown
from pushwoosh_async.cli.status_text import status_document, status_text

from .scratch import written


def read_any_status(data: bytes) -> str:
    """Read a status file, and say what it says."""
    path = written("used.db", b"")
    written("used.db.status", data)
    assert isinstance(highest_shown(place_of(path)), int)
    seen = sqlite_journal.read_status(path, SystemClock().stamp())
    if seen is None or not seen.progress:
        return "no status"
    # Only what can be read is asked for in public: to find a journal in use takes 30 ms.
    with _in_use(path):
        try:
            found = read_status(path)
        except JournalLockedError:
            return "JournalLockedError"
    assert status_text(found).startswith("Running")
    assert json.dumps(status_document(found))
    return "read"


@contextmanager
def _in_use(path: Path) -> Iterator[None]:
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


STATUS_TOKENS = (
    b'"process": 1',
    b'"wall": 1e9',
    b'"boottime": 1.5',
    b'"boot_id": "b"',
    b'"finished": false',
    b'"highest": 3',
    b'"progress": {',
    b'"accepted": 1',
    b'"total": null',
    b'"last_failure": ""',
    b'"seconds": 0',
    b"1e999",
    b"-1",
    b"NaN",
    b"null",
    b"true",
    b'"x"',
    b"[[[[[[[[",
    b'{"a":',
    b"9" * 400,
    b"9" * 5000,
)
