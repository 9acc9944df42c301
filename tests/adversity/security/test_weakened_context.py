"""A user's TLS context that is made careless after the client was made: no token goes through it."""

import ssl
from collections.abc import Callable

import pytest
import trustme
from fault_server import answer, fault_server
from fault_server.certificates import authority, serving, trusting
from wire_clients import NOTE, Way, attempts, each_own_way, open_client

from adversity.story import Story
from pushwoosh_async import ConfigurationError


def trust_anybody(context: ssl.SSLContext) -> None:
    """Take any certificate."""
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


def trust_any_name(context: ssl.SSLContext) -> None:
    """Take any trusted certificate for any host."""
    context.check_hostname = False


@pytest.mark.row("R8")
@each_own_way
@pytest.mark.parametrize("weaken", [trust_anybody, trust_any_name])
@pytest.mark.parametrize("served", [0, 1])
async def test_a_context_made_weaker_later_is_refused(
    way: Way, weaken: Callable[[ssl.SSLContext], None], served: int, story: Story
) -> None:
    """Before or after a connection was made: no other is, and its server gets nothing of a request."""
    context, name = trusting(), "127.0.0.1" if served else "api.example.com"
    tls = serving(name, ca=authority() if served or weaken is trust_any_name else trustme.CA())
    async with (
        fault_server(answer(), tls=tls) as server,
        open_client(way, server.url, ssl_context=context, retry=attempts(3)) as client,
    ):
        for _ in range(served):
            await client.create_message(NOTE)
        weaken(context)
        before = server.bytes_received
        with pytest.raises(ConfigurationError, match="ssl_context: must verify") as caught:
            await client.create_message(NOTE)
        received = server.bytes_received - before
    assert (received, server.connections) == (0, served)
    assert caught.value.delivery == "not_sent"
    said = f"{type(caught.value).__name__}, {received} bytes sent"
    story.saw(f"a context made weaker later: {said}")


@pytest.mark.row("R8")
@each_own_way
async def test_a_context_made_weaker_while_a_call_waits(way: Way, story: Story) -> None:
    """Looked at when a request is made, too: a call that fetches a token has its slot already."""
    context = trusting()

    async def fetch() -> str:
        trust_anybody(context)
        return "TOKEN-OF-THE-TESTS"

    async with (
        fault_server(answer(), tls=serving()) as server,
        open_client(
            way, server.url, ssl_context=context, retry=attempts(2), api_token=fetch
        ) as client,
    ):
        with pytest.raises(ConfigurationError, match="ssl_context: must verify") as caught:
            await client.create_message(NOTE)
        assert (server.bytes_received, server.connections) == (0, 0)
    said = f"{type(caught.value).__name__}, {server.bytes_received} bytes sent"
    story.saw(f"a context made weaker later: {said}")
