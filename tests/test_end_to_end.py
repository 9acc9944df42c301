"""The main job, small: everybody through a faulty network, with the sandbox's ledger as the oracle."""

import asyncio
import gc
import gzip
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from connecting import Connect

from pushwoosh_async import (
    AttemptEvent,
    AuthenticationError,
    ChunkOutcome,
    ConfigurationError,
    FanOut,
    Hooks,
    Notification,
    OutcomeEvent,
    PushwooshClient,
    RateLimit,
    RetryPolicy,
    RunStoppedError,
    SendReport,
    Stamp,
    SystemClock,
    read_ids,
)
from pushwoosh_async.sandbox import Fault, Sandbox
from pushwoosh_async.sandbox.faults import KINDS
from pushwoosh_async.sandbox.repeats import Repeat
from pushwoosh_async.testing import FakeClock

pytestmark = pytest.mark.usefixtures("bare_environment")

NOTE = Notification(content={"en": "Hi", "de": "Hallo"})
FAULTS = [*(f"{kind}_{moment}" for kind in KINDS for moment in ("before", "after"))]


def names(count: int) -> list[str]:
    """Name so many users."""
    return [f"user-{number}" for number in range(count)]


def faults(share: float) -> list[Fault]:
    """Spread a share of failures over every kind of fault there is."""
    return [Fault(name, share / (len(FAULTS) + 1)) for name in FAULTS] + [
        Fault("delay", share / (len(FAULTS) + 1), seconds=0.01)
    ]


class Hurried(SystemClock):
    """A clock on which nobody waits longer than a moment: a 503 asks for a second each time."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.01))


def hold_against(
    report: SendReport,
    sandbox: Sandbox,
    ids: Sequence[str],
    *,
    whole: bool = True,
    others: Sequence[str] = (),
) -> None:
    """Check every claim of a report about these different ids by what was really delivered.

    Args:
        report: what the run says.
        sandbox: what happened.
        ids: the source, without invalid ids and duplicates.
        whole: the run went to the end of its source.
        others: other ids that another run has sent to since.
    """
    truth = sandbox.truth()
    elsewhere = set(others)
    delivered = {name for name in sandbox.ledger.counts() if name not in elsewhere}
    assert truth.duplicates == 0
    assert truth.broadcasts == 0
    assert delivered <= set(ids)
    assert report.total == len(ids)
    doubtful = {name for chunk in report.in_doubt_chunks for name in ids[chunk.start : chunk.stop]}
    refused = {name for chunk in report.rejected_chunks for name in ids[chunk.start : chunk.stop]}
    assert (len(doubtful), len(refused)) == (report.in_doubt, report.rejected)
    assert not refused & delivered
    # Whoever was delivered to and is in no doubt was accepted; and nobody else was.
    assert len(delivered - doubtful) == report.accepted
    assert all(chunk.reason and chunk.transaction_id for chunk in report.in_doubt_chunks)
    if whole:
        assert report.input_complete
        assert (report.not_sent, report.stopped) == (0, "")


# -- the demo ----------------------------------------------------------------------------------


@pytest.mark.parametrize("repeat", get_args(Repeat))
async def test_everybody_is_sent_to_once_through_faults(connect: Connect, repeat: Repeat) -> None:
    """20,000 users, a tenth of the requests failing in every way: none lost, none twice."""
    ids = names(20_000)
    async with Sandbox(faults=faults(0.1), seed=3, repeat=repeat) as sandbox:
        # Where repeats are refused they would go on to the window's end: so here it is a short one.
        soon = {"retry": RetryPolicy(base_delay=0.01, max_delay=0.05, window=1.5, margin=0.6)}
        options = soon if repeat == "409" else {}
        client = connect(sandbox, timeout=0.3, clock=Hurried(), **options)
        report = await client.fan_out(NOTE, users=ids, chunk_size=100)
        hold_against(report, sandbox, ids)
        truth = sandbox.truth()
        assert len(truth.faults) > 8
        # On a busy machine an attempt can time out before the server hears of it.
        assert truth.requests <= report.requests == 200 + report.retries
        assert report.accepted_on_repeat > 0
        assert report.rejected == 0
        if repeat in {"same_code", "empty"}:  # then a repeat tells the truth
            assert report.in_doubt == 0
            assert truth.recipients == 20_000
        else:
            assert 0 < report.in_doubt < 10_000
            assert {chunk.outcome for chunk in report.in_doubt_chunks} == {"in_doubt"}


@pytest.mark.parametrize("concurrency", [1, 64])
@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
async def test_concurrency_changes_the_speed_only(
    connect: Connect, transport: str, concurrency: int
) -> None:
    """One chunk at a time or sixty-four, over either transport: the same people, once each."""
    ids = names(5_000)
    async with Sandbox(faults=faults(0.1), seed=5) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried(), transport=transport)
        report = await client.fan_out(NOTE, users=ids, chunk_size=50, concurrency=concurrency)
        hold_against(report, sandbox, ids)
        assert report.accepted == 5_000
        # A connection that failed is not used again; beyond those, one for each chunk in flight.
        assert sandbox.truth().connections <= concurrency + report.retries


@pytest.mark.parametrize("repeat", get_args(Repeat))
async def test_server_that_forgets_soon_is_not_asked_too_late(
    connect: Connect, repeat: Repeat
) -> None:
    """Where ids are remembered for 10 s, doubts end at the window's gate: reported, never doubled."""
    ids, clock = names(6_000), FakeClock()
    often = [Fault("reset_after", 0.3), Fault("error_500_before", 0.3), Fault("html_after", 0.2)]
    async with Sandbox(
        faults=often, seed=2, repeat=repeat, window=10, clock=clock.monotonic
    ) as sandbox:
        client = connect(
            sandbox,
            clock=clock,
            timeout=0.3,
            retry=RetryPolicy(window=10, margin=4, base_delay=1, max_delay=2),
        )
        report = await client.fan_out(NOTE, users=ids, chunk_size=30, concurrency=4)
        hold_against(report, sandbox, ids)
        assert 0 < report.in_doubt < 6_000
        assert report.accepted > 0
        # Of those in doubt some were delivered to, and once.
        assert report.accepted < sandbox.truth().recipients <= report.accepted + report.in_doubt


