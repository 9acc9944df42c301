"""A program that ends in the middle of a journalled fan-out, with its client open, in one of many ways.

Arguments: base URL, journal, transport and the way: ``return``, ``exit``, ``raise``, ``abandon``,
``thread`` or ``twice``. It ends once it reads a line, and prints, with ``twice``, what the second loop
was told.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from process.sender import ids

from pushwoosh_async import Notification, PushwooshClient, PushwooshError, RetryPolicy

TOKEN = "TOKEN-OF-A-PROGRAM-THAT-ENDS"
# Kept by the module, so that they live as long as the interpreter does.
kept: list[object] = []


def client_of(url: str, way: Literal["httpx", "aiohttp"]) -> PushwooshClient:
    """Make a client that nobody closes."""
    client = PushwooshClient(
        api_token=TOKEN,
        application="XXXXX-XXXXX",
        base_url=url,
        transport=way,
        timeout=0.5,
        rate_limit=None,
        retry=RetryPolicy(base_delay=0.01, max_delay=0.1),
    )
    kept.append(client)
    return client


async def run(client: PushwooshClient, journal: str) -> None:
    """Send."""
    notification = Notification(content="x")
    await client.fan_out(
        notification, users=ids(40, 1), journal=journal, chunk_size=10, concurrency=1
    )


async def begin(work: Coroutine[Any, Any, None]) -> None:
    """Return while a run is under way, when the test says so."""
    kept.append(asyncio.ensure_future(work))
    await asyncio.to_thread(sys.stdin.readline)


async def fail(work: Coroutine[Any, Any, None]) -> None:
    """Raise while a run is under way."""
    await begin(work)
    raise LookupError("mine")


async def leave(work: Coroutine[Any, Any, None]) -> None:
    """Leave the interpreter while a run is under way."""
    await begin(work)
    sys.exit(3)


def abandon(work: Coroutine[Any, Any, None]) -> None:
    """End without a word to the event loop."""
    loop = asyncio.new_event_loop()
    kept.append(loop)
    loop.run_until_complete(begin(work))


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """End while another thread's event loop is at it."""

    async def main() -> None:
        await work

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
    sys.stdin.readline()


def twice(client: PushwooshClient, journal: str) -> None:
    """Go on with the same client in a second event loop."""
    asyncio.run(begin(run(client, journal)))
    try:
        asyncio.run(run(client, journal))
    except PushwooshError as error:
        print(f"{type(error).__name__}, {error.delivery}: {error}")  # noqa: T201 -- see above


WAYS: dict[str, Callable[[Coroutine[Any, Any, None]], None]] = {
    "return": lambda work: asyncio.run(begin(work)),
    "exit": lambda work: asyncio.run(leave(work)),
    "raise": lambda work: asyncio.run(fail(work)),
    "abandon": abandon,
    "thread": in_a_thread,
}

if __name__ == "__main__":
    url, journal, transport, how = sys.argv[1:]
    open_client = client_of(url, "aiohttp" if transport == "aiohttp" else "httpx")
    if how == "twice":
        twice(open_client, journal)
    else:
        WAYS[how](run(open_client, journal))
