"""Where the bytes come from: a file, a gzip file or standard input."""

import gzip
import hashlib
import os
import stat
import sys
import threading
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, Protocol, TypeVar, cast
from weakref import WeakSet

from pushwoosh_async._sources.text import BLOCK, Unreadable
from pushwoosh_async.errors import ConfigurationError

STDIN = "-"

_Item = TypeVar("_Item")


class _Stream(Protocol):
    def read1(self, size: int, /) -> bytes:
        """Return what one read gives; nothing at the end."""

    def fileno(self) -> int:
        """Return the file's descriptor."""


# Standard input belongs to the process: a second reader, through whatever object, would find it
# empty, and an empty audience is no error.
_taken: "WeakSet[_Stream]" = WeakSet()


def name_of(path: str) -> str:
    """Return what messages call the file."""
    return "standard input" if path == STDIN else f"path {path!r}"


def refuse_unreadable(path: str) -> None:
    """Find out, without reading, that a file cannot be read.

    Raises:
        ConfigurationError: it is missing, a directory, or not ours to read.
    """
    if path == STDIN:
        return
    with _naming(path):
        mode = Path(path).stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # To open a fifo is to wait for its writer.
            Path(path).open("rb").close()


@contextmanager
def opened(path: str) -> Iterator[_Stream]:
    """Open a file, unpacked if its name ends in ``.gz``; or take standard input, once for all.

    Raises:
        ConfigurationError: it cannot be opened, or standard input was taken before.
    """
    if path == STDIN:
        yield _standard_input()
        return
    with _naming(path):
        file = Path(path).open("rb")  # noqa: SIM115 -- closed below, where no error of the reader is renamed
    with file:
        if not path.lower().endswith(".gz"):
            yield file
        elif file.peek(1):
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield unpacked
        else:  # GzipFile takes no bytes at all for a file that is whole.
            raise ConfigurationError(f"{name_of(path)}: it is empty, which no gzip file is")


def fingerprint(path: str) -> str:
    """Return size and sha256 of a regular file, packed or not; an empty text for anything else.

    Raises:
        ConfigurationError: it cannot be read.
    """
    if path == STDIN:
        return ""
    with _naming(path):
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return f"{file.tell()} bytes, sha256 {digest}"
    raise AssertionError  # for mypy: `_naming` lets nothing pass but its own error


def blocks(stream: _Stream) -> Iterator[bytes]:
    """Read a stream to its end.

    Raises:
        Unreadable: the disk or the gzip data fails, or the file is no longer what was opened.
    """
    state = _state(stream)
    try:
        # Not read: it would drop the bytes it holds when the gzip data turns out to be damaged.
        while block := stream.read1(BLOCK):
            _refuse_changed(stream, state)
            yield block
        _refuse_changed(stream, state)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unreadable("the gzip data is cut off or damaged here, or is none") from None
    except OSError as error:
        raise Unreadable(f"the file cannot be read on: {error.strerror}") from None


def _state(stream: _Stream) -> tuple[int, int] | None:
    """Return what tells a file from what it was: size and time of its last change; of a pipe, nothing."""
    try:
        found = os.fstat(stream.fileno())
    except OSError:  # No file of the system's.
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _refuse_changed(stream: _Stream, state: tuple[int, int] | None) -> None:
    # Who appends may have written half an id; who cuts it off leaves the others out without a word.
    if _state(stream) != state:
        raise Unreadable("the file was changed while it was read; what was read since is not given")


class Pull(Generic[_Item]):
    """Pages pulled in threads; whoever leaves last, caller or thread, closes the file."""

    def __init__(self, pages: Generator[list[_Item], None, None]) -> None:
        self._pages = pages
        self._pulling = threading.Lock()
        self._left = False

    def page(self) -> list[_Item] | None:
        """Return the next page, or None at the end. Called in a thread; blocks on the disk."""
        with self._pulling:
            page = next(self._pages, None)
        if self._left:
            self.close()
        return page

    def close(self) -> None:
        """Close the file, or leave that to the thread still reading. Does not block."""
        self._left = True  # Set before the lock is tried: the thread looks here after its release.
        if self._pulling.acquire(blocking=False):
            try:
                self._pages.close()
            finally:
                self._pulling.release()


@contextmanager
def _naming(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror
    except ValueError:  # A NUL character in the path.
        reason = "no file can have such a name"
    else:
        return
    raise ConfigurationError(f"{name_of(path)}: {reason}")


def _standard_input() -> _Stream:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise ConfigurationError("path '-': this process has no standard input that gives bytes")
    if stream in _taken:
        raise ConfigurationError("path '-': standard input was read before; it can be read once")
    _taken.add(stream)
    return cast(_Stream, stream)
