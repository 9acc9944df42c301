"""How many users a minute go through the server's limit of 600 createMessage requests?

One run each: the limit decides, not the machine. The server counts the users of the requests that it
accepted in the minute after the first.
"""

from collections.abc import Iterator

from benchmarks.figures import Chart, Figure
from benchmarks.loopback import LoopbackServer
from benchmarks.processes import measured_by
from benchmarks.rounds import require
from benchmarks.server import Terms
from benchmarks.sizes import Sizes
from benchmarks.tally import Counts

_SHOWN = {
    "pypushwoosh": "pypushwoosh",
    "library": "library, one a request",
    "library_packed": 'library, "max" a request',
    "pypushwoosh_personalised": "pypushwoosh, personalised",
    "library_personalised": "library, personalised",
}
# Contestant: another, and at least how many times that one's users a minute.
_BARS: dict[str, tuple[str, float | None]] = {
    "library": ("pypushwoosh", None),
    "library_packed": ("pypushwoosh", 100),
    "library_personalised": ("pypushwoosh_personalised", 500),
}


def ceiling(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """Users per minute of each, and how many times those of the vendor's library."""
    seen = {name: _run(server, name, _minute(name, sizes)) for name in _SHOWN}
    for name, (other, bar) in _BARS.items():
        yield Figure(
            f"users per minute of {_minute(name, sizes):g} s, {name} / {other}",
            seen[name].in_minute / seen[other].in_minute,
            "at least",
            bar,
            unit="x",
            seen=f"{_told(seen[name])} / {_told(seen[other])}",
        )
    rows = tuple((label, float(seen[name].in_minute)) for name, label in _SHOWN.items())
    yield Chart("ceiling", "Under 600 requests a minute", "users a minute", rows, scale="log")


def _minute(name: str, sizes: Sizes) -> float:
    return sizes.personalised_minute if "personalised" in name else sizes.bulk_minute


def _run(server: LoopbackServer, name: str, minute: float) -> Counts:
    server.begin(Terms(inspect=True, minute=minute))
    measured_by("benchmarks.ceiling_client", name, *server.plain.arguments(), f"--minute={minute}")
    counts = server.counts()
    require(counts.miscounted, 0, f"bodies of {name} miscounted")
    return counts


def _told(counts: Counts) -> str:
    refused = f", {counts.refused} refused" if counts.refused else ""
    return f"{counts.in_minute:,} users in {counts.requests} requests{refused}"
