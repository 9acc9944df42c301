"""The process of one run: one contestant warms up, sends, and prints what that cost as JSON."""

import argparse
import asyncio
import gc
import json
import time
from pathlib import Path

from benchmarks.contestants import NAMES, contestant
from benchmarks.loopback import Place
from benchmarks.processes import cpu_seconds
from benchmarks.workload import Audience


async def measure(
    name: str, place: Place, *, in_flight: int, warm_up: int, chunks: int
) -> dict[str, float]:
    """Send `warm_up` chunks, then `chunks` under measurement, through the same client."""
    async with contestant(name)(place, in_flight) as prepare:
        await prepare(Audience(warm_up))()
        send = prepare(Audience(chunks))
        gc.collect()
        gc.freeze()  # else the collector looks at the audience's million ids, which no source keeps
        wall, cpu = time.perf_counter(), cpu_seconds()
        await send()
        return {"cpu": cpu_seconds() - cpu, "wall": time.perf_counter() - wall}


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=NAMES)
    parser.add_argument("--url", required=True)
    parser.add_argument("--trust", type=Path)
    for number in ("--in-flight", "--warm-up", "--chunks"):
        parser.add_argument(number, type=int, required=True)
    options = parser.parse_args()
    cost = asyncio.run(
        measure(
            options.contestant,
            Place(options.url, options.trust),
            in_flight=options.in_flight,
            warm_up=options.warm_up,
            chunks=options.chunks,
        )
    )
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
