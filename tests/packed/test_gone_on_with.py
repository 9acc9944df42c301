"""Many different notifications in a journal: left and gone on with, refused if they changed, told of."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from connecting import Connect

from pushwoosh_async import (
    ConfigurationError,
    FanOut,
    InputChangedError,
    Notification,
    PushwooshClient,
)
from pushwoosh_async.journals import label_recipients, read_journal
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

from .accounts import Hurried, bad_line, watched
from .letters import EACH, assert_delivered, generated, ids_of, letters, streamed

pytestmark = pytest.mark.usefixtures("bare_environment")


async def leave(run: FanOut, after: int) -> None:
    """Let a run go after so many outcomes, as a cancelled task does: nothing is waited for."""

    async def watch() -> None:
        async with run:
            seen = 0
            async for _ in run:
                seen += 1
                if seen == after:
                    task.cancel()
                    await asyncio.sleep(0)

    task = asyncio.create_task(watch())
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("source", [list, streamed])
async def test_resumed(
    connect: Connect, tmp_path: Path, source: Callable[[list[Notification]], Any]
) -> None:
    """Left three times and gone on with each time: everybody once, and the journal knows of each."""
    sent, journal = letters(600), tmp_path / "journal"
    async with Sandbox(
        faults=bad_line(3), seed=2, latency=0.002, keep_notifications=True
    ) as sandbox:

        def begin() -> tuple[PushwooshClient, FanOut]:
            client = connect(sandbox, timeout=0.3, clock=Hurried())
            run = client.fan_out_each(
                source(sent), journal=journal, notifications_per_request=15, concurrency=4
            )
            return client, run

        for after in (1, 40, 90):
            client, run = begin()
            await leave(run, after)
            await client.aclose()
            assert sandbox.truth().duplicates == 0
        client, run = begin()
        told = await watched(run)
        assert run.report.accepted == 600 * EACH
        assert 0 < len(told) < 600
        assert_delivered(sandbox, sent)
        found = read_journal(journal)
        assert found.report.accepted == 600 * EACH

        requests = sandbox.truth().requests
        _, finished = begin()
        assert (await finished).accepted == 600 * EACH
        assert sandbox.truth().requests == requests


async def begun(client: PushwooshClient, sent: list[Notification], journal: Path) -> None:
    """Begin a run of letters, and drain it after the first outcome: five of them are out."""
    async with client.fan_out_each(
        sent, journal=journal, notifications_per_request=5, concurrency=1
    ) as run:
        await anext(run)
        run.drain()
    assert 0 < run.report.accepted < len(sent) * EACH


def reworded(sent: list[Notification]) -> list[Notification]:
    return [evolve(sent[0], content="another"), *sent[1:]]


def swapped(sent: list[Notification]) -> list[Notification]:
    return [sent[1], sent[0], *sent[2:]]


def with_a_stranger(sent: list[Notification]) -> list[Notification]:
    users = [*(sent[0].users or ())]
    return [evolve(sent[0], users=[*users[:-1], "stranger"]), *sent[1:]]


def to_devices(sent: list[Notification]) -> list[Notification]:
    return [Notification(content="letter 0", devices=sent[0].users), *sent[1:]]


@pytest.mark.parametrize(
    ("change", "options", "what"),
    [
        (reworded, {}, "recipients 0 to 12: .* content"),
        (swapped, {}, "recipients 0 to 12: .* ids of digest"),
        (with_a_stranger, {}, "recipients 0 to 12: .* ids of digest"),
        (to_devices, {}, "recipients 0 to 12: .* content devices"),
        (lambda sent: sent[1:], {}, "number of recipients"),
        (lambda sent: [*sent, *letters(1)], {}, "number of recipients"),
        (lambda sent: generated(sent[1:]), {}, "recipients 0 to 12"),
        (list, {"chunk_size": 5}, "chunk_size"),
        (list, {"dedupe": True}, "dedupe"),
        (list, {"invalid": "drop"}, "invalid"),
    ],
)
async def test_other_letters_are_refused(
    sandbox: Sandbox,
    connect: Connect,
    tmp_path: Path,
    change: Callable[[list[Notification]], Any],
    options: dict[str, Any],
    what: str,
) -> None:
    """The journal's run is gone on with as it was begun, or not at all: what differs is named."""
    sent, client = letters(30), connect(sandbox)
    await begun(client, sent, tmp_path / "journal")
    requests = sandbox.truth().requests

    with pytest.raises(InputChangedError, match=what) as caught:
        await client.fan_out_each(change(sent), journal=tmp_path / "journal", **options)

    assert caught.value.delivery == "not_sent"
    assert sandbox.truth().requests == requests
    # And nothing of that has spoilt it.
    report = await client.fan_out_each(sent, journal=tmp_path / "journal")
    assert report.accepted == 30 * EACH
    assert_delivered(sandbox, sent)


