"""How far has a run come? The file beside a journal that says so while the journal itself is locked."""

import json
import logging
import os
import stat
from math import inf
from typing import Any

from attrs import frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.sqlite_journal.lock import is_taken
from pushwoosh_async._fanout.sqlite_journal.place import Place, place_of
from pushwoosh_async._window import Stamp

_log = logging.getLogger("pushwoosh_async")

# Seconds between two writings.
_PAUSE = 1.0
_LARGEST = 1_000_000
# Whatever else lies in the file's place, or is written in it.
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


@frozen(kw_only=True)
class SeenStatus:
    """What the status file of a run says.

    Attributes:
        process: id of the process that wrote it.
        at: when, by wall clock, boot clock and boot id.
        progress: the run's counts, by name: see `Progress`.
        highest: the highest ordinal of a chunk with an intent; -1 for none.
        finished: whether the session came to its end, early or not.
        running: whether its process still uses the journal.
    """

    process: int
    at: Stamp
    progress: dict[str, Any]
    highest: int
    finished: bool
    running: bool


class StatusFile:
    """Writes it: at most once a second, and never fails the run."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._progress: dict[str, Any] = {}
        self._last = -inf
        self._complained = False

    def show(
        self,
        *,
        highest: int,
        progress: dict[str, Any] | None = None,
        finished: bool = False,
        at_once: bool = False,
    ) -> None:
        """Write the file, unless it was written within a second."""
        self._progress = self._progress if progress is None else progress
        now = self._clock.monotonic()
        if not at_once and now < self._last + _PAUSE:
            return
        self._last = now
        try:
            _replace(self._place, self._text(highest, finished))
        except (OSError, TypeError, ValueError) as error:
            if not self._complained:
                self._complained = True
                _log.warning("%s: cannot be written (%s)", self._place.status, type(error).__name__)

    def _text(self, highest: int, finished: bool) -> str:
        at = self._clock.stamp()
        return json.dumps(
            {
                "process": os.getpid(),
                "wall": at.wall,
                "boottime": at.boottime,
                "boot_id": at.boot_id,
                "finished": finished,
                "highest": highest,
                "progress": self._progress,
            }
        )


def _replace(place: Place, text: str) -> None:
    fresh = place.next_status
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(place.status)


def read_status(path: str | os.PathLike[str], now: Stamp) -> SeenStatus | None:
    """Read the status file of a journal, without touching the journal. Blocks on the disk.

    Args:
        path: of the journal.
        now: to tell whether the machine was started again since.

    Returns:
        None where there is none, or nothing that can be read.
    """
    place = place_of(path)
    try:
        found = _read(place)
        at = Stamp(float(found["wall"]), float(found["boottime"]), str(found["boot_id"]))
        return SeenStatus(
            process=int(found["process"]),
            at=at,
            progress=dict(found["progress"]),
            highest=int(found["highest"]),
            finished=bool(found["finished"]),
            running=at.boot_id == now.boot_id and is_taken(place),
        )
    except _UNREADABLE:
        return None


def highest_shown(place: Place) -> int:
    """Return the highest root that the status file tells of; -1 where it tells of none."""
    try:
        return int(_read(place)["highest"])
    except _UNREADABLE:
        return -1


def _read(place: Place) -> Any:
    # Not blocking: to open a fifo that somebody put there would be to wait for its writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(place.status, flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no regular file")
        return json.loads(os.read(descriptor, _LARGEST))
    finally:
        os.close(descriptor)