async def test_ledger_that_forgets_sooner_than_it_is_trusted_to_shows_duplicates(
    connect: Connect,
) -> None:
    """The oracle sees what the window rule prevents (assumption A1): here the server breaks it."""
    ids, clock = names(3_000), FakeClock()
    async with Sandbox(
        faults=[Fault("reset_after", 0.7)], window=3, clock=clock.monotonic
    ) as sandbox:
        client = connect(sandbox, clock=clock, retry=RetryPolicy(base_delay=4, max_delay=8))
        await client.fan_out(NOTE, users=ids, chunk_size=30, concurrency=4)
        assert sandbox.truth().duplicates > 0


async def test_file_goes_through_to_the_end(connect: Connect, tmp_path: Path) -> None:
    """A packed CSV file, read by column, ends at its users; what is invalid in it is counted."""
    path = tmp_path / "users.csv.gz"
    ids = names(7_005)
    lines = ["id,user", *(f"{number},{name}" for number, name in enumerate(ids)), "x, blank"]
    path.write_bytes(gzip.compress("\r\n".join(lines).encode()))
    async with Sandbox(faults=faults(0.1), seed=1) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        report = await client.fan_out(NOTE, users=read_ids(path, column="user"), invalid="drop")
        assert (report.accepted, report.invalid, report.total) == (7_005, 1, 7_006)
        assert sandbox.truth().recipients == sandbox.truth().deliveries == 7_005


async def test_devices_are_sent_to_as_devices(sandbox: Sandbox, connect: Connect) -> None:
    """Push tokens go in `devices`, each once; those the application does not know are counted."""
    tokens = ["stranger", *names(2_500)]
    report = await connect(sandbox).fan_out(NOTE, devices=iter(tokens))
    sent = sandbox.ledger.notifications
    assert [len(one["devices"]) for one in sent] == [1000, 1000, 501]
    assert not any("users" in one for one in sent)
    assert (report.accepted, report.unknown_devices) == (2_501, 1)
    assert sandbox.truth().recipients == 2_500


