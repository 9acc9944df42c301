"""May a new request begin now, and how much of it? Not while the run is paused, the server silent, or the
run's own rate used up; and with no more notifications than could be repeated one by one.

Doubts are not asked about: they go on to their gate, whatever holds new chunks back (delivery.md 2.7).
"""  # noqa: D205 -- both answers belong together

from math import inf

from pushwoosh_async._fanout.breaker import Breaker
from pushwoosh_async._fanout.state import Event
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter
from pushwoosh_async._window import Window


class Admission:
    """What holds back new chunks.

    Attributes:
        breaker: whether the server answers.
        paused: whether the user wants nothing new.
        proven: whether this session has seen a request accepted, and none fall into doubt since.
    """

    def __init__(self, concurrency: int, window: Window, *, packs: bool) -> None:
        # As long as a doubt is repeated: then a probe that is not answered makes room for the next.
        every = window.length - window.attempt - window.margin
        self.breaker = Breaker(concurrency, every=every)
        self.paused = False
        self.proven = False
        self._packs = packs
        self._pace = RateLimiter(None)

    def set_rate(self, limit: RateLimit | None) -> None:
        """Let new requests begin at this rate at most; None for no limit of the run's own."""
        self._pace = RateLimiter(limit)

    def heard(self, event: Event) -> None:
        """Learn what became of a request."""
        if event is Event.ACCEPTED:
            self.proven = True
        if event is Event.DOUBT:
            self.proven = False
            self.breaker.doubted()
        elif event is Event.EXPIRED:
            self.breaker.gave_up()
        elif event not in {Event.INTENT, Event.UNSENT}:
            self.breaker.answered()

    def room(self, wanted: int, *, under_way: int, apart: bool, rate: float, window: Window) -> int:
        """Return how many notifications the next request may carry; 0 for none until something changes.

        One failed request leaves all of its notifications in doubt. So a packed run sends one alone
        until one was accepted, and again after each doubt: a refused token, a bad message or a storm
        of 429 then costs one, and costs it cleanly. So does a probe of a silent server. And all that is
        under way must fit into the window once more, taken apart into single requests (delivery.md 2.5).

        Args:
            wanted: how many are there for it.
            under_way: chunks that have begun and are not settled.
            apart: whether a pack is being taken apart.
            rate: requests a second that may be sent.
            window: of a request with all that is wanted.
        """
        if apart:  # also where an earlier session packed, and this one does not
            return 0
        if not self._packs:
            return 1
        if not self.proven or self.breaker.is_open:
            return 0 if under_way else 1
        bound = most_under_way(rate, window)
        most = max(int(min(wanted, bound)), 1)
        return most if not under_way or under_way + most <= bound else 0

    def wait(self, now: float, *, under_way: int) -> float:
        """Take a request's place; return 0.0, or the seconds after which to ask again: inf until
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


def most_under_way(rate: float, window: Window) -> float:
    """Return how many notifications may be under way at once, so that each can be repeated alone.

    Args:
        rate: requests a second that may be sent.
        window: of a request with as many as are asked for.
    """
    # Taking n apart takes 2n - 2 requests, after an attempt that took all its time.
    left = max(window.length - window.margin - 2 * window.attempt, 0.0)
    return rate * left / 2 if left else 0.0
