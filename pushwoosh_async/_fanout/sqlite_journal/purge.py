"""How is a journal removed? All its files, under the lock."""

import os
import stat
from contextlib import suppress

from pushwoosh_async._fanout.sqlite_journal.lock import JournalLock
from pushwoosh_async._fanout.sqlite_journal.place import (
    Place,
    disk_errors,
    look,
    place_of,
    sync_folder,
)
from pushwoosh_async._fanout.sqlite_journal.schema import APPLICATION_ID
from pushwoosh_async._fanout.sqlite_journal.status import highest_shown

_HEAD = 100  # bytes of a database's header; where its application id stands is part of the format


def purge(path: str | os.PathLike[str]) -> None:
    """Remove a journal and what lies beside it. What was sent by it can then be sent again by accident.

    Args:
        path: of the journal, damaged or not.

    Raises:
        JournalLockedError: somebody uses it.
        JournalError: there is none, or it is nothing we may touch, or no journal: whatever else lies at
            the path is not ours to remove.
    """
    place = place_of(path)
    # The database goes first: without its rollback journal it would be another one.
    files = (place.path, place.rollback, place.status, place.next_status, place.lock)
    if not _is_journal(place):
        raise place.refusal(
            "is no journal of this library: remove it by other means, if that is meant",
            delivery="not_sent",
        )
    look(place)
    if not any(each.is_file() for each in files if each != place.lock):
        raise place.refusal("there is no such journal", delivery="not_sent")
    lock = JournalLock(place)
    lock.take()
    try:
        look(place)
        with disk_errors(place):
            for each in files:
                each.unlink(missing_ok=True)
            sync_folder(place.path.parent)
    finally:
        lock.release()


def _is_journal(place: Place) -> bool:
    """Tell whether a journal lies there, by its header or, where that is damaged, by its status file."""
    head = b""
    with suppress(OSError):  # a link, a folder, or nothing: `look` says which
        if not stat.S_ISREG(place.path.lstat().st_mode):
            return True
        descriptor = os.open(place.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            head = os.read(descriptor, _HEAD)
        finally:
            os.close(descriptor)
    ours = head[:16] == b"SQLite format 3\0" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")
    return ours or not head or highest_shown(place) >= 0
