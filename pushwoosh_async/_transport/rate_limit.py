"""How long must a request wait? GCRA, told the time; waits for nobody itself."""

from math import inf, ulp
from typing import Any

from attrs import field, frozen

from pushwoosh_async._transport.adaptive_rate import AdaptiveRate
from pushwoosh_async.errors import ConfigurationError

_MOST = 1e9


def _whole(_: object, attribute: Any, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"rate_limit.{attribute.name}: expected an int, got {type(value).__name__}")


def _positive(_: object, attribute: Any, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(
            f"rate_limit.{attribute.name}: expected a number, got {type(value).__name__}"
        )
    if not 0 < value < _MOST:
        raise ConfigurationError(
            f"rate_limit.{attribute.name}: must be above 0, and below {_MOST:g}"
        )


def _flag(_: object, attribute: Any, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"rate_limit.{attribute.name}: expected a bool, got {type(value).__name__}")


@frozen(kw_only=True)
class RateLimit:
    """A ceiling: in no half-open window of `per` seconds more than `requests`.

    Attributes:
        requests: how many; the vendor states 600 createMessage calls a minute [D-over, H-batch].
        per: seconds.
        burst: how many may go at once after a pause. Room for a burst is taken out of the steady rate,
            which is `(requests - burst + 1) / per`: 591 a minute by default.
        adaptive: lower the rate when the server answers 429, and climb back while it does not, never above
            this limit: for an account whose own is not known. A lowered rate knows no bursts. What a 429
            of this API looks like, and over which span it counts, the vendor does not say: that it counts
            over `per` is a guess.
    """

    requests: int = field(default=600, validator=[_whole, _positive])
    per: float = field(default=60.0, validator=_positive)
    burst: int = field(default=10, validator=[_whole, _positive])
    adaptive: bool = field(default=False, validator=_flag)

    def __attrs_post_init__(self) -> None:
        if self.burst > self.requests:
            raise ConfigurationError("rate_limit.burst: must not exceed requests")

    @property
    def interval(self) -> float:
        """Seconds between requests at the steady rate.

        A burst of b and then one each interval I makes at most b - 1 + ceil(per / I) requests in a
        window; with this I that is `requests`.
        """
        return self.per / (self.requests - self.burst + 1)


class RateLimiter:
    """The state of one ceiling, shared by everything that uses one client.

    A request is granted when it asks, at that moment, or told how long to wait before it asks again: a
    promise of a later slot would let requests delayed by a blocked event loop fall into one window.
    """

    def __init__(self, limit: RateLimit | None) -> None:
        self._interval = self._shortest = limit.interval if limit else 0.0
        self._tolerance = self._burst = self._interval * (limit.burst - 1) if limit else 0.0
        self._next = -inf  # when the next request would be exactly on time
        self._held_until = -inf
        self._finder = (
            AdaptiveRate(1.0 / self._shortest, limit.per) if limit and limit.adaptive else None
        )
        # How much was learnt when a request is let go; None where nothing is to be learnt.
        self.lesson: int | None = 0 if self._finder else None

    @property
    def rate(self) -> float:
        """Requests per second at the steady rate, as of now; `inf` without a limit. Holds aside."""
        return 1.0 / self._interval if self._interval else inf

    def take(self, now: float) -> float:
        """Take a request's slot at `now`, in monotonic seconds; return 0.0, or the seconds to wait."""
        if now < self._held_until:
            return self._held_until - now
        early = self._next - self._tolerance - now
        if early > 0:
            return early
        if not self._interval:
            return 0.0
        # Each sum rounds by up to half a unit in the last place; later by four never lets one in early.
        self._next = max(self._next, now) + self._interval + 4 * ulp(max(self._next, now))
        return 0.0

    def held(self, now: float) -> float:
        """Return the seconds until a hold ends: all that a call which pays no limit waits for."""
        return max(self._held_until - now, 0.0)

    def hold_until(self, when: float) -> None:
        """Let nothing pass before `when`: the server asked everybody to wait. Never shortens a hold."""
        self._held_until = max(self._held_until, when)

    def accepted(self, lesson: int, now: float) -> None:
        """Learn that the server took a request; `lesson` as it was when that was let go."""
        if self._finder:
            self._finder.accepted(lesson, now)
            self._adapt(self._finder)

    def refused(self, lesson: int, now: float, pause: float) -> float:
        """Learn that the server answered 429; return `pause`, longer where refusals go on.

        Args:
            lesson: as it was when the request was let go.
            now: in monotonic seconds.
            pause: seconds to hold where the server names none.
        """
        if not self._finder:
            return pause
        self._finder.refused(lesson, now)
        self._adapt(self._finder)
        return self._finder.pause(pause)

    def _adapt(self, finder: AdaptiveRate) -> None:
        self.lesson = finder.lesson
        if finder.rate < finder.top:
            # Never shorter than configured, so the limit holds as it does unadapted. And no bursts: a
            # server that counts over a second or two would refuse them, whatever the rate.
            self._interval, self._tolerance = max(1.0 / finder.rate, self._shortest), 0.0
        else:
            self._interval, self._tolerance = self._shortest, self._burst
