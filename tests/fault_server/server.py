"""A scripted server on loopback: raw bytes over sockets, one script for each request it gets.

It speaks no HTTP of its own: a script reads as much as it likes, sends what it likes and ends the
connection as it likes. What it saw is counted here, so tests can hold the client to the truth.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from .connection import Connection
from .ledger import Ledger
from .scripts import Script, serve
from .seen_request import SeenRequest

PATIENCE = 10.0  # seconds; a bound for waits that normally end at once


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
        default: what is played once the scripts are used up.
        ledger: what the API behind the server has sent; it does so in `accept` and `processed` only.
    """

    def __init__(self, scripts: Sequence[Script] = (), ledger: Ledger | None = None) -> None:
        self.scripts = list(scripts)
        self.default: Script = serve
        self.ledger = ledger or Ledger()
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
    ledger: Ledger | None = None,
    default: Script = serve,
    port: int = 0,
) -> AsyncIterator[FaultServer]:
    """Run a server on a free port of 127.0.0.1.

    Args:
        scripts: for the first requests; `serve` answers the rest.
        tls: speak TLS.
        scheme: of the server's `url`, where it should promise something else than it does.
        tiny_buffers: make a client's writes block early: the kernel sizes the client's buffer by the
            segments that we take, 64 KiB each on loopback otherwise, and 2.6 MB in all.
        ledger: of the API behind it, where a test wants another than the usual one.
        default: what is played once the scripts are used up.
        port: to listen on, where it was another server's before; 0 for a free one.
    """
    server = FaultServer(scripts, ledger)
    server.default = default
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if tiny_buffers:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    listener.bind(("127.0.0.1", port))
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
