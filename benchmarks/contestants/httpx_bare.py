"""httpx on the library's own transport, and nothing else of the library: bodies encoded beforehand.

What is left out is the library's own work: cutting, encoding, slots, owned attempts, deadlines, retries,
books. The difference to `library` is what that costs.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Literal

from benchmarks.contestants import Prepare, Send
from benchmarks.loopback import Place
from benchmarks.workload import PATH, TOKEN, Audience, encoded_message
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.address import address
from pushwoosh_async._transport.exchange import Post
from pushwoosh_async._transport.http import connect
from pushwoosh_async._transport.slots import GatedBody, Line
from pushwoosh_async._wire.encode import Body


@asynccontextmanager
async def open_client(
    place: Place, in_flight: int, transport: Literal["httpx", "aiohttp"] = "httpx"
) -> AsyncIterator[Prepare]:
    """A worker to each of the transport's lines, which are driven directly."""
    slots = connect(address(place.url), capacity=in_flight, transport=transport)
    taken = [await slots.acquire() for _ in range(in_flight)]
    # The line itself: what lies before it is the library's work, which is not to be measured here.
    lines = [slot._line for slot in taken]  # noqa: SLF001 -- the lines alone are measured
    post = Post(PATH, Body((), 0), Secret(TOKEN, "token"), 30.0)

    def prepare(audience: Audience) -> Send:
        encoded = [encoded_message(users) for users in audience.slices()]

        async def send() -> None:
            bodies = iter(encoded)
            await asyncio.gather(*(_work(line, post, bodies) for line in lines))

        return send

    yield prepare
    for slot in taken:
        slot.release()
    await slots.aclose()


async def _work(line: Line, post: Post, bodies: Iterator[bytes]) -> None:
    for encoded in bodies:
        body = GatedBody(lambda: True)
        body.fill([encoded[:-1], encoded[-1:]])  # in two pieces, as the gate asks
        response = await line.send(post, body)
        answer = b"".join([part async for part in response.stream])
        await response.aclose()
        assert json.loads(answer)["status_code"] == 200
