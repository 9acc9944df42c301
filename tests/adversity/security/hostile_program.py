"""A program that meets hostile answers, and tells how long its event loop stood and what memory it took.

``hostile_program.py WAY URL TIMES TOGETHER NAME...``: the server gives the answers in this order, each so
many times. ``hostile_program.py WAY URL CHUNKS TOGETHER``: it gives one, to each chunk of a run. Prints a
JSON object.
"""

# ruff: noqa: T201 -- its result goes to who started it

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pushwoosh_async import Notification, PushwooshClient, PushwooshError, RetryPolicy

NOTE = Notification(content="Hi", users=["u"])


@asynccontextmanager
async def lag() -> AsyncIterator[list[float]]:
    """Give the longest time for which nothing else ran, in a list of one.

    In seconds of this thread's CPU: what the machine does for others is no lag of ours.
    """
    longest = [0.0]

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            longest[0] = max(longest[0], time.thread_time() - before)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    try:
        yield longest
        await asyncio.sleep(0)
    finally:
        ticking.cancel()


def peak() -> int:
    """Return the most memory that this process had, in kilobytes; rusage counts its parent's too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


async def ask(client: PushwooshClient) -> str:
    """Make one call; return what came of it."""
    try:
        await client.create_message(NOTE)
    except PushwooshError as error:
        return error.delivery
    return "accepted"


async def main(way: Any, url: str, times: int, together: int, names: list[str]) -> None:
    """Meet each, and keep the shortest lag of its repeats: a collector's pause is another matter."""
    found: dict[str, Any] = {}
    async with PushwooshClient(
        api_token="T",
        application="XXXXX-XXXXX",
        base_url=url,
        transport=way,
        retry=RetryPolicy(max_attempts=1),
        rate_limit=None,
        timeout=20,
        max_connections=together,
    ) as client:
        await ask(client)  # once, well: what is imported late is no lag
        begun = peak()
        for name in names:
            lags, endings = [], set()
            for _ in range(times):
                async with lag() as longest:
                    endings |= set(await asyncio.gather(*(ask(client) for _ in range(together))))
                lags.append(longest[0])
            ended = sorted(endings)
            found[name] = {"lag": min(lags), "endings": ended, "kilobytes": peak() - begun}
        if not names:
            users = map(str, range(times))
            run = client.fan_out(
                Notification(content="Hi"), users=users, chunk_size=1, concurrency=together
            )
            found["run"] = {"accepted": (await run).accepted, "kilobytes": peak() - begun}
    print(json.dumps(found))


if __name__ == "__main__":
    _, way, url, times, together, *names = sys.argv
    asyncio.run(main(way, url, int(times), int(together), names))
