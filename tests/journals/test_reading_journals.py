"""Journals of real runs against the sandbox, read by what users call."""

import json
import time
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve
from fanout_world import FACTS

from pushwoosh_async import (
    ConfigurationError,
    InputChangedError,
    JournalError,
    JournalLockedError,
    Notification,
    PushwooshClient,
    RecipientLabel,
    label_recipients,
    purge_journal,
    read_ids,
    read_journal,
    read_status,
    salvage_journal,
    unknown_recipients,
)
from pushwoosh_async._fanout.run_record import run_record
from pushwoosh_async._fanout.timeline import Slice
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock, run_in_thread

MESSAGE = Notification(content={"en": "Hi", "de": "Hallo"}, data={"a": 1})
IDS = [f"user-{number}" for number in range(45)]
STRANGERS = ("user-3", "user-12", *IDS[20:30])


@pytest.fixture
def pushwoosh_sandbox() -> Any:
    """One that does not know some, and takes offence at one."""
    with run_in_thread(Sandbox(unknown=STRANGERS, rejected_ids=("user-33",))) as sandbox:
        yield sandbox


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the run's journal lies."""
    return tmp_path / "campaign.db"


async def labelled(path: Path, ids: Any = IDS) -> list[RecipientLabel]:
    """Label all of them."""
    async with aclosing(label_recipients(path, ids)) as found:
        return [label async for label in found]


async def test_a_run_is_read_as_it_was(pushwoosh_client: PushwooshClient, journal: Path) -> None:
    """Its facts by name, its report as it gave it, its timeline."""
    started = datetime.now(UTC)
    report = await pushwoosh_client.fan_out(
        MESSAGE,
        users=IDS,
        chunk_size=10,
        concurrency=2,
        journal=journal,
        send_id="spring",
        dedupe=True,
    )
    run = read_journal(journal)
    assert run.finished
    assert not run.salvaged
    assert evolve(run.report, seconds=0.0) == evolve(report, seconds=0.0)
    assert run.report.unknown_devices == len(STRANGERS)
    assert Notification.from_wire(run.notification).content == {"en": "Hi", "de": "Hallo"}
    assert (run.application, run.applications_group) == ("XXXXX-XXXXX", None)
    assert (run.kind, run.chunk_size, run.dedupe, run.invalid) == ("users", 10, True, "raise")
    assert (run.store_ids, run.concurrency, run.total) == (False, 2, 45)
    assert (run.send_id, run.source, run.fingerprint) == ("spring", "", "")
    assert started <= run.created
    assert run.ended is not None
    assert run.created <= run.ended <= datetime.now(UTC)
    assert run.created.utcoffset() == timedelta(0)


async def test_the_timeline_has_every_request_and_recipient(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """Each in the ten seconds in which it happened."""
    pushwoosh_sandbox.script([None, "error_500_after"])
    report = await pushwoosh_client.fan_out(MESSAGE, users=IDS, chunk_size=10, journal=journal)
    slices = read_journal(journal).slices
    assert sum(each.requests for each in slices) == report.requests == 6
    assert sum(each.retries for each in slices) == sum(each.doubts for each in slices) == 1
    assert sum(each.accepted for each in slices) == report.accepted
    assert sum(each.rejected for each in slices) == report.rejected
    assert sum(sum(each.latencies.values()) for each in slices) == 6
    assert all(each.start.second % 10 == each.start.microsecond == 0 for each in slices)


def test_latencies_are_told_in_seconds() -> None:
    """From a millisecond to what is too long to be measured."""
    facts = evolve(FACTS, notification="{}")
    read = run_record(
        facts,
        None,
        (),
        [Slice(start=20.0, latencies={56: 3, 0: 1, 10: 2})],
        salvaged_to=-1,
        recalled=0,
    )
    assert dict(read.slices[0].latencies) == {0.001: 1, 0.009313: 2, inf: 3}
    assert read.slices[0].start == datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)


async def test_a_file_can_be_read_again_by_what_the_journal_says(
    pushwoosh_client: PushwooshClient, journal: Path, tmp_path: Path
) -> None:
    """Its recipe is the arguments of read_ids; a changed file is refused before the first label."""
    file = tmp_path / "ids.csv"
    file.write_text("id,name\n" + "".join(f"{each},x\n" for each in IDS))
    await pushwoosh_client.fan_out(
        MESSAGE, users=read_ids(file, column="id"), chunk_size=10, journal=journal
    )
    ids = read_ids(**json.loads(read_journal(journal).source))
    assert [label.id for label in await labelled(journal, ids)] == IDS
    file.write_text(file.read_text().replace("user-44", "user-45"))
    with pytest.raises(InputChangedError, match="the file of recipients"):
        await anext(label_recipients(journal, ids))


