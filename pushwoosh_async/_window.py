"""May a request be handed over, or repeated? The only window rule of the library.

The server drops a repeated transactionId for `W` = 300 seconds [ES:72].
A repeat is therefore safe only while the *first* attempt that may have been processed is younger than
`W`, less the time one attempt takes and a margin for requests committed late (delivery.md 2.1, 2.5).
"""

from math import inf

from attrs import frozen


@frozen
class Stamp:
    """One instant on three witnesses.

    Attributes:
        wall: seconds since the epoch.
        boottime: seconds since the machine started, counting suspend.
        boot_id: which start of which machine; two stamps with different ids cannot be compared.
    """

    wall: float
    boottime: float
    boot_id: str


def elapsed(since: Stamp, now: Stamp) -> float:
    """Return the seconds between two stamps: the larger of two clocks, infinite across a reboot.

    Too large costs a doubt, too small a duplicate: so never the smaller.
    """
    if since.boot_id != now.boot_id:
        return inf
    return max(now.boottime - since.boottime, now.wall - since.wall)


@frozen
class Window:
    """How long a transaction id protects a repeat.

    Attributes:
        length: seconds the server remembers a transactionId (`W`).
        attempt: seconds one attempt may take (`T`).
        margin: seconds after which no abandoned request is committed any more.
    """

    length: float
    attempt: float
    margin: float

    def is_open(self, since: Stamp, now: Stamp, *, after: float = 0.0) -> bool:
        """Tell whether an attempt that starts `after` seconds from `now` ends inside the window."""
        return elapsed(since, now) + after + self.attempt + self.margin <= self.length


@frozen
class Exposure:
    """What one transaction id may already have caused; immutable, each step returns the next.

    Attributes:
        t0: when the first attempt that may have been processed was begun; None before one.
        in_doubt: an attempt was handed over and its fate is unknown. Never unlearnt.
        limited: the answer to an attempt was a 429. Its t0 then outlives attempts that were not handed
            over: that nothing was processed is an assumption (A7), on which only a renewal shall rest.
    """

    t0: Stamp | None = None
    in_doubt: bool = False
    limited: bool = False

    def intend(self, now: Stamp, window: Window) -> "Exposure":
        """Begin an attempt: keep t0, unless nothing is in doubt and it is missing or too old.

        An id that was never in doubt may start a fresh window: it was not handed over, or the answer
        was a 429, which a gateway gives before processing (assumption A7).
        """
        if self.in_doubt or (self.t0 is not None and window.is_open(self.t0, now)):
            return self
        return Exposure(now)

    def unsent(self) -> "Exposure":
        """The attempt was not handed over: the window has not started, unless an earlier one started it."""
        return self if self.in_doubt or self.limited else Exposure()

    def throttled(self) -> "Exposure":
        """The answer was a 429: the window runs on."""
        return Exposure(self.t0, self.in_doubt, limited=True)

    def doubted(self) -> "Exposure":
        """The attempt was handed over and its fate is unknown."""
        return Exposure(self.t0, in_doubt=True, limited=self.limited)

    def may_repeat(self, now: Stamp, window: Window, *, after: float) -> bool:
        """Tell whether another attempt may be scheduled `after` seconds from now."""
        return not self.in_doubt or self.may_hand_over(now, window, after=after)

    def may_hand_over(self, now: Stamp, window: Window, *, after: float = 0.0) -> bool:
        """Tell whether bytes may leave now: asked before each piece of a body."""
        return self.t0 is not None and window.is_open(self.t0, now, after=after)
