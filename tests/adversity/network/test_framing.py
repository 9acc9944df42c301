"""Answers whose length is a lie, or that are no HTTP: none is taken for a yes, though some read so."""

from pathlib import Path

import pytest
from attrs import frozen
from fault_server import (
    ACCEPTED,
    Connection,
    Script,
    accept,
    accept_as,
    fault_server,
    raw,
)
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import TIMEOUT, each_side, each_wait, one_doubt
from adversity.story import Story
from adversity.trial import Trial

CHUNKED = "Transfer-Encoding: chunked"


def head(*lines: str) -> bytes:
    """Write the head of an answer with HTTP status 200."""
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def chunk(body: bytes) -> bytes:
    """Write one chunk."""
    return b"%x\r\n%b\r\n" % (len(body), body)


@frozen
class Lie:
    """An answer that is not what it says of itself."""

    row: str
    name: str
    script: Script

    @property
    def case(self) -> object:
        """Itself, for pytest."""
        return pytest.param(self.script, marks=pytest.mark.row(self.row), id=self.name)


LONGER = head(f"Content-Length: {len(ACCEPTED) + 100}") + ACCEPTED
TWO_LENGTHS = head(f"Content-Length: {len(ACCEPTED)}", "Content-Length: 5") + ACCEPTED
LIES = [
    Lie("N16", "cut by FIN", raw(LONGER, Connection.close)),
    Lie("N16", "cut by RST", raw(LONGER, Connection.reset)),
    Lie("N17", "too short", raw(head("Content-Length: 20") + ACCEPTED)),
    Lie("N18", "two lengths", raw(TWO_LENGTHS)),
    Lie("N19", "bad chunk size", raw(head(CHUNKED) + b"zz\r\n" + ACCEPTED + b"\r\n0\r\n\r\n")),
    Lie("N19", "no last chunk", raw(head(CHUNKED) + chunk(ACCEPTED), Connection.close)),
    Lie("N19", "half a chunk", raw(head(CHUNKED) + chunk(ACCEPTED)[:-9], Connection.close)),
    Lie("N20", "no length, cut", raw(head("X: y") + ACCEPTED[:-9], Connection.close)),
    Lie("N21", "SSH", raw(b"SSH-2.0-OpenSSH_9.6\r\n", Connection.close)),
    Lie("N21", "HTTP 0.9", raw(ACCEPTED, Connection.close)),
    Lie("N21", "no status", raw(b"HTTP/1.1 two hundred\r\n\r\n", Connection.close)),
    Lie(
        "N21",
        "300 kB header",
        raw(head("X: " + "x" * 300_000, f"Content-Length: {len(ACCEPTED)}") + ACCEPTED),
    ),
]


@each_side
@each_own_way
@pytest.mark.parametrize("script", [lie.case for lie in LIES])
async def test_a_lie(tmp_path: Path, story: Story, way: Way, script: Script, taken: bool) -> None:
    """Most of these hold an acceptance in full; it is believed only where it is whole by its own word."""
    await one_doubt(script, tmp_path, story, way, taken=taken)


@each_wait
@pytest.mark.row("N16")
async def test_a_body_that_stops(tmp_path: Path, story: Story, way: Way, taken: bool) -> None:
    """The connection stays, and the rest of the body does not come."""
    await one_doubt(raw(LONGER), tmp_path, story, way, taken=taken, timeout=TIMEOUT)


def with_chunks_too(answer: bytes) -> bytes:
    """Give an answer chunks beside its length, which is of the body without them."""
    start, _, body = answer.partition(b"\r\n\r\n")
    return start + b"\r\n" + CHUNKED.encode() + b"\r\n\r\n" + chunk(body) + b"0\r\n\r\n"


@each_own_way
@pytest.mark.row("N18")
async def test_a_length_and_chunks(tmp_path: Path, story: Story, way: Way) -> None:
    """The chunks go before the length (RFC 9112, 6.3): read, or in doubt and known when repeated."""
    async with fault_server(accept_as(with_chunks_too), default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way)
        told = await trial.send()

        assert set(told.failures) <= {"in doubt"}
        assert told.report.accepted == 40
        assert told.report.accepted_on_repeat == 10 * told.failures["in doubt"]
        await trial.end_well()
        doubts = told.failures["in doubt"]
        story.saw(
            f"a length and chunks, by {way}: {doubts} in doubt, {4 - doubts} read by the chunks"
        )


# What follows an answer ---------------------------------------------------------------------------

FORGED = head(f"Content-Length: {len(ACCEPTED)}") + ACCEPTED.replace(b"CODE-1", b"FORGED")


async def answer_twice_in_one_breath(connection: Connection) -> None:
    """Send an answer, and another one right behind it."""
    await accept_as(lambda answer: answer + FORGED)(connection)


async def answer_unasked(connection: Connection) -> None:
    """Send an answer, and another one before the next request."""
    await accept(connection)
    await connection.send(FORGED)


@each_own_way
@pytest.mark.parametrize("script", [answer_twice_in_one_breath, answer_unasked])
@pytest.mark.row("N32")
async def test_a_second_answer_is_nobodys(
    tmp_path: Path, story: Story, way: Way, script: Script
) -> None:
    """It is never taken for the next request's: the connection goes, or that request is repeated."""
    async with fault_server(script, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        told = await trial.send()

        assert server.connections == 2
        assert told.report.accepted == 40
        assert "FORGED" not in {record.life.message_code for record in trial.records()}
        await trial.end_well()
        story.saw(f"{server.connections} connections")
