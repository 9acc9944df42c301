"""Who goes on, and when does everybody wait? An event loop without time, run a step at a time."""

import asyncio
from asyncio.events import _set_running_loop  # public to whoever writes an event loop
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_Call = tuple[asyncio.Handle, Callable[..., object], tuple[Any, ...], Context | None]


class StepLoop(asyncio.AbstractEventLoop):
    """Runs what is ready, in order, and nothing else: no clock, no sockets, no threads.

    A real loop would do, but lives are short: it takes ten times as long to start and stop one.
    """

    def __init__(self) -> None:
        self._ready: deque[_Call] = deque()

    def go_on(self) -> None:
        """Run until everybody waits for something that nobody in here does."""
        if not self._ready:
            return
        _set_running_loop(self)
        try:
            while self._ready:
                handle, callback, args, context = self._ready.popleft()
                if handle.cancelled():
                    continue
                if context is None:
                    callback(*args)
                else:
                    context.run(callback, *args)
        finally:
            _set_running_loop(None)

    def do(self, step: Callable[[], T]) -> T:
        """Take a step that asks which loop it is in; then go on."""
        _set_running_loop(self)
        try:
            done = step()
        finally:
            _set_running_loop(None)
        self.go_on()
        return done

    # -- what tasks, futures and anyio need -----------------------------------------------------

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append((handle, callback, args, context))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def get_task_factory(self) -> None:
        return None

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        raise AssertionError(context["message"]) from context.get("exception")
