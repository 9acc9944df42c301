"""Connections: as few as allowed, used again, thrown away when odd, and never somebody else's."""

import asyncio

import httpx
import httpx2
import pytest
from assembled import assemble
from fault_server import answer, fault_server, reset_after_body
from wire_clients import (
    APPLICATION,
    NOTE,
    ONCE,
    Way,
    attempts,
    each_own_way,
    each_way,
    open_client,
)

from pushwoosh_async import (
    ConfigurationError,
    InvalidRequestError,
    PushwooshClient,
    ServerError,
    TransportError,
)

REQUESTS = 300


@each_way
@pytest.mark.parametrize("in_flight", [1, 4, 16])
async def test_connections_never_exceed_the_requests_in_flight(way: Way, in_flight: int) -> None:
    """Hundreds of requests share at most as many connections as may be in flight, by server's count."""
    async with (
        fault_server() as server,
        open_client(way, server.url, max_connections=in_flight) as client,
    ):
        calls = [client.create_message(NOTE) for _ in range(REQUESTS)]
        results = await asyncio.gather(*calls)
        assert len({result.transaction_ids for result in results}) == REQUESTS
        assert len(server.complete) == REQUESTS
        assert server.connections <= in_flight


@each_own_way
async def test_a_connection_is_opened_only_when_it_is_needed(way: Way) -> None:
    """One call after another needs one connection, however many there may be."""
    async with (
        fault_server() as server,
        open_client(way, server.url, max_connections=16) as client,
    ):
        assert server.connections == 0
        for _ in range(20):
            await client.create_message(NOTE)
        assert server.connections == 1


@each_own_way
async def test_connections_are_closed_with_the_client(way: Way) -> None:
    """Nothing stays open."""
    async with fault_server() as server:
        async with open_client(way, server.url) as client:
            await asyncio.gather(*(client.create_message(NOTE) for _ in range(8)))
            assert server.open >= 1
        await server.until(lambda: server.open == 0)


@each_own_way
async def test_a_poisoned_line_is_rebuilt_and_counted(way: Way) -> None:
    """After an exchange that left a doubt the line is thrown away; clean ones keep it."""
    async with (
        fault_server(answer(), reset_after_body, answer(400), answer(500)) as server,
        assemble(way, server.url, capacity=1) as parts,
    ):
        send = parts.messages.create_message
        await send(NOTE)
        assert parts.transport.rebuilt == 0
        with pytest.raises(TransportError):
            await send(NOTE)
        assert parts.transport.rebuilt == 1
        with pytest.raises(InvalidRequestError):
            await send(NOTE)
        assert parts.transport.rebuilt == 1
        with pytest.raises(ServerError):
            await send(NOTE)
        assert parts.transport.rebuilt == 2
        await send(NOTE)
        assert parts.transport.rebuilt == 2


@each_own_way
async def test_faults_on_half_of_the_requests_leave_the_pool_whole(way: Way) -> None:
    """Resets here and there: every call ends accepted, and no connection is missing afterwards."""
    async with (
        fault_server(*[reset_after_body, answer()] * 40) as server,
        assemble(way, server.url, capacity=4, retry=attempts(40)) as parts,
    ):
        send = parts.messages.create_message
        results = await asyncio.gather(*(send(NOTE) for _ in range(40)))
        assert len({result.transaction_ids for result in results}) == 40
        assert server.peak <= 4
        slots = [await parts.transport.acquire() for _ in range(4)]
        for slot in slots:
            slot.release()


@each_way
async def test_another_event_loop_is_refused(way: Way) -> None:
    """One client belongs to one loop: the error says so, and the client works on in its own."""
    async with fault_server() as server, open_client(way, server.url) as client:
        await client.create_message(NOTE)

        async def elsewhere() -> None:
            with pytest.raises(ConfigurationError, match="another event loop") as caught:
                await client.create_message(NOTE)
            assert caught.value.delivery == "not_sent"

        await asyncio.to_thread(asyncio.run, elsewhere())
        await client.create_message(NOTE)
        assert len(server.requests) == 2


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_an_injected_client_is_left_open(library: str) -> None:
    """It belongs to the user: closing ours leaves it, and its connection, as it was."""
    httpx_like = httpx if library == "httpx" else httpx2
    async with fault_server() as server, httpx_like.AsyncClient(trust_env=False) as theirs:
        for _ in range(2):
            async with PushwooshClient(
                api_token="TOKEN",
                application=APPLICATION,
                base_url=server.url,
                http_client=theirs,
                rate_limit=None,
                retry=ONCE,
            ) as client:
                await client.create_message(NOTE)
            assert not theirs.is_closed
        assert (await theirs.post(server.url, content=b"theirs")).status_code == 200
        assert server.connections == 1
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [("transport", "aiohttp"), ("proxy", "http://127.0.0.1:1"), ("trust_env", True)],
)
async def test_an_injected_client_has_settings_of_its_own(name: str, value: object) -> None:
    """What it has already cannot be set beside it."""
    async with httpx.AsyncClient() as theirs:
        with pytest.raises(ConfigurationError, match=f"^{name}: "):
            PushwooshClient(
                api_token="TOKEN",
                application=APPLICATION,
                http_client=theirs,
                **{name: value},  # type: ignore[arg-type]
            )


@pytest.mark.parametrize("value", [object(), "httpx", httpx])
def test_an_injected_client_of_another_type_is_a_type_error(value: object) -> None:
    """It needs what an AsyncClient has."""
    with pytest.raises(TypeError, match="http_client: expected"):
        PushwooshClient(
            api_token="TOKEN",
            application=APPLICATION,
            http_client=value,  # type: ignore[arg-type]
        )


def test_a_synchronous_client_is_a_type_error() -> None:
    """An httpx.Client would fail at its first await, after it had sent."""
    with httpx.Client() as theirs, pytest.raises(TypeError, match="http_client: expected"):
        PushwooshClient(
            api_token="TOKEN",
            application=APPLICATION,
            http_client=theirs,  # type: ignore[arg-type]
        )
