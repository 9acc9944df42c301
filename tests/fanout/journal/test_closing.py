"""How a journal is left, shared and shown: cancelled, closed, locked, and the files beside it."""

import json
import os
import stat
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from adversity.story import Story
from attrs import evolve

from journal.journal_world import (
    ENDING,
    FACTS,
    journal_at,
    opened,
    read,
    record,
    write,
)
from pushwoosh_async import JournalError, JournalLockedError
from pushwoosh_async._fanout.journal import Status
from pushwoosh_async._fanout.sqlite_journal import read_journal
from pushwoosh_async._fanout.state import State
from pushwoosh_async.testing import FakeClock


@pytest.mark.row("P20")
async def test_a_cancelled_waiter_hangs_nobody(path: Path, story: Story) -> None:
    """Its record is written all the same: nobody can tell whether it was; the others go on."""
    may_send: list[int] = []

    async with opened(path, gather=3) as journal:

        async def wait(number: int) -> None:
            await journal.intend(record(number))
            may_send.append(number)

        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                with anyio.CancelScope() as scope:
                    scope.cancel()
                    await wait(0)
                for number in (1, 2, 3):
                    group.start_soon(wait, number)
    assert scope.cancelled_caught
    written = [each.path for each in read(path)]
    assert written == ["0", "1", "2", "3"]
    assert sorted(may_send) == [1, 2, 3]
    story.saw(
        f"{len(written)} wait for a commit, one is cancelled: {len(may_send)} answered, "
        f"{len(written)} in the journal"
    )
    story.check("G1", "G2", "G3", by="the journal, which holds all that was let go, once each")


async def test_close_in_a_shield_writes_everything_for_a_cancelled_caller(path: Path) -> None:
    """A run that is being cancelled leaves a whole journal behind."""
    journal = journal_at(path)
    await journal.open(FACTS)
    with anyio.CancelScope() as scope:
        scope.cancel()
        journal.note(record(0, State.ACCEPTED))
        with anyio.CancelScope(shield=True):
            await journal.close(ENDING)
    with read_journal(path) as reader:
        assert (reader.ending, reader.highest) == (ENDING, 0)


async def test_an_opening_that_is_cancelled_lets_go_of_the_file(path: Path) -> None:
    """The next one finds neither lock nor half a journal."""
    with anyio.CancelScope() as scope:
        scope.cancel()
        await journal_at(path).open(FACTS)
    assert scope.cancelled_caught
    await write(path, [record(0)])
    assert len(read(path)) == 1


async def test_after_close_nothing_is_written_and_nobody_hangs(path: Path) -> None:
    """A second close finds nothing to do; a late answer is dropped; an intent is refused."""
    journal = journal_at(path)
    await journal.open(FACTS)
    await journal.close(ENDING)
    await journal.close(ENDING)
    journal.note(record(0, State.ACCEPTED))
    journal.keep(Status(progress={}, slices=()))
    journal.note_recall("0", "cancelled", 1.0)
    with pytest.raises(JournalError, match="is closed") as caught:
        await journal.intend(record(0))
    assert caught.value.delivery == "not_sent"
    assert read(path) == []


async def test_before_open_nothing_can_be_recorded(path: Path) -> None:
    """An intent without a file is refused; to close is nothing to do."""
    journal = journal_at(path)
    journal.note(record(0))
    await journal.close(None)
    with pytest.raises(JournalError, match="is not open"):
        await journal.intend(record(0))


async def test_one_journal_serves_one_run_at_a_time(path: Path) -> None:
    """A second run is told who has it; when the first has closed it, it may."""
    async with opened(path):
        with pytest.raises(JournalLockedError, match=r"is used by process \d+"):
            await journal_at(path).open(FACTS)
        with pytest.raises(JournalLockedError), read_journal(path):
            pass
    await write(path, [])


async def test_while_it_is_read_nobody_writes(path: Path) -> None:
    """A reader keeps out a run, and lets it in afterwards."""
    await write(path, [record(0)])
    with read_journal(path), pytest.raises(JournalLockedError):
        await journal_at(path).open(FACTS)
    await write(path, [record(1)])


@pytest.mark.row("R12")
async def test_every_file_is_for_its_owner_alone(path: Path, story: Story) -> None:
    """Whatever the umask: database, rollback journal, lock and status file."""
    before = os.umask(0)
    try:
        async with opened(path, ending=None) as journal:
            await journal.intend(record(0))
            modes = [stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()]
    finally:
        os.umask(before)
    assert modes == [0o600] * 4
    story.saw(f"a journal in use, umask 0: {len(modes)} files, {max(modes):04o}")


def test_the_file_stays_small(path: Path) -> None:
    """A thousand chunks of a real run's lengths take well under a megabyte."""
    full = [
        evolve(record(number, State.ACCEPTED), transaction_id="x" * 36, ids=b"")
        for number in range(1000)
    ]
    anyio.run(write, path, full)
    assert path.stat().st_size < 500_000


async def test_a_status_file_follows_the_run(path: Path) -> None:
    """It is there from the first moment, is written at most once a second, and at the end."""
    clock = FakeClock()
    journal = journal_at(path, clock=clock)
    await journal.open(FACTS)
    status = path.with_name("run.db.status")

    def shown() -> dict[str, object]:
        found: dict[str, object] = json.loads(status.read_text())
        return found

    assert shown()["highest"] == -1
    journal.keep(Status(progress={"accepted": 1}, slices=()))
    await journal.intend(record(4))
    assert shown()["progress"] == {}  # the second is not over
    clock.advance(1.0)
    await journal.intend(record(5))
    assert (shown()["progress"], shown()["highest"]) == ({"accepted": 1}, 5)
    journal.keep(Status(progress={"accepted": 2}, slices=()))
    await journal.close(ENDING)
    assert (shown()["progress"], shown()["finished"]) == ({"accepted": 2}, True)


async def test_a_status_file_that_cannot_be_written_fails_nothing(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once; the journal goes on."""
    path.with_name("run.db.status.new").mkdir()
    clock = FakeClock()
    journal = journal_at(path, clock=clock)
    await journal.open(FACTS)
    for number in range(3):
        clock.advance(2.0)
        await journal.intend(record(number))
    await journal.close(ENDING)
    assert len(read(path)) == 3
    assert [each.message for each in caplog.records].count(caplog.records[0].message) == 1
    assert "run.db.status: cannot be written" in caplog.text