async def test_tail_keeps_its_message_code(sandbox: Sandbox, connect: Connect) -> None:
    """A last chunk under ten takes ids from the one before, so every chunk has a code."""
    async with connect(sandbox).fan_out(NOTE, users=names(2_003), concurrency=1) as run:
        outcomes = [outcome async for outcome in run]
    assert [outcome.recipients for outcome in outcomes] == [1000, 993, 10]
    assert all(outcome.message_code for outcome in outcomes)
    assert [name for outcome in outcomes for name in outcome.ids] == names(2_003)


async def test_six_counts_add_up(connect: Connect) -> None:
    """Duplicates and invalid ids are set aside and counted; the rest is sent to once."""
    ids = [f"u{number % 700}" if number % 7 else " " for number in range(5_000)]
    async with Sandbox(faults=faults(0.1), seed=8) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        report = await client.fan_out(NOTE, users=ids, chunk_size=20, dedupe=True, invalid="drop")
        different = set(ids) - {" "}
        assert report.accepted == len(different)
        assert report.invalid == ids.count(" ")
        assert report.duplicates == 5_000 - len(different) - report.invalid
        assert report.total == 5_000
        assert set(sandbox.ledger.counts()) == different
        assert set(sandbox.ledger.counts().values()) == {1}


async def test_without_dedupe_each_position_is_a_delivery(
    sandbox: Sandbox, connect: Connect
) -> None:
    """An id that stands in two places is sent to twice, as documented."""
    report = await connect(sandbox).fan_out(NOTE, users=["u1", "u2", "u1"] * 10, chunk_size=15)
    assert report.accepted == 30
    assert sandbox.ledger.deliveries("u1") == 20


async def test_same_send_id_sends_nothing_twice(sandbox: Sandbox, connect: Connect) -> None:
    """A second start of the same send, by another process say, delivers to nobody again."""
    reports = [
        await connect(sandbox).fan_out(NOTE, users=names(2_500), send_id="campaign 7")
        for _ in range(2)
    ]
    assert [report.accepted for report in reports] == [2_500, 2_500]
    assert sandbox.truth().deliveries == 2_500
    await connect(sandbox).fan_out(NOTE, users=names(2_500), send_id="campaign 8")
    assert sandbox.truth().deliveries == 5_000


async def test_refusal_under_a_send_id_is_in_doubt(connect: Connect) -> None:
    """With a `send_id` a 210 may be the answer to a repeat: not called rejected."""
    async with Sandbox(repeat="210") as sandbox:
        client = connect(sandbox)
        await client.fan_out(NOTE, users=names(100), send_id="campaign 7")
        report = await client.fan_out(NOTE, users=names(100), send_id="campaign 7")
        assert (report.in_doubt, report.rejected) == (100, 0)
        hold_against(report, sandbox, names(100))


async def test_limits_of_both_sides_agree(connect: Connect) -> None:
    """At the vendor's 600 a minute the client never has to be refused."""
    clock = FakeClock()
    async with Sandbox(rate_limit=600, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit())
        # One at a time: on this clock a request that is out arrives later than it was let go.
        report = await client.fan_out(NOTE, users=names(7_000), chunk_size=10, concurrency=1)
        assert report.accepted == 7_000
        assert sandbox.truth().throttled == 0
        assert 60 < report.seconds < 80


async def test_limit_that_only_the_server_has_is_waited_out(connect: Connect) -> None:
    """429s hold everybody and put nobody in doubt; all are accepted in the end (S4)."""
    clock, ids = FakeClock(), names(3_000)
    async with Sandbox(rate_limit=20, clock=clock.monotonic) as sandbox:
        report = await connect(sandbox, clock=clock).fan_out(NOTE, users=ids, chunk_size=30)
        hold_against(report, sandbox, ids)
        assert (report.accepted, report.accepted_on_repeat) == (3_000, 0)
        assert sandbox.truth().throttled > 0
        assert clock.monotonic() > 4 * 60


