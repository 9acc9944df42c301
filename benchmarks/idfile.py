"""The files of ids for the memory runs."""

from pathlib import Path

from benchmarks.workload import user_id

_LINES_AT_ONCE = 10_000


def write_ids(path: Path, count: int) -> None:
    """One id a line, written in slices: this process's memory is where its clients' begins."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        for start in range(0, count, _LINES_AT_ONCE):
            stop = min(start + _LINES_AT_ONCE, count)
            file.writelines(f"{user_id(number)}\n" for number in range(start, stop))
