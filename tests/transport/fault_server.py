"""A scripted server on loopback: raw bytes over sockets, one script for each request it gets.

It speaks no HTTP of its own: a script reads as much as it likes, sends what it likes and ends the
connection as it likes. What it saw is counted here, so tests can hold the client to the truth.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeAlias

from attrs import define

PATIENCE = 10.0  # seconds; a bound for waits that normally end at once
ACCEPTED = b'{"status_code":200,"status_message":"OK","response":{"Messages":["CODE-1"]}}'


@define
class SeenRequest:
    """One request, as far as it was read."""

    head: bytes
    body: bytes = b""

    @property
    def target(self) -> str:
        """What stands between the method and the version."""
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers by lower-case name."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.split(":", 1) for line in lines if line)
        return {name.lower(): value.strip() for name, value in pairs}

    @property
    def length(self) -> int:
        """How long the body should be."""
        return int(self.headers.get("content-length", "0"))

    @property
    def is_complete(self) -> bool:
        """Whether the whole body was read."""
        return len(self.body) == self.length > 0

    @property
    def notifications(self) -> bytes:
        """The bytes of the notification objects: what a repeat must not change (A2)."""
        start = self.body.index(b'"notifications":[') + len(b'"notifications":[')
        return self.body[start : self.body.rindex(b'],"auth":')]

    @property
    def transaction_ids(self) -> tuple[str, ...]:
        """The transaction ids, in order."""
        listed = json.loads(self.body)["request"]["notifications"]
        return tuple(item["transactionId"] for item in listed)


class Connection:
    """One connection, in the hands of a script."""

    def __init__(
        self, server: "FaultServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self._reader = reader
        self._writer = writer
        self.is_over = False  # nothing more will be read or sent
        self._unread = b""

    async def receive(self) -> bytes:
        """Return some bytes; none at the client's end of the connection."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        try:
            data = await self._reader.read(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.is_over |= not data
        self.server.note_bytes(len(data))
        return data

    async def has_data(self) -> bool:
        """Wait for the first byte of another request; False if the client closes instead."""
        self._unread = await self.receive()  # which returns what is unread already
        return bool(self._unread)

    async def read_head(self) -> SeenRequest:
        """Read a request's headers and what came in the same breath."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += await self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        request = SeenRequest(head, rest)
        self.server.note_request(request)
        return request

    async def read_request(self) -> SeenRequest:
        """Read one request with its whole body."""
        request = await self.read_head()
        await self.read_rest(request)
        return request

    async def read_rest(self, request: SeenRequest) -> None:
        """Read what is missing of a request's body, and no more."""
        while len(request.body) < request.length:
            request.body += await self._more()
        self._unread = request.body[request.length :]
        request.body = request.body[: request.length]
        self.server.note_change()

    async def _more(self) -> bytes:
        data = await self.receive()
        if not data:
            raise ConnectionResetError("the client closed")
        return data

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def client_gone(self) -> None:
        """Wait until the client has closed; what it still sends is counted and dropped."""
        while await self.receive():
            pass

    def half_close(self) -> None:
        """Send a FIN, and read on."""
        self._writer.write_eof()

    def close(self) -> None:
        """Send a FIN for good."""
        self.is_over = True
        self._writer.close()

    def reset(self) -> None:
        """Send a RST."""
        self.is_over = True
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def abort(self) -> None:
        """Drop what is buffered, and close."""
        self._writer.transport.abort()

    def pause(self) -> None:
        """Leave what comes in the socket's buffers."""
        self._transport.pause_reading()

    def resume(self) -> None:
        """Take bytes off the socket again."""
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.ReadTransport:
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        return transport


Script: TypeAlias = Callable[[Connection], Awaitable[None]]


def http(
    status: int = 200,
    body: bytes = ACCEPTED,
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Write a response whose length is true."""
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer(
    status: int = 200,
    body: bytes = ACCEPTED,
    headers: Sequence[tuple[str, str]] = (),
) -> Script:
    """Read a whole request and answer it."""
    return raw(http(status, body, headers))


def raw(data: bytes, end: Callable[[Connection], None] | None = None) -> Script:
    """Read a whole request, send bytes, and end the connection or keep it."""

    async def script(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(data)
        if end is not None:
            end(connection)

    return script


async def serve(connection: Connection) -> None:
    """Accept the message."""
    await connection.read_request()
    await connection.send(http())


async def reset_on_accept(connection: Connection) -> None:
    """Reset before anything is read."""
    connection.reset()


async def reset_after_headers(connection: Connection) -> None:
    """Reset as soon as the headers are there."""
    await connection.read_head()
    connection.reset()


async def reset_after_body(connection: Connection) -> None:
    """Reset once the whole request is there."""
    await connection.read_request()
    connection.reset()


async def close_after_body(connection: Connection) -> None:
    """Close in good order once the whole request is there."""
    await connection.read_request()
    connection.close()


async def read_and_hang(connection: Connection) -> None:
    """Read a whole request and never answer."""
    await connection.read_request()
    await connection.client_gone()


async def hang(connection: Connection) -> None:
    """Take bytes, one by one or all, and say nothing: a TLS handshake that never ends."""
    await connection.client_gone()


def trickle(first: bytes, again: bytes, every: float = 0.02) -> Script:
    """Read a whole request, then send something for ever, a little at a time."""

    async def script(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(first)
        gone = asyncio.ensure_future(connection.client_gone())
        try:
            while not (await asyncio.wait([gone], timeout=every))[0]:
                await connection.send(again)
        except ConnectionError:
            connection.is_over = True
        finally:
            gone.cancel()

    return script


class FaultServer:
    """Plays scripts, the n-th for the n-th request, and `serve` once they are used up.

    A connection takes its first script when it is accepted, the next when bytes of another request
    arrive: so a script can act before anything is read.

    Attributes:
        requests: those whose headers were read, in order.
        connections: how many were accepted.
        open: how many are open now.
        peak: how many were open at once.
        bytes_received: on all connections, after TLS.
    """

    def __init__(self, scripts: Sequence[Script] = ()) -> None:
        self.scripts = list(scripts)
        self.default: Script = serve
        self.requests: list[SeenRequest] = []
        self.connections = 0
        self.open = 0
        self.peak = 0
        self.bytes_received = 0
        self.url = ""
        self.port = 0
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._errors: list[BaseException] = []

    @property
    def complete(self) -> list[SeenRequest]:
        """The requests whose whole body was read."""
        return [request for request in self.requests if request.is_complete]

    def play(self, *scripts: Script) -> Self:
        """Add scripts for the next requests."""
        self.scripts += scripts
        return self

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server counts is so."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def note_request(self, request: SeenRequest) -> None:
        """Remember a request."""
        self.requests.append(request)
        self.note_change()

    def note_bytes(self, count: int) -> None:
        """Count bytes."""
        self.bytes_received += count
        self.note_change()

    def note_change(self) -> None:
        """Wake who waits for something to be so."""
        self._changed.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play scripts on one connection until it is over."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        self.note_change()
        connection = Connection(self, reader, writer)
        try:
            await self._play(connection)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the server is closing
        except Exception as error:  # noqa: BLE001 -- a faulty script fails the test that wrote it
            self._errors.append(error)
        finally:
            connection.abort() if not connection.is_over else writer.close()
            self.open -= 1
            self.note_change()
            self._tasks.discard(task)

    async def _play(self, connection: Connection) -> None:
        while True:
            script = self.scripts.pop(0) if self.scripts else self.default
            await script(connection)
            if connection.is_over or not await connection.has_data():
                return

    async def aclose(self) -> None:
        """Drop every connection; raise what went wrong in a script."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._errors:
            raise self._errors[0]


@asynccontextmanager
async def fault_server(
    *scripts: Script,
    tls: ssl.SSLContext | None = None,
    scheme: str | None = None,
    tiny_buffers: bool = False,
) -> AsyncIterator[FaultServer]:
    """Run a server on a free port of 127.0.0.1.

    Args:
        scripts: for the first requests; `serve` answers the rest.
        tls: speak TLS.
        scheme: of the server's `url`, where it should promise something else than it does.
        tiny_buffers: make a client's writes block early: the kernel sizes the client's buffer by the
            segments that we take, 64 KiB each on loopback otherwise, and 2.6 MB in all.
    """
    server = FaultServer(scripts)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if tiny_buffers:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    listener.bind(("127.0.0.1", 0))
    listening = await asyncio.start_server(server.connected, sock=listener, ssl=tls)
    server.port = listener.getsockname()[1]
    scheme = scheme or ("https" if tls else "http")
    server.url = f"{scheme}://127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        listening.close()
        await server.aclose()
        await listening.wait_closed()
