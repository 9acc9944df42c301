"""TLS faults over real sockets: permanent ones fail fast, passing ones are tried again."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from attrs import frozen
from fault_server import (
    Connection,
    Script,
    answer,
    fault_server,
    hang,
    read_and_hang,
    reset_after_body,
    reset_on_accept,
)
from fault_server.certificates import authority, demanding_a_certificate, serving, trusting
from wire_clients import NOTE, Record, Way, attempts, each_own_way, each_way, open_client

from pushwoosh_async import TransportError

SHORT = 0.3


@each_way
async def test_a_trusted_server_is_served(way: Way) -> None:
    """With a certificate that checks out, several calls share one TLS connection."""
    async with (
        fault_server(tls=serving()) as server,
        open_client(way, server.url, ssl_context=trusting()) as client,
    ):
        for _ in range(3):
            assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert server.connections == 1


@frozen
class Untrusted:
    """A server that must not get the token."""

    name: str
    certificate: str = "127.0.0.1"
    trusted: bool = True
    expired: bool = False

    def __str__(self) -> str:
        return self.name


@each_way
@pytest.mark.parametrize(
    "case",
    [
        Untrusted("unknown authority", trusted=False),
        Untrusted("wrong host", certificate="api.example.com"),
        Untrusted("wrong address", certificate="127.0.0.2"),
        Untrusted("expired", expired=True),
    ],
    ids=str,
)
async def test_a_bad_certificate_fails_at_once(way: Way, case: Untrusted) -> None:
    """Permanent: exactly one attempt, nothing sent, and the error says so (N27)."""
    hooks = Record()
    tls = serving(
        case.certificate, ca=authority() if case.trusted else trustme.CA(), expired=case.expired
    )
    async with (
        fault_server(tls=tls) as server,
        open_client(
            way,
            server.url,
            ssl_context=trusting(),
            retry=attempts(5),
            max_connections=1,
            hooks=hooks,
        ) as client,
    ):
        for _ in range(2):
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
            assert (caught.value.delivery, caught.value.permanent) == ("not_sent", True)
        assert [event.number for event in hooks.attempts] == [1, 1]
        assert server.bytes_received == 0


async def speak_http(connection: Connection) -> None:
    """Answer whatever comes as a plain web server does."""
    await connection.receive()
    await connection.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    connection.close()


async def speak_ssh(connection: Connection) -> None:
    """Greet first, as an SSH server does."""
    await connection.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await connection.client_gone()


@each_way
@pytest.mark.parametrize("script", [speak_http, speak_ssh])
async def test_a_server_without_tls_fails_at_once(way: Way, script: Script) -> None:
    """Not TLS is permanent: one attempt, nothing sent."""
    hooks = Record()
    async with (
        fault_server(script, scheme="https") as server,
        open_client(
            way,
            server.url,
            ssl_context=trusting(),
            retry=attempts(5),
            max_connections=1,
            hooks=hooks,
        ) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", True)
        assert len(hooks.attempts) == 1
        assert not server.requests


@pytest.fixture
def handshakes_cut_short() -> Iterator[None]:
    """Collect the sockets whose handshake httpcore was cancelled in: it leaves them to the collector."""
    yield
    gc.collect()


cuts_handshakes = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


async def close_in_handshake(connection: Connection) -> None:
    """Read the client's hello and close."""
    await connection.receive()
    connection.close()


async def reset_in_handshake(connection: Connection) -> None:
    """Read the client's hello and reset."""
    await connection.receive()
    connection.reset()


@cuts_handshakes
@pytest.mark.usefixtures("handshakes_cut_short")
@each_way
@pytest.mark.parametrize("script", [reset_on_accept, reset_in_handshake, close_in_handshake, hang])
async def test_a_broken_handshake_is_not_sent_and_repeated(way: Way, script: Script) -> None:
    """Reset, closed or hung in the handshake: nothing left, it may pass, it is tried again (N28)."""
    hooks = Record()
    async with (
        fault_server(script, script, scheme="https") as server,
        open_client(
            way,
            server.url,
            ssl_context=trusting(),
            retry=attempts(2),
            timeout=SHORT if script is hang else 5.0,
            max_connections=1,
            hooks=hooks,
        ) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        assert len(hooks.attempts) == server.connections == 2
        assert not server.requests


@cuts_handshakes
@pytest.mark.usefixtures("handshakes_cut_short")
@each_own_way
async def test_a_slow_connection_may_take_the_whole_timeout(way: Way) -> None:
    """Only the one total deadline ends an attempt: a handshake of more than a second is fine."""
    hooks = Record()
    async with (
        fault_server(hang, scheme="https") as server,
        open_client(
            way, server.url, ssl_context=trusting(), timeout=1.4, max_connections=1, hooks=hooks
        ) as client,
    ):
        loop = asyncio.get_running_loop()
        begun = loop.time()
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        assert loop.time() - begun >= 1.39
        assert caught.value.delivery == "not_sent"


@each_way
async def test_a_server_that_wants_a_certificate_is_a_doubt(way: Way) -> None:
    """TLS 1.3 refuses a client after the body has left: in doubt by the rule, never accepted (N29)."""
    async with (
        fault_server(tls=demanding_a_certificate()) as server,
        open_client(
            way, server.url, ssl_context=trusting(), retry=attempts(2), max_connections=1
        ) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        assert caught.value.delivery == "in_doubt"
        assert not server.requests


@each_way
@pytest.mark.parametrize("script", [reset_after_body, read_and_hang, answer(500, b"")])
async def test_a_fault_inside_tls_is_repeated_under_the_same_id(way: Way, script: Script) -> None:
    """Encrypted or not, a doubt is repeated the same to the byte, and the slot is not lost."""
    async with (
        fault_server(script, tls=serving()) as server,
        open_client(
            way,
            server.url,
            ssl_context=trusting(),
            timeout=SHORT if script is read_and_hang else 5.0,
            retry=attempts(2),
            max_connections=1,
        ) as client,
    ):
        result = await client.create_message(NOTE)
        assert {r.transaction_ids for r in server.complete} == {result.transaction_ids}
        assert len({r.notifications for r in server.complete}) == 1
        assert len(server.complete) == 2


@each_own_way
async def test_the_default_context_does_not_trust_a_strange_authority(
    way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without `trust_env` the environment names no certificates."""
    bundle = str(tmp_path / "ca.pem")
    authority().cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    async with fault_server(tls=serving()) as server:
        async with open_client(way, server.url) as client:
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
            assert caught.value.permanent
        async with open_client(way, server.url, trust_env=True) as client:
            assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
