"""What do tests that cancel a fan-out share? How it is used, whose answer is held back, who serves then."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fault_server import Connection, FaultServer, serve
from wire_clients import NOTE

from pushwoosh_async import FanOut, PushwooshClient

Use: TypeAlias = Callable[[FanOut], Awaitable[None]]


async def awaited(run: FanOut) -> None:
    """Use a run in the one way."""
    await run


async def entered(run: FanOut) -> None:
    """Use a run in the other way."""
    async with run:
        async for _ in run:
            pass


class HeldAnswer:
    """A script: the API takes the request, and its answer waits until it is let go.

    Attributes:
        taken: the API has it.
        let_go: the answer may leave.
    """

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, connection: Connection) -> None:
        answer = connection.server.ledger.take(await connection.read_request())
        self.taken.set()
        await self.let_go.wait()
        await connection.send(answer)


async def serves(server: FaultServer, client: PushwooshClient, times: int = 10) -> int:
    """Return how many of so many calls, each alone, a client's pool still serves."""
    server.scripts.clear()
    server.default = serve
    served = 0
    for _ in range(times):
        async with asyncio.timeout(5):
            served += (await client.create_message(NOTE)).message_codes == ("CODE-1",)
    return served


class Turns(selectors.DefaultSelector):
    """Counts the turns of an event loop, and does something at one of them.

    A turn that waits for a socket or a thread is one: so there are as many as there is work.
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = 0
        self._act: Callable[[], object] | None = None

    def arm(self, turn: int, act: Callable[[], object]) -> None:
        """Do it at the n-th turn from now on."""
        self._left = turn
        self._act = act

    def disarm(self) -> None:
        """Do nothing."""
        self._act = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Begin a turn."""
        self._left -= 1
        if self._left == 0 and self._act is not None:
            self._act()
            timeout = 0  # what it did is work
        return super().select(timeout)
