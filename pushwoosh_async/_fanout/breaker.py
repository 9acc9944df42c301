"""May a new chunk begin? Not while everything fails in doubt: an outage must not put all in doubt."""

from math import inf


class Breaker:
    """Opens after `limit` consecutive doubts; one answer of any kind closes it (delivery.md 2.7).

    While it is open the repeats of open doubts are the probes. Where there are none left, one new chunk
    is, at the earliest `every` seconds after the last one began: a Retry-After that outlasts the window
    ends a doubt at once, and ten minutes of 503 would put one chunk after the other in doubt.

    For the same reason what is still unanswered counts beside what was given up: while the first answers
    come in, they would else leave twice as many in doubt.
    """

    def __init__(self, limit: int, *, every: float) -> None:
        self._limit = limit
        self._every = every
        self._consecutive = 0
        self._given_up = 0
        self._begun = -inf

    def doubted(self) -> None:
        """An attempt was handed over and not answered."""
        self._consecutive += 1

    def gave_up(self) -> None:
        """A doubt ended without an answer: it is under way no longer."""
        self._given_up += 1

    def answered(self) -> None:
        """The server spoke clearly: it is there."""
        self._consecutive = self._given_up = 0

    def begun(self, now: float) -> None:
        """A new chunk begins."""
        self._begun = now

    @property
    def is_open(self) -> bool:
        """Whether the server is silent."""
        return self._consecutive >= self._limit

    def wait(self, now: float, *, under_way: int) -> float:
        """Return 0.0 if a new chunk may begin, or the seconds after which to ask again: inf until
        something changes.

        Args:
            now: monotonic seconds.
            under_way: chunks that have begun and are not settled.
        """  # noqa: D205 -- both answers belong together
        if not self.is_open:
            given_up = min(self._given_up, self._consecutive)  # not those of before the last answer
            return inf if given_up and given_up + under_way >= self._limit else 0.0
        return inf if under_way else max(self._begun + self._every - now, 0.0)
