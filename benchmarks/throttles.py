"""How may a server count? Three ways of holding to so many requests a minute, for simulations."""

from collections import deque
from typing import Protocol

MINUTE = 60.0


class Throttle(Protocol):
    """What stands before a server."""

    def wait(self, now: float) -> float | None:
        """Admit a request and return None, or return the seconds until one would be admitted."""


class SlidingWindow:
    """At most so many in any minute: our sandbox's way."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._admitted: deque[float] = deque()

    def wait(self, now: float) -> float | None:
        """See `Throttle`."""
        while self._admitted and now - self._admitted[0] >= MINUTE:
            self._admitted.popleft()
        if len(self._admitted) >= self._limit:
            return self._admitted[0] + MINUTE - now
        self._admitted.append(now)
        return None


class FixedWindow:
    """At most so many in each minute of its own clock, which begins when it begins."""

    _OFFSET = 23.7  # seconds: nobody starts with a minute

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._window = -1.0
        self._admitted = 0

    def wait(self, now: float) -> float | None:
        """See `Throttle`."""
        window, passed = divmod(now + self._OFFSET, MINUTE)
        if window != self._window:
            self._window, self._admitted = window, 0
        if self._admitted >= self._limit:
            return MINUTE - passed
        self._admitted += 1
        return None


class TokenBucket:
    """A token comes at each even part of the minute; a tenth of a minute's are kept."""

    _KEPT = 0.1

    def __init__(self, limit: int) -> None:
        self._a_second = limit / MINUTE
        self._most = self._tokens = max(1.0, limit * self._KEPT)
        self._filled = 0.0

    def wait(self, now: float) -> float | None:
        """See `Throttle`."""
        earned = (now - self._filled) * self._a_second
        self._tokens, self._filled = min(self._most, self._tokens + earned), now
        if self._tokens < 1:
            return (1 - self._tokens) / self._a_second
        self._tokens -= 1
        return None


class LoneTokens(TokenBucket):
    """One token is kept: whoever comes a moment early, as a network's jitter has it, is refused."""

    _KEPT = 0.0


class Closed:
    """Nobody gets in: an outage that answers 429."""

    def wait(self, now: float) -> float | None:  # noqa: ARG002 -- the protocol's
        """See `Throttle`."""
        return MINUTE
