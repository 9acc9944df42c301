"""The vendor's synchronous library in a pool of threads, one for each request in flight."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from benchmarks.contestants import Prepare, Send
from benchmarks.contestants.pypushwoosh_loop import Caller
from benchmarks.loopback import Place
from benchmarks.workload import Audience


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """One client for all threads: it keeps nothing between calls."""
    caller = Caller(place)
    with ThreadPoolExecutor(in_flight) as threads:

        def prepare(audience: Audience) -> Send:
            async def send() -> None:
                for _ in threads.map(caller.send, audience.slices()):
                    pass

            return send

        yield prepare
