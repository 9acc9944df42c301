"""May a new chunk begin now? Not while the run is paused, the server silent, or the run's own rate used up.

Doubts are not asked about: they go on to their gate, whatever holds new chunks back (delivery.md 2.7).
"""

from math import inf

from pushwoosh_async._fanout.breaker import Breaker
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter
from pushwoosh_async._window import Window


class Admission:
    """What holds back new chunks.

    Attributes:
        breaker: whether the server answers.
        paused: whether the user wants nothing new.
    """

    def __init__(self, concurrency: int, window: Window) -> None:
        # As long as a doubt is repeated: then a probe that is not answered makes room for the next.
        every = window.length - window.attempt - window.margin
        self.breaker = Breaker(concurrency, every=every)
        self.paused = False
        self._pace = RateLimiter(None)

    def set_rate(self, limit: RateLimit | None) -> None:
        """Let new chunks begin at this rate at most; None for no limit of the run's own."""
        self._pace = RateLimiter(limit)

    def wait(self, now: float, *, under_way: int) -> float:
        """Take a chunk's place; return 0.0, or the seconds after which to ask again: inf until
        something changes.

        Args:
            now: monotonic seconds.
            under_way: chunks that have begun and are not settled.
        """  # noqa: D205 -- both answers belong together
        delay = inf if self.paused else self.breaker.wait(now, under_way=under_way)
        delay = delay or self._pace.take(now)
        if not delay:
            self.breaker.begun(now)
        return delay
