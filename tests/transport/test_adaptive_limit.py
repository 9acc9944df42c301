"""The adaptive limit over real sockets: which answers lower it, which raise it. Time is the test's own."""

import asyncio
from contextlib import suppress
from math import inf

import pytest
from connecting import Connect
from fault_server import (
    Connection,
    Script,
    answer,
    fault_server,
    http,
    reset_after_body,
    serve,
)
from wire_clients import NOTE, Way, attempts, each_own_way, open_client

from pushwoosh_async import Notification, PushwooshError, RateLimit, RateLimitedError, RetryPolicy
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

# Steadily three a minute. Refused once it is two, the least; one more again after two were accepted.
LIMIT = RateLimit(requests=3, per=60.0, burst=1, adaptive=True)
LOWERED, RAISED = 2.0, 2.85

REFUSED = answer(429, b"")
REJECTED = answer(200, b'{"status_code":210,"status_message":"Bad","response":null}')


def a_minute(rate: float) -> float:
    """Return a rate as requests a minute, rounded."""
    return round(rate * 60, 6)


def together(number: int, data: bytes) -> Script:
    """Answer so many requests only once all of them were read."""
    barrier = asyncio.Barrier(number)

    async def script(connection: Connection) -> None:
        await connection.read_request()
        await barrier.wait()
        await connection.send(data)

    return script


@each_own_way
async def test_a_429_lowers_the_rate_and_acceptances_raise_it(way: Way) -> None:
    """Down to the least here; up again with the second acceptance, when that much is in use."""
    clock = FakeClock()
    async with (
        fault_server(REFUSED) as server,
        open_client(way, server.url, clock=clock, rate_limit=LIMIT) as client,
    ):
        assert a_minute(client.rate) == 3
        with pytest.raises(RateLimitedError):
            await client.create_message(NOTE)
        assert a_minute(client.rate) == LOWERED
        await client.create_message(NOTE)
        assert a_minute(client.rate) == LOWERED
        await client.create_message(NOTE)
        assert a_minute(client.rate) == RAISED


@each_own_way
async def test_the_lowered_rate_spaces_the_requests(way: Way) -> None:
    """Ten a minute after a refusal at twenty: six seconds between them."""
    clock = FakeClock()
    limit = RateLimit(requests=29, per=60.0, burst=10, adaptive=True)
    async with (
        fault_server(REFUSED) as server,
        open_client(way, server.url, clock=clock, rate_limit=limit) as client,
    ):
        with pytest.raises(RateLimitedError):
            await client.create_message(NOTE)
        for _ in range(3):
            await client.create_message(NOTE)
        assert [pause for pause in clock.sleeps[1:] if pause] == [pytest.approx(6.0)] * 2


@each_own_way
async def test_many_refused_at_once_lower_it_once(way: Way) -> None:
    """Eight in flight are answered 429 at one time: one lesson."""
    limit = RateLimit(requests=209, per=60.0, burst=10, adaptive=True)
    refuse = together(8, http(429, b""))
    async with (
        fault_server(*[refuse] * 8) as server,
        open_client(
            way, server.url, clock=FakeClock(), rate_limit=limit, max_connections=8
        ) as client,
    ):
        assert a_minute(client.rate) == 200
        calls = [client.create_message(NOTE) for _ in range(8)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in outcomes] == [RateLimitedError] * 8
        assert a_minute(client.rate) == 100


@each_own_way
async def test_a_429_to_an_older_request_teaches_nothing(way: Way) -> None:
    """One that was under way while the rate was lowered, and is refused much later."""
    limit = RateLimit(requests=209, per=60.0, burst=10, adaptive=True)
    late = asyncio.Event()

    async def refuse_late(connection: Connection) -> None:
        await connection.read_request()
        await late.wait()
        await connection.send(http(429, b""))

    async with (
        fault_server(refuse_late, REFUSED, serve, REFUSED) as server,
        open_client(way, server.url, clock=FakeClock(), rate_limit=limit) as client,
    ):
        older = asyncio.ensure_future(client.create_message(NOTE))
        await server.until(lambda: len(server.complete) == 1)
        with pytest.raises(RateLimitedError):
            await client.create_message(NOTE)
        await client.create_message(NOTE)
        assert a_minute(client.rate) == 100
        late.set()
        with pytest.raises(RateLimitedError):
            await older
        assert a_minute(client.rate) == 100
        with pytest.raises(RateLimitedError):
            await client.create_message(NOTE)
        assert a_minute(client.rate) == 50


