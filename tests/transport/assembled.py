"""A session put together by hand, for tests that look at the transport beneath the client."""

import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen
from wire_clients import APPLICATION, ONCE, Way

from pushwoosh_async import Clock, RateLimit, RetryPolicy, SystemClock
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.address import address
from pushwoosh_async._transport.http import connect
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.session import Session
from pushwoosh_async._transport.slots import Slots
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._wire.encode import Target
from pushwoosh_async.endpoints.messages import Messages
from pushwoosh_async.hooks import LoggingHooks


@frozen
class Assembled:
    """The parts that a client hides."""

    messages: Messages
    transport: Slots


@asynccontextmanager
async def assemble(
    way: Way,
    url: str,
    *,
    capacity: int = 1,
    retry: RetryPolicy = ONCE,
    timeout: float = 5.0,
    rate_limit: RateLimit | None = None,
    clock: Clock | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[Assembled]:
    """Put a session together, and close it."""
    assert way == "httpx" or way == "aiohttp"
    transport = connect(address(url), capacity=capacity, transport=way, ssl_context=ssl_context)
    session = Session(
        transport,
        tokens=Tokens(api=Secret("TOKEN-OF-THE-TESTS", "api_token")),
        limiter=RateLimiter(rate_limit),
        policy=retry,
        timeout=timeout,
        clock=clock or SystemClock(),
        hooks=LoggingHooks(),
        rng=random.Random(1),  # noqa: S311 -- a test's
    )
    try:
        yield Assembled(Messages(session, Target("application", APPLICATION)), transport)
    finally:
        await session.aclose()
