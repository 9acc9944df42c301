"""Connections that end in good order: behind the body, in one direction, or while they are idle."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fault_server import Connection, Script, accept, accept_as, close_after_body, fault_server
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import each_side, one_doubt
from adversity.story import Story
from adversity.trial import Trial


async def half_close_after_body(connection: Connection) -> None:
    """Close the server's side only, and go on reading."""
    await connection.read_request()
    connection.half_close()
    await connection.client_gone()


@each_side
@each_own_way
@pytest.mark.parametrize("script", [close_after_body, half_close_after_body])
@pytest.mark.row("N9")
async def test_behind_the_body(
    tmp_path: Path, story: Story, way: Way, script: Script, taken: bool
) -> None:
    """A FIN is no answer, whichever half it closes."""
    await one_doubt(script, tmp_path, story, way, taken=taken)


def saying_close(answer: bytes) -> bytes:
    """Say in the answer's head that the connection ends with it."""
    return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def answer_deaf(connection: Connection) -> None:
    """Read a request, shut the read side, and answer."""
    request = await connection.read_request()
    connection.stop_listening()
    await connection.send(saying_close(connection.server.ledger.take(request)))


@each_own_way
@pytest.mark.parametrize(
    "script", [answer_deaf, accept_as(saying_close, Connection.half_close)], ids=["deaf", "FIN"]
)
@pytest.mark.row("N10")
async def test_an_answer_over_half_a_connection(
    tmp_path: Path, story: Story, way: Way, script: Script
) -> None:
    """Whichever side the server shuts, an answer that came counts, and the connection is left."""
    async with fault_server(default=script) as server:
        trial = Trial(tmp_path, server, story, way=way)
        told = await trial.send()

        assert not told.failures
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        assert (server.connections, len(server.requests)) == (4, 4)
        await trial.end_well()
        story.saw(f"{server.connections} connections for {len(server.requests)} requests")


async def close_under_the_next(connection: Connection) -> None:
    """Answer a request, and close while the next one is on its way: the kernel resets it."""
    await accept(connection)
    await connection.leave_unread()
    connection.close()


@each_own_way
@pytest.mark.row("N30")
async def test_a_kept_connection(tmp_path: Path, story: Story, way: Way) -> None:
    """The second request meets a closed connection: a doubt, though the server never saw it."""
    async with fault_server(close_under_the_next, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        told = await trial.send()

        assert dict(told.failures) == {"in doubt": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert (server.connections, len(server.requests)) == (2, 4)
        assert set(server.ledger.sent_to().values()) == {1}
        await trial.end_well()


IDLE = 4.5  # seconds: more than we keep a connection, less than common servers do


async def accept_unless_idle(connection: Connection) -> None:
    """Accept, and close under a request that comes on a connection which was idle for so long."""
    await accept(connection)
    answered = asyncio.get_running_loop().time()
    if await connection.has_data() and asyncio.get_running_loop().time() - answered >= IDLE:
        connection.reset()


@pytest.mark.slow
@each_own_way
@pytest.mark.row("N30")
async def test_an_idle_connection(tmp_path: Path, story: Story, way: Way) -> None:
    """It is left before a server would close it: the next request takes a new one, and no doubt arises."""
    before: list[int] = []
    async with fault_server(default=accept_unless_idle) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)

        async def with_a_pause() -> AsyncIterator[str]:
            for number, each in enumerate(trial.ids):
                if number == 35:
                    await server.until(lambda: len(server.ledger.arrivals) >= 2)
                    await asyncio.sleep(IDLE + 0.2)
                    before.append(server.connections)
                yield each

        told = await trial.send(users=with_a_pause())

        assert not told.failures
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        assert (*before, server.connections, len(server.requests)) == (1, 2, 4)
        await trial.end_well()
        story.saw(
            f"{before[0]} connection before a pause of over {IDLE:g} s, "
            f"{server.connections - before[0]} new one after it"
        )
