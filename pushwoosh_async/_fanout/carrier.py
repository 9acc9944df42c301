"""Who carries a request to its end? Sent once, taken apart if it was a pack and is in doubt, settled."""

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Protocol, TypeAlias

import anyio

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.guard import ChunkGuard, Overseer
from pushwoosh_async._fanout.journal import Journal
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.state import State
from pushwoosh_async._window import Window
from pushwoosh_async.errors import ConfigurationError, PushwooshError

Send: TypeAlias = Callable[[Sequence[Chunk], RequestGuard], Awaitable[object]]


class Sender(Overseer, Protocol):
    """Whose requests are carried."""

    def failed(self, guards: Sequence[ChunkGuard], error: Exception) -> None:
        """Learn why a request with these came to nothing."""

    async def settled(self, guard: ChunkGuard) -> None:
        """Learn that a chunk's life is over, or that it was split."""


class CalledOffError(Exception):
    """What a request called (the token, a hook) was cancelled, though nobody cancelled the request."""


class Carrier:
    """Carries requests, several at once.

    Attributes:
        guards: of the chunks under way, by path.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        send: Send,
        journal: Journal,
        clock: Clock,
        window: Callable[[int], Window],
        pause: Callable[[PushwooshError], float],
    ) -> None:
        self.guards: dict[str, ChunkGuard] = {}
        self._sender = sender
        self._send = send
        self._journal = journal
        self._clock = clock
        self._window = window
        self._pause = pause
        self._requests: set[RequestGuard] = set()
        self._attended: dict[RequestGuard, anyio.CancelScope] = {}

    async def carry(self, guards: Sequence[ChunkGuard]) -> None:
        """Deliver chunks in one request: first attempts only, or doubts only.

        A pack in doubt is repeated in halves, under the same ids, inside the window, at last one by one.
        Its doubts do not wait for each other: their windows run side by side.
        """
        self.guards.update((guard.chunk.path, guard) for guard in guards)
        try:
            request = self._request(guards)
        except ConfigurationError as error:
            self._sender.failed(guards, error)
            await self._settle(guards)
            return
        gone = [guard for guard in guards if not guard.may_repeat(request.window, 0.0)]
        if gone:
            request.expire()
            await self._settle(gone)
            left = [guard for guard in guards if guard not in gone]
            if left:
                await self.carry(left)
            return
        self._requests.add(request)
        await self._attend(request)
        if request.refused_pack is None:
            request.expire()
            request.close("it was left without an answer")
            self._requests.discard(request)
            await self._settle(guards)
        else:
            try:
                await self._take_apart(request, request.refused_pack)
            finally:
                self._requests.discard(request)

    def _request(self, guards: Sequence[ChunkGuard]) -> RequestGuard:
        return RequestGuard(
            guards,
            journal=self._journal,
            clock=self._clock,
            window=self._window(sum(guard.chunk.size for guard in guards)),
            overseer=self._sender,
        )

    async def _attend(self, request: RequestGuard) -> None:
        with anyio.CancelScope() as scope:
            self._attended[request] = scope
            try:
                await self._send([guard.chunk for guard in request.guards], request)
            except Exception as error:  # noqa: BLE001 -- a hook or token callable may raise anything
                self._sender.failed(request.guards, error)
            except anyio.get_cancelled_exc_class():
                if anyio.current_effective_deadline() == -inf:
                    raise
                # Nobody cancelled us: passed on, it would end a worker, and the run as if it were done.
                self._sender.failed(request.guards, CalledOffError())
            finally:
                del self._attended[request]

    async def _take_apart(self, request: RequestGuard, error: PushwooshError) -> None:
        delay = self._pause(error)
        guards = [guard for guard in request.guards if guard.may_repeat(request.window, delay)]
        request.expire()
        await self._settle([guard for guard in request.guards if guard not in guards])
        if not guards:
            return
        await self._clock.sleep(delay)
        middle = (len(guards) + 1) // 2
        async with anyio.create_task_group() as halves:
            for half in (guards[:middle], guards[middle:]):
                if half:
                    halves.start_soon(self.carry, half)

    @property
    def apart(self) -> bool:
        """Whether a pack is being taken apart: from the answer that refused it until its last chunk is
        settled. Counted from what is known at that moment, as those who are told of either ask at once.
        """  # noqa: D205 -- both ends belong together
        return any(
            request.refused_pack is not None
            and any(guard.chunk.path in self.guards for guard in request.guards)
            for request in self._requests
        )

    async def _settle(self, guards: Sequence[ChunkGuard]) -> None:
        # One by one: whoever settles one may be cancelled, and the rest must be there to be labelled.
        for guard in guards:
            del self.guards[guard.chunk.path]
            await self._sender.settled(guard)

    # -- its end --------------------------------------------------------------------------------

    def give_up_waiting(self) -> None:
        """End the backoffs and holds of what is not begun: none outlives the end of its run."""
        for request, scope in self._attended.items():
            if request.waiting:
                scope.cancel()

    @property
    def in_flight(self) -> bool:
        """Whether any answer is still to come."""
        return any(guard.life.state is State.IN_FLIGHT for guard in self.guards.values())

    def close(self, reason: str) -> None:
        """End the books of whatever is under way."""
        for request in self._requests:
            request.close(reason)
