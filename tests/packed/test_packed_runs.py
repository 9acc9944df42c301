"""Many chunks in a request, over a bad line: nobody lost, nobody twice, every label true by the ledger."""

import pytest
from connecting import Connect

from pushwoosh_async import Notification, RateLimit, RetryPolicy, RunStoppedError
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

from .accounts import (
    CLEAR_WAYS,
    WAYS,
    Hurried,
    assert_true,
    bad_line,
    names,
    pace,
    watched,
)

pytestmark = pytest.mark.usefixtures("bare_environment")

NOTE = Notification(content={"en": "Hello", "de": "Hallo"})


@pytest.mark.slow
async def test_a_million_users(connect: Connect) -> None:
    """In a tenth of the requests, with the faults of the demo: everybody once, and the report says so."""
    ids = names(1_000_000)
    async with Sandbox(faults=bad_line(), seed=3) as sandbox:
        client = connect(sandbox, timeout=1.5, clock=Hurried())
        run = client.fan_out(NOTE, users=ids, notifications_per_request=10)
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    assert (run.report.accepted, run.report.in_doubt) == (1_000_000, 0)
    assert len(told) == 1000
    truth, seen = sandbox.truth(), sandbox.traffic()
    assert len(truth.faults) > 2
    assert truth.replays > 0
    assert run.report.accepted_on_repeat > 0
    assert (seen.most_notifications, seen.most_ids) == (10, 1000)
    # On a busy machine an attempt can time out before the server hears of it.
    assert truth.requests <= run.report.requests == 101 + run.report.retries


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
async def test_each_way_of_answering_a_repeat(connect: Connect, way: str) -> None:
    """A quarter of the requests fail: the packs are taken apart, and what cannot be told stays a doubt."""
    ids = names(50_000)
    clear = way in CLEAR_WAYS
    options = pace(way)
    async with Sandbox(
        faults=bad_line(4), seed=3, clock=options["clock"].monotonic, **WAYS[way]
    ) as sandbox:
        client = connect(sandbox, timeout=0.3, **options)
        run = client.fan_out(NOTE, users=ids, chunk_size=100, notifications_per_request=20)
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    assert run.report.rejected == run.report.not_sent == 0
    assert run.report.input_complete
    assert sandbox.truth().replays > 0
    if clear:
        assert run.report.accepted == 50_000
    else:
        assert 0 < run.report.in_doubt < 50_000
        # What was taken with the answer lost is among the doubts, and is no second delivery.
        assert sandbox.truth().recipients > run.report.accepted


@pytest.mark.slow
@pytest.mark.parametrize("way", ["same_code", "empty", "210", "409, others sent"])
@pytest.mark.parametrize("bad", ["refuses_all", "rest_sent", "dropped"])
async def test_each_way_with_bad_ones_among_good(connect: Connect, bad: str, way: str) -> None:
    """One bad id costs the chunk it is in: a doubt with the API's words, and nobody in it got anything."""
    ids = names(50_000)
    wrong = {12_345, 12_399, 30_000, 49_999}
    options, ways = pace(way), {"bad_notification": bad, **WAYS[way]}
    async with Sandbox(
        rejected_ids=[ids[each] for each in wrong], clock=options["clock"].monotonic, **ways
    ) as sandbox:
        client = connect(sandbox, **options)
        run = client.fan_out(NOTE, users=ids, chunk_size=100, notifications_per_request=20)
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    doubts = {each.start: each for each in run.report.in_doubt_chunks}
    assert doubts.keys() >= {12_300, 30_000, 49_900}
    assert all("rejected_in_pack" in doubts[start].reason for start in (12_300, 30_000, 49_900))
    if way in CLEAR_WAYS:
        assert run.report.accepted == 50_000 - 300
    # Three packs of twenty were in it, whatever the ways: nobody else is left in doubt.
    assert run.report.in_doubt <= 3 * 2000
    assert run.report.accepted == 50_000 - run.report.in_doubt


async def test_line_and_input_both_bad(connect: Connect) -> None:
    """Bad ids and bad luck together: still each label true."""
    ids = names(50_000)
    wrong = [ids[each] for each in range(77, 50_000, 5_000)]
    async with Sandbox(
        faults=bad_line(3), seed=5, rejected_ids=wrong, bad_notification="dropped", repeat="empty"
    ) as sandbox:
        client = connect(sandbox, timeout=1.5, clock=Hurried())
        run = client.fan_out(NOTE, users=ids, chunk_size=100, notifications_per_request=20)
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    # The very first chunk went alone: its refusal is clean.
    assert (run.report.rejected, run.report.in_doubt) == (100, 900)


