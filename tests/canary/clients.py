"""A client whose token is the canary, over each way to send."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from pushwoosh_async import Notification, PushwooshClient, RetryPolicy

from .looking import CONTENT, TOKEN, USER
from .watch import Watch

NOTE = Notification(content=CONTENT, users=[USER])
# The window is as short as can be: a run in doubt is over after two or three repeats.
SOON_OVER = RetryPolicy(max_attempts=2, base_delay=0.01, max_delay=0.01, window=0.5, margin=0.05)
each_way = pytest.mark.parametrize("way", ["httpx", "aiohttp", "injected"])


@asynccontextmanager
async def open_client(
    way: str, url: str, watch: Watch, *, token: Any = TOKEN, **options: Any
) -> AsyncIterator[PushwooshClient]:
    """Open a client that sends this way and never waits long."""
    options = {
        "api_token": token,
        "application": "XXXXX-XXXXX",
        "base_url": url,
        "rate_limit": None,
        "retry": RetryPolicy(max_attempts=2, base_delay=0.001),
        "hooks": watch.listener,
        "timeout": 0.4,
        **options,
    }
    if way != "injected":
        async with PushwooshClient(transport=way, **options) as client:  # type: ignore[arg-type]
            yield client
        return
    context = options.pop("ssl_context", None) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with (
        httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=True) as http_client,
        PushwooshClient(http_client=http_client, **options) as client,
    ):
        yield client
