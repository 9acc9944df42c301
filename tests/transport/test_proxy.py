"""Proxies: used when asked for, never taken from the environment unasked."""

import asyncio

import pytest
from fault_server import Connection, Script, answer, fault_server, http
from fault_server.certificates import serving, trusting
from wire_clients import NOTE, Way, attempts, each_own_way, open_client

from pushwoosh_async import TransportError

VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without any proxy."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def tunnel(to: int) -> Script:
    """Answer CONNECT and carry bytes to a port, as a proxy does for https."""

    async def carry(reader: asyncio.StreamReader, connection: Connection) -> None:
        while data := await reader.read(65536):
            await connection.send(data)

    async def script(connection: Connection) -> None:
        await connection.read_head()
        reader, writer = await asyncio.open_connection("127.0.0.1", to)
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = asyncio.ensure_future(carry(reader, connection))
        try:
            while data := await connection.receive():
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
            back.cancel()

    return script


@each_own_way
@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"])
async def test_the_environments_proxy_is_ignored(
    way: Way, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless asked, a proxy variable changes nothing: the proxy gets no byte (N31)."""
    async with fault_server() as proxy, fault_server() as server:
        monkeypatch.setenv(name, proxy.url)
        async with open_client(way, server.url) as client:
            await client.create_message(NOTE)
        assert (proxy.connections, proxy.bytes_received) == (0, 0)
        assert len(server.requests) == 1


@each_own_way
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_the_environments_proxy_is_ignored_for_tls(
    way: Way, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for https, which the real API speaks."""
    async with fault_server() as proxy, fault_server(tls=serving()) as server:
        monkeypatch.setenv(name, proxy.url)
        async with open_client(way, server.url, ssl_context=trusting()) as client:
            await client.create_message(NOTE)
        assert (proxy.connections, proxy.bytes_received) == (0, 0)


@each_own_way
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
async def test_the_environments_proxy_is_used_when_asked(
    way: Way, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `trust_env=True` plain http goes to the proxy with its whole URL."""
    async with fault_server() as proxy, fault_server() as server:
        monkeypatch.setenv(name, proxy.url)
        async with open_client(way, server.url, trust_env=True) as client:
            await client.create_message(NOTE)
        assert [r.target for r in proxy.requests] == [f"{server.url}/json/1.3/createMessage"]
        assert server.connections == 0


@each_own_way
async def test_no_proxy_is_heeded(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that the environment excepts is reached directly."""
    async with fault_server() as proxy, fault_server() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with open_client(way, server.url, trust_env=True) as client:
            await client.create_message(NOTE)
        assert proxy.connections == 0
        assert len(server.requests) == 1


@each_own_way
async def test_an_explicit_proxy_is_used(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """`proxy=` goes before whatever the environment says, and keeps its connection."""
    async with fault_server() as other, fault_server() as proxy, fault_server() as server:
        monkeypatch.setenv("http_proxy", other.url)
        async with open_client(
            way, server.url, proxy=proxy.url, trust_env=True, max_connections=1
        ) as client:
            await client.create_message(NOTE)
            await client.create_message(NOTE)
        assert [r.target for r in proxy.complete] == [f"{server.url}/json/1.3/createMessage"] * 2
        assert proxy.connections == 1
        assert server.connections == other.connections == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx_aiohttp")  # of its aiohttp arguments
@pytest.mark.filterwarnings("ignore::DeprecationWarning:aiohttp")
@each_own_way
async def test_a_proxy_with_a_name_and_password_gets_them(way: Way) -> None:
    """Credentials in the proxy's URL go to the proxy."""
    async with fault_server() as proxy, fault_server() as server:
        url = proxy.url.replace("//", "//user:secret@")
        async with open_client(way, server.url, proxy=url) as client:
            await client.create_message(NOTE)
        assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ="


@each_own_way
async def test_https_goes_through_a_tunnel(way: Way) -> None:
    """The proxy sees a CONNECT and no byte of the request; the certificate is the API's."""
    async with fault_server(tls=serving()) as server, fault_server() as proxy:
        proxy.default = tunnel(server.port)
        async with open_client(
            way, server.url, proxy=proxy.url, ssl_context=trusting(), max_connections=1
        ) as client:
            await client.create_message(NOTE)
            await client.create_message(NOTE)
        assert [r.head.split()[0] for r in proxy.requests] == [b"CONNECT"]
        assert [r.target for r in proxy.requests] == [f"127.0.0.1:{server.port}"]
        assert len(server.complete) == 2


@each_own_way
async def test_a_tunnel_that_is_refused_is_not_sent(way: Way) -> None:
    """A proxy that says no to CONNECT never had the request."""

    async def refuse(connection: Connection) -> None:
        await connection.read_head()
        await connection.send(http(407, b"no"))
        connection.close()

    async with fault_server(refuse, refuse) as proxy, fault_server(tls=serving()) as server:
        async with open_client(
            way,
            server.url,
            proxy=proxy.url,
            ssl_context=trusting(),
            retry=attempts(2),
            max_connections=1,
        ) as client:
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
        assert caught.value.delivery == "not_sent"
        assert server.connections == 0


@each_own_way
async def test_a_proxy_that_is_not_there_is_not_sent(way: Way) -> None:
    """Connection refused by the proxy: nothing left."""
    async with fault_server() as gone:
        url = gone.url
    async with (
        fault_server(answer()) as server,
        open_client(way, server.url, proxy=url, retry=attempts(2), max_connections=1) as client,
    ):
        for _ in range(2):
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
            assert caught.value.delivery == "not_sent"
        assert server.connections == 0
