"""How bytes reach the API: httpx, and aiohttp through httpx. The only home of both.

The stock pool of httpx costs up to a hundred times the CPU at 256 in flight and reconnects on nearly
every request (transport-notes 1): so each slot has a transport of one connection, driven directly.
"""

import asyncio
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from pushwoosh_async._transport.address import Address
from pushwoosh_async._transport.exchange import HTTPClient, Post
from pushwoosh_async._transport.slots import GatedBody, LineSlot, Slots
from pushwoosh_async._transport.trust import checked_context
from pushwoosh_async._version import __version__
from pushwoosh_async.errors import ConfigurationError

KEEPALIVE = (
    4.0  # seconds, below common server settings: a stale connection makes a doubt of a clean send
)
# A pool of one connection whose slot is ours is never busy; a wait means that httpcore lost it.
_POOL_WAIT = {"timeout": {"pool": 1.0}}

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # 194 kB of gzip inflate to 200 MB inside the event loop
    "User-Agent": f"pushwoosh-async/{__version__}",
}


class _Stream(httpx.AsyncByteStream):
    """A gated body, for httpx."""

    def __init__(self, body: GatedBody) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)


class _LateStream(_Stream):
    """A gated body, for aiohttp through httpx.

    On Python 3.12 aiohttp begins to write before it lets the event loop turn: an answer that lay on the
    connection before would then be read after the last piece, and count as the answer to this request.
    """

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.sleep(0)
        async for piece in self._body:
            yield piece


class FreshAnswer:
    """Refuses an answer that was there before the request was sent.

    h11 keeps bytes that follow a complete answer, and would serve them as the answer to the next
    request: a chunk would be reported accepted that was not. One for each connection.
    """

    _STARTED = "http11.receive_response_headers.started"
    _COMPLETE = "http11.receive_response_headers.complete"

    def __init__(self) -> None:
        self._turned = False

    def _turn(self) -> None:
        self._turned = True

    async def __call__(self, name: str, _: object) -> None:
        """Hear of a phase from httpcore: a real read lets the event loop turn at least once."""
        if name == self._STARTED:
            self._turned = False
            asyncio.get_running_loop().call_soon(self._turn)
        elif name == self._COMPLETE and not self._turned:
            raise httpx.RemoteProtocolError("an answer that was there before the request")


class TransportLine:
    """Drives an httpx transport directly: a client around it costs 90 to 150 us a request."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        base_url: str,
        *,
        is_httpcore: bool,
        users: ssl.SSLContext | None = None,
    ) -> None:
        """Drive a transport.

        Args:
            transport: of one connection.
            base_url: where it goes.
            is_httpcore: by itself; or else by aiohttp.
            users: a context that is the user's, and is looked at before each request.
        """
        self._transport = transport
        self._users = users
        self._base_url = base_url
        self._stream = _Stream if is_httpcore else _LateStream
        # httpx-aiohttp would take the wait for the time to connect.
        self._extensions: dict[str, Any] = (
            {**_POOL_WAIT, "trace": FreshAnswer()} if is_httpcore else {}
        )
        self._urls: dict[str, httpx.URL] = {}
        # Made once: a request copies a Headers object four times faster than it makes one.
        self._headers = httpx.Headers({"Host": httpx.URL(base_url).netloc.decode(), **_HEADERS})

    async def send(self, post: Post, body: GatedBody) -> Any:
        """POST. The one total deadline stands outside, so no phase has a timeout of its own."""
        if self._users is not None:
            checked_context(self._users)
        url = self._urls.get(post.path)
        if url is None:
            url = self._urls[post.path] = httpx.URL(self._base_url + post.path)
        request = httpx.Request(
            "POST",
            url,
            headers=self._headers,
            stream=self._stream(body),
            extensions=self._extensions,
        )
        request.headers["Content-Length"] = str(body.size)
        for name, text in post.body.headers(post.token).items():
            request.headers[name] = text
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._transport.aclose()


class ClientLine:
    """Sends through a client that the user brought, with its own pool, proxies and hooks."""

    def __init__(self, client: HTTPClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    async def send(self, post: Post, body: GatedBody) -> Any:
        """POST, never following a redirect: a repeated body would carry the token elsewhere."""
        own = post.body.headers(post.token)
        request = self._client.build_request(
            "POST",
            self._base_url + post.path,
            headers={**_HEADERS, "Content-Length": str(body.size), **own},
            content=body,
            timeout=post.timeout,
            extensions={"trace": FreshAnswer()},
        )
        # The client's jar is for its other uses, and its auth would replace a token in the header.
        getattr(request, "headers", {}).pop("Cookie", None)
        auth = {"auth": None} if own else {}
        return await self._client.send(request, stream=True, follow_redirects=False, **auth)

    async def aclose(self) -> None:
        """Leave the client to its owner."""


def connect(
    address: Address,
    *,
    capacity: int,
    transport: Literal["httpx", "aiohttp"] = "httpx",
    http_client: HTTPClient | None = None,
    ssl_context: ssl.SSLContext | None = None,
    proxy: str | None = None,
    trust_env: bool = False,
) -> Slots:
    """Make the transport that a client's options ask for; connects to nothing yet.

    Raises:
        ConfigurationError: the options contradict each other.
        ImportError: `transport="aiohttp"` without the extra.
    """
    if http_client is not None:
        return Slots(lambda: ClientLine(http_client, address.url), capacity=capacity)
    way = _Way(address, ssl_context, proxy, trust_env)
    is_httpcore = transport == "httpx"
    shard = way.httpcore if is_httpcore else way.aiohttp

    def line() -> TransportLine:
        return TransportLine(shard(), address.url, is_httpcore=is_httpcore, users=ssl_context)

    # The first one now: httpcore or aiohttp is imported with it, and a proxy it cannot serve shows.
    if ssl_context is not None:
        return _WatchfulSlots(ssl_context, line, capacity=capacity, first=line())
    return Slots(line, capacity=capacity, first=line())


class _WatchfulSlots(Slots):
    """Slots for a context of the user's, who may have made it weaker since the client was made."""

    def __init__(
        self,
        context: ssl.SSLContext,
        open_line: Callable[[], TransportLine],
        *,
        capacity: int,
        first: TransportLine,
    ) -> None:
        super().__init__(open_line, capacity=capacity, first=first)
        self._context = context

    async def acquire(self) -> LineSlot:
        # Here it ends the call by an error of its own; what it waits for next, the line makes good.
        checked_context(self._context)
        return await super().acquire()