async def test_run_of_another_sort_is_refused(
    sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    """One notification for all does not go on where many different ones left off."""
    sent, client = letters(30), connect(sandbox)
    await begun(client, sent, tmp_path / "journal")
    with pytest.raises(InputChangedError, match="kind"):
        await client.fan_out(
            Notification(content="letter 0"), users=ids_of(sent), journal=tmp_path / "journal"
        )


async def test_each_recipient_is_labelled(connect: Connect, tmp_path: Path) -> None:
    """The letters read once more, with the journal: who got which, who is not sent to, who set aside."""
    sent = letters(30)
    sent[3] = Notification(content="letter 3", users=["0-0", " ", "3-x", *ids_of([sent[3]])[3:]])
    async with Sandbox(unknown=["2-5"], keep_notifications=True) as sandbox:
        client = connect(sandbox)
        async with client.fan_out_each(
            sent,
            journal=tmp_path / "journal",
            invalid="drop",
            dedupe=True,
            notifications_per_request=10,
            concurrency=1,
        ) as run:
            await anext(run)
            run.drain()
        ledger = {*sandbox.ledger.counts()}
    found = [each async for each in label_recipients(tmp_path / "journal", sent)]
    assert [each.id for each in found] == ids_of(sent)
    assert [each.position for each in found] == [*range(30 * EACH)]
    aside = {each.position: each.outcome for each in found if each.outcome in _ASIDE}
    assert aside == {36: "duplicate", 37: "invalid"}
    accepted = {each.id for each in found if each.outcome == "accepted"}
    assert accepted == ledger | {"2-5"}
    assert len(accepted) == run.report.accepted
    assert {each.id for each in found if each.outcome == "not_sent"} == {*ids_of(sent[10:])}
    assert len({each.transaction_id for each in found if each.transaction_id}) == 10


_ASIDE = ("duplicate", "invalid")


async def test_date_that_has_passed_is_refused(
    sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    """Each letter has its own: what is left of a run whose day is over is not sent late."""
    dated = [evolve(each, send_date=datetime(2030, 1, 1, 9, tzinfo=UTC)) for each in letters(20)]
    clock = FakeClock(wall=datetime(2029, 12, 31, tzinfo=UTC).timestamp())
    journal = tmp_path / "journal"
    await begun(connect(sandbox, clock=clock), dated, journal)
    requests = sandbox.truth().requests
    clock.advance(5 * 24 * 3600.0)
    with pytest.raises(ConfigurationError, match="send_date, 2030-01-01 09:00, has passed"):
        await connect(sandbox, clock=clock).fan_out_each(dated, journal=journal)
    assert sandbox.truth().requests == requests


async def test_finished_run_tells_the_same_counts_again(connect: Connect, tmp_path: Path) -> None:
    """Requests of packs that were taken apart among them, which the records of chunks do not tell."""
    async with Sandbox() as sandbox:
        sandbox.script([None, "error_500_before", "error_500_before", None])
        client = connect(sandbox, clock=FakeClock())
        journal = tmp_path / "journal"
        report = await client.fan_out_each(letters(9), journal=journal)
        again = await client.fan_out_each(letters(9), journal=journal)
        assert report.requests == sandbox.truth().requests > 4
        assert (again.requests, again.retries) == (report.requests, report.retries)
        found = read_journal(journal).report
        assert (found.requests, found.retries) == (report.requests, report.retries)
