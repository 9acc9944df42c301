"""What happens when something dies: the process, the disk, the writer's thread, the event loop."""

import ctypes
import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from stracing import can_strace, injecting

from journal.journal_world import BACKENDS, ENDING, FACTS, journal_at, opened, read, record, write
from pushwoosh_async import JournalError, JournalLockedError
from pushwoosh_async._fanout.journal import Status
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal, read_journal
from pushwoosh_async._fanout.sqlite_journal.writer import Writer
from pushwoosh_async._fanout.state import State
from pushwoosh_async._fanout.timeline import Slice

TESTS = Path(__file__).parent.parent
PATHS = {"PYTHONPATH": os.pathsep.join(map(str, (TESTS, TESTS.parent)))}


@contextmanager
def writing(
    path: Path, *options: str, under: Sequence[str] = ()
) -> Iterator["subprocess.Popen[str]"]:
    """Run the process that writes, and see that it ends."""
    command = [*under, sys.executable, "-m", "journal.writing_process", str(path), *options]
    process = subprocess.Popen(  # noqa: S603
        command, env=os.environ | PATHS, stdout=subprocess.PIPE, text=True
    )
    try:
        with process:
            yield process
    finally:
        process.kill()


def lines_of(process: "subprocess.Popen[str]") -> Iterator[list[str]]:
    """Yield what it says: a word, and the rest. A kill may tear its last line."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            yield line.split(maxsplit=1)


def promised(lines: list[list[str]]) -> set[int]:
    """Return whose intents were recorded, by what the process was told."""
    return {int(line[1]) for line in lines if line[0] == "intended"}


@pytest.mark.parametrize("number", [1, 2, 3, 10, 50, 200])
def test_no_promise_is_lost_by_a_kill(path: Path, number: int) -> None:
    """Killed at any moment: what was said to be recorded is there, and the file is sound."""
    with writing(path) as process:
        lines = []
        for line in lines_of(process):
            lines.append(line)
            if len(lines) == number:
                process.send_signal(signal.SIGKILL)
    records = read(path)
    assert promised(lines) <= {each.root for each in records}
    assert {each.life.state for each in records} <= {State.IN_FLIGHT, State.ACCEPTED}
    with read_journal(path) as reader:
        assert reader.ending is None


def _failing(limit: int | None, syncs: int | None) -> tuple[list[str], list[str]]:
    options = [] if limit is None else ["--limit", str(limit)]
    if syncs is None:
        return options, []
    if not can_strace():  # the disk is full instead, as late as that
        return ["--limit", str(40_000 + 2_000 * syncs)], []
    return options, [*injecting("fdatasync,fsync", f"error=EIO:when={syncs}")]


@pytest.mark.parametrize(
    ("limit", "syncs"),
    [(40_000, None), (100_000, None), (None, 13), (None, 20), (None, 23)],
)
def test_a_failed_write_is_the_last(path: Path, limit: int | None, syncs: int | None) -> None:
    """A full disk or a failed sync: intents fail from then on, close says so, no promise is broken."""
    options, under = _failing(limit, syncs)
    with writing(path, "--count", "3000", *options, under=under) as process:
        lines = list(lines_of(process))
    words = [line[0] for line in lines]
    assert words[-2:] == ["failed", "not"]
    assert "cannot be written any more" in lines[-2][1]
    assert "cannot be written any more" in lines[-1][1]
    records = read(path)
    assert 0 < len(promised(lines)) < 3000
    assert promised(lines) <= {each.root for each in records}
    assert 999_999 not in {each.root for each in records}
    with read_journal(path) as reader:
        assert reader.ending is None


def test_nothing_is_written_where_no_sync_succeeds(path: Path) -> None:
    """The first commit is the last, and nothing was promised."""
    with writing(path, "--count", "3000", "--no-sync") as process:
        lines = list(lines_of(process))
    assert [line[0] for line in lines] == ["open", "failed", "not"]
    assert read(path) == []


def test_no_sync_is_tried_again(path: Path, tmp_path: Path) -> None:
    """After one has failed there are no more than SQLite needs to undo and let go: no further commit."""
    if not can_strace():  # nobody counts them, and nothing comes of another try
        test_nothing_is_written_where_no_sync_succeeds(path)
        return
    log = tmp_path / "syncs"
    under = injecting("fdatasync", "error=EIO:when=20", log=str(log))
    with writing(path, "--count", "3000", under=under) as process:
        lines = list(lines_of(process))
    assert lines[-1][0] == "not"
    syncs = [line for line in log.read_text().splitlines() if "sync(" in line]
    failed = next(at for at, line in enumerate(syncs) if "INJECTED" in line)
    assert len(syncs) - failed <= 4


def test_two_processes_do_not_share_a_journal(path: Path) -> None:
    """The second is told which process has it, and may have it when the first is dead."""
    with writing(path) as process:
        next(lines_of(process))
        with pytest.raises(JournalLockedError, match=f"is used by process {process.pid}"):
            anyio.run(write, path, [])
        process.kill()
    anyio.run(write, path, [])


FORKING = """
import os, sys, warnings
warnings.simplefilter("ignore")
import anyio
from journal.journal_world import *
from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Status

