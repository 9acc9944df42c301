"""Has anything changed? Whoever waits for a change of the run waits here."""

from collections.abc import Awaitable, Callable
from math import inf

import anyio


class Bell:
    """Wakes everybody who waits."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._rung: anyio.Event | None = None

    def ring(self) -> None:
        """Something has changed."""
        if self._rung is not None:
            self._rung.set()
            self._rung = None

    async def wait(self, most: float = inf) -> None:
        """Wait until it rings, or so many seconds have passed."""
        if self._rung is None:
            self._rung = anyio.Event()
        rung = self._rung
        if most == inf:
            await rung.wait()
            return
        async with anyio.create_task_group() as race:
            race.start_soon(self._end_after, most, race.cancel_scope)
            await rung.wait()
            race.cancel_scope.cancel()

    async def _end_after(self, seconds: float, scope: anyio.CancelScope) -> None:
        await self._sleep(seconds)
        scope.cancel()
