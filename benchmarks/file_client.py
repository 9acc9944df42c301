"""The process of one run of a file: its ids go through `fan_out`; prints what that took.

The peak is `ru_maxrss`. A new process starts with that of its parent on Linux, which matters not:
`python -m benchmarks` imports nothing large.
"""

import argparse
import asyncio
import json
import math
import resource
import sys
import time
from pathlib import Path

from benchmarks.loopback import Place
from benchmarks.workload import APPLICATION, CONTENT, TOKEN
from pushwoosh_async import (
    AttemptEvent,
    Hooks,
    Notification,
    OutcomeEvent,
    PushwooshClient,
    RetryEvent,
    read_ids,
)

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class FirstAttempt(Hooks):
    """Notes when the first request was about to be made; stops a run that has come far enough."""

    def __init__(self) -> None:
        self.at: float | None = None

    def on_attempt(self, event: AttemptEvent) -> None:  # noqa: ARG002 -- the protocol's
        """Note the first."""
        self.at = self.at or time.perf_counter()

    def on_retry(self, event: RetryEvent) -> None:
        """None is expected."""

    def on_outcome(self, event: OutcomeEvent) -> None:
        """The report will say."""


async def send_file(
    place: Place,
    path: Path,
    hooks: Hooks,
    *,
    in_flight: int,
    journal: Path | None,
    most: int | None,
) -> int:
    """Send to the ids of the file, up to about so many; the recipients accepted."""
    async with PushwooshClient(
        api_token=TOKEN,
        application=APPLICATION,
        base_url=place.url,
        rate_limit=None,
        max_connections=in_flight,
        timeout=30.0,
        hooks=hooks,
    ) as client:
        run = client.fan_out(
            Notification(content=CONTENT),
            users=read_ids(path),
            concurrency=in_flight,
            journal=journal,
        )
        if most is None:
            return (await run).accepted
        async with run:
            async for _ in run:
                if run.progress.accepted >= most:
                    run.drain()
        return run.report.accepted


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--trust", type=Path)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    start = time.perf_counter()
    hooks = FirstAttempt()
    accepted = asyncio.run(
        send_file(
            Place(options.url, options.trust),
            options.path,
            hooks,
            in_flight=options.in_flight,
            journal=options.journal,
            most=options.most,
        )
    )
    print(
        json.dumps(
            {
                "accepted": accepted,
                "first": (hooks.at or math.inf) - start,
                "wall": time.perf_counter() - start,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT,
            }
        )
    )


if __name__ == "__main__":
    main()