async def child(journal):
    journal.note(record(7))
    journal.keep(Status(progress={}, slices=()))
    for act in (lambda: journal.intend(record(7)), lambda: journal.close(ENDING),
                lambda: journal.recalls()):
        try:
            await act()
        except JournalError as error:
            assert "forked" in str(error)
        else:
            raise SystemExit("not refused")

async def main():
    async with opened(Path(sys.argv[1])) as journal:
        await journal.intend(record(0))
        pid = os.fork()
        if pid == 0:
            try:
                child(journal).send(None)
            except StopIteration:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
        await journal.intend(record(1))

anyio.run(main)
"""


def test_a_forked_child_is_refused_and_touches_nothing(path: Path) -> None:
    """Neither the connection nor the lock is the child's; the parent goes on."""
    subprocess.run([sys.executable, "-c", FORKING, path], cwd=TESTS, check=True, timeout=60)  # noqa: S603
    assert [each.path for each in read(path)] == ["0", "1"]


ABANDONING = """
import asyncio, sys
from journal.journal_world import *

async def main():
    journal = journal_at(Path(sys.argv[1]), gather=int(sys.argv[2]))
    await journal.open(FACTS)
    journal.note(record(0))
    asyncio.ensure_future(journal.intend(record(1)))
    await asyncio.sleep(0)

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
print("over")
"""


