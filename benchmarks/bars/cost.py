"""What does it cost the client to send to 1000? CPU beside the floor, the plain script and others."""

from collections.abc import Iterator, Mapping

from benchmarks.bars.runs import cpu_ratio, median_cpu, runs_of, shown_cpu
from benchmarks.contestants import PACK, is_packed
from benchmarks.figures import Chart, Figure
from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import Load, Run, paired_median
from benchmarks.sizes import Sizes

_IN_FLIGHT = 64
# Bodies of 2 MB: as many in flight as one chunk a request would hold memory for the sake of nothing.
_PACKED_IN_FLIGHT = 8

_SHOWN = {
    "floor": "floor",
    "plain": "plain script (httpx)",
    "aiohttp_direct": "aiohttp, bodies made before",
    "pypushwoosh_loop": "pypushwoosh, loop",
    "pypushwoosh_threads": "pypushwoosh, 64 threads",
    "httpx_bare": "httpx alone, our transport",
    "aiohttp_bare": "aiohttp alone, our transport",
    "library": "library",
    "library_aiohttp": "library, aiohttp",
    "library_journal": "library, journal",
    "library_packed": f"library, {PACK} a request",
    "library_packed_aiohttp": f"library, {PACK} a request, aiohttp",
}
# Contestant: at most so many floors, and what is hoped for.
_IN_FLOORS: dict[str, tuple[float, float | None]] = {
    "library": (22, None),
    "library_aiohttp": (12, None),
    "library_packed": (4, 3),
    "library_packed_aiohttp": (4, 3),
}
# Contestant: at least so many times less than the plain script, and what is hoped for.
_UNDER_PLAIN = {"library": (3, 4), "library_aiohttp": (6, 8)}
_OVER_BARE = {"library": "httpx_bare", "library_aiohttp": "aiohttp_bare"}


def cpu(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """CPU per chunk of all contestants, 64 in flight, of a server that answers at once."""
    made = runs_of(server, [_load(name, sizes) for name in _SHOWN], sizes.rounds)
    runs = dict(zip(_SHOWN, made, strict=True))
    floor = shown_cpu(runs["floor"])
    for name, (bar, aim) in _IN_FLOORS.items():
        yield Figure(
            f"CPU per chunk, {name} / floor",
            paired_median(cpu_ratio, runs[name], runs["floor"]),
            "at most",
            bar,
            unit=" floors",
            aim=aim,
            seen=f"{shown_cpu(runs[name])} / {floor}",
        )
    yield from _over_bare(runs)
    for name, (bar, aim) in _UNDER_PLAIN.items():
        yield Figure(
            f"CPU per chunk, plain / {name}",
            paired_median(cpu_ratio, runs["plain"], runs[name]),
            "at least",
            bar,
            unit="x",
            aim=aim,
            seen=f"{shown_cpu(runs['plain'])} / {shown_cpu(runs[name])}",
        )
    for name in _SHOWN:
        if name not in _IN_FLOORS and name != "floor":
            cost = paired_median(cpu_ratio, runs[name], runs["floor"])
            yield Figure(
                f"CPU per chunk, {name} / floor", cost, unit=" floors", seen=shown_cpu(runs[name])
            )
    rows = tuple((label, median_cpu(runs[name])) for name, label in _SHOWN.items())
    yield Chart("cpu", "Client CPU per 1000 recipients", "us", rows, scale="log")


def _over_bare(runs: Mapping[str, list[Run]]) -> Iterator[Figure]:
    for name, bare in _OVER_BARE.items():
        yield Figure(
            f"CPU per chunk, {name} less {bare}, in floors",
            paired_median(_difference, runs[name], runs[bare], runs["floor"]),
            "at most",
            4,
            unit=" floors",
            seen=f"{shown_cpu(runs[name])} - {shown_cpu(runs[bare])}",
        )


def _difference(left: Run, right: Run, unit: Run) -> float:
    return (left.cpu_per_chunk - right.cpu_per_chunk) / unit.cpu_per_chunk


def _load(name: str, sizes: Sizes) -> Load:
    if is_packed(name):
        return Load(name, _PACKED_IN_FLIGHT, 0, PACK * sizes.packs)
    if name == "floor":  # so quick that a run of the others' length would be over in 12 ms
        return Load(name, _IN_FLIGHT, 0, 4 * sizes.chunks)
    if name.startswith("pypushwoosh"):  # five times the time of any other, and steady
        return Load(name, _IN_FLIGHT, 0, sizes.chunks // 4)
    return Load(name, _IN_FLIGHT, 0, sizes.chunks)
