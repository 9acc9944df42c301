"""The process of one run of BatchingSender: many tasks await one delivery each; prints what that took."""

import argparse
import asyncio
import gc
import json
import time
from pathlib import Path

from benchmarks.loopback import Place
from benchmarks.processes import cpu_seconds
from benchmarks.workload import APPLICATION, CONTENT, TOKEN, user_ids
from pushwoosh_async import Notification, PushwooshClient
from pushwoosh_async.sender import BatchingSender

_CONNECTIONS = 16


async def measure(place: Place, awaits: int, spread: float) -> dict[str, float | list[float]]:
    """Await `awaits` deliveries, begun evenly over `spread` seconds; the seconds each took."""
    users = user_ids(awaits)
    async with (
        PushwooshClient(
            api_token=TOKEN,
            application=APPLICATION,
            base_url=place.url,
            rate_limit=None,
            max_connections=_CONNECTIONS,
        ) as client,
        BatchingSender(client, max_delay=0.05) as sender,
    ):
        notification = Notification(content=CONTENT)

        async def one(number: int) -> float:
            await asyncio.sleep(spread * number / awaits)
            start = time.perf_counter()
            await sender.send(notification, user=users[number])
            return time.perf_counter() - start

        await one(0)  # a connection is made
        gc.collect()
        cpu = cpu_seconds()
        tasks = [asyncio.ensure_future(one(number)) for number in range(awaits)]
        delays = await asyncio.gather(*tasks)
        return {"cpu": cpu_seconds() - cpu, "delays": sorted(delays)}


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("awaits", type=int)
    parser.add_argument("--url", required=True)
    parser.add_argument("--trust", type=Path)
    parser.add_argument("--spread", type=float, required=True)
    options = parser.parse_args()
    place = Place(options.url, options.trust)
    print(json.dumps(asyncio.run(measure(place, options.awaits, options.spread))))


if __name__ == "__main__":
    main()
