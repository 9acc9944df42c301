"""Out of file descriptors: nothing was sent, fewer connections at once, and a way back."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from fault_server import ACCEPTED, Connection, fault_server, http, raw
from wire_clients import Way, each_own_way

PROGRAM = Path(__file__).with_name("descriptors_program.py")


@each_own_way
@pytest.mark.parametrize("start", ["cold", "warm"])
async def test_out_of_descriptors_is_not_sent_and_shrinks_the_pool(way: Way, start: str) -> None:
    """EMFILE is no doubt and is tried again; one connection stays at work until answers are clean."""
    async with fault_server() as server:
        if start == "warm":
            server.play(raw(http(200, ACCEPTED, [("Connection", "close")]), Connection.close))
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), server.url, way, start, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(20):
            said, _ = await process.communicate()

        assert process.returncode == 0
        outcome = json.loads(said)
        assert outcome["errors"] == [["not_sent", False]] * 3
        assert outcome["attempts"] == 6
        assert outcome["accepted"] == 20
        assert server.peak == 1
        assert len(server.complete) == 20 + (start == "warm")
