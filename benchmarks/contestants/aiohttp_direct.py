"""aiohttp by itself: one session, a semaphore, a gather, bodies encoded beforehand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.contestants import Prepare, Send
from benchmarks.loopback import Place
from benchmarks.workload import PATH, Audience, encoded_message

_HEADERS = {"Content-Type": "application/json"}


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """A connector with a connection for each request in flight."""
    slots = asyncio.Semaphore(in_flight)
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(body: bytes) -> None:
            async with (
                slots,
                session.post(place.url + PATH, data=body, headers=_HEADERS) as response,
            ):
                assert (await response.json())["status_code"] == 200

        def prepare(audience: Audience) -> Send:
            bodies = [encoded_message(users) for users in audience.slices()]

            async def send() -> None:
                await asyncio.gather(*map(post, bodies))

            return send

        yield prepare
