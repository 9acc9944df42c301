"""How a group's runs are made, and shown."""

from collections.abc import Sequence
from functools import partial
from statistics import median

from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import Load, Run, alternate, run_once

SLOW = 0.05
# So slow that all 256 are in flight at once: otherwise a client that spends its own millisecond on a
# request has its answers back before it has sent 256.
SLOWEST = 0.4


def runs_of(server: LoopbackServer, loads: Sequence[Load], rounds: int) -> list[list[Run]]:
    """The loads in turn; one list of runs per load."""
    return alternate([partial(run_once, server, load) for load in loads], rounds)


def cpu_ratio(left: Run, right: Run) -> float:
    """Of CPU per chunk."""
    return left.cpu_per_chunk / right.cpu_per_chunk


def median_cpu(runs: Sequence[Run]) -> float:
    """Microseconds per chunk."""
    return median(run.cpu_per_chunk for run in runs)


def shown_cpu(runs: Sequence[Run]) -> str:
    """The same as text."""
    return f"{median_cpu(runs):.0f} us"


def shown_ms(latency: float) -> str:
    """A latency as text."""
    return f"{latency * 1000:.0f} ms"
