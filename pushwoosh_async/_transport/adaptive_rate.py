"""Which rate does the server allow? Lowered by its refusals, raised by what it takes; told the time.

Additive increase and multiplicative decrease, as TCP has them. But a server that counts in windows
answers late: at twice its limit it takes everything for half a minute, then nothing. Halving alone falls
far below the limit meanwhile, so what was accepted in the last `per` seconds bounds a lowering from below;
and a climb from above, since an idle hour proves nothing.

Measured with `python -m benchmarks.adaptive_rate`: 16 in flight, configured at 600 a minute, true limits of
5 to 450 counted in fixed windows, sliding windows or tokens, with and without Retry-After. As parts of all
requests and of the true limit:

* refused: at most 0.04 after the first ten minutes, 0.01 from a limit of 60 on; without adapting 0.004
  to 0.55 by windows that say how long to wait, 0.17 to 0.96 otherwise. While the limit is found: 0.06 at
  most from a limit of 60 on, 0.13 at 20, 0.32 at 5, where what is in flight at the first refusal is a
  third of what ten minutes allow;
* used: at least 0.94; while it is found 0.84. A bucket that keeps one token alone refuses what a network's
  jitter brings early: 0.53 at 450 (0.15 to 0.28 without adapting), 0.88 at 60;
* found, so that the rate stays within 0.7 and 1.3 of the limit: after 0.5 to 10.4 minutes, half of them
  within 3. Nine tenths of a limit lifted from 60 to 600 are in use after 10 minutes, of 600 after ten
  minutes in which everything was refused, after 9.
"""

from collections import deque
from math import inf

# Halving is TCP's. A gentler 0.7 took up to twice as long to find a limit of 5.
_LOWERED = 0.5
# How far below what was refused, and below what was taken, the rate falls at most and climbs fast. At 0.9
# a quarter fewer are refused, and 0.02 less of the limit is used.
_BELOW = 0.95
# Near the limit a climb goes by rounds: the first raises by so much, each further one by twice the last.
# So a limit that stands is seldom tried, and one that was lifted is soon found. At 0.05 half as many again
# are refused.
_FIRST_RAISE = 0.02
# A round is what `per` seconds take at the rate, but at least these: under a small limit one refusal
# weighs more.
_ROUND = 20
# How far a climb gets ahead of the rate in use. At 2, botocore's, a limit that was lifted is in use a
# minute or two sooner, and one of 5 is found five minutes later.
_AHEAD = 1.5
# Requests in `per` seconds that are tried in any case, so that the end of all refusals is noticed.
_LEAST = 2
# Where the server names no wait, refusals in a row double ours, up to this part of `per`. Without it two
# to four times as many are refused while a limit of 60 is found.
_LONGEST_PAUSE = 0.25


class AdaptiveRate:
    """The rate of one limiter, in requests per second.

    A request bears the number of the lesson it was let go after. Many under way that are refused at once
    are one lesson: whatever was let go before the last lesson teaches nothing new.

    Args:
        top: the rate never goes above it; it is where it begins.
        per: seconds over which the server is thought to count.

    Attributes:
        rate: as of now.
        top: as given.
        lesson: how many there were.
    """

    def __init__(self, top: float, per: float) -> None:
        self.rate = self.top = top
        self.lesson = 0
        self._per = per
        self._least = _LEAST / per
        self._accepted: deque[float] = deque()  # when, in the last `per` seconds
        self._refused_in_a_row = 0
        self._safe = inf  # a climb up to it is quick: the last refusals met a higher rate
        self._raise = _FIRST_RAISE
        self._round = 0  # acceptances since the last raise

    def refused(self, lesson: int, now: float) -> None:
        """Learn from a 429 to a request that was let go after `lesson`."""
        if lesson < self.lesson:
            return
        if not self._refused_in_a_row:
            self._safe = self.rate * _BELOW
        self._refused_in_a_row += 1
        self.lesson += 1
        self._raise, self._round = _FIRST_RAISE, 0
        lowered = max(self.rate * _LOWERED, self._in_use(now) * _BELOW, self._least)
        self.rate = min(self.rate, lowered)

    def accepted(self, lesson: int, now: float) -> None:
        """Learn that a request passed that was let go after `lesson`."""
        self._accepted.append(now)
        in_use = self._in_use(now)
        if lesson < self.lesson:
            return
        self._refused_in_a_row = 0
        ceiling = min(in_use * _AHEAD, self.top)
        if self.rate < ceiling:
            self.rate = min(self._climbed(), ceiling)

    def pause(self, first: float) -> float:
        """Return the seconds to hold after a 429 that names none: `first`, doubled with each in a row."""
        doublings = min(max(self._refused_in_a_row - 1, 0), 64)
        return min(first * 2.0**doublings, max(first, self._per * _LONGEST_PAUSE))

    def _climbed(self) -> float:
        if self.rate < self._safe:
            # One more in `per` seconds for each acceptance: TCP's slow start.
            return min(self.rate + 1.0 / self._per, self._safe)
        self._round += 1
        if self._round < max(self.rate * self._per, _ROUND):
            return self.rate
        climbed = self.rate * (1.0 + self._raise)
        self._raise, self._round = self._raise * 2.0, 0
        return climbed

    def _in_use(self, now: float) -> float:
        """Return the rate of the acceptances of the last `per` seconds."""
        while self._accepted and now - self._accepted[0] >= self._per:
            self._accepted.popleft()
        return len(self._accepted) / self._per
