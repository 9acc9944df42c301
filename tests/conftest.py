"""What the tests of the whole start from: a sandbox, a client pointed at it, an empty environment."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from connecting import Connect
from hypothesis import settings

from pushwoosh_async import PushwooshClient
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_options

# Ours is named although pytest finds it: an environment may be older than its entry point.
pytest_plugins = ["pytester", "pytest_pushwoosh_async", "adversity.plugin"]

# A machine under load is no failure: what a property takes is not what it is about.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

_NAMES = ("API_TOKEN", "APPLICATION", "DEVICE_API_TOKEN", "BASE_URL")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every variable of ours out of the environment."""
    for name in _NAMES:
        monkeypatch.delenv(f"PUSHWOOSH_{name}", raising=False)


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Make clients of a sandbox that never wait long, and close them."""
    async with AsyncExitStack() as stack:

        def make(sandbox: Sandbox, **options: Any) -> PushwooshClient:
            client = PushwooshClient(**{**client_options(sandbox), **options})
            stack.push_async_exit(client)
            return client

        yield make


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Run a sandbox without faults, which keeps what it accepts."""
    async with Sandbox(
        applications_groups=("GGGGG-GGGGG",), unknown=("stranger",), keep_notifications=True
    ) as running:
        yield running