# -- watched -----------------------------------------------------------------------------------


async def test_watched_run_tells_of_every_chunk(connect: Connect) -> None:
    """Each chunk's outcome comes once, with its ids, and progress never goes back."""
    ids = names(3_000)
    async with Sandbox(faults=faults(0.1), seed=4) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        seen: list[ChunkOutcome] = []
        accepted: list[int] = []
        async with client.fan_out(NOTE, users=ids, chunk_size=50) as run:
            assert run.progress.total == 3_000
            async for outcome in run:
                seen.append(outcome)
                accepted.append(run.progress.accepted)
        hold_against(run.report, sandbox, ids)
        assert sorted(name for outcome in seen for name in outcome.ids) == sorted(ids)
        assert sorted((outcome.start, outcome.stop) for outcome in seen) == [
            (start, start + 50) for start in range(0, 3_000, 50)
        ]
        assert accepted == sorted(accepted)
        assert (run.progress.accepted, run.progress.taken) == (3_000, 3_000)
        assert run.progress.requests == 60 + run.progress.retries >= sandbox.truth().requests
        assert run.progress.retries == run.report.retries > 0


async def test_drained_run_is_told_truthfully(connect: Connect) -> None:
    """In mid-run: what is in flight goes on to its end, what was not begun is not sent."""
    ids = names(20_000)
    async with Sandbox(faults=faults(0.1), seed=6) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        seen: list[ChunkOutcome] = []
        async with client.fan_out(NOTE, users=ids, chunk_size=100) as run:
            async for outcome in run:
                seen.append(outcome)
                if len(seen) == 20:
                    run.drain()
        hold_against(run.report, sandbox, ids, whole=False)
        assert run.report.stopped == "drained"
        assert run.report.in_doubt == 0
        assert 2_000 <= run.report.accepted <= 2_000 + 2 * 16 * 100
        assert run.report.not_sent == 20_000 - run.report.accepted
        begun = [outcome for outcome in seen if outcome.outcome != "not_sent"]
        assert sum(outcome.recipients for outcome in begun) == run.report.accepted


async def test_block_that_is_left_early_drains(connect: Connect) -> None:
    """By `break`, or by an error of the program's own, the books are right, and the error goes on."""
    ids = names(4_000)
    async with Sandbox() as sandbox:
        client = connect(sandbox)
        async with client.fan_out(NOTE, users=ids, chunk_size=50) as run:
            async for _ in run:
                break
        hold_against(run.report, sandbox, ids, whole=False)
        assert 0 < run.report.accepted < 4_000
        sandbox.reset()
        run = client.fan_out(NOTE, users=ids, chunk_size=50)

        async def stumble() -> None:
            async with run:
                async for _ in run:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await stumble()
        hold_against(run.report, sandbox, ids, whole=False)
        assert 0 < run.report.accepted < 4_000


# -- cancelled ---------------------------------------------------------------------------------


