"""Is this request one too many in its minute? The vendor's limit is 600 a minute [api.md 3]."""

from collections import deque
from collections.abc import Callable

MINUTE = 60.0


class Throttle:
    """Admits at most `limit` requests in any minute; refused ones do not count.

    Args:
        limit: requests per minute; None admits all.
        clock: seconds that never go back.
    """

    def __init__(self, limit: int | None, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._admitted: deque[float] = deque()

    def clear(self) -> None:
        """Forget the requests of the last minute."""
        self._admitted.clear()

    def wait(self) -> float | None:
        """Admit a request and return None, or return the seconds until one will be admitted."""
        if self._limit is None:
            return None
        now = self._clock()
        while self._admitted and now - self._admitted[0] >= MINUTE:
            self._admitted.popleft()
        if len(self._admitted) >= self._limit:
            return self._admitted[0] + MINUTE - now
        self._admitted.append(now)
        return None
