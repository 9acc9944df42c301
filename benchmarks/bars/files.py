"""What does a large file cost? Peak memory, with a journal and without, and how soon a resume goes on."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.figures import Chart, Figure
from benchmarks.idfile import write_ids
from benchmarks.loopback import LoopbackServer
from benchmarks.rounds import FileRun, alternate, run_file
from benchmarks.sizes import Sizes

MIB = 1024 * 1024


def memory(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
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
    rows = (
        (f"library, {sizes.small_file:,} ids", median(run.peak for run in small) / MIB),
        (f"library, {sizes.large_file:,} ids", median(run.peak for run in large) / MIB),
    )
    yield Chart("memory", "Peak memory of a process that sends a file", "MiB", rows)


def journal(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
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
    rows = (
        ("library, without a journal", median(run.wall for run in without)),
        ("library, with a journal", median(run.wall for run in with_journal)),
        ("library, a resume's first request", resumed.first),
    )
    yield Chart("journal", f"{ids:,} ids from a file, 90% done for the resume", "s", rows)


def _peak(runs: Sequence[FileRun]) -> str:
    peak, wall = median(run.peak for run in runs), median(run.wall for run in runs)
    return f"{peak / MIB:.1f} MiB in {wall:.0f} s"
