"""What others see of a journal: of one that nobody uses, and of a run that goes on."""

import json
import sqlite3
from pathlib import Path
from unittest.mock import Mock

import anyio
import pytest
from attrs import evolve

from journal.journal_world import ENDING, FACTS, SIDE_FILES, journal_at, opened, read, record, write
from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Status
from pushwoosh_async._fanout.sqlite_journal import read_journal, read_status
from pushwoosh_async._fanout.sqlite_journal.lock import JournalLock
from pushwoosh_async._fanout.sqlite_journal.place import place_of
from pushwoosh_async._fanout.state import State
from pushwoosh_async._window import Stamp
from pushwoosh_async.testing import FakeClock

NOW = FakeClock().stamp()


def test_a_reader_sees_the_run_and_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts, ending and the highest chunk; the file is opened for reading, and the same afterwards."""
    anyio.run(write, path, [record(0), record(4, State.ACCEPTED)])
    before = path.read_bytes()
    connect = Mock(wraps=sqlite3.connect)
    monkeypatch.setattr(sqlite3, "connect", connect)
    with read_journal(path) as reader:
        assert (reader.facts, reader.ending) == (FACTS, ENDING)
        assert (reader.highest, reader.salvaged_to) == (4, -1)
        assert [each.path for each in reader.records()] == ["0", "4"]
    assert path.read_bytes() == before
    assert [each.args[0] for each in connect.call_args_list] == [f"{path.as_uri()}?mode=ro"]


def test_a_reader_may_leave_in_the_middle(path: Path) -> None:
    """A page was read, the rest not: nothing stays locked."""
    anyio.run(write, path, [record(number) for number in range(2000)])
    with read_journal(path) as reader:
        next(reader.records())
    assert len(read(path)) == 2000


def test_a_reader_may_go_from_thread_to_thread(path: Path) -> None:
    """Library functions read in whichever worker is free."""
    anyio.run(write, path, [record(0)])

    async def elsewhere() -> int:
        with read_journal(path) as reader:
            records = await anyio.to_thread.run_sync(lambda: list(reader.records()))
        return len(records)

    assert anyio.run(elsewhere) == 1


def test_ids_that_are_not_those_sent_are_refused(path: Path) -> None:
    """The digest in the chunk's row is over the ids: other ids are damage."""
    anyio.run(write, path, [evolve(record(0), ids=b'["somebody else"]')])
    assert len(read(path)) == 1
    with pytest.raises(JournalError, match="cannot be trusted"):
        read(path, ids=True)


def test_what_is_not_there_is_not_made(path: Path) -> None:
    """Neither a reader nor a look at the status leaves a file behind."""
    with pytest.raises(JournalError, match="there is no such journal"), read_journal(path):
        pass
    assert read_status(path, NOW) is None
    assert list(path.parent.iterdir()) == []


def test_an_empty_file_holds_no_run(path: Path) -> None:
    """It was made a moment before a crash."""
    path.touch(0o600)
    with pytest.raises(JournalError, match="there is no run in it") as caught, read_journal(path):
        pass
    assert caught.value.delivery == "not_sent"


async def test_the_status_of_a_run_that_goes_on(path: Path) -> None:
    """Counts, process and time, though the journal is locked; and that it is running."""
    clock = FakeClock()
    journal = journal_at(path, clock=clock)
    await journal.open(FACTS)
    clock.advance(5.0)
    journal.keep(Status(progress={"accepted": 7}, slices=()))
    await journal.intend(record(3))
    seen = read_status(path, clock.stamp())
    assert seen is not None
    assert (seen.progress, seen.highest, seen.at) == ({"accepted": 7}, 3, clock.stamp())
    assert (seen.running, seen.finished) == (True, False)
    await journal.close(ENDING)
    seen = read_status(path, clock.stamp())
    assert seen is not None
    assert (seen.running, seen.finished) == (False, True)


async def test_the_status_of_a_process_that_died(path: Path) -> None:
    """Its file stays and says what it said; the lock tells that it is gone. So does another boot."""
    async with opened(path) as journal:
        await journal.intend(record(0))
        seen = read_status(path, Stamp(NOW.wall, NOW.boottime, "another boot"))
        assert seen is not None
        assert not seen.running
    await write(path, [], ending=None)
    seen = read_status(path, NOW)
    assert seen is not None
    assert not seen.running


async def test_to_look_takes_nothing_from_a_run(path: Path) -> None:
    """However often the status is read while a run opens and goes on, it is not in its way."""
    async with opened(path, ending=None):
        pass
    for _ in range(5):
        lock = JournalLock(place_of(path))
        lock.take()
        seen = read_status(path, NOW)
        assert seen is not None
        assert seen.running
        lock.release()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"wall": "x"}', "\ufeff", "9" * 5000])
def test_a_status_file_that_says_nothing_is_none(path: Path, content: str) -> None:
    """Half written, by somebody else, or of another version."""
    anyio.run(write, path, [])
    path.with_name("run.db.status").write_text(content, "utf-8")
    assert read_status(path, NOW) is None


def test_the_side_files_are_named_after_the_journal(path: Path) -> None:
    """So that whoever moves it knows what belongs to it."""
    anyio.run(write, path, [record(0)])
    names = {each.name for each in path.parent.iterdir()}
    assert names == {"run.db", *(f"run.db{suffix}" for suffix in SIDE_FILES)}
    assert json.loads(path.with_name("run.db.status").read_text())["highest"] == 0
