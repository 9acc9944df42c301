"""How well does the adaptive limiter find a limit that only the server knows? A table on stdout.

`python -m benchmarks.adaptive_rate`: a few seconds. Sixteen senders share one limiter, configured at the
vendor's 600 a minute, for an hour; the server allows less. The limiter is the library's, and so is the
backoff; network, server and clock are simulated, so that the figures are the same everywhere.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeAlias

from attrs import define, field, frozen

from benchmarks.throttles import (
    MINUTE,
    Closed,
    FixedWindow,
    LoneTokens,
    SlidingWindow,
    Throttle,
    TokenBucket,
)
from pushwoosh_async import RateLimit, RetryPolicy
from pushwoosh_async._transport.rate_limit import RateLimiter

LIMITS = (5, 20, 60, 200, 450, 600)
Way: TypeAlias = type[FixedWindow | SlidingWindow | TokenBucket]

WAYS: tuple[Way, ...] = (FixedWindow, SlidingWindow, TokenBucket, LoneTokens)
SENDERS = 16
HOUR = 60 * MINUTE
STEADY = 10 * MINUTE  # what comes before counts as finding the limit
_POLICY = RetryPolicy()


@frozen
class Arrival:
    """A request at the server.

    Attributes:
        when: seconds since the start.
        admitted: whether the server took it.
        rate: what the limiter allowed, a minute.
    """

    when: float
    admitted: bool
    rate: float


@define
class Simulation:
    """Senders that never rest, one limiter, one server.

    Attributes:
        limiter: under test.
        server: what it is up against; may be replaced on the way.
        named: whether a 429 says how long to wait.
        seed: of latencies and backoffs.
    """

    limiter: RateLimiter
    server: Throttle
    named: bool
    seed: int = 1
    arrivals: list[Arrival] = field(factory=list, init=False)
    _now: float = field(default=0.0, init=False)
    _due: list[tuple[float, int, Callable[[], None]]] = field(factory=list, init=False)
    _order: "count[int]" = field(factory=count, init=False)
    _rng: random.Random = field(init=False)
    _line: deque[int] = field(factory=deque, init=False)  # failures so far of each who waits
    _asking: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._rng = random.Random(self.seed)  # noqa: S311 -- a simulation's
        for _ in range(SENDERS):
            self._after(0.0, lambda: self._queue(0))

    def run_until(self, when: float) -> None:
        """Let time pass."""
        while self._due[0][0] <= when:
            self._now, _, step = heapq.heappop(self._due)
            step()

    def _after(self, seconds: float, step: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._now + seconds, next(self._order), step))

    def _queue(self, failed: int) -> None:
        self._line.append(failed)
        if not self._asking:
            self._ask()

    def _ask(self) -> None:
        """Let go whom the limiter lets; the first whom it does not waits as told, the rest behind."""
        self._asking = False
        while self._line and not self._asking:
            delay = self.limiter.take(self._now)
            if delay > 0:
                self._asking = True
                self._after(delay, self._ask)
            else:
                self._send(self._line.popleft(), self.limiter.lesson or 0)

    def _send(self, failed: int, lesson: int) -> None:
        self._after(self._rng.uniform(0.03, 0.15), lambda: self._arrive(failed, lesson))

    def _arrive(self, failed: int, lesson: int) -> None:
        wait = self.server.wait(self._now)
        self.arrivals.append(Arrival(self._now, wait is None, self.limiter.rate * MINUTE))
        back = self._rng.uniform(0.02, 0.1)
        if wait is None:
            self._after(back, lambda: self._taken(lesson))
        else:
            self._after(back, lambda: self._refused(failed + 1, lesson, wait))

    def _taken(self, lesson: int) -> None:
        self.limiter.accepted(lesson, self._now)
        self._queue(0)

    def _refused(self, failed: int, lesson: int, wait: float) -> None:
        pause = self.limiter.refused(lesson, self._now, _POLICY.base_delay)
        asked = float(math.ceil(wait)) if self.named else 0.0
        self.limiter.hold_until(self._now + (asked or pause))
        delay = max(_POLICY.backoff(failed, self._rng), asked)
        self._after(delay, lambda: self._queue(failed))


def refused_share(arrivals: Sequence[Arrival], start: float, stop: float) -> float:
    """Return which part of the requests between two moments was refused."""
    between = [one.admitted for one in arrivals if start <= one.when < stop]
    return between.count(False) / max(len(between), 1)


def used_share(arrivals: Sequence[Arrival], limit: int, start: float, stop: float) -> float:
    """Return which part of the true limit was used between two moments."""
    admitted = sum(one.admitted for one in arrivals if start <= one.when < stop)
    return admitted / (limit * (stop - start) / MINUTE)


def minutes_to_find(arrivals: Sequence[Arrival], limit: int) -> float:
    """Return after how many minutes the rate stays between 0.7 and 1.3 of the true limit."""
    astray = [one.when for one in arrivals if not 0.7 <= one.rate / limit <= 1.3]
    return max(astray, default=0.0) / MINUTE


def simulated(server: Throttle, *, named: bool, adaptive: bool) -> list[Arrival]:
    """Return what came to a server in an hour."""
    limiter = RateLimiter(RateLimit(adaptive=adaptive))
    simulation = Simulation(limiter, server, named=named)
    simulation.run_until(HOUR)
    return simulation.arrivals


def minutes_to_recover(before: Throttle, after: Throttle, limit: int) -> int:
    """Return after how many minutes nine tenths of a lifted limit are used, ten minutes into another."""
    simulation = Simulation(RateLimiter(RateLimit(adaptive=True)), before, named=False)
    simulation.run_until(STEADY)
    simulation.server = after
    minute = 0
    while True:
        start = STEADY + minute * MINUTE
        simulation.run_until(start + MINUTE)
        minute += 1
        if used_share(simulation.arrivals, limit, start, start + MINUTE) >= 0.9:
            return minute


def shares(way: Way, limit: int, *, named: bool) -> list[float]:
    """Return the figures of one server: unadapted, then adapted; refused, then used; then minutes."""
    fixed = simulated(way(limit), named=named, adaptive=False)
    found = simulated(way(limit), named=named, adaptive=True)
    return [
        refused_share(fixed, STEADY, HOUR),
        refused_share(found, 0.0, STEADY),
        refused_share(found, STEADY, HOUR),
        used_share(fixed, limit, STEADY, HOUR),
        used_share(found, limit, 0.0, STEADY),
        used_share(found, limit, STEADY, HOUR),
        minutes_to_find(found, limit),
    ]


def main() -> None:
    """Print the tables."""
    print(f"{'':<28}{'refused':^24}{'used of the true limit':^24}{'found':>8}")
    print(f"{'true limit':<14}{'Retry-After':<14}{'fixed  adapted  later':^24}", end="")
    print(f"{'fixed  adapted  later':^24}{'minutes':>8}")
    for limit in LIMITS:
        for way in WAYS:
            for named in (False, True):
                figures = "".join(f"{one:>8.3f}" for one in shares(way, limit, named=named))
                print(f"{limit:>4} {way.__name__:<14}{'yes' if named else 'no':<8}{figures}")
    print("\nminutes until 0.9 of a new limit of 600 are used")
    for name, before in (("after ten minutes of 429", Closed()), ("after 60", SlidingWindow(60))):
        print(f"  {name:<26}{minutes_to_recover(before, SlidingWindow(600), 600):>3}")


if __name__ == "__main__":
    main()
