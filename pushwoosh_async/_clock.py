"""What time is it. Whoever waits or stamps is handed a Clock; tests hand in their own."""

import time
import uuid
from pathlib import Path
from typing import Protocol

import anyio

from pushwoosh_async._window import Stamp


class Clock(Protocol):
    """The time, three ways, and the only way to wait."""

    def monotonic(self) -> float:
        """Return seconds that never go back: for delays and rates, inside one process."""

    def stamp(self) -> Stamp:
        """Return an instant that can be compared after a suspend, a clock step or a crash."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clocks. `CLOCK_BOOTTIME` counts suspend and SIGSTOP; where a system has no
    such clock its monotonic one stands in, and the wall clock, compared beside it, covers the rest.
    """  # noqa: D205 -- one sentence would lose the reason

    def __init__(self) -> None:
        self._boot_clock = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
        self._boot_id = _boot_id()

    def monotonic(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()

    def stamp(self) -> Stamp:
        """Return wall clock, boot clock and boot id."""
        clock = self._boot_clock
        boottime = time.monotonic() if clock is None else time.clock_gettime(clock)
        return Stamp(wall=time.time(), boottime=boottime, boot_id=self._boot_id)

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await anyio.sleep(seconds)


def _boot_id() -> str:
    """Return the kernel's boot id, or a fresh id: without one, every process is another boot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return str(uuid.uuid4())
