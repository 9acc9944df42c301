"""Who uses a journal: `flock` on the file beside it, with the owner's process id written into it."""

import fcntl
import os
import stat
import time
from contextlib import suppress

from pushwoosh_async._fanout.sqlite_journal.place import Place, disk_errors
from pushwoosh_async.errors import JournalLockedError

# Whoever asks whether the lock is taken holds it for an instant: that is not worth a refusal.
_TRIES = 4
_PAUSE = 0.01


class JournalLock:
    """The lock of one journal, held from `take` to `release`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take it.

        Raises:
            JournalLockedError: it is taken, by this process or another.
            JournalError: the file cannot be made, or is nothing we may touch.
        """
        with disk_errors(self._place):
            descriptor = self._open()
            try:
                self._lock(descriptor)
                while not _is_at(descriptor, self._place):  # purged between the two steps
                    os.close(descriptor)
                    descriptor = self._open()
                    self._lock(descriptor)
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            except BaseException:
                os.close(descriptor)
                raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go of it; nothing if it was never taken."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # A forked child has the same lock, and would hold it for as long as it lives.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._place.lock, flags, 0o600)
        found = os.fstat(descriptor)
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if not ours or found.st_nlink > 1:  # it is written into: a hard link may be to anything
            os.close(descriptor)
            raise self._place.refusal(f"{self._place.lock.name} beside it is not a file of ours")
        return descriptor

    def _lock(self, descriptor: int) -> None:
        for left in reversed(range(_TRIES)):
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if left:
                time.sleep(_PAUSE)
        owner = _owner(descriptor)
        raise JournalLockedError(f"{self._place.path}: is used by {owner}: wait for it, or stop it")


def is_taken(place: Place) -> bool:
    """Tell whether somebody uses the journal now."""
    try:
        descriptor = os.open(place.lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_at(descriptor: int, place: Place) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), place.lock.lstat())
    except FileNotFoundError:
        return False


def _owner(descriptor: int) -> str:
    text = os.pread(descriptor, 32, 0).strip()
    return f"process {int(text)}" if text.isdigit() else "another process"
