"""How did a run go, minute by minute? Counts of what happened in slices of ten seconds. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

from attrs import field, frozen

from pushwoosh_async._fanout.state import Event, Label

# Seconds; a run of two days has 17,280 slices, which is a megabyte in a journal.
SLICE = 10.0

# Upper bounds of the classes of latency, in seconds: each a quarter more than the one before, from a
# millisecond to about four minutes, so that a percentile read off them is at most a quarter too high.
LATENCY_BOUNDS = tuple(round(0.001 * 1.25**step, 6) for step in range(56))


@frozen(kw_only=True)
class Slice:
    """What happened in ten seconds.

    Attributes:
        start: wall clock, in seconds since the epoch; a multiple of ten.
        requests: HTTP requests begun.
        retries: how many of them were repeats.
        limited: answers that said 429: each held every request of the client.
        doubts: attempts handed over and not answered clearly.
        accepted: recipients of chunks that ended so.
        rejected: the same.
        in_doubt: the same: given up.
        latencies: how many attempts took how long: index into `LATENCY_BOUNDS` to number; the index after
            the last stands for all that took longer.
    """

    start: float
    requests: int = 0
    retries: int = 0
    limited: int = 0
    doubts: int = 0
    accepted: int = 0
    rejected: int = 0
    in_doubt: int = 0
    latencies: Mapping[int, int] = field(factory=dict)


class Timeline:
    """Counts; forgets what it has handed out, but for the slice that is still open."""

    def __init__(self) -> None:
        self._slices: dict[float, tuple[Counter[str], Counter[int]]] = {}

    def heard(self, event: Event, at: float, *, again: bool, seconds: float) -> None:
        """Count an attempt that began, or what became of it.

        Args:
            event: what happened.
            at: wall clock.
            again: with INTENT, whether it is a repeat.
            seconds: with anything else, how long the attempt took.
        """
        counts, latencies = self._at(at)
        if event is Event.INTENT:
            counts["requests"] += 1
            counts["retries"] += again
        elif event is not Event.EXPIRED:
            counts["limited"] += event is Event.LIMITED
            counts["doubts"] += event is Event.DOUBT
            latencies[bisect_left(LATENCY_BOUNDS, seconds)] += 1

    def settled(self, label: Label, recipients: int, at: float) -> None:
        """Count a chunk that ended."""
        if label != "not_sent":
            self._at(at)[0][label] += recipients

    def _at(self, at: float) -> tuple[Counter[str], Counter[int]]:
        return self._slices.setdefault(at // SLICE * SLICE, (Counter(), Counter()))

    def take(self) -> tuple[Slice, ...]:
        """Return every slice that may have changed since the last call."""
        slices = tuple(
            Slice(start=start, latencies=dict(latencies), **counts)
            for start, (counts, latencies) in self._slices.items()
        )
        newest = max(self._slices, default=0.0)
        self._slices = {start: each for start, each in self._slices.items() if start == newest}
        return slices
