"""The bars of the benchmark, a group to a module: what is run for each, and which figures come of it."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from benchmarks.bars import ceiling, cost, files, parts, scaling, sender
from benchmarks.figures import Chart, Figure
from benchmarks.loopback import LoopbackServer
from benchmarks.sizes import Sizes

Bar: TypeAlias = Callable[[LoopbackServer, Sizes], Iterator[Figure | Chart]]

BARS: dict[str, Bar] = {
    "connections": scaling.connections,
    "flat": scaling.flat,
    "cpu": cost.cpu,
    "throughput": scaling.throughput,
    "ceiling": ceiling.ceiling,
    "sender": sender.sender,
    "encoding": parts.encoding,
    "reading": parts.reading,
    "importing": parts.importing,
    "memory": files.memory,
    "journal": files.journal,
}
