"""On which event loops do these tests send? asyncio's in its ways, and uvloop's."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

# Turns of the event loop before a late task takes its first step.
_LATE = 3


def debugging() -> asyncio.AbstractEventLoop:
    """Return a loop in asyncio's debug mode."""
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop


def eager() -> asyncio.AbstractEventLoop:
    """Return a loop whose tasks take their first step while they are made (Python 3.12)."""
    loop = asyncio.new_event_loop()
    loop.set_task_factory(vars(asyncio)["eager_task_factory"])  # mypy reads us as Python 3.11
    return loop


def late() -> asyncio.AbstractEventLoop:
    """Return a loop whose tasks take their first step some turns after they were made."""
    loop = asyncio.new_event_loop()
    loop.set_task_factory(_late_task)  # type: ignore[arg-type]  # typeshed asks for any Future
    return loop


def _late_task(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    async def begin() -> Any:
        try:
            for _ in range(_LATE):
                await asyncio.sleep(0)
        except asyncio.CancelledError as cancelled:
            work.throw(cancelled)  # as a task is cancelled that has not begun
        return await work

    return asyncio.Task(begin(), loop=loop, **options)


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
    "debug": debugging,
    "late": late,
}
if hasattr(asyncio, "eager_task_factory"):
    LOOPS["eager"] = eager
