"""A process with few file descriptors: it runs a journalled fan-out, and has none left for a while.

Arguments: base URL, journal, transport, and when they are used up: ``start`` (before the journal is
opened) or ``connect`` (behind the first outcome). Prints, as JSON, how the run ended and what was said of
its attempts.
"""

import asyncio
import json
import os
import resource
import sys

import attrs
from wire_clients import Record, Way, open_client

from pushwoosh_async import FanOut, Notification, PushwooshError, RetryPolicy

LIMIT = 64
CONNECTIONS = 4
ENOUGH = 8  # attempts that failed for want of one, until they are given back


def use_up() -> list[int]:
    """Take every file descriptor that is left."""
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken


def give_back(taken: list[int]) -> None:
    """Close them."""
    while taken:
        os.close(taken.pop())


async def watch(run: FanOut, hooks: Record, *, at_start: bool) -> PushwooshError | None:
    """Go through the run without a descriptor to spare, for a while; return what it raised."""
    taken = use_up() if at_start else []

    async def relent() -> None:
        while len(hooks.retries) < ENOUGH:  # noqa: ASYNC110 -- hooks only count
            await asyncio.sleep(0.001)
        give_back(taken)

    relenting = asyncio.ensure_future(relent())
    try:
        async with run:
            async for _ in run:
                if not taken and not hooks.retries:
                    taken += use_up()
    except PushwooshError as error:
        return error
    finally:
        relenting.cancel()
        give_back(taken)
    return None


async def main(url: str, journal: str, way: Way, when: str) -> dict[str, object]:
    """Run it, and tell."""
    hooks = Record()
    async with open_client(
        way,
        url,
        retry=RetryPolicy(base_delay=0.01, max_delay=0.05),
        max_connections=CONNECTIONS,
        hooks=hooks,
    ) as client:
        run = client.fan_out(
            Notification(content="Hello"),
            users=[f"u{number}" for number in range(200)],
            journal=journal,
            chunk_size=10,
            concurrency=CONNECTIONS,
        )
        error = await watch(run, hooks, at_start=when == "start")
    return {
        "report": attrs.asdict(run.report),
        "error": "" if error is None else type(error).__name__,
        "text": "" if error is None else str(error),
        "retries": sorted({f"{each.delivery}: {each.reason}" for each in hooks.retries}),
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    chosen: Way = "aiohttp" if sys.argv[3] == "aiohttp" else "httpx"
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], chosen, sys.argv[4]))))  # noqa: T201 -- its one answer