async def test_server_that_forgets_soon_is_not_asked_too_late(connect: Connect) -> None:
    """Packs that nobody acknowledges before their window closes: in doubt, and never sent once more."""
    ids, clock = names(20_000), FakeClock()
    faults = bad_line(9)
    async with Sandbox(faults=faults, seed=2, window=20, clock=clock.monotonic) as sandbox:
        client = connect(
            sandbox,
            clock=clock,
            timeout=0.3,
            retry=RetryPolicy(window=20, margin=8, base_delay=1, max_delay=4),
        )
        run = client.fan_out(
            NOTE,
            users=ids,
            chunk_size=50,
            notifications_per_request=16,
            max_request_bytes=200_000,
        )
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    assert 0 < run.report.in_doubt < 20_000
    assert run.report.accepted < sandbox.truth().recipients


async def test_ledger_shows_a_window_that_is_shorter_than_promised(connect: Connect) -> None:
    """The oracle sees what the window prevents (assumption A1): here the server breaks its word."""
    ids, clock = names(10_000), FakeClock()
    async with Sandbox(faults=bad_line(9), seed=2, window=1, clock=clock.monotonic) as sandbox:
        client = connect(
            sandbox, clock=clock, timeout=0.3, retry=RetryPolicy(base_delay=4, max_delay=8)
        )
        await client.fan_out(NOTE, users=ids, chunk_size=50, notifications_per_request=16)
        assert sandbox.truth().duplicates > 0


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
async def test_full_requests(connect: Connect, transport: str) -> None:
    """With "max" a request holds a thousand notifications, or as many as its bytes allow, and no more."""
    async with Sandbox() as sandbox:
        client = connect(sandbox, transport=transport)
        many = client.fan_out(
            NOTE, users=names(4_000), chunk_size=1, notifications_per_request="max"
        )
        told = await watched(many)
        assert_true(many.report, told, sandbox, names(4_000))
        # One alone first: a refused token then costs one.
        assert sandbox.traffic().most_notifications == 1000
        assert sandbox.truth().requests == 5

        sandbox.reset()
        long = [name.ljust(1000, "-") for name in names(20_000)]
        large = client.fan_out(
            NOTE, users=long, notifications_per_request="max", max_request_bytes=9_900_000
        )
        told = await watched(large)
        assert_true(large.report, told, sandbox, long)
        assert 8_900_000 < sandbox.traffic().largest_body <= 9_900_000
        assert sandbox.truth().requests == 4


async def test_limit_of_the_vendor_is_kept(connect: Connect) -> None:
    """At 600 a minute on both sides, full packs or not, no request is ever refused."""
    clock, ids = FakeClock(), names(7_000)
    async with Sandbox(rate_limit=600, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit())
        # One at a time: on this clock a request that is out arrives later than it was let go.
        run = client.fan_out(
            NOTE, users=ids, chunk_size=2, notifications_per_request=5, concurrency=1
        )
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    assert (run.report.accepted, sandbox.truth().throttled) == (7_000, 0)
    assert run.report.requests == 701
    assert 60 < run.report.seconds < 80


async def test_limit_that_only_the_server_has(connect: Connect) -> None:
    """A 429 to a pack is a doubt, as any failure of a pack: taken apart at the server's pace."""
    clock, ids = FakeClock(), names(6_000)
    async with Sandbox(rate_limit=60, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock)
        run = client.fan_out(NOTE, users=ids, chunk_size=10, notifications_per_request=4)
        told = await watched(run)
    assert_true(run.report, told, sandbox, ids)
    assert sandbox.truth().throttled > 0
    assert run.report.not_sent == run.report.rejected == 0


@pytest.mark.parametrize(
    "options", [{"api_token": "revoked"}, {"application": "WRONG-00000"}], ids=lambda o: str(*o)
)
async def test_refused_caller_ends_a_run_unsent(connect: Connect, options: dict[str, str]) -> None:
    """The first notification goes alone: a refused token leaves nobody in doubt, and costs one request."""
    async with Sandbox() as sandbox:
        with pytest.raises(RunStoppedError) as caught:
            await connect(sandbox, **options).fan_out(
                NOTE, users=names(50_000), chunk_size=10, notifications_per_request="max"
            )
    assert caught.value.delivery == "not_sent"
    assert caught.value.report.not_sent == 50_000
    assert (sandbox.truth().requests, sandbox.truth().deliveries) == (1, 0)


async def test_token_revoked_in_mid_run(connect: Connect) -> None:
    """The pack that met the refusal is in doubt; what was not begun is not sent."""
    ids, asked = names(20_000), iter(range(10**9))
    async with Sandbox() as sandbox:
        client = connect(
            sandbox, api_token=lambda: "sandbox-token" if next(asked) < 20 else "revoked"
        )
        run = client.fan_out(NOTE, users=ids, chunk_size=50, notifications_per_request=10)
        with pytest.raises(RunStoppedError):
            await watched(run)
    report = run.report
    # One alone, the rest of its pack, and 18 whole ones.
    assert report.accepted == sandbox.truth().recipients == 19 * 500
    assert report.in_doubt in {500 * each for each in range(1, 17)}
    assert report.total == 20_000
