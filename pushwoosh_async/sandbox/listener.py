"""Who is connected, and whose request is being held? aiohttp's server, with a count at the door."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

# Waits until the peer of a request hangs up, or the server closes.
Hold = Callable[[web.BaseRequest], Awaitable[None]]
Handler = Callable[[web.BaseRequest, Hold], Awaitable[web.StreamResponse]]

# Connections that wait to be accepted: more than any client opens at once.
_BACKLOG = 1024
_KEEPALIVE = 75.0
# Seconds for what aiohttp still does on its own after our handlers have ended.
_GRACE = 0.1


class Listener(web.Server):
    """Counts connections, and ends the requests it holds when their peer or the server goes.

    A request is otherwise never cancelled because its peer has left: once its body is in, it is
    processed, as a real server would. Hence not aiohttp's `handler_cancellation`.

    Args:
        handler: answers a request; is handed `hold` along with it.
        on_connection: called once for each TCP connection accepted.
    """

    def __init__(self, handler: Handler, on_connection: Callable[[], None]) -> None:
        super().__init__(
            self._tracked,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=_KEEPALIVE,
        )
        self._handler = handler
        self._on_connection = on_connection
        self._running: set[asyncio.Task[object]] = set()
        self._held: dict[web.RequestHandler, asyncio.Future[None]] = {}
        self._runner = web.ServerRunner(self, shutdown_timeout=_GRACE)

    async def listen(self, host: str, port: int) -> str:
        """Open the port, 0 for a free one, and return the origin that clients connect to."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=_BACKLOG).start()
        bound_host, bound_port = self._runner.addresses[0][:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        return f"http://{shown}:{bound_port}"

    async def aclose(self) -> None:
        """Cut every request that is running, then close all connections and the port."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._runner.cleanup()

    async def hold(self, request: web.BaseRequest) -> None:
        """Keep a request waiting until its peer hangs up or the server closes."""
        if request.transport is None:
            return
        gone = self._held[request.protocol] = asyncio.get_running_loop().create_future()
        try:
            await gone
        finally:
            del self._held[request.protocol]

    def __call__(self) -> web.RequestHandler:
        """Make the protocol of one connection: asyncio calls this once for each it accepts."""
        self._on_connection()
        return super().__call__()

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Let go of the request that this connection was waiting for."""
        super().connection_lost(handler, exc)
        gone = self._held.get(handler)
        if gone is not None and not gone.done():
            gone.set_result(None)

    async def _tracked(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- for the type checker: a coroutine runs in a task
        self._running.add(task)
        try:
            return await self._handler(request, self.hold)
        except ConnectionError:
            # The peer has left in mid-body or in mid-answer. aiohttp would log it as our failure.
            return web.Response()
        finally:
            self._running.discard(task)
