"""A program that runs out of file descriptors while it sends, and says how it went.

Arguments: base URL, transport, and "warm" to send once before. Prints one line of JSON.
"""

import asyncio
import json
import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from wire_clients import NOTE, Record, Way, attempts, open_client

from pushwoosh_async import TransportError

CONNECTIONS = 4


def use_up_descriptors() -> list[int]:
    """Take every file descriptor that is left."""
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken


async def run(url: str, way: Way, *, warm: bool) -> dict[str, object]:
    """Send without a descriptor to spare, then with all of them back."""
    hooks = Record()
    async with open_client(
        way, url, retry=attempts(2), max_connections=CONNECTIONS, hooks=hooks
    ) as client:
        if warm:
            await client.create_message(NOTE)
        taken = use_up_descriptors()
        errors = []
        for _ in range(3):
            try:
                await client.create_message(NOTE)
            except TransportError as error:
                errors.append([error.delivery, error.permanent])
        for descriptor in taken:
            os.close(descriptor)
        tried = len(hooks.attempts) - warm
        accepted = await asyncio.gather(*(client.create_message(NOTE) for _ in range(20)))
        return {"errors": errors, "attempts": tried, "accepted": len(accepted)}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    chosen: Way = "aiohttp" if sys.argv[2] == "aiohttp" else "httpx"
    print(json.dumps(asyncio.run(run(sys.argv[1], chosen, warm=sys.argv[3:] == ["warm"]))))  # noqa: T201 -- its one answer