@each_own_way
@pytest.mark.parametrize(
    ("script", "raised"), [(serve, True), (REJECTED, True), (reset_after_body, False)]
)
async def test_what_was_judged_counts_as_let_through(
    way: Way, script: Script, raised: bool
) -> None:
    """An acceptance, and a rejection too, came from behind the limit; of a doubt nobody knows."""
    async with (
        fault_server(REFUSED, script, script) as server,
        open_client(way, server.url, clock=FakeClock(), rate_limit=LIMIT) as client,
    ):
        for _ in range(3):
            with suppress(PushwooshError):
                await client.create_message(NOTE)
        assert a_minute(client.rate) == (RAISED if raised else LOWERED)


@each_own_way
async def test_a_429_to_what_pays_no_limit_leaves_the_rate(way: Way) -> None:
    """Another method has another limit, if any; it holds everybody all the same."""
    clock = FakeClock()
    async with (
        fault_server(answer(429, b"", [("Retry-After", "30")])) as server,
        open_client(way, server.url, clock=clock, rate_limit=LIMIT) as client,
    ):
        with pytest.raises(RateLimitedError):
            await client.get_message_details("C3F8-8D4E1B2A-0123ABCD")
        assert a_minute(client.rate) == 3
        await client.create_message(NOTE)
        assert clock.sleeps == [30.0]


@each_own_way
async def test_a_named_wait_is_waited_out_as_without_adapting(way: Way) -> None:
    """However many refusals there were in a row."""
    clock = FakeClock()
    named = answer(429, b"", [("Retry-After", "70")])
    async with (
        fault_server(*[named] * 4) as server,
        open_client(
            way, server.url, clock=clock, retry=attempts(5), rate_limit=RateLimit(adaptive=True)
        ) as client,
    ):
        await client.create_message(NOTE)
        assert clock.sleeps == [70.0] * 4


@each_own_way
async def test_waits_that_are_not_named_grow(way: Way) -> None:
    """Our own wait doubles while the server goes on refusing, for everybody."""
    clock = FakeClock()
    retry = RetryPolicy(max_attempts=1, base_delay=8.0)
    limit = RateLimit(requests=6000, per=60.0, adaptive=True)
    async with (
        fault_server(*[REFUSED] * 3) as server,
        open_client(way, server.url, clock=clock, retry=retry, rate_limit=limit) as client,
    ):
        for _ in range(3):
            with pytest.raises(RateLimitedError):
                await client.create_message(NOTE)
        await client.create_message(NOTE)
        assert clock.sleeps == [8.0, 15.0, 15.0]


@each_own_way
@pytest.mark.parametrize(("limit", "rate"), [(None, inf), (RateLimit(), 591 / 60)])
async def test_the_rate_stands_without_adapting(
    way: Way, limit: RateLimit | None, rate: float
) -> None:
    """What is configured, whatever is answered; without a limit it is infinite."""
    async with (
        fault_server(REFUSED) as server,
        open_client(
            way, server.url, clock=FakeClock(), retry=attempts(2), rate_limit=limit
        ) as client,
    ):
        await client.create_message(NOTE)
        assert client.rate == pytest.approx(rate)


async def test_a_run_finds_the_limit_of_its_server(connect: Connect) -> None:
    """Configured at 600 a minute, allowed 30: nobody is lost, few are refused, the rate is found."""
    clock, ids = FakeClock(), [f"user-{number}" for number in range(6_000)]
    async with Sandbox(rate_limit=30, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit(adaptive=True))
        # One at a time: on this clock a request that is out arrives later than it was let go.
        report = await client.fan_out(
            Notification(content="Hi"), users=ids, chunk_size=10, concurrency=1
        )
        truth = sandbox.truth()
        assert (report.accepted, truth.deliveries) == (6_000, 6_000)
        assert 0 < truth.throttled <= 0.04 * 600
        assert 0.7 * 30 <= client.rate * 60 <= 1.3 * 30
        assert clock.monotonic() < 1.1 * 20 * 60
