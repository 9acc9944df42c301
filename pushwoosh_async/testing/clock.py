"""Time under a test's control: sleeping takes none of the real one."""

import anyio.lowlevel

from pushwoosh_async import Stamp


class FakeClock:
    """A clock that stands still until something sleeps on it, or a test moves it.

    Hand it to ``PushwooshClient(clock=...)``. A sleep moves it to its end at once, so retries and holds
    are over in no time and still in order. It knows nothing of what the network does meanwhile: a
    `deadline` passes before the first answer comes.

    Attributes:
        sleeps: the seconds of every sleep so far, in order.
    """

    def __init__(self, *, wall: float = 1_700_000_000.0) -> None:
        self._elapsed = 0.0
        self._wall = wall
        self._boots = 0
        self.sleeps: list[float] = []
        self._waking: list[float] = []  # when each sleeper wakes: the earliest goes first

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
        return self._elapsed

    def stamp(self) -> Stamp:
        """Return an instant; its boot clock and its wall clock go together unless a test parts them."""
        return Stamp(self._wall + self._elapsed, self._elapsed, f"boot-{self._boots}")

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once; who sleeps beside others sleeps at the same time as they do."""
        self.sleeps.append(seconds)
        wakes = self._elapsed + seconds
        self._waking.append(wakes)
        try:
            await anyio.lowlevel.checkpoint()
            while min(self._waking) < wakes:
                await anyio.lowlevel.checkpoint()
            self._elapsed = max(self._elapsed, wakes)
        finally:
            self._waking.remove(wakes)

    def advance(self, seconds: float) -> None:
        """Let time pass, as a suspended machine or a busy event loop does."""
        self._elapsed += seconds

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward, or back, as an operator or NTP does."""
        self._wall += seconds

    def reboot(self) -> None:
        """Start another boot: stamps from before cannot be compared any more."""
        self._boots += 1
