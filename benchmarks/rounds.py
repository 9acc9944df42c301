"""How runs are made comparable: one process per run, contestants in turn, ratios within a round."""

import json
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.loopback import LoopbackServer
from benchmarks.processes import start_module
from benchmarks.server import Counts

_T = TypeVar("_T")

# The longest, the plain script at 256 in flight, takes 15 s on two free cores.
_LONGEST_RUN = 120.0


class RunFailedError(Exception):
    """A client died, hung or did not send what it was told to: there is no figure."""


@dataclass(frozen=True, slots=True)
class Load:
    """Who sends how much, and how quickly the server answers (seconds)."""

    contestant: str
    in_flight: int
    latency: float
    chunks: int

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
    def requests_per_second(self) -> float:
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
    server.begin(load.latency)
    cost = _client(
        "benchmarks.client",
        load.contestant,
        f"--url={server.url}",
        f"--in-flight={load.in_flight}",
        f"--warm-up={load.warm_up}",
        f"--chunks={load.chunks}",
    )
    counts = server.counts()
    _require(counts.requests, load.warm_up + load.chunks, "requests")
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
    server.begin(0)
    options = [f"--journal={journal}"] if journal is not None else []
    options += [f"--most={most}"] if most is not None else []
    cost = _client(
        "benchmarks.file_client",
        str(path),
        f"--url={server.url}",
        f"--in-flight={in_flight}",
        *options,
    )
    if most is None:
        _require(cost["accepted"], ids, "recipients accepted")
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


def paired_median(
    pair: Callable[[Run, Run], float], left: Sequence[Run], right: Sequence[Run]
) -> float:
    """The median over the rounds of a figure made from the two runs of one round."""
    return statistics.median(map(pair, left, right))


def _client(module: str, *arguments: str) -> dict[str, Any]:
    who = f"{module} {arguments[0]}"
    with start_module(module, *arguments, stderr=subprocess.PIPE) as process:
        try:
            printed, complaint = process.communicate(timeout=_LONGEST_RUN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RunFailedError(
                f"{module} {arguments[0]}: no end after {_LONGEST_RUN:.0f} s"
            ) from None
    if process.returncode:
        lines = complaint.strip().splitlines() or [f"exit code {process.returncode}"]
        raise RunFailedError(f"{who}: {lines[-1]}")
    cost: dict[str, Any] = json.loads(printed)
    return cost


def _require(seen: int, expected: int, what: str) -> None:
    if seen != expected:
        raise RunFailedError(f"{seen} {what} instead of {expected}: no figure")
