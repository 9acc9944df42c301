"""How runs are made comparable: one process per run, contestants in turn, ratios within a round."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.contestants import is_packed
from benchmarks.loopback import LoopbackServer
from benchmarks.processes import RunFailedError, measured_by
from benchmarks.server import Terms
from benchmarks.tally import Counts
from benchmarks.workload import CHUNK_SIZE

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Load:
    """Who sends how much, how quickly the server answers (seconds), and whether over TLS."""

    contestant: str
    in_flight: int
    latency: float
    chunks: int
    secure: bool = False

    @property
    def warm_up(self) -> int:
        """Chunks sent before the measurement: every connection is made and used."""
        return max(64, 2 * self.in_flight)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run cost, by the client's clocks and by the server's counts (warm-up included)."""

    load: Load
    cpu: float
    wall: float
    counts: Counts

    @property
    def cpu_per_chunk(self) -> float:
        """Microseconds of the client's CPU for 1000 ids."""
        return self.cpu / self.load.chunks * 1e6

    @property
    def chunks_per_second(self) -> float:
        """As the client saw it, after the warm-up."""
        return self.load.chunks / self.wall


@dataclass(frozen=True, slots=True)
class FileRun:
    """What sending one file took.

    Peak memory in bytes, seconds of wall time, seconds until the first request, recipients accepted.
    """

    peak: int
    wall: float
    first: float
    accepted: int


def run_once(server: LoopbackServer, load: Load) -> Run:
    """One contestant in a fresh process."""
    packed = is_packed(load.contestant)
    server.begin(Terms(latency=load.latency, inspect=packed))
    cost = measured_by(
        "benchmarks.client",
        load.contestant,
        *(server.secure if load.secure else server.plain).arguments(),
        f"--in-flight={load.in_flight}",
        f"--warm-up={load.warm_up}",
        f"--chunks={load.chunks}",
    )
    counts = server.counts()
    chunks = load.warm_up + load.chunks
    if packed:
        require(counts.users, chunks * CHUNK_SIZE, "users")
        require(counts.notifications, chunks, "notifications")
        require(counts.miscounted, 0, "bodies miscounted")
    else:
        require(counts.requests, chunks, "requests")
    return Run(load, cpu=cost["cpu"], wall=cost["wall"], counts=counts)


def run_file(
    server: LoopbackServer,
    path: Path,
    *,
    ids: int,
    in_flight: int,
    journal: Path | None = None,
    most: int | None = None,
) -> FileRun:
    """The library sends a file of ids, in a fresh process; up to about `most` of them."""
    server.begin(Terms())
    options = [f"--journal={journal}"] if journal is not None else []
    options += [f"--most={most}"] if most is not None else []
    cost = measured_by(
        "benchmarks.file_client",
        str(path),
        *server.plain.arguments(),
        f"--in-flight={in_flight}",
        *options,
    )
    if most is None:
        require(cost["accepted"], ids, "recipients accepted")
    return FileRun(
        peak=cost["peak"], wall=cost["wall"], first=cost["first"], accepted=cost["accepted"]
    )


def alternate(makers: Sequence[Callable[[], _T]], rounds: int) -> list[list[_T]]:
    """Make each once per round, every second round backwards; one list per maker.

    Whatever slows the machine down for a while then meets all of them, and none is always first.
    """
    made: list[list[_T]] = [[] for _ in makers]
    for number in range(rounds):
        order = range(len(makers))
        for index in reversed(order) if number % 2 else order:
            made[index].append(makers[index]())
    return made


def paired_median(figure: Callable[..., float], *contestants: Sequence[Run]) -> float:
    """The median over the rounds of a figure made from the runs of one round."""
    return statistics.median(map(figure, *contestants))


def require(seen: int, expected: int, what: str) -> None:
    """Refuse a run that did not do what it was told to.

    Raises:
        RunFailedError: the numbers differ.
    """
    if seen != expected:
        raise RunFailedError(f"{seen} {what} instead of {expected}: no figure")
