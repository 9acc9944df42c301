"""What is left of the truth when the sandbox is killed? A file with a line for every notification."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pushwoosh_async.sandbox.outbox import CODE_NOT_AVAILABLE
from pushwoosh_async.sandbox.rulings import Ruling, Verdict

# What may say to whom a notification goes, the first that does. Only lists of ids are written out.
_LISTS = ("users", "devices")
_KINDS = (*_LISTS, "filter", "conditions", "geozone", "devices_filter")
_PIECE = 65_536


class LedgerFile:
    """Written and synced before an answer leaves, so that whatever was answered is in it.

    Args:
        path: created if it is missing, readable for its owner alone, since it names ids; else
            appended to.
        wall_clock: seconds since 1970.
    """

    def __init__(self, path: str | os.PathLike[str], wall_clock: Callable[[], float]) -> None:
        self._path = Path(path)
        self._wall_clock = wall_clock
        self._file: int | None = None
        self._order = 0

    def open(self) -> None:
        """Open the file, behind the last whole line of an earlier sandbox.

        Raises:
            OSError: it cannot be written.
        """
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        lines, size = _whole_lines(self._file)
        # What follows the last line end was being written in a kill: it was never answered.
        os.ftruncate(self._file, size)
        self._order = lines

    def close(self) -> None:
        """Close the file; again is harmless."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def enter(
        self,
        method: str,
        notifications: Sequence[Mapping[str, Any]],
        rulings: Sequence[Ruling],
        otherwise: Verdict,
    ) -> None:
        """Write a line for each notification of a request, and sync.

        Args:
            method: which one of the API was called.
            notifications: in their order.
            rulings: one for each, in that order, or none.
            otherwise: the verdict on all of them where there are none.
        """
        if self._file is None or not notifications:
            return
        arrived = self._wall_clock()
        lines = []
        for notification, ruling in zip(
            notifications, rulings or [Ruling(otherwise)] * len(notifications), strict=True
        ):
            self._order += 1
            lines.append(
                {
                    "order": self._order,
                    "at": arrived,
                    "method": method,
                    **_entry(notification, ruling),
                }
            )
        _write(self._file, "".join(f"{json.dumps(line)}\n" for line in lines).encode())
        os.fsync(self._file)


def _entry(notification: Mapping[str, Any], ruling: Ruling) -> dict[str, object]:
    kind = next((name for name in _KINDS if notification.get(name)), "broadcast")
    return {
        "transaction_id": notification.get("transactionId"),
        "kind": kind,
        "ids": notification[kind] if kind in _LISTS else [],
        "verdict": ruling.verdict,
        "code": None if ruling.code == CODE_NOT_AVAILABLE else ruling.code,
    }


def _write(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _whole_lines(file: int) -> tuple[int, int]:
    """Return how many lines of a file are whole, and how many bytes they have together."""
    lines = read = size = 0
    while piece := os.pread(file, _PIECE, read):
        lines += piece.count(b"\n")
        size = read + piece.rfind(b"\n") + 1 if b"\n" in piece else size
        read += len(piece)
    return lines, size
