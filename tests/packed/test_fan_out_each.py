"""Many different notifications, given and watched as users do, and what becomes of a run that is left."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from connecting import Connect

from pushwoosh_async import (
    AttemptEvent,
    ConfigurationError,
    FanOut,
    Hooks,
    Notification,
    RateLimit,
    SendReport,
)
from pushwoosh_async.cli.ledger_check import labelled
from pushwoosh_async.sandbox import Sandbox

from .accounts import Hurried, assert_true, bad_line
from .letters import EACH, assert_delivered, generated, ids_of, letters, paged, streamed

pytestmark = pytest.mark.usefixtures("bare_environment")

# -- given -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [list, tuple, generated, streamed, paged])
async def test_however_they_are_given(
    sandbox: Sandbox, connect: Connect, shape: Callable[[list[Notification]], Any]
) -> None:
    """A list, a generator, an async one or its pages: the same notifications in the same requests."""
    sent = letters(200)
    sent[50:60] = [Notification(content=f"to devices {n}", devices=[f"d{n}"]) for n in range(10)]
    report = await connect(sandbox).fan_out_each(shape(sent), notifications_per_request=20)
    assert (report.accepted, report.total) == (190 * EACH + 10, 190 * EACH + 10)
    assert_delivered(sandbox, sent)
    assert sandbox.truth().requests == 11


async def test_no_notifications_send_nothing(sandbox: Sandbox, connect: Connect) -> None:
    """An empty list, or source, is no broadcast."""
    nothing: list[Notification] = []
    for source in (nothing, generated(nothing), streamed(nothing)):
        report = await connect(sandbox).fan_out_each(source)
        assert (report.total, report.requests, report.input_complete) == (0, 0, True)
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (Notification(content="all"), r"notifications\[3\]: must name users or devices"),
        (Notification(content="stored", filter="vips"), "names filter"),
        (Notification(content="blank", users=["u1", " "]), r"notifications\[3\].users"),
    ],
)
async def test_odd_one_in_a_list_is_refused_before_any_is_sent(
    sandbox: Sandbox, connect: Connect, odd: Notification, message: str
) -> None:
    """Its place is named; what would reach every subscriber never leaves."""
    with pytest.raises(ConfigurationError, match=message):
        await connect(sandbox).fan_out_each([*letters(3), odd, *letters(2)])
    assert sandbox.truth().connections == 0


async def test_odd_one_in_a_stream_ends_it(sandbox: Sandbox, connect: Connect) -> None:
    """What came before is finished and told; what comes after was never read."""
    sent = [*letters(100), Notification(content="all"), *letters(5)]
    run = connect(sandbox).fan_out_each(generated(sent), notifications_per_request=10)
    with pytest.raises(ConfigurationError, match=r"notifications\[100\]"):
        await run
    assert sandbox.truth().broadcasts == 0
    assert run.report.accepted == sandbox.truth().recipients
    assert not run.report.input_complete


async def test_own_transaction_ids(sandbox: Sandbox, connect: Connect) -> None:
    """A notification's own id goes out with it: sent again within the window, nobody gets it again."""
    sent = [evolve(each, transaction_id=f"order {at}") for at, each in enumerate(letters(30))]
    client = connect(sandbox)
    for _ in range(2):
        report = await client.fan_out_each(sent)
        assert report.accepted == 30 * EACH
    found = {each["transactionId"] for each in sandbox.ledger.notifications}
    assert found == {each.transaction_id for each in sent}
    assert (sandbox.truth().deliveries, sandbox.truth().replays) == (30 * EACH, 30)
    with pytest.raises(ConfigurationError, match=r"notifications\[30\].*transaction_id"):
        await client.fan_out_each([*sent, sent[3]], dedupe=False)


async def test_somebody_in_two_letters(sandbox: Sandbox, connect: Connect) -> None:
    """Each is a delivery; with `dedupe` the first one alone."""
    sent = [Notification(content=f"letter {n}", users=["u1", f"only {n}"]) for n in range(20)]
    client = connect(sandbox)
    report = await client.fan_out_each(sent)
    assert (report.accepted, sandbox.ledger.deliveries("u1")) == (40, 20)
    sandbox.reset()
    report = await client.fan_out_each(sent, dedupe=True)
    assert (report.accepted, report.duplicates, sandbox.ledger.deliveries("u1")) == (21, 19, 1)


# -- watched -----------------------------------------------------------------------------------