class _Way:
    """TLS and proxy of every connection of one client."""

    def __init__(
        self, address: Address, context: ssl.SSLContext | None, proxy: str | None, trust_env: bool
    ) -> None:
        if proxy is None and trust_env:
            proxy = _environment_proxy(address)
        self._proxy = _checked_proxy(proxy) if proxy is not None else None
        needs_trust = address.scheme == "https" or proxy is not None
        # One context for all shards: building one costs 23 ms. Plain loopback needs none, so it gets
        # one that trusts nobody.
        if context is not None:
            self._context = checked_context(context)
        elif needs_trust:
            self._context = _default_context(trust_env)
        else:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def httpcore(self) -> httpx.AsyncHTTPTransport:
        """Make a pool of one connection: raising a pool's limits makes httpcore slower, not faster."""
        return httpx.AsyncHTTPTransport(
            verify=self._context,
            trust_env=False,
            proxy=self._proxy,
            limits=httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE
            ),
        )

    def aiohttp(self) -> httpx.AsyncBaseTransport:
        """Make an aiohttp transport of one connection, at half of httpcore's CPU.

        Of one: aiohttp takes a connection back before the answer was understood, and in a pool for all
        slots the next request would be on it, whatever the answer said.
        """
        try:
            import aiohttp
            import httpx_aiohttp
        except ImportError:
            raise ImportError(
                'transport="aiohttp" needs: pip install "pushwoosh-async[aiohttp]"'
            ) from None

        def session() -> aiohttp.ClientSession:
            connector = aiohttp.TCPConnector(
                limit=1, keepalive_timeout=KEEPALIVE, ssl=self._context
            )
            return aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )

        return httpx_aiohttp.AiohttpTransport(
            client=session, verify=self._context, trust_env=False, proxy=self._proxy
        )


def _environment_proxy(address: Address) -> str | None:
    """Return the proxy that the environment names for this host, as curl and requests read it."""
    if urllib.request.proxy_bypass(address.host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(address.scheme) or proxies.get("all")


def _checked_proxy(proxy: str) -> httpx.Proxy:
    if not isinstance(proxy, str):
        raise TypeError(f"proxy: expected a str, got {type(proxy).__name__}")
    try:
        parts = urlsplit(proxy)
        if parts.hostname and parts.port != 0 and not any(map(str.isspace, proxy)):
            return httpx.Proxy(proxy)
    except (ValueError, httpx.InvalidURL):
        pass  # said below, in our words
    raise ConfigurationError("proxy: must be a URL such as http://host:port")


def _default_context(trust_env: bool) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=trust_env)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not trust_env:
        context.keylog_filename = None  # type: ignore[assignment]  # the stdlib takes SSLKEYLOGFILE unasked
    return context
