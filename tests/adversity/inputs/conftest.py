"""What do these tests start from? A server that accepts, and a send to it that nobody has begun."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fault_server import FaultServer, accept, fault_server

from adversity.story import Story

from .sending import Sending


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Run a server that accepts whatever comes."""
    async with fault_server(default=accept) as running:
        yield running


@pytest.fixture
def sending(tmp_path: Path, server: FaultServer, story: Story) -> Sending:
    """Prepare a send with a journal."""
    return Sending(tmp_path, server, story)
