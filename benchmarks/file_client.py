"""The process of one memory run: a file of ids goes through `fan_out`; prints its peak memory.

The peak is `ru_maxrss`. A new process starts with that of its parent on Linux, which matters not:
`python -m benchmarks` imports nothing large.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.workload import APPLICATION, CONTENT, TOKEN
from pushwoosh_async import Notification, PushwooshClient, read_ids

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


async def send_file(url: str, path: Path, *, in_flight: int) -> int:
    """Send to every id of the file; the recipients accepted."""
    async with PushwooshClient(
        api_token=TOKEN,
        application=APPLICATION,
        base_url=url,
        rate_limit=None,
        max_connections=in_flight,
        timeout=30.0,
    ) as client:
        report = await client.fan_out(
            Notification(content=CONTENT), users=read_ids(path), concurrency=in_flight
        )
        return report.accepted


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    options = parser.parse_args()
    start = time.perf_counter()
    accepted = asyncio.run(send_file(options.url, options.path, in_flight=options.in_flight))
    print(
        json.dumps(
            {
                "accepted": accepted,
                "wall": time.perf_counter() - start,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT,
            }
        )
    )


if __name__ == "__main__":
    main()