class CancelAt(Hooks):
    """Cancels a task at the n-th event of a kind."""

    def __init__(self, kind: type, count: int) -> None:
        self.kind = kind
        self.left = count
        self.task: asyncio.Task[Any] | None = None

    def _count(self, event: object) -> None:
        if isinstance(event, self.kind):
            self.left -= 1
            if self.left == 0 and self.task is not None:
                self.task.cancel()

    def on_attempt(self, event: AttemptEvent) -> None:
        self._count(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        self._count(event)


@pytest.mark.parametrize("kind", [AttemptEvent, OutcomeEvent])
@pytest.mark.parametrize("count", [1, 2, 17, 40, 70])
@pytest.mark.parametrize("concurrency", [1, 16])
async def test_cancelled_run_is_told_truthfully_and_the_client_serves_on(
    connect: Connect, kind: type, count: int, concurrency: int
) -> None:
    """Wherever the cancellation falls, report and ledger agree, and no connection is lost."""
    ids = names(5_000)
    async with Sandbox(faults=faults(0.1), seed=count) as sandbox:
        hooks = CancelAt(kind, count)
        client = connect(
            sandbox, timeout=0.3, clock=Hurried(), hooks=hooks, max_connections=concurrency
        )
        run = client.fan_out(NOTE, users=ids, chunk_size=50, concurrency=concurrency)

        async def wait_for(it: FanOut) -> SendReport:
            return await it

        hooks.task = asyncio.create_task(wait_for(run))
        with pytest.raises(asyncio.CancelledError):
            await hooks.task
        report = run.report
        hold_against(report, sandbox, ids, whole=False)
        assert report.not_sent > 0
        assert report.stopped == "cancelled"

        others = [f"another-{name}" for name in ids]
        again = await client.fan_out(NOTE, users=others, chunk_size=500, concurrency=concurrency)
        assert again.accepted == 5_000
        await client.aclose()  # what nobody waited for has ended by now, and changed nothing
        assert run.report == report
        hold_against(report, sandbox, ids, whole=False, others=others)


async def test_answers_under_way_are_waited_for_when_a_run_is_cancelled(connect: Connect) -> None:
    """A cancellation makes no doubt of what is answered within a moment: it is accepted."""
    ids, arrived, answer = names(1_000), asyncio.Semaphore(0), asyncio.Event()

    async def hold_back(seconds: float) -> None:
        arrived.release()
        await answer.wait()

    async with Sandbox(latency=1, sleep=hold_back) as sandbox:
        run = connect(sandbox).fan_out(NOTE, users=ids, chunk_size=50, concurrency=4)

        async def wait_for_it() -> SendReport:
            return await run

        task = asyncio.create_task(wait_for_it())
        for _ in range(4):
            await arrived.acquire()
        task.cancel()
        for _ in range(100):  # turns of the loop: by then the workers have gone
            await asyncio.sleep(0)
        assert not task.done()
        answer.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        hold_against(run.report, sandbox, ids, whole=False)
        assert (run.report.accepted, run.report.in_doubt, run.report.not_sent) == (200, 0, 800)


async def test_run_in_a_timeout_is_told_truthfully(connect: Connect) -> None:
    """`asyncio.timeout` around a run that hangs: what is out is in doubt, the rest not sent."""
    ids = names(1_000)
    async with Sandbox() as sandbox:
        sandbox.script(["stall_after", "stall_before"] * 8)
        client = connect(sandbox, timeout=0.5)
        run = client.fan_out(NOTE, users=ids, chunk_size=10, concurrency=4)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await run
        hold_against(run.report, sandbox, ids, whole=False)
        assert (run.report.in_doubt, run.report.not_sent) == (40, 960)
        assert sandbox.truth().recipients == 20


async def test_close_in_mid_run_ends_it_truthfully(connect: Connect) -> None:
    """A client that is closed while it sends: the run ends with an error, and its books are right."""
    ids = names(5_000)
    async with Sandbox() as sandbox:
        client = connect(sandbox)
        run = client.fan_out(NOTE, users=ids, chunk_size=50)

        async def pull_the_rug() -> None:
            async with run:
                async for _ in run:
                    await client.aclose()

        with pytest.raises(ConfigurationError, match="client: it was closed"):
            await pull_the_rug()
        hold_against(run.report, sandbox, ids, whole=False)
        assert run.report.accepted > 0
        assert run.report.not_sent > 0


# -- stopped -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{"api_token": "revoked"}, {"application": "WRONG-00000"}], ids=lambda o: str(*o)
)
async def test_refused_caller_ends_a_run_unsent(
    sandbox: Sandbox, connect: Connect, options: dict[str, str]
) -> None:
    """An unknown token stops the run at once: everybody not sent, and no flood of refused calls."""
    client, ids = connect(sandbox, **options), names(20_000)
    with pytest.raises(RunStoppedError) as caught:
        await client.fan_out(NOTE, users=ids, chunk_size=10)
    error = caught.value
    assert error.delivery == "not_sent"
    assert isinstance(error.__cause__, AuthenticationError)
    assert isinstance(error.report, SendReport)
    assert (error.report.not_sent, error.report.total) == (20_000, 20_000)
    hold_against(error.report, sandbox, ids, whole=False)
    assert sandbox.truth().deliveries == 0
    assert sandbox.truth().requests <= 16


