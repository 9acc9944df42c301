"""Whatever became of a journal's file: recovered, refused or salvaged, and never sent on doubt."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fault_server import Connection, FaultServer, accept, fault_server
from oracle import check
from wire_clients import open_client

from adversity.story import Story
from adversity.trial import HELLO, Trial
from pushwoosh_async import JournalError, SendReport, salvage_journal
from pushwoosh_async._fanout.sqlite_journal import read_journal

from . import spoilt_files
from .cancelling import HeldAnswer, entered
from .spoilt_files import PAGE, Kept, Spoil

BY = "the ledger, the journal, and the report"
# Who is root may write to any folder but those of the kernel.
NEW_IN_PROC = "not the journal that was left, but a new one, in a folder of /proc"
UNWRITABLE = "the journal that was left, in a folder that nobody may write to"


class LostAnswer(HeldAnswer):
    """A script: the API takes the request, and its answer is lost once it is let go."""

    async def __call__(self, connection: Connection) -> None:
        connection.server.ledger.take(await connection.read_request())
        self.taken.set()
        await self.let_go.wait()
        connection.reset()


@asynccontextmanager
async def left_behind(folder: Path, story: Story) -> AsyncIterator[tuple[Trial, FaultServer]]:
    """Leave a journal: two chunks accepted, one in doubt that arrived, one that was never begun."""
    lost = LostAnswer()
    async with fault_server(accept, accept, lost, default=accept) as server:
        trial = Trial(folder, server, story, concurrency=1)
        async with trial.begin() as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await lost.taken.wait()
            job.cancel()
            await asyncio.sleep(0)
            lost.let_go.set()
            await asyncio.wait([job])
        report = trial.sessions[0].report
        assert (report.accepted, report.in_doubt, report.not_sent) == (20, 10, 10)
        yield trial, server


async def run(path: Path, trial: Trial, server: FaultServer) -> SendReport:
    """Go on with a journal, wherever it is."""
    async with open_client("httpx", server.url) as client:
        return await client.fan_out(
            HELLO, users=trial.ids, journal=path, chunk_size=10, concurrency=1
        )


async def refused(trial: Trial, server: FaultServer) -> JournalError:
    """See that a journal is refused: at once, without a connection, and without a word too much."""
    connected, arrived = server.connections, len(server.ledger.arrivals)
    with pytest.raises(JournalError) as caught:
        async with asyncio.timeout(5):
            await run(trial.journal, trial, server)
    assert (server.connections, len(server.ledger.arrivals)) == (connected, arrived)
    report = caught.value.report
    assert report is not None
    # Nobody knows what the sessions before it did: it may not call anybody not sent.
    assert (report.in_doubt, report.total) == (40, 40)
    assert str(trial.journal) in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (spoilt_files.cut, "cannot be trusted"),
        (spoilt_files.empty, "tells of a run"),
        (spoilt_files.zero_rows, "cannot be trusted"),
        (spoilt_files.free_a_page_in_use, "cannot be trusted"),
        (spoilt_files.future_format, "has format 3"),
        (spoilt_files.lose_run, "there is no run in it"),
        (spoilt_files.folder, "is not a regular file"),
        (spoilt_files.symlink, "is a symbolic link"),
        (spoilt_files.fifo, "is not a regular file"),
        (spoilt_files.readable_by_all, "chmod 600"),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
@pytest.mark.row("P24")
async def test_refused(tmp_path: Path, story: Story, spoil: Spoil, why: str) -> None:
    """Nothing is sent by it; and once the file is as it was, the run goes on."""
    async with left_behind(tmp_path, Story("P24")) as (trial, server):
        kept = Kept(trial.journal)
        spoil(trial.journal)

        error = await refused(trial, server)

        assert why in str(error)
        kept.restore()
        told = await trial.end_well()
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        tell(story, spoil.__name__, f"refused ({why})")


def tell(story: Story, what: str, became: str) -> None:
    """Tell of one kind of file."""
    story.saw(f"{what.replace('_', ' ')}: {became}")
    story.check("G1", "G2", "G3", by=BY)


@pytest.mark.parametrize(
    "spoil", [spoilt_files.append_junk, spoilt_files.die_in_a_transaction], ids=lambda s: s.__name__
)
@pytest.mark.row("P24")
async def test_recovered(tmp_path: Path, story: Story, spoil: Spoil) -> None:
    """What is none of the run changes nothing: the doubt is repeated, and the rest is sent."""
    async with left_behind(tmp_path, Story("P24")) as (trial, _):
        spoil(trial.journal)
        told = await trial.end_well()
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        tell(story, spoil.__name__, f"recovered, {told.report.accepted} accepted")


@pytest.mark.row("P24")
async def test_of_another_owner(
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever owns it may have changed it."""
    async with left_behind(tmp_path, Story("P24")) as (trial, server):
        user = os.geteuid()
        with monkeypatch.context() as patched:
            if user == 0:
                os.chown(trial.journal, 12345, -1)
            else:
                story.lacks("root", instead="the process takes itself for another user")
                patched.setattr(os, "geteuid", lambda: user + 1)
            error = await refused(trial, server)
        assert "belongs to user" in str(error)
        os.chown(trial.journal, user, -1)
        assert (await trial.end_well()).report.accepted == 40
        tell(story, "of another owner", "refused")


