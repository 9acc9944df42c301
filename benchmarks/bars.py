"""The bars of the benchmark: what is run for each, and which figures come of it."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.idfile import write_ids
from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import FileRun, Load, Run, alternate, paired_median, run_file, run_once
from benchmarks.sizes import Sizes

SLOW = 0.05
# So slow that all 256 are in flight at once: otherwise a client that spends its own millisecond on a
# request has its answers back before it has sent 256.
SLOWEST = 0.4
MIB = 1024 * 1024

Bar = Callable[[LoopbackServer, Sizes], Iterator[Figure]]


def connections(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """Connections the server accepted over a whole run; exact, so one run each."""
    del sizes
    for name in ("library", "library_aiohttp"):
        for latency in (0.0, SLOW, SLOWEST):
            for in_flight in (16, 64, 256):
                load = Load(name, in_flight, latency, chunks=2 * in_flight)
                counts = run_once(server, load).counts
                yield Figure(
                    f"connections, {name}, {in_flight} in flight, {_ms(latency)}",
                    counts.connections,
                    "at most",
                    in_flight,
                    seen=f"{counts.requests} requests",
                )


def flat(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """CPU per chunk must not grow with the requests in flight, allowed or really there."""
    for few_latency, many_latency in ((0.0, 0.0), (SLOWEST / 16, SLOWEST)):
        few, many = _runs(
            server,
            [
                Load("library", 16, few_latency, sizes.chunks),
                Load("library", 256, many_latency, sizes.chunks),
            ],
            sizes.rounds,
        )
        yield Figure(
            f"CPU per chunk, library, 256 in flight / 16, {_ms(many_latency)} / {_ms(few_latency)}",
            paired_median(_cpu_ratio, many, few),
            "at most",
            1.2,
            unit="x",
            seen=f"{_cpu(many)} / {_cpu(few)}; {_connections(many)} / {_connections(few)}",
        )


def cpu(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """CPU per chunk against the plain script; the floor is measured beside them, for scale."""
    names = ("plain", "library", "library_aiohttp", "floor")
    plain, *libraries, floor = _runs(
        server, [Load(name, 64, 0, sizes.chunks) for name in names], sizes.rounds
    )
    for runs, bar, aim in zip(libraries, (3, 6), (4, 8), strict=True):
        yield Figure(
            f"CPU per chunk, plain / {runs[0].load.contestant}, 64 in flight, 0 ms",
            paired_median(_cpu_ratio, plain, runs),
            "at least",
            bar,
            unit="x",
            aim=aim,
            seen=f"{_cpu(plain)} / {_cpu(runs)}; floor {_cpu(floor)}",
        )


def throughput(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """Requests per second when the server takes its time."""
    plain, library = _runs(
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
        seen=f"{_rate(library)} / {_rate(plain)}",
    )


def memory(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """Peak memory must not grow with the file."""
    with tempfile.TemporaryDirectory() as folder:
        makers = []
        for ids in (sizes.small_file, sizes.large_file):
            path = Path(folder) / f"{ids}.txt"
            write_ids(path, ids)
            makers.append(partial(run_file, server, path, ids=ids, in_flight=16))
        small, large = alternate(makers, sizes.file_rounds)
    yield Figure(
        f"peak memory, {sizes.large_file:,} ids less {sizes.small_file:,}",
        median(big.peak - little.peak for big, little in zip(large, small, strict=True)) / MIB,
        "at most",
        4,
        unit=" MiB",
        seen=f"{_peak(large)} - {_peak(small)}",
    )


def journal(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure]:
    """What a journal costs over a large file, and how soon a run that is 90 % done goes on."""
    with tempfile.TemporaryDirectory() as folder:
        ids = sizes.large_file
        path, records = Path(folder) / "ids.txt", count()
        write_ids(path, ids)
        send = partial(run_file, server, path, ids=ids, in_flight=16)

        def afresh() -> FileRun:
            return send(journal=Path(folder) / f"{next(records)}.db")

        makers: list[Callable[[], FileRun]] = [send, afresh]
        without, with_journal = alternate(makers, sizes.file_rounds)
        size = (Path(folder) / "0.db").stat().st_size
        record, most = Path(folder) / "resumed.db", ids * 9 // 10
        stopped = send(journal=record, most=most)
        resumed = send(journal=record)
    yield Figure(
        f"peak memory, {ids:,} ids, with a journal less without",
        median(more.peak - less.peak for more, less in zip(with_journal, without, strict=True))
        / MIB,
        "at most",
        10,
        unit=" MiB",
        seen=f"{_peak(with_journal)} - {_peak(without)}",
    )
    yield Figure(
        f"journal of {ids:,} users in chunks of 1000",
        size / 1e6,
        "at most",
        10,
        unit=" MB",
    )
    yield Figure(
        f"first request of a resume, {ids:,} users, {stopped.accepted / ids:.0%} done",
        resumed.first,
        "at most",
        30,
        unit=" s",
        seen=f"the whole file takes {median(run.wall for run in with_journal):.0f} s",
    )


BARS: dict[str, Bar] = {
    "connections": connections,
    "flat": flat,
    "cpu": cpu,
    "throughput": throughput,
    "memory": memory,
    "journal": journal,
}


def _runs(server: LoopbackServer, loads: Sequence[Load], rounds: int) -> list[list[Run]]:
    return alternate([partial(run_once, server, load) for load in loads], rounds)


def _cpu_ratio(left: Run, right: Run) -> float:
    return left.cpu_per_chunk / right.cpu_per_chunk


def _rate_ratio(left: Run, right: Run) -> float:
    return left.requests_per_second / right.requests_per_second


def _cpu(runs: Sequence[Run]) -> str:
    return f"{median(run.cpu_per_chunk for run in runs):.0f} us"


def _connections(runs: Sequence[Run]) -> str:
    return f"{median(run.counts.connections for run in runs):.0f} connections"


def _ms(latency: float) -> str:
    return f"{latency * 1000:.0f} ms"


def _rate(runs: Sequence[Run]) -> str:
    return f"{median(run.requests_per_second for run in runs):.0f}/s"


def _peak(runs: Sequence[FileRun]) -> str:
    peak, wall = median(run.peak for run in runs), median(run.wall for run in runs)
    return f"{peak / MIB:.1f} MiB in {wall:.0f} s"
