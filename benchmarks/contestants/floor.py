"""The floor: what sending costs when nothing is built, checked or pooled.

A raw `asyncio.Protocol` per connection, one request in flight on each. The bodies were encoded beforehand,
a different one for each request, so that they lie in memory and not in the cache; an answer is read until
it is complete.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from benchmarks.contestants import Prepare, Send
from benchmarks.http1 import END_OF_HEAD, body_length
from benchmarks.loopback import Place
from benchmarks.workload import PATH, Audience, encoded_message


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._requests: Iterator[bytes] = iter(())
        self._received = b""
        self._finished: asyncio.Future[None] | None = None

    def send(self, requests: Iterator[bytes]) -> asyncio.Future[None]:
        """Pull from an iterator that all connections share, until it is empty."""
        self._requests = requests
        self._finished = asyncio.get_running_loop().create_future()
        finished = self._finished
        self._send_next()
        return finished

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer."""
        self._received += data
        head, found, body = self._received.partition(END_OF_HEAD)
        if found and len(body) >= body_length(head):
            assert head.startswith(b"HTTP/1.1 200")
            self._received = b""
            self._send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail rather than hang."""
        if self._finished is not None:
            self._finished.set_exception(exc or ConnectionError("closed by the server"))

    def _send_next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self.transport.write(request)
        elif self._finished is not None:
            self._finished.set_result(None)
            self._finished = None


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """One connection per request in flight."""
    address = urlsplit(place.url)
    assert address.hostname
    assert address.port
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(Connection, address.hostname, address.port))[1]
        for _ in range(in_flight)
    ]

    def prepare(audience: Audience) -> Send:
        encoded = [_request(address.netloc, encoded_message(s)) for s in audience.slices()]

        async def send() -> None:
            requests = iter(encoded)
            await asyncio.gather(*(connection.send(requests) for connection in connections))

        return send

    yield prepare
    for connection in connections:
        connection.transport.close()


def _request(host: str, body: bytes) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
