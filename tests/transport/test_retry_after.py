"""429 and Retry-After over real sockets: who waits, and for how long. Time is the test's own."""

import asyncio

import pytest
from fault_server import answer, fault_server
from fault_server.retry_after import NOW, WAITS
from wire_clients import NOTE, Record, Way, attempts, each_own_way, open_client

from pushwoosh_async import RateLimit, RateLimitedError, RetryPolicy, ServerError
from pushwoosh_async.testing import FakeClock


@pytest.mark.parametrize("name", WAITS)
@each_own_way
async def test_a_429_is_waited_out(way: Way, name: str) -> None:
    """Retry-After in seconds or as a date, at most 300 seconds; unreadable ones count as missing."""
    values, asked = WAITS[name]
    clock = FakeClock(wall=NOW)
    async with (
        fault_server(answer(429, b"", [("Retry-After", value) for value in values])) as server,
        open_client(way, server.url, retry=attempts(2), clock=clock) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert clock.sleeps == [asked or 0.0]
        assert len({request.notifications for request in server.complete}) == 1
        assert len(server.complete) == 2


@pytest.mark.parametrize("name", WAITS)
@each_own_way
async def test_the_error_of_a_429_names_the_wait(way: Way, name: str) -> None:
    """Tried once, the error says in seconds how long the server asked to wait."""
    values, asked = WAITS[name]
    async with (
        fault_server(answer(429, b"", [("Retry-After", value) for value in values])) as server,
        open_client(way, server.url, clock=FakeClock(wall=NOW)) as client,
    ):
        with pytest.raises(RateLimitedError) as caught:
            await client.create_message(NOTE)
        assert caught.value.retry_after == asked
        assert caught.value.delivery == "not_sent"


@each_own_way
async def test_a_429_without_a_wait_holds_for_the_base_delay(way: Way) -> None:
    """A server that names no time is left alone for the policy's first delay, for sure."""
    clock = FakeClock()
    retry = RetryPolicy(max_attempts=2, base_delay=2.0)
    async with (
        fault_server(answer(429, b"")) as server,
        open_client(way, server.url, retry=retry, clock=clock) as client,
    ):
        await client.create_message(NOTE)
        assert clock.monotonic() == pytest.approx(2.0)


@each_own_way
async def test_a_429_holds_every_caller(way: Way) -> None:
    """The limit is shared: a call that begins after the 429 waits as long as the one that got it."""
    clock = FakeClock()
    async with (
        fault_server(answer(429, b"", [("Retry-After", "30")])) as server,
        open_client(way, server.url, clock=clock) as client,
    ):
        with pytest.raises(RateLimitedError):
            await client.create_message(NOTE)
        assert clock.sleeps == []
        await client.create_message(NOTE)
        assert clock.sleeps == [30.0]
        await client.create_message(NOTE)
        assert clock.sleeps == [30.0]


@each_own_way
async def test_a_second_429_never_shortens_a_hold(way: Way) -> None:
    """Of two answers under way at once, the longer wait counts."""
    clock = FakeClock()
    async with (
        fault_server(
            answer(429, b"", [("Retry-After", "30")]), answer(429, b"", [("Retry-After", "3")])
        ) as server,
        open_client(way, server.url, clock=clock) as client,
    ):
        both = await asyncio.gather(
            client.create_message(NOTE), client.create_message(NOTE), return_exceptions=True
        )
        assert [type(error) for error in both] == [RateLimitedError] * 2
        await client.create_message(NOTE)
        assert clock.monotonic() == 30.0


@each_own_way
async def test_a_storm_of_429_leaves_no_doubt(way: Way) -> None:
    """Never processed, never in doubt: the window starts anew each time it has run out (A7, S4)."""
    clock = FakeClock()
    storm = [answer(429, b"", [("Retry-After", "200")])] * 6
    async with (
        fault_server(*storm) as server,
        open_client(way, server.url, retry=attempts(7), clock=clock) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert clock.sleeps == [200.0] * 6
        assert len({request.notifications for request in server.complete}) == 1


@each_own_way
@pytest.mark.parametrize(("wait", "repeated"), [("100", True), ("250", False)])
async def test_a_429_after_a_doubt_is_waited_for_inside_the_window(
    way: Way, wait: str, repeated: bool
) -> None:
    """Once in doubt, a wait past the window ends the call at once: no pointless sleep (S3, S5)."""
    clock = FakeClock()
    async with (
        fault_server(answer(500, b""), answer(429, b"", [("Retry-After", wait)])) as server,
        open_client(way, server.url, retry=attempts(3), clock=clock) as client,
    ):
        if repeated:
            await client.create_message(NOTE)
        else:
            with pytest.raises(RateLimitedError) as caught:
                await client.create_message(NOTE)
            assert caught.value.delivery == "in_doubt"
        assert clock.sleeps == ([0.0, 100.0] if repeated else [0.0])
        assert len(server.complete) == 2 + repeated


@each_own_way
@pytest.mark.parametrize(("wait", "repeated"), [("100", True), ("250", False)])
async def test_a_503_is_waited_for_inside_the_window(way: Way, wait: str, repeated: bool) -> None:
    """A doubt with Retry-After: waited for, or given up at once where the window is too short."""
    clock = FakeClock()
    hooks = Record()
    async with (
        fault_server(answer(503, b"", [("Retry-After", wait)])) as server,
        open_client(way, server.url, retry=attempts(3), clock=clock, hooks=hooks) as client,
    ):
        if repeated:
            await client.create_message(NOTE)
        else:
            with pytest.raises(ServerError) as caught:
                await client.create_message(NOTE)
            assert caught.value.retry_after == 250.0
        assert clock.sleeps == ([100.0] if repeated else [])
        assert len(hooks.retries) == repeated


@each_own_way
async def test_a_503_holds_nobody_else(way: Way) -> None:
    """Only a 429 speaks for the whole client."""
    clock = FakeClock()
    async with (
        fault_server(answer(503, b"", [("Retry-After", "100")])) as server,
        open_client(way, server.url, clock=clock) as client,
    ):
        with pytest.raises(ServerError):
            await client.create_message(NOTE)
        await client.create_message(NOTE)
        assert clock.sleeps == []


@each_own_way
async def test_the_limit_of_the_client_spaces_its_requests(way: Way) -> None:
    """With a ceiling, each attempt pays: first ones and repeats alike."""
    clock = FakeClock()
    limit = RateLimit(requests=2, per=10, burst=1)
    async with (
        fault_server(answer(500, b"")) as server,
        open_client(way, server.url, retry=attempts(2), clock=clock, rate_limit=limit) as client,
    ):
        await client.create_message(NOTE)
        await client.create_message(NOTE)
        assert [pause for pause in clock.sleeps if pause] == [pytest.approx(5.0)] * 2
        assert len(server.complete) == 3
