"""The library on its default transport, used as its README shows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from benchmarks.contestants import Prepare, Send
from benchmarks.workload import APPLICATION, CONTENT, TOKEN
from pushwoosh_async import Notification, PushwooshClient


@asynccontextmanager
async def open_client(
    url: str, in_flight: int, transport: Literal["httpx", "aiohttp"] = "httpx"
) -> AsyncIterator[Prepare]:
    """A client without the rate limit, with a connection for each request in flight."""
    async with PushwooshClient(
        api_token=TOKEN,
        application=APPLICATION,
        base_url=url,
        rate_limit=None,
        max_connections=in_flight,
        timeout=30.0,
        transport=transport,
    ) as client:

        def prepare(ids: Sequence[str]) -> Send:
            async def send() -> None:
                # An iterator, as from a file or a query. A list is first checked as a whole, so
                # that nothing is sent where an id is bad; that is another pass over its memory.
                report = await client.fan_out(
                    Notification(content=CONTENT), users=iter(ids), concurrency=in_flight
                )
                assert report.accepted == len(ids)

            return send

        yield prepare
