"""What becomes of a connection once an attempt on it is over? Another may have it, or it is closed."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

CLOSE_WAIT = 1.0  # seconds
_log = logging.getLogger("pushwoosh_async")


async def let_go(response: Any, *, severed: bool) -> bool:
    """Give a response's connection back to its pool; severed, it is closed before the pool has it back.

    An injected client would use it again whatever the answer was, and what comes next on it may belong to
    the request before.

    Returns:
        Whether it was given back.
    """
    stream = _own_stream(response) if severed else None
    if stream is not None:
        await is_closed(stream.aclose())
    return await is_closed(response.aclose())


def _own_stream(response: Any) -> Any:
    """Return the connection of this response alone: on that of HTTP/2 are others, and each answer names its
    request.
    """  # noqa: D205 -- the reason belongs to the rule
    extensions = getattr(response, "extensions", {})
    if extensions.get("http_version") == b"HTTP/2":
        return None
    return extensions.get("network_stream")


async def is_closed(closing: Awaitable[None]) -> bool:
    """Wait for a closing for a bounded time; tell whether it went well. Never raises what went wrong."""
    try:
        async with asyncio.timeout(CLOSE_WAIT):
            await closing
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 -- the outcome stands
        _log.debug("closing a connection: %s", type(error).__name__)
        return False
    return True