@pytest.mark.row("P24")
async def test_on_a_file_system_that_is_only_read(tmp_path: Path, story: Story) -> None:
    """What cannot be written down is not sent."""
    folder, root = tmp_path / "journals", os.geteuid() == 0
    folder.mkdir()
    async with left_behind(folder, Story("P24")) as (trial, server):
        with spoilt_files.read_only(folder) as done:
            if not done:
                story.lacks("the right to mount", instead=NEW_IN_PROC if root else UNWRITABLE)
                folder.chmod(0o500)
            journal = trial.journal
            trial.journal = Path("/proc/self/run.journal") if root and not done else journal
            arrived = len(server.ledger.arrivals)
            with pytest.raises(JournalError, match=r"cannot be opened|read-?only") as caught:
                await run(trial.journal, trial, server)
            assert len(server.ledger.arrivals) == arrived
            folder.chmod(0o700) if not done else None
        trial.journal = journal
        assert caught.value.report is not None
        assert (await trial.end_well()).report.accepted == 40
        tell(story, "read-only file system", "refused")


def zeroed(number: int) -> Callable[[bytes], bytes]:
    """Return what zeroes a page."""
    at = number * PAGE
    return lambda whole: whole[:at] + bytes(PAGE) + whole[at + PAGE :]


def cut_at(number: int) -> Callable[[bytes], bytes]:
    """Return what cuts a file before a page."""
    return lambda whole: whole[: number * PAGE]


@pytest.mark.parametrize("damage", [zeroed, cut_at])
@pytest.mark.row("P24")
async def test_salvaged(
    tmp_path: Path, story: Story, damage: Callable[[int], Callable[[bytes], bytes]]
) -> None:
    """Page after page is lost: what is saved of it sends to nobody who may have been sent to before."""
    most = 0  # times that anybody was sent to
    ends = {"recovered": 0, "salvaged": 0, "beyond saving": 0}
    number, pages = 0, 1
    while number < pages:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with left_behind(folder, Story("P24")) as (trial, server):
            whole = trial.journal.read_bytes()
            pages = len(whole) // PAGE
            trial.journal.write_bytes(damage(number)(whole))
            ends[await salvaged(trial, server)] += 1
            most = max(most, *server.ledger.sent_to().values())
        number += 1
    assert ends["salvaged"] > pages / 4
    assert most == 1
    found = " or ".join(name for name, count in ends.items() if count)
    tell(story, damage.__name__.replace("_at", ""), f"at each page: {found}, {most} send each")


async def salvaged(trial: Trial, server: FaultServer) -> str:
    """Go on with a damaged journal as far as that goes; return how far."""
    target = trial.journal.with_name("saved.journal")
    end = "recovered"
    try:
        report = await run(trial.journal, trial, server)
        target = trial.journal
    except JournalError as error:
        assert error.report is not None and error.report.not_sent == 0  # noqa: PT017, PT018
        end = "salvaged"
    if end == "salvaged":
        try:
            salvage_journal(trial.journal, target)
        except JournalError:
            assert len(server.ledger.arrivals) == 3
            return "beyond saving"
        report = await run(target, trial, server)
    with read_journal(target) as journal:
        records = list(journal.records())
    found = check(server.ledger.arrivals, records, report, ids=trial.ids)
    # Those that were lost are lost: all that matters is that they are not sent for.
    assert [each for each in found if not each.endswith("has no record")] == []
    assert (report.total, report.not_sent, report.rejected) == (40, 0, 0)
    assert report.accepted + report.in_doubt == 40
    return end
