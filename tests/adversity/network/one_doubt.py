"""What must come of a fault that nobody can judge? One doubt, one repeat under its id, nobody twice."""

import asyncio
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from fault_server import Script, accept, fault_server, processed
from wire_clients import Way

from adversity.story import Story
from adversity.trial import Told, Trial

# Whether the API took the request before the fault: the client cannot know, and G1 hangs on it. Where
# nothing was taken a repeat is always right: that side is not of the quick part.
each_side = pytest.mark.parametrize(
    "taken",
    [pytest.param(True, id="taken"), pytest.param(False, id="not_taken", marks=pytest.mark.slow)],
)
# The same for faults that last until a timeout: one test of each is quick.
each_wait = pytest.mark.parametrize(
    ("way", "taken"),
    [
        pytest.param("httpx", True, id="httpx-taken"),
        pytest.param("aiohttp", True, id="aiohttp-taken", marks=pytest.mark.slow),
        pytest.param("httpx", False, id="httpx-not_taken", marks=pytest.mark.slow),
        pytest.param("aiohttp", False, id="aiohttp-not_taken", marks=pytest.mark.slow),
    ],
)
# One that lasts, and is not about processing.
each_own_slow_way = pytest.mark.parametrize(
    "way", ["httpx", pytest.param("aiohttp", marks=pytest.mark.slow)]
)

TIMEOUT = 0.5  # seconds, where it is what ends an attempt


async def one_doubt(
    script: Script, folder: Path, story: Story, way: Way, *, taken: bool, **client: Any
) -> Told:
    """Do this to one request of four, go on to the end, and resume.

    Args:
        script: the fault; it must read the whole request.
        folder: an empty one.
        story: is told.
        way: how requests are sent.
        taken: the API takes the request, whatever the script answers.
        client: more arguments of the client.

    Returns:
        What the first run said.
    """
    fault = processed(script) if taken else script
    async with fault_server(fault, default=accept) as server:
        trial = Trial(folder, server, story, way=way, **client)
        told = await trial.send()

        assert dict(told.failures) == {"in doubt": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)
        assert [each.verdict for each in server.ledger.arrivals].count("replay") == taken
        await trial.end_well()
        return told


async def one_doubt_in_time(
    script: Script, folder: Path, story: Story, way: Way, *, taken: bool
) -> None:
    """Do this to one request, which only the timeout can end, and look at the time it took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await one_doubt(script, folder, story, way, taken=taken, timeout=TIMEOUT)
    seconds = loop.time() - begun
    assert TIMEOUT <= seconds < TIMEOUT + 3
    story.saw(f"at a timeout of {TIMEOUT:g} s all was over within {ceil(seconds)} s")
