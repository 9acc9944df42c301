"""What did a fault cost? The memory of this process, and how long the event loop was held up."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

MB = 1_000_000


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def under(amount: float, step: int) -> int:
    """Return the next multiple of a step: a measure that reads the same each time."""
    return (int(amount) // step + 1) * step


class Lag:
    """How long the event loop was held up between two turns of it.

    Attributes:
        worst: seconds, by the clock that it was made with.
    """

    every = 0.001  # seconds between two looks

    def __init__(self, clock: Callable[[], float]) -> None:
        self.worst = 0.0
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._before = clock()
        self._next = self._loop.call_soon(self._look)

    @property
    def milliseconds(self) -> int:
        """The worst, rounded up."""
        return ceil(self.worst * 1000)

    def _look(self) -> None:
        now = self._clock()
        self.worst = max(self.worst, now - self._before)
        self._before = now
        self._next = self._loop.call_later(self.every, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._next.cancel()


@contextmanager
def measured_lag(clock: Callable[[], float]) -> Iterator[Lag]:
    """Measure while the block runs.

    Args:
        clock: `time.thread_time` for what the loop itself computes, whatever else the machine does;
            `time.monotonic` for waits too.
    """
    # What pytest has piled up takes the collector longer to look through than a bound may be.
    gc.collect()
    gc.disable()
    lag = Lag(clock)
    try:
        yield lag
    finally:
        lag.stop()
        gc.enable()