@pytest.mark.parametrize("gather", [1, 64])
def test_a_loop_that_is_gone_hangs_nobody(path: Path, gather: int) -> None:
    """A program that forgets its journal ends all the same, and leaves it sound."""
    run = [sys.executable, "-W", "ignore", "-c", ABANDONING, str(path), str(gather)]
    done = subprocess.run(  # noqa: S603
        run, cwd=TESTS, timeout=60, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "over\n"
    read(path)


def kill_the_writer() -> None:
    """Let the one journal's thread of this process die as if of a fault of ours."""
    (thread,) = (each for each in threading.enumerate() if each.name == "pushwoosh journal")
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_death_of_the_thread_fails_every_waiter(path: Path, backend: str) -> None:
    """Who waits is told, who comes later is, close is; and nobody hangs."""
    failures: list[str] = []

    async def intend(number: int) -> None:
        with pytest.raises(JournalError, match="its writer thread died") as caught:
            await journal.intend(record(number))
        assert caught.value.delivery == "not_sent"
        failures.append(str(number))

    async def session() -> None:
        await journal.open(FACTS)
        kill_the_writer()
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for number in range(5):
                    group.start_soon(intend, number)
            await intend(5)
            journal.note(record(0))
            with pytest.raises(JournalError, match="its writer thread died"):
                await journal.close(ENDING)

    journal = journal_at(path, gather=8)
    anyio.run(session, backend=backend)
    assert sorted(failures) == ["0", "1", "2", "3", "4", "5"]
    assert read(path) == []


async def test_a_thread_that_cannot_let_go_hangs_nobody() -> None:
    """It died, and then its file could not be closed: who waits is told of the first."""

    def die(_group: object) -> None:
        raise SystemExit

    def fail() -> None:
        raise OSError(errno.EIO, "failing disk")

    writer = Writer("run.db", gather=1, commit=die, release=fail)
    writer.start()
    with anyio.fail_after(10), pytest.raises(JournalError, match="its writer thread died"):
        await writer.intend(record(0))
    await writer.join()


async def test_a_file_that_cannot_be_let_go_of_is_said() -> None:
    """All was written, as far as anybody knows; yet the disk said no at the last."""

    def fail() -> None:
        raise OSError(errno.EIO, "failing disk")

    writer = Writer("run.db", gather=1, commit=lambda _group: None, release=fail)
    writer.start()
    with anyio.fail_after(10):
        await writer.intend(record(0))
        await writer.call(lambda: None, last=True)
        await writer.join()
    assert writer.failed
    assert "cannot be let go of" in str(writer.error())


async def test_what_cannot_be_a_row_poisons_and_says_so(path: Path) -> None:
    """A fault of the caller's is a failed write like any other: the waiters of its commit are told."""
    journal = journal_at(path)
    await journal.open(FACTS)
    journal.note(record(0))
    broken = Slice(start=0.0, requests=2**70)
    journal.keep(Status(progress={}, slices=(broken,)))
    with pytest.raises(JournalError, match="cannot be written any more"):
        await journal.intend(record(1))
    journal.note(record(2))
    with pytest.raises(JournalError, match="cannot be written any more"):
        await journal.close(ENDING)
    await journal.close(ENDING)
    assert read(path) == []


async def test_what_waits_behind_a_failed_commit_is_not_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails once and is well again: a later group would leave a hole before it."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    left = [3]

    class Failing(sqlite3.Connection):
        """Fails its third commit, as SQLite does: with everything undone."""

        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            left[0] -= sql == "COMMIT"
            if sql == "COMMIT" and left[0] == 0:
                super().execute("ROLLBACK")
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *arguments)

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Failing))
    journal = journal_at(path)
    await journal.open(FACTS)
    await journal.intend(record(0))

    async def later() -> None:
        with pytest.raises(JournalError, match="disk is full"):
            await journal.intend(record(2))

    async with anyio.create_task_group() as group:
        journal.note(record(1))
        group.start_soon(_ask, journal)  # the next group begins behind it
        group.start_soon(later)
    with pytest.raises(JournalError, match="disk is full"):
        await journal.close(ENDING)
    assert [each.path for each in read(path)] == ["0"]


async def _ask(journal: SqliteJournal) -> None:
    with suppress(JournalError):
        await journal.recalls()


async def test_the_lock_is_held_until_close_even_when_nothing_can_be_written(path: Path) -> None:
    """Requests may still be in flight: nobody else may take the run over yet."""
    journal = journal_at(path)
    await journal.open(FACTS)
    journal.keep(Status(progress={}, slices=(Slice(start=0.0, requests=2**70),)))
    with pytest.raises(JournalError):
        await journal.intend(record(1))
    with pytest.raises(JournalLockedError, match="is used by process"):
        await journal_at(path).open(FACTS)
    with pytest.raises(JournalError):
        await journal.close(ENDING)
    async with opened(path):
        pass


def test_the_thread_ends_with_the_journal(path: Path) -> None:
    """No thread is left behind, however the journal was left."""
    anyio.run(write, path, [record(0)])
    assert "pushwoosh journal" not in {each.name for each in threading.enumerate()}