async def test_token_revoked_in_mid_run_ends_it(connect: Connect) -> None:
    """Those accepted until then are, all others are not sent, and the report is with the error."""
    ids, asked = names(5_000), iter(range(10**9))
    async with Sandbox() as sandbox:
        client = connect(
            sandbox, api_token=lambda: "sandbox-token" if next(asked) < 30 else "revoked"
        )
        with pytest.raises(RunStoppedError) as caught:
            await client.fan_out(NOTE, users=ids, chunk_size=50)
        assert isinstance(caught.value.report, SendReport)
        hold_against(caught.value.report, sandbox, ids, whole=False)
        assert caught.value.report.accepted == 30 * 50
        assert caught.value.delivery == "in_doubt"


def _mixed() -> list[str]:
    """Name 1000 users, of whom the third hundred has names too long for the server's limit."""
    return [name + "x" * 300 * (200 <= at < 300) for at, name in enumerate(names(1_000))]


async def test_rejected_chunk_is_reported_and_the_rest_goes_on(connect: Connect) -> None:
    """One chunk that the server refuses costs nobody else the message."""
    async with Sandbox(max_body=20_000) as sandbox:
        report = await connect(sandbox).fan_out(NOTE, users=_mixed(), chunk_size=100)
        hold_against(report, sandbox, _mixed())
        assert (report.accepted, report.rejected) == (900, 100)
        [chunk] = report.rejected_chunks
        assert (chunk.start, chunk.stop, chunk.attempts) == (200, 300, 1)
        assert "HTTP 413" in chunk.reason


async def test_rejected_chunk_stops_the_run_where_asked(connect: Connect) -> None:
    """With on_rejected="stop" nothing new begins; what became of whom is with the error."""
    async with Sandbox(max_body=20_000) as sandbox:
        with pytest.raises(RunStoppedError, match="a chunk was rejected") as caught:
            await connect(sandbox).fan_out(
                NOTE, users=_mixed(), chunk_size=100, concurrency=1, on_rejected="stop"
            )
        assert isinstance(caught.value.report, SendReport)
        hold_against(caught.value.report, sandbox, _mixed(), whole=False)
        assert caught.value.report.rejected == 100
        assert caught.value.report.accepted == 200
        assert caught.value.report.not_sent == 700


async def test_run_that_is_refused_from_the_start_stops_early(connect: Connect) -> None:
    """As many clean refusals as chunks in flight, and no acceptance: a mistake, not bad luck."""
    async with Sandbox(max_body=100) as sandbox:
        with pytest.raises(RunStoppedError, match="nothing was accepted") as caught:
            await connect(sandbox).fan_out(NOTE, users=names(5_000), chunk_size=10, concurrency=4)
        assert isinstance(caught.value.report, SendReport)
        hold_against(caught.value.report, sandbox, names(5_000), whole=False)
        assert sandbox.truth().requests < 12
        assert caught.value.delivery == "not_sent"


