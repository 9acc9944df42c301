"""Out of file descriptors: nothing was sent, fewer connections at once, and a way back."""

import asyncio
import json
import sys
from pathlib import Path

from fault_server import fault_server
from wire_clients import Way, each_own_way

PROGRAM = Path(__file__).with_name("descriptors_program.py")


@each_own_way
async def test_out_of_descriptors_is_not_sent_and_shrinks_the_pool(way: Way) -> None:
    """EMFILE is tried again, keeps one connection at work until answers are clean, and is no doubt."""
    async with fault_server() as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), server.url, way, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(20):
            said, _ = await process.communicate()
        outcome = json.loads(said)

        assert process.returncode == 0
        assert outcome["errors"] == [["not_sent", False]] * 3
        assert outcome["attempts"] == 6 + 20
        assert outcome["accepted"] == 20
        assert server.peak == 1
        assert len(server.complete) == 20
