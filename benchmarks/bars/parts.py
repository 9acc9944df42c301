"""What do the parts cost beside the least that does the same? Encoding, reading a file, importing."""

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figures import Chart, Figure
from benchmarks.idfile import write_ids
from benchmarks.loopback import LoopbackServer
from benchmarks.processes import measured_by
from benchmarks.rounds import alternate
from benchmarks.sizes import Sizes

Pairs = Sequence[Sequence[float]]  # of each round: the library, and what it is held against


def encoding(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """A chunk of 1000 ids to the bytes that leave, against `orjson.dumps` of the same dictionary."""
    del server
    pairs = measured_by("benchmarks.encoding_client", str(sizes.chunks), str(2 * sizes.rounds))
    names = ("library", "orjson.dumps of a dictionary")
    yield _against("CPU of encoding a chunk, library / orjson.dumps", pairs, 1.5, "us")
    yield _chart("encoding", "Encoding a chunk of 1000 ids", names, pairs, "us")


def reading(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """Ids from a file in pages, against a slice of its stripped lines."""
    del server
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ids.txt"
        write_ids(path, sizes.small_file)
        pairs = measured_by("benchmarks.reading_client", str(path), str(2 * sizes.rounds))
    nanoseconds = [[1000 * each for each in pair] for pair in pairs]
    names = ("library, read_ids", "islice(map(str.rstrip, file))")
    yield _against("CPU per id from a file, read_ids / islice", nanoseconds, 2.5, "ns")
    yield _chart("reading", "An id from a file", names, nanoseconds, "ns")


def importing(server: LoopbackServer, sizes: Sizes) -> Iterator[Figure | Chart]:
    """A fresh process that imports the library, against one that imports what it depends on."""
    del server
    with tempfile.TemporaryDirectory() as folder:
        # Both from compiled files, whatever the environment says of them; the first round makes them.
        compiled = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        makers = [
            partial(measured_by, "benchmarks.import_client", name, environment=compiled)
            for name in ("library", "dependencies")
        ]
        made = alternate(makers, 1 + 3 * sizes.rounds)
    pairs = [[1000 * each for each in pair] for pair in zip(*made, strict=True)][1:]
    names = ("library", "its dependencies alone")
    yield _against("CPU of importing, library / its dependencies", pairs, 1.2, "ms")
    yield _chart("importing", "Import in a fresh process", names, pairs, "ms")


def _against(what: str, pairs: Pairs, bar: float, unit: str) -> Figure:
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    return Figure(
        what,
        median(left / right for left, right in pairs),
        "at most",
        bar,
        unit="x",
        seen=f"{ours:.1f} {unit} / {theirs:.1f} {unit}",
    )


def _chart(name: str, title: str, names: tuple[str, str], pairs: Pairs, unit: str) -> Chart:
    numbers = [median(column) for column in zip(*pairs, strict=True)]
    return Chart(name, title, unit, tuple(zip(names, numbers, strict=True)))
