"""The process that reads a file of ids, by the library and by plain Python; prints microseconds an id."""

import asyncio
import json
import sys
from itertools import islice
from pathlib import Path

from benchmarks.processes import cpu_seconds
from pushwoosh_async import read_ids

_PAGE = 1000


async def by_the_library(path: Path) -> int:
    """Page by page, as a fan-out pulls them; how many ids."""
    return sum([len(page) async for page in read_ids(path)])


async def by_hand(path: Path) -> int:
    """A thousand lines at a time."""
    count = 0
    with path.open(encoding="utf-8") as file:
        lines = map(str.rstrip, file)
        while page := list(islice(lines, _PAGE)):
            count += len(page)
    return count


async def main(path: Path, rounds: int) -> None:
    """Print a pair (library, by hand) for each round, after one that warms up."""
    pairs = []
    for number in range(rounds + 1):
        ways = (by_the_library, by_hand)
        costs = {}
        for way in reversed(ways) if number % 2 else ways:
            start = cpu_seconds()
            ids = await way(path)
            costs[way] = (cpu_seconds() - start) / ids * 1e6
        pairs.append([costs[way] for way in ways])
    print(json.dumps(pairs[1:]))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
