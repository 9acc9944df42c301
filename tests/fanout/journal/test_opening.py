"""Which files are opened, which are refused, and what the refusal says."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from as_nobody import as_nobody

from journal.journal_world import (
    ENDING,
    FACTS,
    SIDE_FILES,
    Statements,
    bare,
    journal_at,
    open_and_close,
    read,
    record,
    write,
)
from pushwoosh_async import JournalError, JournalLockedError
from pushwoosh_async._fanout.journal import Opened
from pushwoosh_async._fanout.sqlite_journal import read_journal
from pushwoosh_async._fanout.sqlite_journal.place import file_system_of


def refusal(path: Path) -> str:
    """Say why a journal is refused, to a run and to a reader alike, and nothing is left open."""
    with pytest.raises(JournalError) as caught:
        open_and_close(path)
    with pytest.raises(JournalError) as read_caught, read_journal(path):
        pass
    assert str(path) in str(caught.value)
    assert str(read_caught.value) == str(caught.value)
    return str(caught.value)


@pytest.fixture
def written(path: Path) -> Path:
    """A journal of two chunks."""
    anyio.run(write, path, [record(0), record(1)])
    return path


def _symlink(path: Path) -> None:
    target = path.with_name("elsewhere.db")
    path.rename(target)
    path.symlink_to(target)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _wide_open(path: Path) -> None:
    path.chmod(0o640)


def _side_file_elsewhere(path: Path) -> None:
    side = path.with_name(f"{path.name}-journal")
    side.unlink()
    side.symlink_to("/etc/hostname")


def _text(path: Path) -> None:
    path.write_text("user_id\nu1\nu2\n" * 100)


def _database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE shopping(list)")
    connection.close()
    path.chmod(0o600)


def _change(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(statement)
        connection.close()

    return change


def _of_format_1(path: Path) -> None:
    for column in ("content", "pack"):
        _change(f"ALTER TABLE chunk DROP COLUMN {column}")(path)
    _change("UPDATE run SET format = 1")(path)


def _cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_symlink, "is a symbolic link"),
        (_folder, "is not a regular file"),
        (_fifo, "is not a regular file"),
        (_wide_open, "chmod 600 "),
        (_side_file_elsewhere, "-journal: is a symbolic link"),
        (_text, "file is not a database"),
        (_database, "not a journal of this library"),
        (_change("UPDATE run SET format = 3"), "has format 3, and this version reads 2 only"),
        (_of_format_1, "has format 1, of a version before the first release"),
        (_change("DELETE FROM run"), "there is no run in it"),
        (_change("UPDATE run SET send_id = 'x'"), "a row is not what was written"),
        (_change("UPDATE run SET end_taken = 7"), "a row is not what was written"),
        (_change("UPDATE chunk SET state = 'accepted'"), "a row is not what was written"),
        (_change("UPDATE chunk SET t0_wall = t0_wall + 1"), "a row is not what was written"),
        (_change("DELETE FROM chunk WHERE root = 0"), "rows are missing"),
        (_change("UPDATE tally SET highest = 0"), "rows are missing"),
        (_change("UPDATE tally SET mirror = 0"), "rows are missing"),
        (_change("DROP TRIGGER counted"), "its tables are not ours"),
        (_change("CREATE VIEW more AS SELECT 1"), "its tables are not ours"),
    ],
)
def test_what_cannot_be_trusted_is_refused(
    written: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """With a message that names the file and the rule, to runs and readers."""
    spoil(written)
    assert why in refusal(written)


def test_a_file_of_somebody_else_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns a file can read and change it. Only root gives files away: so here we are another user."""
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert f"belongs to user {user}" in refusal(written)


def test_a_file_that_lost_everything_is_no_new_one(written: Path) -> None:
    """An empty file begins a run only where no status file tells of one."""
    _cut_to_nothing(written)
    with pytest.raises(JournalError, match=r"run\.db\.status tells of a run"):
        open_and_close(written)
    written.with_name("run.db.status").unlink()
    assert not open_and_close(written).resumed


def test_an_empty_file_left_by_a_crash_is_a_new_one(path: Path) -> None:
    """A crash between making the file and writing the run leaves one; nothing was sent by it."""
    path.touch(0o600)
    assert not open_and_close(path).resumed
    assert open_and_close(path).resumed


def test_a_crash_in_the_first_transaction_leaves_a_new_one(path: Path) -> None:
    """Tables half made are rolled back, and then there is nothing."""
    _crash(path)
    assert not open_and_close(path).resumed