class Appointed(SystemClock):
    """A clock on which the run's deadline comes when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.come = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == 3600:
            await self.come.wait()
        else:
            await super().sleep(min(seconds, 0.01))


async def test_past_the_deadline_nothing_new_begins(connect: Connect) -> None:
    """What has begun goes on to its end, doubts too; the rest is not sent, and that is no error."""
    ids, clock = names(10_000), Appointed()
    async with Sandbox(faults=faults(0.1), seed=9) as sandbox:
        client = connect(sandbox, clock=clock, timeout=0.3)
        async with client.fan_out(NOTE, users=ids, chunk_size=50, deadline=3600) as run:
            seen = 0
            async for _ in run:
                seen += 1
                if seen == 10:
                    clock.come.set()
        hold_against(run.report, sandbox, ids, whole=False)
        assert run.report.stopped == "the deadline of 3600 s has passed"
        assert run.report.in_doubt == 0
        assert 500 <= run.report.accepted < 10_000
        assert run.report.not_sent == 10_000 - run.report.accepted


async def test_source_that_breaks_ends_the_run_with_its_own_error(connect: Connect) -> None:
    """What was read before is finished and counted; the error comes out (I12, P16)."""

    def broken() -> Iterator[str]:
        yield from names(2_000)
        raise OSError("the disk is gone")

    async with Sandbox(faults=faults(0.1), seed=7) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        run = client.fan_out(NOTE, users=broken(), chunk_size=50)
        with pytest.raises(OSError, match="the disk is gone"):
            await run
        report = run.report
        assert not report.input_complete
        assert report.total <= 2_000
        assert sandbox.truth().recipients == report.accepted
        assert sandbox.truth().duplicates == 0


async def test_async_source_is_closed_when_the_run_stops(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A generator that never ends is left as soon as the run is, and closed (I13)."""
    closed: list[bool] = []

    async def endless() -> AsyncIterator[str]:
        number = 0
        try:
            while True:
                yield f"u{number}"
                number += 1
        finally:
            closed.append(True)

    async with connect(sandbox).fan_out(NOTE, users=endless(), chunk_size=50) as run:
        async for _ in run:
            run.drain()
    assert closed == [True]
    assert run.report.accepted == sandbox.truth().deliveries > 0
    assert not run.report.input_complete


@pytest.mark.parametrize("make", [list, lambda: names(30)], ids=["empty", "some"])
async def test_run_that_nobody_awaits_sends_nothing_and_says_so(
    sandbox: Sandbox, connect: Connect, make: Callable[[], list[str]]
) -> None:
    """Forgotten, it is named by a warning, since silence would look like success."""

    def forget(client: PushwooshClient) -> None:
        client.fan_out(NOTE, users=make())
        gc.collect()

    with pytest.warns(RuntimeWarning, match="neither awaited nor entered: nothing was sent"):
        forget(connect(sandbox))
    assert sandbox.truth().connections == 0


async def test_outage_puts_no_more_in_doubt_than_is_in_flight(connect: Connect) -> None:
    """The breaker: with everything failing, no new chunk begins behind those in doubt (S6)."""
    clock, ids = FakeClock(), names(5_000)
    async with Sandbox(faults=[Fault("error_500_before", 1.0)]) as sandbox:
        client = connect(
            sandbox,
            clock=clock,
            timeout=0.3,
            retry=RetryPolicy(window=10, margin=4, base_delay=1, max_delay=2),
        )
        seen = 0
        async with client.fan_out(NOTE, users=ids, chunk_size=50, concurrency=8) as run:
            async for outcome in run:
                seen += outcome.outcome == "in_doubt"
                if seen == 12:
                    run.drain()
        hold_against(run.report, sandbox, ids, whole=False)
        # Eight at once, then one at a time, to see whether the server is there again.
        assert 12 * 50 <= run.report.in_doubt <= 14 * 50
        assert run.report.accepted == 0


async def test_suspended_machine_repeats_nothing_too_late(connect: Connect) -> None:
    """A laptop that slept past the window: its doubts are reported, not sent again."""
    ids, clock = names(400), FakeClock()

    class Suspended(Hooks):
        attempts = 0

        def on_attempt(self, event: AttemptEvent) -> None:
            self.attempts += 1
            if self.attempts == 12:
                clock.advance(400)

    async with Sandbox(
        faults=[Fault("reset_after", 0.5)], window=300, clock=clock.monotonic
    ) as sandbox:
        client = connect(sandbox, clock=clock, hooks=Suspended())
        report = await client.fan_out(NOTE, users=ids, chunk_size=20, concurrency=8)
        hold_against(report, sandbox, ids)
        assert report.in_doubt > 0
        assert isinstance(clock.stamp(), Stamp)