async def test_watched(connect: Connect) -> None:
    """Through a bad line: each notification is told of once, with its ids and its place."""
    sent = letters(400)
    ids = ids_of(sent)
    async with Sandbox(faults=bad_line(3), seed=4, keep_notifications=True) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        async with client.fan_out_each(sent, notifications_per_request=20) as run:
            assert run.progress.total == len(ids)
            seen = [outcome async for outcome in run]
        assert_true(run.report, [*map(labelled, seen)], sandbox, ids)
        assert_delivered(sandbox, sent)
    places = sorted((outcome.start, outcome.stop) for outcome in seen)
    assert places == [(start, start + EACH) for start in range(0, len(ids), EACH)]
    assert all([*outcome.ids] == ids[outcome.start : outcome.stop] for outcome in seen)
    assert len({outcome.transaction_id for outcome in seen}) == 400
    assert all(outcome.message_code for outcome in seen)
    assert run.progress.accepted == len(ids)


async def test_drained(connect: Connect) -> None:
    """Packs in flight go on to their end, those that are taken apart too; the rest is not sent."""
    sent = letters(2_000)
    async with Sandbox(faults=bad_line(3), seed=6) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        told = []
        async with client.fan_out_each(sent, notifications_per_request=10) as run:
            async for outcome in run:
                told.append(labelled(outcome))
                if len(told) == 100:
                    run.drain()
        assert_true(run.report, told, sandbox, ids_of(sent))
    assert (run.report.stopped, run.report.in_doubt) == ("drained", 0)
    assert 100 * EACH <= run.report.accepted < 1_000 * EACH
    assert run.report.not_sent == 2_000 * EACH - run.report.accepted


async def test_paused(sandbox: Sandbox, connect: Connect) -> None:
    """While it is paused no request begins; unpaused, it goes on to the end."""
    sent = letters(300)
    async with connect(sandbox).fan_out_each(
        sent, notifications_per_request=10, concurrency=2
    ) as run:
        await anext(run)
        run.pause()
        while run.progress.accepted < run.progress.requests * EACH * 10 - 10 * EACH:
            await anext(run)
        for _ in range(100):  # turns of the loop: whatever would begin has begun
            await asyncio.sleep(0)
        begun = run.progress.requests
        assert run.progress.paused
        for _ in range(100):
            await asyncio.sleep(0)
        assert run.progress.requests == begun < 31
        run.unpause()
        async for _ in run:
            pass
    assert run.report.accepted == 300 * EACH
    assert_delivered(sandbox, sent)


async def test_slowed_down(sandbox: Sandbox, connect: Connect) -> None:
    """A run's own rate counts requests, not notifications."""
    clock = Hurried()
    client = connect(sandbox, clock=clock)
    async with client.fan_out_each(letters(300), notifications_per_request=100) as run:
        run.set_rate(RateLimit(requests=1000, per=1.0, burst=1))
        async for _ in run:
            pass
    assert (run.report.accepted, run.report.requests) == (300 * EACH, 4)


class CancelAt(Hooks):
    """Cancels a task at the n-th attempt."""

    def __init__(self, number: int) -> None:
        self.task: asyncio.Task[Any] | None = None
        self._left = number

    def on_attempt(self, event: AttemptEvent) -> None:
        self._left -= 1
        if self._left == 0:
            assert self.task is not None
            self.task.cancel()


async def wait_for(run: FanOut) -> SendReport:
    return await run


@pytest.mark.parametrize("number", [1, 2, 3, 10, 30])
async def test_cancelled(connect: Connect, number: int) -> None:
    """Wherever it falls: everybody delivered to is accepted or in doubt, and nobody else is accepted."""
    sent = letters(1_000)
    ids = ids_of(sent)
    async with Sandbox(faults=bad_line(2), seed=number) as sandbox:
        hooks = CancelAt(number)
        client = connect(sandbox, timeout=0.3, clock=Hurried(), hooks=hooks)
        run = client.fan_out_each(sent, notifications_per_request=20)
        hooks.task = asyncio.create_task(wait_for(run))
        with pytest.raises(asyncio.CancelledError):
            await hooks.task
        report, delivered = run.report, {*sandbox.ledger.counts()}
        assert report.stopped == "cancelled"
        assert report.total == len(ids)
        assert report.not_sent > 0
        doubtful = {each for c in report.in_doubt_chunks for each in ids[c.start : c.stop]}
        unsent = {each for start, stop in report.not_sent_ranges for each in ids[start:stop]}
        assert (len(doubtful), len(unsent)) == (report.in_doubt, report.not_sent)
        assert not delivered & unsent
        assert len(delivered - doubtful) == report.accepted
        assert sandbox.truth().duplicates == 0
        # The client serves on.
        again = await client.fan_out_each([evolve(each, content="later") for each in sent])
        assert again.accepted == len(ids)
