"""Answers that are too much: 100 MB, and little that inflates to it."""

import gzip
import time
import zlib
from functools import cache
from pathlib import Path

import pytest
from fault_server import ACCEPTED, Connection, accept, accept_as, fault_server, http, raw
from wire_clients import Way, each_own_way

from adversity.network.measured import MB, measured_lag, measured_peak, resident, under
from adversity.network.one_doubt import each_side, one_doubt
from adversity.story import Story
from adversity.trial import Trial

MIB = 1024 * 1024
BLANKS = b" " * MIB


class Flood:
    """Answers with an acceptance, and blanks behind it that are valid JSON too.

    Attributes:
        sent: bytes that left, the kernel's buffers included.
        grown: bytes that this process grew by meanwhile, at most.
    """

    size = 100 * MIB

    def __init__(self, *headers: str) -> None:
        self._head = "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode()
        self.sent = 0
        self.grown = 0

    async def __call__(self, connection: Connection) -> None:
        """Answer one request."""
        await connection.read_request()
        before = resident()
        await connection.send(self._head + ACCEPTED)
        try:
            while self.sent < self.size:
                await connection.send(BLANKS[: 1 << 16])
                self.sent += 1 << 16
                self.grown = max(self.grown, resident() - before)
        except ConnectionError:
            connection.is_over = True
        connection.close()


@each_side
@each_own_way
@pytest.mark.parametrize(
    "header", [f"Content-Length: {Flood.size + len(ACCEPTED)}", "X: y"], ids=["length", "none"]
)
@pytest.mark.row("N22")
async def test_a_flood(tmp_path: Path, story: Story, way: Way, header: str, taken: bool) -> None:
    """One MiB of it is read, and the connection is closed on the rest."""
    flood = Flood(header)
    await one_doubt(flood, tmp_path, story, way, taken=taken, timeout=5)

    # Of which one MiB was read; the rest lies in buffers of the kernel.
    assert flood.sent < 8 * MIB
    assert flood.grown < 30 * MB
    story.saw(f"under {under(flood.sent / MIB, 8)} of 100 MiB left the server")
    story.saw(f"memory grew by under {under(flood.grown / MB, 30)} MB")


@cache
def bomb(bits: int) -> bytes:
    """Compress an acceptance and 128 MiB of blanks, whole and true to the last byte.

    Args:
        bits: as `zlib` wants them: 31 for gzip, 15 for what HTTP calls deflate.
    """
    packer = zlib.compressobj(wbits=bits)
    pieces = [packer.compress(ACCEPTED), *(packer.compress(BLANKS) for _ in range(128))]
    return b"".join([*pieces, packer.flush()])


def packed(encoding: str, body: bytes) -> bytes:
    """Write an answer that says how it is encoded."""
    return http(200, body, [("Content-Encoding", encoding)])


PACKED = {
    "gzip bomb": lambda: packed("gzip", bomb(31)),
    "deflate bomb": lambda: packed("deflate", bomb(15)),
    "gzip in gzip": lambda: packed("gzip, gzip", gzip.compress(bomb(31))),
    "bad gzip": lambda: packed("gzip", ACCEPTED),
    "cut gzip": lambda: packed("gzip", gzip.compress(ACCEPTED)[:-10]),
    "br": lambda: packed("br", ACCEPTED),
    "zstd": lambda: packed("zstd", ACCEPTED),
}


@each_side
@each_own_way
@pytest.mark.parametrize("name", PACKED)
@pytest.mark.row("N23")
async def test_a_packed_answer(
    tmp_path: Path, story: Story, way: Way, name: str, taken: bool
) -> None:
    """Nothing is inflated past 1 MiB, and what is not understood is no yes; the loop goes on turning."""
    answer = PACKED[name]()
    with measured_lag(time.thread_time) as lag, measured_peak() as peak:
        await one_doubt(raw(answer), tmp_path, story, way, taken=taken, timeout=5)

    assert lag.milliseconds < 50
    assert peak.bytes < 4 * MIB
    story.saw(f"the loop was held up for under {under(lag.milliseconds, 50)} ms")
    story.saw(f"memory while it was read: under {under(peak.bytes / MIB, 4)} MiB more at its peak")


def gzipped(answer: bytes) -> bytes:
    """Compress an answer as a gateway does that nobody asked to."""
    return packed("gzip", gzip.compress(answer.partition(b"\r\n\r\n")[2]))


@each_own_way
@pytest.mark.row("N23")
async def test_a_small_true_one(tmp_path: Path, story: Story, way: Way) -> None:
    """An answer that was compressed against our wish counts, if it is whole."""
    async with fault_server(accept_as(gzipped), default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way)
        told = await trial.send()

        assert not told.failures
        assert {each.headers["accept-encoding"] for each in server.requests} == {"identity"}
        await trial.end_well()
