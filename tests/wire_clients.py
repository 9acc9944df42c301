"""The same client over each way to send: what the transport tests are repeated over."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Literal, TypeAlias

import httpx
import httpx2
import pytest

from pushwoosh_async import (
    AttemptEvent,
    Hooks,
    HTTPClient,
    Notification,
    OutcomeEvent,
    PushwooshClient,
    RetryEvent,
    RetryPolicy,
)

Way: TypeAlias = Literal["httpx", "aiohttp", "injected_httpx", "injected_httpx2"]

OURS: tuple[Way, ...] = ("httpx", "aiohttp")
WAYS: tuple[Way, ...] = (*OURS, "injected_httpx", "injected_httpx2")

# What a user injects goes through the same lines as ours: it is asked about in the sample, and in full.
each_way = pytest.mark.parametrize(
    "way", [pytest.param(way, marks=() if way in OURS else pytest.mark.slow) for way in WAYS]
)
each_own_way = pytest.mark.parametrize("way", OURS)

PATIENCE = 20.0  # seconds; a bound for tests that normally take a moment
APPLICATION = "AAAAA-BBBBB"
ONCE = RetryPolicy(max_attempts=1, base_delay=0)
NOTE = Notification(content="Hi", users=["u1"])


def attempts(number: int) -> RetryPolicy:
    """Try so often, without a pause."""
    return RetryPolicy(max_attempts=number, base_delay=0)


@cache
def _trusting_nobody() -> ssl.SSLContext:
    """Build the context of plain connections once: it costs 23 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@asynccontextmanager
async def open_client(
    way: Way,
    url: str,
    *,
    retry: RetryPolicy = ONCE,
    timeout: float = 5.0,
    max_connections: int = 4,
    ssl_context: ssl.SSLContext | None = None,
    **options: Any,
) -> AsyncIterator[PushwooshClient]:
    """Open a client that sends this way, for a bounded time."""
    options = {
        "api_token": "TOKEN-OF-THE-TESTS",
        "application": APPLICATION,
        "base_url": url,
        "retry": retry,
        "timeout": timeout,
        "max_connections": max_connections,
        "rate_limit": None,
        **options,
    }
    if way == "httpx" or way == "aiohttp":
        async with (
            asyncio.timeout(PATIENCE),
            PushwooshClient(transport=way, ssl_context=ssl_context, **options) as client,
        ):
            yield client
        return
    async with (
        asyncio.timeout(PATIENCE),
        injected(way, ssl_context) as http_client,
        PushwooshClient(http_client=http_client, **options) as client,
    ):
        yield client


@asynccontextmanager
async def injected(
    way: Way, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[HTTPClient]:
    """Open the user's own HTTP client, as careless as its defaults and more."""
    verify = ssl_context or _trusting_nobody()
    if way == "injected_httpx":
        async with httpx.AsyncClient(verify=verify, trust_env=False, follow_redirects=True) as one:
            yield one
    else:
        async with httpx2.AsyncClient(
            verify=verify, trust_env=False, follow_redirects=True
        ) as other:
            yield other


class Record(Hooks):
    """Keeps what the client told: how many attempts there were, and under which ids."""

    def __init__(self) -> None:
        self.attempts: list[AttemptEvent] = []
        self.retries: list[RetryEvent] = []
        self.outcomes: list[OutcomeEvent] = []

    def on_attempt(self, event: AttemptEvent) -> None:
        """Keep it."""
        self.attempts.append(event)

    def on_retry(self, event: RetryEvent) -> None:
        """Keep it."""
        self.retries.append(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Keep it."""
        self.outcomes.append(event)
