"""What did a fault cost? The memory of this process, and how long the event loop was held up."""

import asyncio
import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from attrs import define

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


@define
class Peak:
    """The most that Python's own memory grew by, at any moment.

    Attributes:
        bytes: known once the block is over.
    """

    bytes: int = 0


@contextmanager
def measured_peak() -> Iterator[Peak]:
    """Trace what is allocated while the block runs; what was given back before its end counts too."""
    peak = Peak()
    tracemalloc.start()
    try:
        yield peak
        peak.bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
