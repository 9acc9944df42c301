"""What a refusal says where the disk, and not the journal, is at fault: full, failing, read-only."""

import errno
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import anyio
import pytest

from journal.journal_world import open_and_close, record, write
from pushwoosh_async import JournalError


@pytest.fixture
def written(path: Path) -> Path:
    """A journal of two chunks."""
    anyio.run(write, path, [record(0), record(1)])
    return path


def test_a_folder_that_takes_no_file_is_said() -> None:
    """A file system that is only read, or like one, is refused before anything is begun."""
    with pytest.raises(JournalError, match="cannot be opened: "):
        open_and_close(Path("/proc/self/run.db"))


@contextmanager
def _limited(kind: int, limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def _no_room() -> AbstractContextManager[None]:
    return _limited(resource.RLIMIT_FSIZE, 0)


def _little_room() -> AbstractContextManager[None]:
    return _limited(resource.RLIMIT_FSIZE, 2048)


def _no_files() -> AbstractContextManager[None]:
    return _limited(resource.RLIMIT_NOFILE, 3)


def _two_files() -> AbstractContextManager[None]:
    """Leave room for lock and database, and none for the rollback journal."""
    free = [os.open(os.devnull, os.O_RDONLY) for _ in range(2)]
    for each in free:
        os.close(each)
    return _limited(resource.RLIMIT_NOFILE, max(free) + 1)


@contextmanager
def _otherwise_connected(change: Callable[[str], str], *first: str) -> Iterator[None]:
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def otherwise(name: str, **options: object) -> sqlite3.Connection:
        connection = connect(change(name), **options)
        for statement in first:
            connection.execute(statement)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", otherwise)
        yield


def _read_only() -> AbstractContextManager[None]:
    return _otherwise_connected(lambda name: name.replace("mode=rw", "mode=ro"))


def _two_pages() -> AbstractContextManager[None]:
    return _otherwise_connected(str, "PRAGMA max_page_count=2")


NO_ROOM = f"cannot be opened: {os.strerror(errno.EFBIG)}"
NO_FILES = f"cannot be opened: {os.strerror(errno.EMFILE)}"
IO_ERROR = "cannot be written: disk I/O error"
TOO_MANY = "cannot be opened: unable to open database file"
READ_ONLY = "cannot be written: attempt to write a readonly database"
FULL = "cannot be written: database or disk is full"
TROUBLES = [
    (_no_room, NO_ROOM),
    (_no_files, NO_FILES),
    (_little_room, IO_ERROR),
    (_two_files, TOO_MANY),
    (_read_only, READ_ONLY),
]


@pytest.mark.parametrize(("trouble", "why"), [*TROUBLES, (_two_pages, FULL)])
@pytest.mark.parametrize("there", [False, True])
def test_a_disk_that_takes_no_new_run_is_not_called_damage(
    path: Path, trouble: Callable[[], AbstractContextManager[None]], why: str, *, there: bool
) -> None:
    """Whether the file is made now or was left empty by a crash: nothing was sent by it."""
    if there:
        path.touch(0o600)
    with pytest.raises(JournalError, match=why) as caught:
        open_and_close(path, trouble)
    assert "salvage" not in str(caught.value)
    assert caught.value.delivery == "not_sent"
    assert not open_and_close(path).resumed


@pytest.mark.parametrize(("trouble", "why"), TROUBLES)
def test_a_disk_that_lets_no_run_go_on_is_not_called_damage(
    written: Path, trouble: Callable[[], AbstractContextManager[None]], why: str
) -> None:
    """The journal is sound, and its run may have sent: on a disk that is well it goes on."""
    written.with_name("run.db.status").unlink()  # what it says is not needed
    with pytest.raises(JournalError, match=why) as caught:
        open_and_close(written, trouble)
    assert "salvage" not in str(caught.value)
    assert caught.value.delivery == "in_doubt"
    assert open_and_close(written).resumed


def test_an_empty_file_that_cannot_be_opened_had_no_run(path: Path) -> None:
    """Nothing was sent by it, whatever the refusal; unless its status file tells of a run."""
    path.touch(0o600)
    for delivery in ("not_sent", "in_doubt"):
        with pytest.raises(JournalError) as caught:
            open_and_close(path, _no_files)
        assert caught.value.delivery == delivery
        path.with_name("run.db.status").touch()