_HALF_WRITTEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=TRUNCATE").fetchall()
connection.execute("PRAGMA cache_size=1")
connection.execute("BEGIN")
connection.execute("CREATE TABLE many(a)")
connection.executemany("INSERT INTO many VALUES (?)", [("x" * 3000,) for _ in range(50)])
os._exit(0)
"""


def _crash(path: Path) -> None:
    """Leave a transaction behind that had begun to write the file, as a killed process does."""
    subprocess.run([sys.executable, "-c", _HALF_WRITTEN, path], check=True)  # noqa: S603
    path.chmod(0o600)
    path.with_name(f"{path.name}-journal").chmod(0o600)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0


def test_an_unfinished_transaction_is_rolled_back(written: Path) -> None:
    """What a killed process had half written is undone, for a run as for a reader."""
    _crash(written)
    assert open_and_close(written).highest == 1
    _crash(written)
    assert read(written) == [bare(record(0)), bare(record(1))]


def test_a_rollback_journal_without_its_database_is_no_danger(written: Path) -> None:
    """The file was deleted, its rollback journal was not: a new run does not inherit it."""
    _crash(written)
    written.unlink()
    assert not open_and_close(written).resumed
    assert read(written) == []


def test_a_folder_must_exist(tmp_path: Path) -> None:
    """A mistyped folder is not made."""
    path = tmp_path / "missing" / "run.db"
    with pytest.raises(JournalError, match="its folder does not exist") as caught:
        open_and_close(path)
    assert caught.value.delivery == "not_sent"
    assert not path.parent.exists()


def test_a_name_no_file_can_have_is_refused(tmp_path: Path) -> None:
    """Before anything is looked up."""
    with pytest.raises(JournalError, match="no file can have such a name"):
        journal_at(tmp_path / "a\0b")


def test_nothing_is_left_beside_what_is_refused(written: Path) -> None:
    """A refusal of a strange file makes no lock file next to it."""
    _symlink(written)
    for name in SIDE_FILES:
        written.with_name(written.name + name).unlink()
    refusal(written)
    assert sorted(each.name for each in written.parent.iterdir()) == ["elsewhere.db", "run.db"]


@pytest.mark.parametrize("spoil", [_symlink, _folder, _fifo])
def test_a_strange_lock_file_is_refused(written: Path, spoil: Callable[[Path], None]) -> None:
    """What lies where the lock belongs is not followed, opened or waited for."""
    spoil(written.with_name("run.db.lock"))
    refusal(written)


def test_another_program_in_the_file_is_said(written: Path) -> None:
    """Somebody looks at it with another tool: not waited for, and not called damage."""
    connection = sqlite3.connect(written, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalLockedError, match="another program has it open"):
        open_and_close(written)
    connection.close()
    assert open_and_close(written).resumed


def test_a_run_begun_while_the_lock_was_waited_for_is_found(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was there at first; whoever had the lock then has left a journal."""
    path, flock = written.with_name("other.db"), fcntl.flock

    def late(descriptor: int, operation: int) -> None:
        if not path.exists():
            shutil.copy(written, path)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert open_and_close(path).resumed


def test_only_what_is_seen_to_be_missing_is_new(written: Path) -> None:
    """Whoever cannot look, or finds a status file alone, does not know that nobody was sent to."""
    assert journal_at(written.with_name("other.db")).is_new
    assert not journal_at(written).is_new
    assert written.with_name(f"{written.name}.status").exists()
    written.unlink()
    assert not journal_at(written).is_new


def test_a_folder_that_nobody_may_enter_hides_a_run(written: Path) -> None:
    """A journal in it may be there, however little is seen of it."""
    inner = written.parent / "closed"
    inner.mkdir(mode=0)  # as root is one that others may not enter
    with as_nobody():
        assert not journal_at(inner / "run.db").is_new
    inner.chmod(0o700)


def test_a_journal_that_somebody_is_about_to_make_is_not_new(path: Path) -> None:
    """Its lock is taken, so a run may begin at any moment."""
    journal = journal_at(path)
    lock = path.with_name(f"{path.name}.lock")
    lock.touch(mode=0o600)
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(JournalLockedError):
            anyio.run(journal.open, FACTS)
    assert not path.exists()
    assert not journal.is_new


def test_every_setting_is_as_the_specification_says(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SQLite that does not do as it is told is found out."""
    connect = sqlite3.connect

    class Deaf(sqlite3.Connection):
        def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
            if sql == "PRAGMA journal_mode=TRUNCATE":
                sql = "PRAGMA journal_mode=PERSIST"
            return super().execute(sql, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, factory=Deaf, **o))
    with pytest.raises(JournalError, match="refuses journal_mode=TRUNCATE"):
        open_and_close(written)


def test_the_settings_that_hold_while_it_is_written(path: Path, statements: Statements) -> None:
    """Each is asked for before the first record."""
    open_and_close(path)
    told = statements.texts
    wanted = ["locking_mode=EXCLUSIVE", "journal_mode=TRUNCATE", "synchronous=FULL", "fullfsync=ON"]
    assert [f"PRAGMA {each}" for each in wanted] == [
        each for each in told if each.removeprefix("PRAGMA ") in wanted
    ]


def test_a_resumed_run_keeps_its_facts(written: Path) -> None:
    """What was found is told, however much more it is than what was given."""
    assert open_and_close(written) == Opened(
        facts=FACTS, resumed=True, ending=ENDING, highest=1, salvaged_to=-1
    )


MOUNTS = """22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 0:40 / /mnt/share rw shared:1 - nfs4 host:/x rw
31 27 0:41 / /mnt/my\\040share rw - fuse.sshfs host:/y rw
32 30 0:42 / /mnt/share/local rw - xfs /dev/vdb rw
33 27 0:43 / /mnt/over rw - ext4 /dev/vdc rw
34 27 0:44 / /mnt/over rw - cifs //host/z rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "ext4"),
        ("/home/x", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/a/b", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/share/local/c", "xfs"),
        ("/mnt/my share/d", "fuse.sshfs"),
        ("/mnt/over/e", "cifs"),
    ],
)
def test_the_file_system_is_that_of_the_innermost_mount(folder: str, kind: str) -> None:
    """A folder belongs to the last mount over the longest path above it."""
    assert file_system_of(folder, MOUNTS) == kind
