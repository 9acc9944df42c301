"""Which tasks belong to the library, not to a caller, and to which event loop does it belong itself?"""

import asyncio
import os
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeAlias, TypeVar

from pushwoosh_async.errors import ConfigurationError

T = TypeVar("T")

# A value to come. Where whoever awaits it is cancelled, it is done.
Answer: TypeAlias = asyncio.Future[T]


class OwnedTasks:
    """Tasks that outlive whoever had them started."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """Return how many are not done."""
        return len(self._tasks)

    def start(
        self, work: Coroutine[Any, Any, T], *, context: Context | None = None
    ) -> asyncio.Task[T]:
        """Start a task; by default it sees the context variables of whoever starts it."""
        task = asyncio.get_running_loop().create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def join(self, timeout: float) -> None:
        """Wait so many seconds for those that run now."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout)

    async def drain(self, timeout: float) -> None:
        """Wait so many seconds for those that run now, then cancel them and wait for their end."""
        running = set(self._tasks)
        await self.join(timeout)
        late = [task for task in running if not task.done()]
        for task in late:
            task.cancel()
        if late:  # a client that was refused another event loop than asyncio's is closed there
            await asyncio.gather(*late, return_exceptions=True)


class Home:
    """The event loop, and the process, that something was made for.

    Args:
        name: of what was made, for the error.

    Raises:
        ConfigurationError: no event loop of asyncio runs: trio's cannot serve.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop = self._running()
        self._process = os.getpid()

    def check(self) -> None:
        """Refuse whoever calls from elsewhere.

        Raises:
            ConfigurationError: another event loop runs, or none of asyncio, or the process is a fork.
        """
        if os.getpid() != self._process:
            raise ConfigurationError(
                f"{self._name}: the process was forked since; make one in each process"
            )
        if self._running() is not self._loop:
            raise ConfigurationError(
                f"{self._name}: it belongs to another event loop; make one per loop"
            )

    def _running(self) -> asyncio.AbstractEventLoop:
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            raise ConfigurationError(
                f"{self._name}: it runs on asyncio, and no event loop of asyncio runs here"
            ) from None

    def answer(self) -> Answer[Any]:
        """Return an answer to come."""
        return self._loop.create_future()
