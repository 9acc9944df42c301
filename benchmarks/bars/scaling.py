"""Do more requests at once cost more? Connections, CPU, and requests per second of a slow server."""

from collections.abc import Iterator, Sequence
from itertools import product
from statistics import median

from benchmarks.bars.runs import SLOW, SLOWEST, cpu_ratio, median_cpu, runs_of, shown_cpu, shown_ms
from benchmarks.figures import Chart, Figure
from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import Load, Run, paired_median, run_once
from benchmarks.sizes import Sizes


def connections(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """Connections the server accepted over a whole run; exact, so one run each."""
    del sizes
    rows = []
    for secure, name in product((False, True), ("library", "library_aiohttp")):
        for latency, in_flight in product((0.0, SLOW, SLOWEST), (16, 64, 256)):
            counts = run_once(server, Load(name, in_flight, latency, 2 * in_flight, secure)).counts
            what = f"{name}{_tls(secure)}, {in_flight} in flight, {shown_ms(latency)}"
            rows.append((what, float(counts.connections)))
            yield Figure(
                f"connections, {what}",
                counts.connections,
                "at most",
                in_flight,
                seen=f"{counts.requests} requests",
            )
    shown = tuple(row for row in rows if "50 ms" in row[0])
    yield Chart("connections", "Connections the server accepted", "connections", shown)


def flat(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """CPU per chunk must not grow with the requests in flight, allowed or really there."""
    rows = []
    for secure, (few_latency, many_latency) in product(
        (False, True), ((0.0, 0.0), (SLOWEST / 16, SLOWEST))
    ):
        few, many = runs_of(
            server,
            [
                Load("library", 16, few_latency, sizes.chunks, secure),
                Load("library", 256, many_latency, sizes.chunks, secure),
            ],
            sizes.rounds,
        )
        what = f"{shown_ms(many_latency)} / {shown_ms(few_latency)}"
        for number, runs in ((16, few), (256, many)):
            latency = shown_ms(runs[0].load.latency)
            rows.append((f"library{_tls(secure)}, {number}, {latency}", median_cpu(runs)))
        yield Figure(
            f"CPU per chunk, library{_tls(secure)}, 256 in flight / 16, {what}",
            paired_median(cpu_ratio, many, few),
            "at most",
            1.2,
            unit="x",
            seen=f"{shown_cpu(many)} / {shown_cpu(few)}; {_connections(many)} / {_connections(few)}",
        )
    yield Chart("flat", "CPU per 1000 recipients, by requests in flight", "us", tuple(rows))


def throughput(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """Requests per second when the server takes its time."""
    plain, library = runs_of(
        server,
        [Load(name, 256, SLOW, sizes.throughput) for name in ("plain", "library")],
        sizes.rounds,
    )
    yield Figure(
        "requests per second, library / plain, 256 in flight, 50 ms",
        paired_median(_rate_ratio, library, plain),
        "at least",
        8,
        unit="x",
        seen=f"{_rate(library):.0f}/s / {_rate(plain):.0f}/s",
    )
    rows = (("plain script", _rate(plain)), ("library", _rate(library)))
    yield Chart("throughput", "256 in flight, a server that takes 50 ms", "requests/s", rows)


def _tls(secure: bool) -> str:
    return " over TLS" if secure else ""


def _rate_ratio(left: Run, right: Run) -> float:
    return left.chunks_per_second / right.chunks_per_second


def _rate(runs: Sequence[Run]) -> float:
    return median(run.chunks_per_second for run in runs)


def _connections(runs: Sequence[Run]) -> str:
    return f"{median(run.counts.connections for run in runs):.0f} connections"
