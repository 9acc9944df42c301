"""Cancelling and closing: at every step of a call, and nothing is lost, doubled or left behind."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from adversity.story import Story
from assembled import assemble
from fault_server import (
    Connection,
    FaultServer,
    Script,
    fault_server,
    http,
    read_and_hang,
    reset_after_body,
    serve,
)
from fault_server.certificates import serving, trusting
from wire_clients import (
    APPLICATION,
    NOTE,
    Record,
    Way,
    attempts,
    each_own_way,
    each_way,
    open_client,
)

from pushwoosh_async import (
    ConfigurationError,
    MessageResult,
    Notification,
    PushwooshClient,
    RateLimit,
    TransportError,
)
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.exchange import Exchange, Post
from pushwoosh_async._wire.encode import Target, encode, envelope
from pushwoosh_async.testing import FakeClock

LARGE = envelope(
    Target("application", APPLICATION),
    [encode(Notification(content="x" * 100_000, users=["u1"]), "one-id")],
)


class Gate:
    """A script that reads a request and answers when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, connection: Connection) -> None:
        await connection.read_request()
        await self.open.wait()
        await connection.send(http())


@asynccontextmanager
async def no_task_left(server: FaultServer) -> AsyncIterator[None]:
    """Check that what ran before is all that runs after."""
    before = asyncio.all_tasks()
    yield
    await server.until(lambda: server.open == 0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before


async def cancel_after(steps: int, client: PushwooshClient) -> bool:
    """Cancel a call after so many turns of the event loop; tell whether it was done by then."""
    call = asyncio.ensure_future(client.create_message(NOTE))
    for _ in range(steps):
        await asyncio.sleep(0)
    done = call.done()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return done


def sent_more_than(times: int, server: FaultServer) -> list[str]:
    """Return the transaction ids whose complete body was seen more often than that."""
    seen = Counter(tid for request in server.complete for tid in request.transaction_ids)
    return [tid for tid, count in seen.items() if count > times]


async def served(client: PushwooshClient, times: int = 10) -> None:
    """Check that the pool serves, one after the other."""
    for _ in range(times):
        async with asyncio.timeout(5):
            assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_way
@pytest.mark.parametrize("max_connections", [1, 2])
async def test_a_cold_call_may_be_cancelled_at_every_step(way: Way, max_connections: int) -> None:
    """From before the connection stands to the answer: the pool serves 10 of 10 afterwards."""
    async with fault_server() as server:
        steps, done = 0, False
        while not done:
            async with (
                asyncio.timeout(4),  # closing included: nothing may have to be given up
                no_task_left(server),
                open_client(way, server.url, max_connections=max_connections) as client,
            ):
                done = await cancel_after(steps, client)
                await served(client)
            steps += 1
        assert steps > 3
        assert server.peak <= max_connections
        assert not sent_more_than(1, server)


@each_way
@pytest.mark.parametrize("max_connections", [1, 2])
async def test_a_warm_call_may_be_cancelled_at_every_step(way: Way, max_connections: int) -> None:
    """On one client, over and over, on connections that are kept alive."""
    async with (
        fault_server() as server,
        no_task_left(server),
        open_client(way, server.url, max_connections=max_connections) as client,
    ):
        await served(client, 1)
        steps, done = 0, False
        while not done:
            done = await cancel_after(steps, client)
            await served(client)
            steps += 1
        assert steps > 3
        assert server.peak <= max_connections
        assert not sent_more_than(1, server)


@each_own_way
async def test_a_call_over_tls_may_be_cancelled_at_every_step(way: Way) -> None:
    """The handshake included."""
    trust = trusting()
    async with fault_server(tls=serving()) as server:
        steps, done = 0, False
        while not done:
            async with open_client(way, server.url, max_connections=1, ssl_context=trust) as client:
                done = await cancel_after(steps, client)
                await served(client, 3)
            steps += 1
        assert steps > 3
        assert not sent_more_than(1, server)


@each_own_way
async def test_a_call_that_is_repeated_may_be_cancelled_at_every_step(way: Way) -> None:
    """A doubt and its repeat: at most one body for each of the two attempts."""
    async with fault_server() as server:
        steps, done = 0, False
        while not done:
            server.scripts[:] = [reset_after_body]
            async with (
                no_task_left(server),
                open_client(way, server.url, max_connections=1, retry=attempts(2)) as client,
            ):
                done = await cancel_after(steps, client)
                server.scripts.clear()
                await served(client)
            steps += 1
        assert steps > 3
        assert not sent_more_than(2, server)


@each_own_way
async def test_calls_that_queue_may_be_cancelled_at_every_step(way: Way) -> None:
    """Half of what waits for the one connection goes away; the other half is served, once each."""
    async with fault_server() as server:
        for steps in range(0, 60, 3):
            async with (
                no_task_left(server),
                open_client(way, server.url, max_connections=1) as client,
            ):
                calls = [asyncio.ensure_future(client.create_message(NOTE)) for _ in range(6)]
                for _ in range(steps):
                    await asyncio.sleep(0)
                for call in calls[::2]:
                    call.cancel()
                results = await asyncio.gather(*calls, return_exceptions=True)
                assert all(isinstance(result, MessageResult) for result in results[1::2])
                await served(client, 2)
        assert server.peak == 1
        assert not sent_more_than(1, server)


@each_own_way
@pytest.mark.row("P14")
async def test_an_attempt_is_settled_once_and_truly(way: Way, story: Story) -> None:
    """Cancelled at any step, an attempt has one outcome; "not handed over" means it never arrives."""
    labels: dict[bool, int] = {}  # whether it was handed over: how often it arrived, at most
    async with fault_server() as server:
        steps, done = 0, False
        while not done:
            before = len(server.complete)
            outcomes: list[Exchange] = []
            async with (
                no_task_left(server),
                assemble(way, server.url, clock=FakeClock()) as parts,
            ):
                slot = await parts.transport.acquire()
                posting = asyncio.ensure_future(
                    slot.post(
                        Post("/json/1.3/createMessage", LARGE, Secret("T", "api_token"), 5.0),
                        may_hand_over=lambda: True,
                        settle=outcomes.append,
                    )
                )
                for _ in range(steps):
                    await asyncio.sleep(0)
                done = posting.done()
                posting.cancel()
                await asyncio.gather(posting, return_exceptions=True)
                settled_at_once = list(outcomes)
            assert len(outcomes) == 1 or steps == 0
            arrived = len(server.complete) - before
            if outcomes and not outcomes[0].handed_over:
                assert arrived == 0
                assert settled_at_once == outcomes
            else:
                assert arrived == (steps > 0)
            for each in outcomes:
                labels[each.handed_over] = max(labels.get(each.handed_over, 0), arrived)
            steps += 1
        assert steps > 3
    assert labels == {False: 0, True: 1}
    story.saw(
        "one attempt, cancelled at each of its steps: settled once, "
        f"as not handed over ({labels[False]} arrived) or as handed over ({labels[True]} arrived)"
    )
    story.check("G1", "G2", "G3", by="each attempt's one outcome, and what arrived of it")


# The usual ways to be cancelled -------------------------------------------------------------------


async def by_wait_for(client: PushwooshClient, server: FaultServer) -> None:
    """Lose patience once the server has the request."""

    async def call() -> None:
        await client.create_message(NOTE)

    task = asyncio.ensure_future(asyncio.wait_for(call(), 0.2))
    await server.until(lambda: len(server.complete) == 1)
    with pytest.raises(TimeoutError):
        await task


async def by_timeout(client: PushwooshClient, server: FaultServer) -> None:
    """Let a scope end."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.create_message(NOTE)
    assert len(server.complete) == 1


async def by_task_group(client: PushwooshClient, server: FaultServer) -> None:
    """Let a sibling fail."""

    async def sibling() -> None:
        await server.until(lambda: len(server.complete) == 1)
        raise LookupError("mine")

    async def family() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(client.create_message(NOTE))
            group.create_task(sibling())

    with pytest.raises(ExceptionGroup) as caught:
        await family()
    assert [type(error) for error in caught.value.exceptions] == [LookupError]


@each_own_way
@pytest.mark.parametrize("how", [by_wait_for, by_timeout, by_task_group])
async def test_an_attempt_outlives_its_caller(way: Way, how: object) -> None:
    """What was handed over is drained: its answer frees the same connection for the next call."""
    gate = Gate()
    async with (
        fault_server(gate) as server,
        no_task_left(server),
        open_client(way, server.url, max_connections=1) as client,
    ):
        assert callable(how)
        await how(client, server)
        waiting = asyncio.ensure_future(client.create_message(NOTE))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        gate.open.set()
        assert (await waiting).message_codes == ("CODE-1",)
        assert server.connections == 1
        assert len(server.complete) == 2


# Closing ------------------------------------------------------------------------------------------


@each_own_way
async def test_closing_waits_for_an_answer_under_way(way: Way) -> None:
    """The caller who waits gets it, and only then the connection goes."""
    gate = Gate()
    async with (
        fault_server(gate) as server,
        no_task_left(server),
        open_client(way, server.url) as client,
    ):
        call = asyncio.ensure_future(client.create_message(NOTE))
        await server.until(lambda: len(server.complete) == 1)
        closing = asyncio.ensure_future(client.aclose())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not closing.done()
        gate.open.set()
        await closing
        assert (await call).message_codes == ("CODE-1",)


@each_own_way
async def test_closing_drains_what_was_cancelled(way: Way) -> None:
    """An attempt whose caller has gone is waited for as well."""
    gate = Gate()
    async with (
        fault_server(gate) as server,
        no_task_left(server),
        open_client(way, server.url) as client,
    ):
        call = asyncio.ensure_future(client.create_message(NOTE))
        await server.until(lambda: len(server.complete) == 1)
        call.cancel()
        closing = asyncio.ensure_future(client.aclose())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not closing.done()
        assert server.open == 1
        gate.open.set()
        await closing
        assert call.cancelled()


@each_own_way
async def test_closing_does_not_wait_for_ever(way: Way) -> None:
    """An answer that does not come within the drain's time leaves its call in doubt."""
    async with (
        fault_server(read_and_hang) as server,
        no_task_left(server),
        assemble(way, server.url, timeout=30) as parts,
    ):
        parts.transport.drain_timeout = 0.1
        call = asyncio.ensure_future(parts.messages.create_message(NOTE))
        await server.until(lambda: len(server.complete) == 1)
        async with asyncio.timeout(3):
            await parts.transport.aclose()
        with pytest.raises(TransportError) as caught:
            await call
        assert caught.value.delivery == "in_doubt"
        assert "closed" in str(caught.value)


@each_own_way
async def test_closing_twice_is_closing_once(way: Way) -> None:
    """Idempotent, also before anything was sent and when two do it at once."""
    async with fault_server() as server, open_client(way, server.url) as client:
        await client.create_message(NOTE)
        await asyncio.gather(client.aclose(), client.aclose())
        await client.aclose()
    async with open_client(way, server.url) as client:
        await client.aclose()


@each_way
async def test_a_closed_client_says_so(way: Way) -> None:
    """A call after the end is a ConfigurationError, and nothing is sent."""
    async with fault_server() as server, open_client(way, server.url) as client:
        await client.aclose()
        with pytest.raises(ConfigurationError, match="closed") as caught:
            await client.create_message(NOTE)
        assert caught.value.delivery == "not_sent"
        assert server.connections == 0


@each_own_way
async def test_who_waits_for_a_connection_hears_that_it_was_closed(way: Way) -> None:
    """Queued callers are not left waiting, and send nothing."""
    gate = Gate()
    async with (
        fault_server(gate) as server,
        no_task_left(server),
        open_client(way, server.url, max_connections=1) as client,
    ):
        calls = [asyncio.ensure_future(client.create_message(NOTE)) for _ in range(4)]
        await server.until(lambda: len(server.complete) == 1)
        closing = asyncio.ensure_future(client.aclose())
        await asyncio.sleep(0)
        gate.open.set()
        await closing
        async with asyncio.timeout(3):
            results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [MessageResult, *[ConfigurationError] * 3]
        assert len(server.requests) == 1


class StuckClock(FakeClock):
    """A clock whose sleepers wake when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()
        self.wake = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Sleep until the test wakes everybody."""
        self.asleep.set()
        await self.wake.wait()
        await super().sleep(seconds)


@each_own_way
async def test_who_waits_for_the_limiter_sends_nothing_after_the_end(way: Way) -> None:
    """A call that holds a connection but was not sent yet ends with the client: not sent."""
    clock = StuckClock()
    limit = RateLimit(requests=1, per=10, burst=1)
    async with (
        fault_server() as server,
        no_task_left(server),
        open_client(way, server.url, clock=clock, rate_limit=limit) as client,
    ):
        await client.create_message(NOTE)
        late = asyncio.ensure_future(client.create_message(NOTE))
        await clock.asleep.wait()
        await client.aclose()
        clock.wake.set()
        with pytest.raises((ConfigurationError, TransportError), match="closed") as caught:
            await late
        assert caught.value.delivery == "not_sent"
        assert len(server.requests) == 1


@each_own_way
async def test_who_waits_to_repeat_a_doubt_stays_in_doubt(way: Way) -> None:
    """The client is closed between two attempts: the first may have been delivered."""
    clock = StuckClock()
    async with (
        fault_server(reset_after_body) as server,
        open_client(way, server.url, clock=clock, retry=attempts(2)) as client,
    ):
        call = asyncio.ensure_future(client.create_message(NOTE))
        await clock.asleep.wait()
        await client.aclose()
        clock.wake.set()
        with pytest.raises((ConfigurationError, TransportError)) as caught:
            await call
        assert caught.value.delivery == "in_doubt"
        assert len(server.requests) == 1


@each_own_way
async def test_a_doubt_stays_one_whatever_stops_its_repeat(way: Way) -> None:
    """A token that is refused before the second attempt does not make the first one not sent."""
    tokens = iter(["TOKEN", ""])
    async with (
        fault_server(reset_after_body) as server,
        open_client(way, server.url, retry=attempts(2), api_token=lambda: next(tokens)) as client,
    ):
        with pytest.raises(ConfigurationError, match="api_token") as caught:
            await client.create_message(NOTE)
        assert caught.value.delivery == "in_doubt"
        assert len(server.complete) == 1


@each_own_way
@pytest.mark.parametrize("script", [serve, reset_after_body])
async def test_a_call_under_way_at_the_end_of_the_loop_is_not_doubled(
    way: Way, script: Script
) -> None:
    """Leaving the client's block while calls run ends each in exactly one way."""
    hooks = Record()
    async with fault_server(script) as server, no_task_left(server):
        async with open_client(
            way, server.url, max_connections=2, retry=attempts(2), hooks=hooks
        ) as client:
            calls = [asyncio.ensure_future(client.create_message(NOTE)) for _ in range(8)]
            await server.until(lambda: len(server.complete) >= 1)
        async with asyncio.timeout(5):
            results = await asyncio.gather(*calls, return_exceptions=True)
        accepted = {
            tid for r in results if isinstance(r, MessageResult) for tid in r.transaction_ids
        }
        unsent = {
            tid
            for r in results
            if isinstance(r, TransportError) and r.delivery == "not_sent"
            for tid in r.transaction_ids
        }
        seen = {tid for request in server.complete for tid in request.transaction_ids}
        assert accepted <= seen
        assert not unsent & seen
        assert all(
            isinstance(r, (MessageResult, ConfigurationError, TransportError)) for r in results
        )
