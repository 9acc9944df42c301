"""What do these tests start from? A running sandbox, a client, and a server that logs nothing."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from pushwoosh_async.sandbox import Sandbox

from .caller import NOON, Caller, ManualClock

Start = Callable[..., Awaitable[Caller]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a sandbox with these options on clocks that stand still."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> Caller:
            clock, wall = ManualClock(), ManualClock(NOON)
            sandbox = Sandbox(clock=clock, wall_clock=wall, **options)
            await stack.enter_async_context(sandbox)
            http = httpx.AsyncClient(base_url=sandbox.url, trust_env=False, timeout=10)
            return Caller(sandbox, clock, wall, await stack.enter_async_context(http))

        yield begin


@pytest.fixture
async def api(start: Start) -> Caller:
    """Start a sandbox without options."""
    return await start()


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which the server logged an error: nothing here may surprise it."""
    yield
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [each for each in records if each.levelno >= logging.WARNING] == []