@pytest.mark.parametrize("store_ids", [False, True])
async def test_labels_name_message_and_reason_and_who_is_unknown(
    pushwoosh_client: PushwooshClient, journal: Path, store_ids: bool
) -> None:
    """Of a chunk of which some are unknown it takes stored ids to tell which; of others it does not."""
    await pushwoosh_client.fan_out(
        MESSAGE,
        users=IDS,
        chunk_size=10,
        journal=journal,
        store_ids=store_ids,
        on_rejected="bisect",
    )
    labels = await labelled(journal)
    assert [label.id for label in labels] == IDS
    assert [label.id for label in labels if label.outcome == "rejected"] == ["user-33"]
    assert "rejected" not in labels[0].reason
    assert labels[33].reason
    assert labels[33].transaction_id != labels[32].transaction_id != labels[0].transaction_id
    assert labels[0].message_code
    assert (labels[33].message_code, labels[33].unknown) == (None, None)
    unknown = [label.unknown for label in labels]
    assert unknown[20:30] == [True] * 10
    assert unknown[40:] == [False] * 5
    if store_ids:
        assert {label.id for label in labels if label.unknown} == set(STRANGERS)
        assert None not in unknown[:33]
    else:
        assert unknown[:20] == [None] * 20


async def test_unknown_ids_are_listed_in_order(
    pushwoosh_client: PushwooshClient, journal: Path
) -> None:
    """Where ids were stored; and whoever leaves early leaves the journal free."""
    await pushwoosh_client.fan_out(
        MESSAGE, users=IDS, chunk_size=10, journal=journal, store_ids=True
    )
    assert list(unknown_recipients(journal)) == list(STRANGERS)
    some = unknown_recipients(journal)
    assert next(some) == "user-3"
    with pytest.raises(JournalLockedError):
        read_journal(journal)
    some.close()  # type: ignore[attr-defined]  # a generator, promised as an iterator
    assert read_journal(journal).store_ids


async def test_unknown_ids_need_stored_ids(
    pushwoosh_client: PushwooshClient, journal: Path
) -> None:
    """Else it says what was missing, and the journal is free."""
    await pushwoosh_client.fan_out(MESSAGE, users=IDS, journal=journal)
    with pytest.raises(ConfigurationError, match=r"^store_ids: the run was made without it"):
        next(unknown_recipients(journal))
    assert read_journal(journal).finished


async def test_labelling_holds_the_journal_until_it_is_left(
    pushwoosh_client: PushwooshClient, journal: Path
) -> None:
    """Closed early or cancelled, it lets go."""
    await pushwoosh_client.fan_out(MESSAGE, users=IDS, chunk_size=10, journal=journal)
    async with aclosing(label_recipients(journal, IDS)) as found:
        await anext(found)
        with pytest.raises(JournalLockedError):
            read_journal(journal)
    assert read_journal(journal).finished

    async def endless() -> Any:
        yield "user-0"
        await anyio.sleep_forever()

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(labelled, journal, endless())
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    assert read_journal(journal).finished


@pytest.mark.parametrize("ids", [None, "user-1", b"user-1", {"user-1": 1}, 7])
def test_what_is_no_audience_is_refused_at_once(ids: Any, journal: Path) -> None:
    """As fan_out refuses it."""
    with pytest.raises(TypeError, match=r"^ids: expected an iterable"):
        label_recipients(journal, ids)


@pytest.mark.parametrize(
    "read",
    [
        read_journal,
        read_status,
        purge_journal,
        lambda path: salvage_journal(path, path.with_name("new.db")),
        lambda path: next(unknown_recipients(path)),
    ],
)
def test_a_journal_that_is_not_there(read: Any, journal: Path) -> None:
    """It is named, and nothing is left behind."""
    with pytest.raises(JournalError, match=r"campaign\.db: .*no such journal"):
        read(journal)
    assert list(journal.parent.iterdir()) == []


# -- while it goes on -------------------------------------------------------------------------------


