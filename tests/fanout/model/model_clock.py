"""What do a machine's clocks say, and what time is it really?"""

import asyncio

from model.step_loop import StepLoop
from pushwoosh_async._window import Stamp


class ModelClock:
    """A wall clock and a boot clock over true time. One of the two witnesses is always honest: else no
    rule could help.

    Attributes:
        now: true seconds.
        counts_suspend: the boot clock goes on while the machine sleeps, as `CLOCK_BOOTTIME` does, and
            the wall clock may be set at will. Otherwise a monotonic clock stands in, and the wall
            clock is never set back.
        sleepers: done when the model wakes them, early or late: nothing may rest on a sleep.
    """  # noqa: D205 -- the second sentence is the condition of the first

    def __init__(self, loop: StepLoop, *, counts_suspend: bool) -> None:
        self.now = 0.0
        self.sleepers: list[asyncio.Future[None]] = []
        self._loop = loop
        self.counts_suspend = counts_suspend
        self._wall_error = 1_700_000_000.0
        self._booted = -10_000.0
        self._boots = 0
        self._taken: dict[Stamp, float] = {}

    def monotonic(self) -> float:
        """Return true seconds: nothing that is tested here measures with them."""
        return self.now

    def stamp(self) -> Stamp:
        """Return what the witnesses say, and remember when it was."""
        stamp = Stamp(self.now + self._wall_error, self.now - self._booted, f"boot-{self._boots}")
        self._taken.setdefault(stamp, self.now)
        return stamp

    def taken_at(self, stamp: Stamp) -> float:
        """Return when a stamp was really taken."""
        return self._taken[stamp]

    async def sleep(self, seconds: float) -> None:
        """Sleep until the model says otherwise."""
        until: asyncio.Future[None] = self._loop.create_future()
        self.sleepers.append(until)
        await until

    def wake(self) -> None:
        """Wake whoever sleeps."""
        for until in self.sleepers:
            if not until.done():
                until.set_result(None)
        self.sleepers.clear()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def suspend(self, seconds: float) -> None:
        """Close the lid."""
        self.now += seconds
        if not self.counts_suspend:
            self._booted += seconds

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock; back only where nothing rests on it."""
        self._wall_error += seconds if self.counts_suspend else abs(seconds)

    def reboot(self, wall_error: float) -> None:
        """Start anew, perhaps with a wall clock that lost its battery."""
        self._boots += 1
        self._booted = self.now
        self._wall_error += wall_error
