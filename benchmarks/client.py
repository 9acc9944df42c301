"""The process of one run: one contestant warms up, sends, and prints what that cost as JSON."""

import argparse
import asyncio
import gc
import json
import resource
import time

from benchmarks.contestants import NAMES, contestant
from benchmarks.workload import CHUNK_SIZE, user_ids


def cpu_seconds() -> float:
    """User and system time of this process, all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def measure(
    name: str, url: str, *, in_flight: int, warm_up: int, chunks: int
) -> dict[str, float]:
    """Send `warm_up` chunks, then `chunks` under measurement, through the same client."""
    ids = user_ids(max(warm_up, chunks) * CHUNK_SIZE)
    async with contestant(name)(url, in_flight) as prepare:
        await prepare(ids[: warm_up * CHUNK_SIZE])()
        send = prepare(ids[: chunks * CHUNK_SIZE])
        gc.collect()
        wall, cpu = time.perf_counter(), cpu_seconds()
        await send()
        return {"cpu": cpu_seconds() - cpu, "wall": time.perf_counter() - wall}


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=NAMES)
    parser.add_argument("--url", required=True)
    for number in ("--in-flight", "--warm-up", "--chunks"):
        parser.add_argument(number, type=int, required=True)
    options = parser.parse_args()
    cost = asyncio.run(
        measure(
            options.contestant,
            options.url,
            in_flight=options.in_flight,
            warm_up=options.warm_up,
            chunks=options.chunks,
        )
    )
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
