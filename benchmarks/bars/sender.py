"""What does BatchingSender make of many awaits? Recipients a request, the delay it adds, CPU an await.

The issue sets no bars for these; they are told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.bars.runs import SLOW
from benchmarks.figures import Chart, Figure
from benchmarks.loopback import LoopbackServer
from benchmarks.processes import measured_by
from benchmarks.rounds import require
from benchmarks.server import Terms
from benchmarks.sizes import Sizes

AWAITS = 10_000
_WARM_UP = 1  # delivery, in a request of its own


@dataclass(frozen=True, slots=True)
class _Run:
    """Recipients a request, milliseconds added (half of the awaits, all but a hundredth), us an await."""

    recipients: float
    p50: float
    p99: float
    cpu: float


def sender(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """10,000 tasks that all begin at once, and the same over one second."""
    rows: list[tuple[str, float]] = []
    for spread, how in ((0.0, "at once"), (1.0, "over a second")):
        runs = [_run(server, spread) for _ in range(sizes.rounds)]
        what = f"BatchingSender, {AWAITS:,} awaits {how}"
        p50, p99 = median(run.p50 for run in runs), median(run.p99 for run in runs)
        yield Figure(f"{what}, recipients a request", median(run.recipients for run in runs))
        yield Figure(f"{what}, added delay, p50", p50, unit=" ms")
        yield Figure(f"{what}, added delay, p99", p99, unit=" ms")
        yield Figure(f"{what}, CPU an await", median(run.cpu for run in runs), unit=" us")
        rows += [(f"BatchingSender, {how}, p50", p50), (f"BatchingSender, {how}, p99", p99)]
    yield Chart("sender", f"Delay added to {AWAITS:,} awaits", "ms", tuple(rows))


def _run(server: LoopbackServer, spread: float) -> _Run:
    server.begin(Terms(latency=SLOW, inspect=True))
    seen = measured_by(
        "benchmarks.sender_client",
        str(AWAITS),
        *server.plain.arguments(),
        f"--spread={spread}",
    )
    counts = server.counts()
    require(counts.users, AWAITS + _WARM_UP, "users")
    cuts = quantiles(seen["delays"], n=100)
    return _Run(
        recipients=AWAITS / (counts.requests - _WARM_UP),
        p50=(cuts[49] - SLOW) * 1000,
        p99=(cuts[98] - SLOW) * 1000,
        cpu=seen["cpu"] / AWAITS * 1e6,
    )
