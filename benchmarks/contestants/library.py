"""The library on its default transport, used as its README shows."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from benchmarks.contestants import Prepare, Send
from benchmarks.loopback import Place
from benchmarks.workload import APPLICATION, CONTENT, TOKEN, Audience
from pushwoosh_async import Notification, PushwooshClient


class Options(TypedDict, total=False):
    """What a run of the library may be asked for beside its audience."""

    journal: Path
    notifications_per_request: int


@asynccontextmanager
async def open_client(
    place: Place,
    in_flight: int,
    transport: Literal["httpx", "aiohttp"] = "httpx",
    options: Callable[[], Options] = Options,
) -> AsyncIterator[Prepare]:
    """A client without the rate limit, with a connection for each request in flight.

    Args:
        place: where the server is.
        in_flight: requests at once.
        transport: the client's.
        options: called for each run, which takes what it returns.
    """
    async with PushwooshClient(
        api_token=TOKEN,
        application=APPLICATION,
        base_url=place.url,
        rate_limit=None,
        max_connections=in_flight,
        timeout=30.0,
        transport=transport,
        ssl_context=ssl.create_default_context(cafile=place.trust) if place.trust else None,
    ) as client:

        def prepare(audience: Audience) -> Send:
            async def send() -> None:
                await _send(client, audience, in_flight, **options())

            return send

        yield prepare


async def _send(
    client: PushwooshClient, audience: Audience, in_flight: int, **options: Unpack[Options]
) -> None:
    # An iterator, as from a file or a query. A list is first checked as a whole, so that nothing is
    # sent where an id is bad; that is another pass over its memory.
    report = await client.fan_out(
        Notification(content=CONTENT), users=iter(audience), concurrency=in_flight, **options
    )
    assert report.accepted == audience.recipients
