"""How does one get to a server? By a port where nobody listens yet, or where nobody answers yet."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager

from fault_server import FaultServer

from pushwoosh_async import SystemClock

QUEUE = 16  # connections that are tried; Linux takes one more than a backlog of 0 asks for


class Door:
    """A port in front of a server, shut until it is opened.

    Attributes:
        port: its number.
        listener: its socket.
        is_open: whether the server can be reached.
    """

    def __init__(self, server: FaultServer, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.is_open = False
        self._server = server
        self.listener = listener
        self._listening: asyncio.Server | None = None

    async def open(self) -> None:
        """Let everybody in, those too who have waited."""
        self.is_open = True
        self._listening = await asyncio.start_server(self._server.connected, sock=self.listener)

    async def aclose(self) -> None:
        """Shut it for good."""
        if self._listening is not None:
            self._listening.close()
            await self._server.aclose()
            await self._listening.wait_closed()


@asynccontextmanager
async def shut_door(
    server: FaultServer, *, family: socket.AddressFamily = socket.AF_INET, port: int = 0
) -> AsyncIterator[Door]:
    """Take a port where connections are refused."""
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
        door = Door(server, listener)
        try:
            yield door
        finally:
            await door.aclose()


@asynccontextmanager
async def filled(door: Door) -> AsyncIterator[bool]:
    """Fill a door's queue, so that no connection stands any more; yield whether it could be filled."""
    loop = asyncio.get_running_loop()
    with ExitStack() as queue:
        yield await _fill(door, loop, queue)


async def _fill(door: Door, loop: asyncio.AbstractEventLoop, queue: ExitStack) -> bool:
    door.listener.listen(0)
    for _ in range(QUEUE):
        filler = queue.enter_context(socket.socket(door.listener.family))
        filler.setblocking(False)
        try:
            async with asyncio.timeout(0.1):
                await loop.sock_connect(filler, door.listener.getsockname())
        except TimeoutError:
            return True
    return False


class Meanwhile(SystemClock):
    """The machine's clock; something happens when the first wait begins."""

    def __init__(self, does: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._does: Callable[[], Awaitable[None]] | None = does

    async def sleep(self, seconds: float) -> None:
        """Wait, the first time for that too."""
        does, self._does = self._does, None
        if does is not None:
            await does()
        await super().sleep(seconds)
