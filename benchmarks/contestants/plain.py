"""The script one writes by hand: one `httpx.AsyncClient`, a semaphore, a gather.

No timeout, because with a short one it dies of PoolTimeout (so it does without the semaphore);
default limits, because raised ones make it slower still.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from benchmarks.contestants import Prepare, Send
from benchmarks.loopback import Place
from benchmarks.workload import PATH, Audience, message


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """At most `in_flight` posts at a time through one pool."""
    slots = asyncio.Semaphore(in_flight)
    async with httpx.AsyncClient(timeout=None) as client:  # noqa: S113 - see above

        async def post(users: Sequence[str]) -> None:
            async with slots:
                response = await client.post(place.url + PATH, json=message(users))
            response.raise_for_status()
            assert response.json()["status_code"] == 200

        def prepare(audience: Audience) -> Send:
            async def send() -> None:
                await asyncio.gather(*(post(users) for users in audience.slices()))

            return send

        yield prepare
