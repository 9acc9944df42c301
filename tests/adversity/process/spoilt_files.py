"""What can become of a journal's file while nobody uses it? Each function does one thing to it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

PAGE = 4096
Spoil: TypeAlias = Callable[[Path], None]

# Dies in a transaction that has begun to write the file: SQLite's own journal of it stays behind.
_HALF_WRITTEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=TRUNCATE").fetchall()
connection.execute("PRAGMA cache_size=1")
connection.execute("BEGIN")
connection.execute("UPDATE chunk SET state = 'accepted', message_code = 'FALSE'")
connection.execute("CREATE TABLE many(a)")
connection.executemany("INSERT INTO many VALUES (?)", [("x" * 3000,) for _ in range(50)])
os._exit(0)
"""


def cut(path: Path) -> None:
    """Keep the first half."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def empty(path: Path) -> None:
    """Keep nothing."""
    path.write_bytes(b"")


def zero_rows(path: Path) -> None:
    """Zero the page with the chunks."""
    whole = path.read_bytes()
    at = (_root_of_chunks(path) - 1) * PAGE
    path.write_bytes(whole[:at] + bytes(PAGE) + whole[at + PAGE :])


def _root_of_chunks(path: Path) -> int:
    connection = sqlite3.connect(path)
    page = "SELECT rootpage FROM sqlite_schema WHERE name = 'chunk'"
    (number,) = connection.execute(page).fetchone()
    connection.close()
    return int(number)


def free_a_page_in_use(path: Path) -> None:
    """Let the header say that the page of the chunks is free: each row reads well, for now."""
    whole = path.read_bytes()
    page = _root_of_chunks(path).to_bytes(4, "big")
    # At 32 the first page of the list of free pages, at 36 how many there are.
    path.write_bytes(whole[:32] + page + (1).to_bytes(4, "big") + whole[40:])


def append_junk(path: Path) -> None:
    """Add what is none of it."""
    path.write_bytes(path.read_bytes() + b"\xff" * PAGE)


def _change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def future_format(path: Path) -> None:
    """Let a later version of ours have written it."""
    _change(path, "UPDATE run SET format = 3")


def lose_run(path: Path) -> None:
    """Take the row of the run out."""
    _change(path, "DELETE FROM run")


def folder(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def symlink(path: Path) -> None:
    """Move it, and leave a link to it."""
    target = path.with_name("elsewhere")
    path.rename(target)
    path.symlink_to(target)


def fifo(path: Path) -> None:
    """Put a pipe in its place, which would make whoever opens it wait."""
    path.unlink()
    os.mkfifo(path, 0o600)


def readable_by_all(path: Path) -> None:
    """Let everybody read it."""
    path.chmod(0o644)


def die_in_a_transaction(path: Path) -> None:
    """Leave a hot rollback journal behind, by a process that had written half of its changes."""
    subprocess.run([sys.executable, "-c", _HALF_WRITTEN, str(path)], check=True)  # noqa: S603
    rollback = path.with_name(f"{path.name}-journal")
    assert rollback.stat().st_size > 0
    for each in (path, rollback):
        each.chmod(0o600)


class Kept:
    """A journal's files as they were, to be put back."""

    def __init__(self, path: Path) -> None:
        self._files = {each: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}

    def restore(self) -> None:
        """Put them back, whatever lies in their places."""
        for path, whole in self._files.items():
            with suppress(FileNotFoundError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            path.write_bytes(whole)
            path.chmod(0o600)


def _mount(*arguments: str) -> bool:
    program = shutil.which("mount")
    if program is None:
        return False
    done = subprocess.run([program, *arguments], check=False, capture_output=True)  # noqa: S603
    return done.returncode == 0


@contextmanager
def read_only(path: Path) -> Iterator[bool]:
    """Make a folder's file system one that is only read; yield whether that could be done."""
    bound = os.geteuid() == 0 and _mount("--bind", str(path), str(path))
    try:
        yield bound and _mount("-o", "remount,ro,bind", str(path))
    finally:
        if bound:
            subprocess.run(["umount", str(path)], check=True)  # noqa: S603, S607
