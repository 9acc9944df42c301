"""Servers that keep a request waiting: no answer, one that never ends, or nobody who reads."""

import asyncio
from pathlib import Path

import pytest
from fault_server import Script, accept, fault_server, processed, read_after, read_and_hang, trickle
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import TIMEOUT, each_own_slow_way, each_wait, one_doubt_in_time
from adversity.network.test_resets import LARGE
from adversity.story import Story
from adversity.trial import Trial

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@each_wait
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(read_and_hang, marks=pytest.mark.row("N11"), id="nothing"),
        pytest.param(
            trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
            marks=pytest.mark.row("N12"),
            id="headers",
        ),
        pytest.param(
            trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
            marks=pytest.mark.row("N13"),
            id="body",
        ),
        pytest.param(trickle(CONTINUE, CONTINUE), marks=pytest.mark.row("N14"), id="continue"),
    ],
)
async def test_an_answer_that_does_not_end(
    tmp_path: Path, story: Story, way: Way, script: Script, taken: bool
) -> None:
    """However little a server says, and however long: the one timeout of an attempt ends it."""
    await one_doubt_in_time(script, tmp_path, story, way, taken=taken)


@each_own_slow_way
@pytest.mark.row("N15")
async def test_nobody_reads_what_is_small(tmp_path: Path, story: Story, way: Way) -> None:
    """A request in the server's buffers may be read later: here it is, behind its own repeat."""
    late = asyncio.Event()
    async with fault_server(read_after(late, processed(read_and_hang)), default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, timeout=TIMEOUT)
        told = await trial.send()
        late.set()
        await server.until(lambda: len(server.ledger.arrivals) == 5)
        trial.hold_again()

        assert dict(told.failures) == {"in doubt": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert server.ledger.arrivals[-1].verdict == "replay"
        await trial.end_well()
        verdict = server.ledger.arrivals[4].verdict
        story.saw(f"what the server read later, behind its own repeat, was to the API a {verdict}")


@pytest.mark.slow
@each_own_way
@pytest.mark.row("N15")
async def test_nobody_reads_what_is_large(tmp_path: Path, story: Story, way: Way) -> None:
    """A write that blocks ends with its attempt: the last piece never leaves, whoever reads later."""
    late = asyncio.Event()
    async with fault_server(
        read_after(late, processed(read_and_hang)), default=accept, tiny_buffers=True
    ) as server:
        trial = Trial(
            tmp_path, server, story, way=way, note=LARGE, count=20, concurrency=1, timeout=TIMEOUT
        )
        told = await trial.send()
        late.set()
        await server.until(lambda: server.open == 0)

        assert dict(told.failures) == {"not sent": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (20, 0)
        assert (len(server.requests), len(server.complete)) == (3, 2)
        await trial.end_well()
        story.saw(f"what was read later was cut short, {len(server.complete)} requests were whole")
