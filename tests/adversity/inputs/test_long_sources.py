"""Ten million ids from a generator (I11): how much of them is in memory at once?"""

import gc
import json
import resource
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fault_server import Connection, FaultServer, fault_server, http
from wire_clients import APPLICATION

from adversity.effort import effort
from adversity.story import Story
from pushwoosh_async import PushwooshClient
from pushwoosh_async._fanout.chunks import Chunk

from .sending import HELLO

CHUNK = 1000
CONCURRENCY = 4
MB = 1024 * 1024
MOST = 4 * MB  # of Python's own, traced
MOST_GROWN = 40 * MB  # of the process, a byte for each of ten million recipients among them


def alive() -> int:
    """Return how many chunks there are in memory."""
    return sum(type(each) is Chunk for each in gc.get_objects())


class Crowd:
    """So many recipients, who are counted as they are read and as they are reached; one byte each.

    Attributes:
        size: how many.
        read: of the source.
        reached: how often each was.
        ahead: the most that were read and not reached yet.
        chunks: the most chunks that were alive at once.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.read = 0
        self.reached = bytearray(size)
        self.ahead = 0
        self.chunks = 0
        self._arrived = 0
        gc.collect()
        self._others = alive()

    def names(self) -> Iterator[str]:
        """Give them one by one."""
        for number in range(self.size):
            self.read = number + 1
            self.ahead = max(self.ahead, self.read - self._arrived)
            yield f"u{number}"

    async def pages(self) -> AsyncIterator[list[str]]:
        """Give them in pages, as a database does."""
        page: list[str] = []
        for name in self.names():
            page.append(name)
            if len(page) == CHUNK:
                yield page
                page = []
        yield page

    async def accept(self, connection: Connection) -> None:
        """Count who is in a request, keep nothing of it, and accept."""
        request = await connection.read_request()
        connection.server.requests.clear()
        [sent] = json.loads(request.body)["request"]["notifications"]
        for name in sent["users"]:
            self.reached[int(name[1:])] += 1
        self._arrived += len(sent["users"])
        if self._arrived // CHUNK % 20 == 5:
            self.chunks = max(self.chunks, alive() - self._others)
        await connection.send(http())


async def send_to(
    crowd: Crowd, server: FaultServer, journal: Path, story: Story, form: str
) -> None:
    """Send, and resume; hold the report against who was reached."""
    source = {"generator": crowd.names, "pages": crowd.pages}[form]
    async with PushwooshClient(
        api_token="TOKEN-OF-THE-TESTS",
        application=APPLICATION,
        base_url=server.url,
        rate_limit=None,
    ) as client:
        run = {"journal": journal, "concurrency": CONCURRENCY, "chunk_size": CHUNK}
        report = await client.fan_out(HELLO, users=source(), **run)  # type: ignore[arg-type]
        assert crowd.reached.count(1) == report.accepted == report.total == crowd.size
        again = await client.fan_out(HELLO, users=source(), **run)  # type: ignore[arg-type]
    assert (again.accepted, again.requests) == (crowd.size, report.requests)
    assert crowd.reached.count(1) == crowd.size
    story.check("G1", "G2", "G3", by="the ledger and the report")


@pytest.mark.row("I11")
@pytest.mark.parametrize("form", ["generator", pytest.param("pages", marks=pytest.mark.slow)])
async def test_hundred_thousand(tmp_path: Path, story: Story, form: str) -> None:
    """No more chunks than are in flight, one that waits and one that is held back for a short tail."""
    crowd = Crowd(100_000)
    async with fault_server(default=crowd.accept) as server:
        gc.freeze()  # beside all that other tests have left, cycles would be collected rarely
        tracemalloc.start()
        try:
            await send_to(crowd, server, tmp_path / "run.journal", story, form)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()
    most = CONCURRENCY + 2
    assert 1 <= crowd.chunks <= most
    assert crowd.ahead <= most * CHUNK
    assert peak < MOST
    words = f"{crowd.size:,} ids, {CONCURRENCY} in flight: at most {most} chunks in memory"
    story.saw(f"{words}, under {MOST // MB} MB")


def memory() -> int:
    """Return the bytes that this process has in memory; where nobody tells, the most it ever had."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text("ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.slow
@pytest.mark.row("I11")
async def test_millions(tmp_path: Path, story: Story) -> None:
    """The process does not grow with the number of them."""
    crowd, seen = Crowd(effort(1_000_000, 10_000_000)), [memory()]

    async def accept(connection: Connection) -> None:
        await crowd.accept(connection)
        if crowd.read % (50 * CHUNK) < CHUNK:
            seen.append(memory())

    async with fault_server(default=accept) as server:
        await send_to(crowd, server, tmp_path / "run.journal", story, "generator")
    assert len(seen) > 10
    assert crowd.ahead <= (CONCURRENCY + 2) * CHUNK
    assert max(seen) - seen[0] < MOST_GROWN
    story.saw(f"{crowd.size:,} ids: the process grew by less than {MOST_GROWN // MB} MB")
