"""What time is it, where none is spent waiting? An event loop that jumps, and a computer's clocks on it."""

import asyncio
import selectors

import anyio

from pushwoosh_async import Stamp

# Seconds that a turn of the loop takes. asyncio wakes sleepers up to a nanosecond early: who then sleeps
# for the rest would be woken at once, and again, for ever.
_TURN = 1e-9
_MOST_TURNS = 300_000  # a long life has 2,000


class _Jumps(selectors.SelectSelector):
    """Lets the time pass that the loop would wait, as nothing ever comes from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is to come")
        self._turns += 1
        if self._turns > _MOST_TURNS:
            raise RuntimeError("everybody is busy, and no time passes")
        self.now += max(timeout, _TURN)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio with a time of its own, the same on each run: trio shuffles its tasks, this does not."""

    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        """Return the seconds since the loop was made."""
        return self._jumps.now

    def jump(self, seconds: float) -> None:
        """Let time pass in which nobody here does anything."""
        self._jumps.now += seconds


class Computer:
    """The clocks of the sender's computer. Also the `Clock` that the sender is given."""

    def __init__(self, loop: VirtualLoop, *, blind: bool, same_boot: bool) -> None:
        self._loop = loop
        self._blind = blind
        self._same_boot = same_boot
        self._suspended = 0.0  # seconds that the loop did not see
        self._unseen = 0.0  # seconds of this boot that its boot clock did not see
        self._wall = 1_700_000_000.0
        self._boots = 0
        self._booted = -5000.0

    def true(self) -> float:
        """Return the seconds that have passed for the rest of the world."""
        return self._loop.time() + self._suspended

    def monotonic(self) -> float:
        """Return what the loop counts: a stopped process too, a suspended computer not."""
        return self._loop.time()

    def stamp(self) -> Stamp:
        """Return wall clock, boot clock and boot id."""
        now = self.true()
        boottime = now - self._booted - self._unseen
        return Stamp(self._wall + now, boottime, f"boot-{0 if self._same_boot else self._boots}")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)

    def stop(self, seconds: float) -> None:
        """Stop the process, as SIGSTOP does."""
        self._loop.jump(seconds)

    def suspend(self, seconds: float) -> None:
        """Close the lid."""
        self._suspended += seconds
        self._unseen += seconds * self._blind

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward, or back; not where it is the only honest one."""
        if not self._blind:
            self._wall += seconds

    def reboot(self) -> None:
        """Start anew."""
        self._boots += 1
        self._booted = self.true()
        self._unseen = 0.0
