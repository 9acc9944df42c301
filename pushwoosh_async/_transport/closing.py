"""What becomes of a connection once an attempt on it is over? Another may have it, or it is closed."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

CLOSE_WAIT = 1.0  # seconds
_log = logging.getLogger("pushwoosh_async")


async def let_go(response: Any, *, severed: bool) -> None:
    """Give a response's connection back to its pool; severed, it is closed before the pool has it back.

    An injected client would use it again whatever the answer was, and what comes next on it may belong to
    the request before.
    """
    stream = getattr(response, "extensions", {}).get("network_stream") if severed else None
    try:
        if stream is not None:
            await stream.aclose()
    finally:
        await response.aclose()


async def is_closed(closing: Awaitable[None]) -> bool:
    """Wait for a closing for a bounded time; tell whether it went well. Never raises what went wrong."""
    try:
        async with asyncio.timeout(CLOSE_WAIT):
            await closing
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 -- the outcome stands
        _log.debug("closing a connection: %s", type(error).__name__)
        return False
    return True
