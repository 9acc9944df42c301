"""A run's journal in a client's hands: its messages are cancelled, its doubts are looked for."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pushwoosh_async import (
    AuthenticationError,
    ConfigurationError,
    JournalError,
    JournalLockedError,
    Notification,
    PushwooshClient,
    RecipientLabel,
    RetryPolicy,
    label_recipients,
    read_journal,
    read_status,
    salvage_journal,
)
from pushwoosh_async._fanout import sqlite_journal
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

LATER = Notification(content="Hi", send_date="2999-01-01 10:00", ignore_user_timezone=True)
NOW = Notification(content="Hi")
IDS = [f"user-{number}" for number in range(45)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the run's journal lies."""
    return tmp_path / "campaign.db"


async def test_recall_takes_a_scheduled_run_back_once(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """All its messages but those without a code; a second recall asks for nothing."""
    await pushwoosh_client.fan_out(LATER, users=IDS, chunk_size=10, journal=journal)
    report = await pushwoosh_client.recall(journal)
    assert (report.cancelled, report.no_code, report.total) == (45, 0, 45)
    assert pushwoosh_sandbox.truth().cancelled == 5
    asked = dict(pushwoosh_sandbox.truth().by_method)
    assert await pushwoosh_client.recall(journal) == report
    assert pushwoosh_sandbox.truth().by_method == asked
    assert read_journal(journal).report.accepted == 45


async def test_recall_that_is_stopped_goes_on_from_there(
    pushwoosh_client: PushwooshClient, connect: Any, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """What was cancelled before the token was refused is written down."""
    await pushwoosh_client.fan_out(LATER, users=IDS, chunk_size=10, journal=journal)
    answers = iter(["sandbox-token", "sandbox-token"])
    client = connect(pushwoosh_sandbox, api_token=lambda: next(answers, "refused"))
    with pytest.raises(AuthenticationError):
        await client.recall(journal, concurrency=1)
    assert pushwoosh_sandbox.truth().cancelled == 2
    asked = pushwoosh_sandbox.truth().by_method["cancelMessage"]
    assert (await pushwoosh_client.recall(journal)).cancelled == 45
    assert pushwoosh_sandbox.truth().by_method["cancelMessage"] == asked + 3


async def test_what_was_recalled_is_told_afterwards(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """By the journal and the status, of whatever part of the run; and whoever opens it to go on is told."""

    async def recalled() -> tuple[int, int, bool]:
        opening = SqliteJournal(journal, gather=1, clock=FakeClock(), store_ids=False)
        opened = await opening.open(None)
        await opening.close(None)
        return read_journal(journal).recalled, read_status(journal).recalled, opened.recalled

    await pushwoosh_client.fan_out(LATER, users=IDS, chunk_size=10, concurrency=1, journal=journal)
    assert await recalled() == (0, 0, False)
    pushwoosh_sandbox.script(["error_500_before"] * 40)
    await pushwoosh_client.recall(journal)
    assert await recalled() == (0, 0, False)
    pushwoosh_sandbox.script([])
    await pushwoosh_client.recall(journal)
    assert await recalled() == (45, 45, True)
    assert read_journal(journal).report.accepted == 45


async def test_recall_of_what_was_sent_at_once(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """There is nothing to recall, and the journal is free again."""
    await pushwoosh_client.fan_out(NOW, users=IDS, journal=journal)
    with pytest.raises(ConfigurationError, match=r"^journal: "):
        await pushwoosh_client.recall(journal)
    assert pushwoosh_sandbox.truth().by_method.get("cancelMessage", 0) == 0
    assert read_journal(journal).finished


async def test_reconcile_lists_what_could_be_in_doubt(
    connect: Any, pushwoosh_sandbox: Sandbox, journal: Path
) -> None:
    """Messages whose answers were lost are beside their chunks; no message of an accepted one is."""
    client = connect(
        pushwoosh_sandbox,
        clock=FakeClock(wall=time.time()),
        retry=RetryPolicy(base_delay=100, max_delay=100),
    )
    pushwoosh_sandbox.script([None, *["error_500_after"] * 12])
    await client.fan_out(NOW, users=IDS, chunk_size=10, concurrency=1, journal=journal)
    before = read_journal(journal)
    assert before.report.accepted >= 10
    assert before.report.in_doubt >= 10
    codes = {label.message_code async for label in label_recipients(journal, IDS)}

    report = await client.reconcile(journal)
    assert [each.start for each in report.evidence] == [
        each.start for each in before.report.in_doubt_chunks
    ]
    found = [row.code for each in report.evidence for row in each.candidates]
    assert found
    assert not codes & set(found)
    assert read_journal(journal) == before
    assert (await client.reconcile(journal, max_rows=1)).cut_off


def damage(journal: Path, labels: Iterable[RecipientLabel]) -> None:
    """Spoil the record of each one's chunk."""
    whole = journal.read_bytes()
    for each in labels:
        transaction_id = str(each.transaction_id).encode()
        assert transaction_id in whole
        whole = whole.replace(transaction_id, b"x" * len(transaction_id))
    journal.write_bytes(whole)


async def test_reconcile_of_a_salvaged_journal(
    connect: Any, pushwoosh_sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    """Chunks whose records are lost are looked for, before a resume and after it: in all the run's time."""
    client = connect(pushwoosh_sandbox, clock=FakeClock(wall=time.time()))
    ids = IDS[:32]
    await client.fan_out(NOW, users=iter(ids), chunk_size=11, concurrency=1, journal=journal)
    sent = {each.position: each async for each in label_recipients(journal, ids)}
    lost = [sent[0], sent[22]]
    damage(journal, lost)
    saved = tmp_path / "saved.db"
    assert salvage_journal(journal, saved).lost == len(lost)

    async def reconciled() -> list[str]:
        report = await client.reconcile(saved)
        assert read_journal(saved).report.in_doubt == sum(
            each.recipients for each in report.evidence
        )
        for each in report.evidence:
            assert each.began is None
            assert "when it was tried is not known" in each.note
            assert {row.code for row in each.candidates} == {one.message_code for one in lost}
        assert [(each.start, each.stop) for each in report.evidence] == [(0, 11), (22, 32)]
        return [each.transaction_id for each in report.evidence]

    assert await reconciled() == ["", ""]
    await client.fan_out(NOW, users=iter(ids), chunk_size=11, concurrency=1, journal=saved)
    assert await reconciled() == [each.transaction_id for each in lost]


async def test_reconcile_where_nothing_is_left_of_a_killed_run(
    connect: Any, pushwoosh_sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    """It is taken to have gone on until now."""
    clock = FakeClock(wall=time.time())
    client = connect(pushwoosh_sandbox, clock=clock)
    await client.fan_out(NOW, users=IDS[:11], journal=journal)
    [sent, *_] = [each async for each in label_recipients(journal, IDS[:11])]
    with sqlite_journal.read_journal(journal) as reader:
        facts, records = reader.facts, list(reader.records())
    killed, saved = tmp_path / "killed.db", tmp_path / "saved.db"
    session = SqliteJournal(killed, gather=1, clock=clock, store_ids=False)
    await session.open(facts)
    await session.intend(*records)
    await session.close(None)
    damage(killed, [sent])
    assert salvage_journal(killed, saved).kept == 0

    clock.advance(5000.0)
    [evidence] = (await client.reconcile(saved)).evidence
    assert [row.code for row in evidence.candidates] == [sent.message_code]
    end = datetime.fromtimestamp(clock.stamp().wall + 300.0, UTC)
    assert f" to {end:%F %T} UTC" in evidence.note


@pytest.mark.parametrize("action", ["recall", "reconcile"])
async def test_another_clients_run_is_refused(
    pushwoosh_client: PushwooshClient,
    connect: Any,
    pushwoosh_sandbox: Sandbox,
    journal: Path,
    action: str,
) -> None:
    """By application or address: its messages would be looked for in the wrong place."""
    await pushwoosh_client.fan_out(LATER, users=IDS, journal=journal)
    asked = dict(pushwoosh_sandbox.truth().by_method)
    other = connect(pushwoosh_sandbox, application="AAAAA-BBBBB")
    with pytest.raises(ConfigurationError, match=r"for XXXXX-XXXXX, and this .* for AAAAA-BBBBB"):
        await getattr(other, action)(journal)
    away = connect(pushwoosh_sandbox, base_url="https://x.example")
    with pytest.raises(ConfigurationError, match=r"and this client goes to https://x\.example"):
        await getattr(away, action)(journal)
    assert pushwoosh_sandbox.truth().by_method == asked
    assert read_journal(journal).finished


@pytest.mark.parametrize("action", ["recall", "reconcile"])
async def test_a_journal_in_use_or_missing_or_no_path(
    pushwoosh_client: PushwooshClient, journal: Path, action: str
) -> None:
    """Each is refused by name, and no file is made."""
    ask = getattr(pushwoosh_client, action)
    with pytest.raises(JournalError, match="no such journal"):
        await ask(journal)
    assert list(journal.parent.iterdir()) == []
    with pytest.raises(TypeError, match=r"^journal: expected a path, got NoneType"):
        await ask(None)
    await pushwoosh_client.fan_out(LATER, users=IDS, journal=journal)
    found = label_recipients(journal, IDS)
    await anext(found)
    with pytest.raises(JournalLockedError):
        await ask(journal)
    await found.aclose()
