"""What a hostile server can do to its client's memory and event loop: not much, whatever it answers."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cli.shell import environment
from fault_server import Connection, Script, answer, fault_server, http, raw
from wire_clients import NOTE, Way, each_own_way, each_way, open_client

from adversity.effort import effort
from adversity.story import Story
from pushwoosh_async import TransportError, UnexpectedResponseError

from .hostile_answers import ANSWERS, GZIP_ZEROS, LIMIT, ZLIB_ZEROS

HERE = Path(__file__).parent
LONGEST_LAG = 0.05  # seconds in which nothing else of the user's program runs
# What one answer may cost: its bytes, its text, and what is read out of it.
MOST_MEMORY = 64_000  # kilobytes


# Those that are much to read by their length, not by their form.
LARGE = [
    name for name in ANSWERS if name not in ("small chunks", "interim answers", "many headers")
]


async def _meet(way: str, names: Iterable[str], times: int, together: int) -> dict[str, Any]:
    """Let a program of its own meet each answer, and return what it tells."""
    async with fault_server() as server:
        server.play(raw(http()))
        for name in names:
            server.play(*[raw(ANSWERS[name], Connection.close)] * times * together)
        return await _tell(way, server.url, times, together, *names)


async def _tell(way: str, *arguments: object) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "hostile_program.py"), way, *map(str, arguments),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment({}),
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.slow
@pytest.mark.row("R17")
@each_own_way
async def test_the_event_loop_goes_on(way: Way, story: Story) -> None:
    """Each answer that is dear to read is read in a moment, or not at all."""
    found = await _meet(way, ANSWERS, times=5, together=1)
    slow = {name: each["lag"] for name, each in found.items() if each["lag"] >= LONGEST_LAG}
    assert slow == {}
    story.saw(f"{len(found)} answers, {len(slow)} of which held it for {LONGEST_LAG * 1000:g} ms")


@pytest.mark.slow
@pytest.mark.row("R16")
@each_own_way
async def test_memory_does_not_grow(way: Way, story: Story) -> None:
    """Several at once, again and again: what the first took is what it takes."""
    first = await _meet(way, LARGE, times=1, together=4)
    last = await _meet(way, LARGE, times=effort(3, 30), together=4)
    taken, more = (max(each["kilobytes"] for each in one.values()) for one in (first, last))
    assert more < MOST_MEMORY
    assert more < taken + 10_000
    story.saw(
        f"under {MOST_MEMORY // 1000} MB more, however many" if more < MOST_MEMORY else "more"
    )


@pytest.mark.slow
@pytest.mark.row("R16")
@each_own_way
async def test_a_run_of_answers_full_of_junk(way: Way, story: Story) -> None:
    """A megabyte for each chunk: read, believed where it says that it was accepted, and forgotten."""
    chunks = effort(50, 1000)
    async with fault_server() as server:
        server.default = raw(ANSWERS["numbers"])
        found = (await _tell(way, server.url, chunks, 4))["run"]
    assert found["accepted"] == chunks
    assert found["kilobytes"] < MOST_MEMORY
    story.saw(f"a run of them accepted, under {MOST_MEMORY // 1000} MB more")


BOMBS: dict[str, tuple[bytes, str]] = {
    "a gigabyte": (GZIP_ZEROS[:LIMIT], "gzip"),
    "a gigabyte of zlib": (ZLIB_ZEROS[:LIMIT], "deflate"),
    "said to be twice": (GZIP_ZEROS[:1000], "gzip, gzip"),
    "of brotli": (b"\x5b\xff\xff\x03" * 1000, "br"),
    "of zstandard": (b"\x28\xb5\x2f\xfd" * 1000, "zstd"),
    "cut": (GZIP_ZEROS[:100], "gzip"),
    "none at all": (b"{}", "gzip"),
}


@pytest.mark.row("R14")
@each_way
@pytest.mark.parametrize("bomb", BOMBS)
async def test_what_inflates(way: Way, bomb: str, story: Story) -> None:
    """Read as it came, inflated up to the limit, and not believed beyond it."""
    body, encoding = BOMBS[bomb]
    headers = [("Content-Encoding", encoding)]
    async with (
        fault_server(answer(200, body, headers)) as server,
        open_client(way, server.url) as client,
    ):
        with pytest.raises(UnexpectedResponseError) as caught:
            await client.create_message(NOTE)
        assert server.requests[0].headers["accept-encoding"] == "identity"
    assert caught.value.delivery == "in_doubt"
    story.saw(f"{type(caught.value).__name__}, {caught.value.delivery}")


def _object(inside: str) -> bytes:
    return f'{{"status_code":200,"response":{{"Messages":["C"]}},{inside}}}'.encode()


NESTED: dict[str, bytes] = {
    "lists": b"[" * 200_000,
    "closed lists": b"[" * 20_000 + b"]" * 20_000,
    "objects": b'{"a":' * 100_000,
    "in an acknowledgement": _object('"x":' + "[" * 30_000 + "]" * 30_000),
    "a name twice": _object('"status_code":200'),
    "a name twice within": _object('"x":{"a":1,"a":2}'),
    "5000 digits": _object('"x":' + "1" * 5000),
    "NaN": _object('"x":NaN'),
    "Infinity": _object('"x":-Infinity'),
    "a lone byte": _object('"x":"\xff"').replace(b"\xc3\xbf", b"\xff"),
    "a byte order mark": b"\xef\xbb\xbf" + _object('"x":1'),
    "two objects": _object('"x":1') * 2,
}


@pytest.mark.row("R15")
@each_way
@pytest.mark.parametrize("kind", NESTED)
async def test_what_two_readers_read_differently(way: Way, kind: str, story: Story) -> None:
    """Is no acknowledgement, and no crash."""
    async with (
        fault_server(answer(200, NESTED[kind])) as server,
        open_client(way, server.url) as client,
    ):
        with pytest.raises(UnexpectedResponseError) as caught:
            await client.create_message(NOTE)
    assert caught.value.delivery == "in_doubt"
    story.saw(f"{type(caught.value).__name__}, {caught.value.delivery}")


@pytest.mark.row("R16")
@each_own_way
async def test_an_answer_without_end(way: Way, story: Story) -> None:
    """Cut at the first byte over the limit, and its connection with it."""
    sent = [0]

    async def endless(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                await connection.send(b" " * 65536)
                sent[0] += 65536
        finally:
            connection.is_over = True

    script: Script = endless
    async with fault_server(script) as server, open_client(way, server.url) as client:
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        await server.until(lambda: server.open == 0)
    assert caught.value.delivery == "in_doubt"
    assert "was not read" in str(caught.value)
    # Beside what is read there are the sockets' buffers.
    assert sent[0] < 8 * LIMIT
    story.saw(f"an endless answer cut at {LIMIT // 2**20} MiB: {type(caught.value).__name__}")