async def test_status_of_a_run_that_goes_on_and_afterwards(
    connect: Any, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """From what it shows, with its age; then from its journal."""
    clock = FakeClock(wall=time.time() - 1000.0)
    client = connect(pushwoosh_sandbox, clock=clock)
    async with client.fan_out(
        MESSAGE, users=IDS, chunk_size=10, concurrency=1, journal=journal
    ) as run:
        await anext(run)
        with pytest.raises(JournalLockedError):  # it has not told anything yet
            read_status(journal)
        for _ in range(3):
            outcome = await anext(run)
            clock.advance(2.0)
        with pytest.raises(JournalLockedError):
            read_journal(journal)
        status = read_status(journal)
        assert status.running
        assert not status.finished
        assert 10 <= status.progress.accepted <= outcome.stop
        assert (status.progress.total, status.stopped) == (45, "")
        assert status.process is not None
        assert 990 <= status.age <= 1100
        run.drain()
    status = read_status(journal)
    assert (status.running, status.finished, status.age) == (False, False, 0.0)
    assert status.stopped == run.report.stopped == "drained"
    assert status.progress.accepted == run.report.accepted
    assert status.progress.rate == 0.0
    await client.fan_out(MESSAGE, users=IDS, chunk_size=10, concurrency=1, journal=journal)
    assert read_status(journal).finished


async def test_status_of_a_journal_that_is_read(
    pushwoosh_client: PushwooshClient, journal: Path
) -> None:
    """What its run said last; without that, who has it."""
    report = await pushwoosh_client.fan_out(MESSAGE, users=IDS, chunk_size=10, journal=journal)
    async with aclosing(label_recipients(journal, IDS)) as found:
        await anext(found)
        assert read_status(journal).progress.accepted == report.accepted
        journal.with_name("campaign.db.status").unlink()
        with pytest.raises(JournalLockedError, match="is used by process"):
            read_status(journal)
    assert read_status(journal).process is None


# -- rescue and removal -----------------------------------------------------------------------------


async def test_a_salvaged_journal_is_resumed(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    """Nothing of what it knows is sent again."""
    async with pushwoosh_client.fan_out(
        MESSAGE, users=IDS, chunk_size=10, concurrency=1, journal=journal
    ) as run:
        await anext(run)
    into = tmp_path / "new.db"
    salvage = salvage_journal(journal, into)
    assert salvage.kept >= 1
    assert (salvage.lost, salvage.bounded) == (0, True)
    salvaged = read_journal(into)
    assert salvaged.salvaged
    assert six_of(salvaged.report) == six_of(read_journal(journal).report)
    report = await pushwoosh_client.fan_out(
        MESSAGE, users=IDS, chunk_size=10, concurrency=1, journal=into
    )
    assert (report.accepted, report.rejected, report.total) == (35, 10, 45)
    assert max(pushwoosh_sandbox.ledger.deliveries(each) for each in IDS) == 1


def six_of(report: Any) -> tuple[int, ...]:
    """The six counts."""
    return (
        report.accepted,
        report.rejected,
        report.in_doubt,
        report.not_sent,
        report.invalid,
        report.duplicates,
    )


async def test_purging_leaves_nothing(pushwoosh_client: PushwooshClient, journal: Path) -> None:
    """But not while somebody uses it."""
    await pushwoosh_client.fan_out(MESSAGE, users=IDS, journal=journal)
    async with aclosing(label_recipients(journal, IDS)) as found:
        await anext(found)
        with pytest.raises(JournalLockedError):
            purge_journal(journal)
    purge_journal(journal)
    assert list(journal.parent.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"PRIVATE KEY", b"user_id\nu1\n", b"SQLite format 3\0" + bytes(84)]
)
def test_what_is_no_journal_is_not_purged(tmp_path: Path, content: bytes) -> None:
    """A mistyped path costs nobody a file, nor its neighbour."""
    path, neighbour = tmp_path / "users.csv", tmp_path / "users.csv.lock"
    for each in (path, neighbour):
        each.write_bytes(content)
        each.chmod(0o600)
    with pytest.raises(JournalError, match="is no journal"):
        purge_journal(path)
    assert path.read_bytes() == neighbour.read_bytes() == content


def test_lock_file_alone_is_not_purged(tmp_path: Path) -> None:
    """Beside nothing of ours it may be anybody's."""
    lock = tmp_path / "thing.lock"
    lock.touch(0o600)
    with pytest.raises(JournalError, match="no such journal"):
        purge_journal(tmp_path / "thing")
    assert lock.exists()
