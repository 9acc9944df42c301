"""Which fixtures does pytest find wherever this library is installed?

A module beside the package, not in it: pytest imports it at every start, and importing anything from the
package imports the whole client. For the same reason a fixture imports what it needs when it is used.
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pushwoosh_async import Clock, PushwooshClient
    from pushwoosh_async.sandbox import Sandbox
    from pushwoosh_async.testing import AssertSentOnce, FakeClock

try:
    from pytest_asyncio import fixture as _fixture_of_pytest_asyncio
except ModuleNotFoundError:
    _fixture_of_pytest_asyncio = pytest.fixture  # type: ignore[assignment]  # then nobody asks for it


@pytest.fixture
def pushwoosh_clock() -> "FakeClock":
    """Time that only the test moves; where a test asks for it, its sandbox and its client go by it."""
    from pushwoosh_async.testing import FakeClock

    return FakeClock()


@pytest.fixture
def pushwoosh_sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
    """A sandbox on a free port, new for each test, that keeps the notifications it accepts.

    It runs in a thread, so a test may be synchronous, or of any event loop. Override it to have another
    one: ``with run_in_thread(Sandbox(...)) as sandbox: yield sandbox``; keep its tokens and application.
    """
    from pushwoosh_async.sandbox import Sandbox
    from pushwoosh_async.testing import run_in_thread

    clock = _clock(request)
    sandbox = Sandbox(
        clock=clock.monotonic, wall_clock=lambda: clock.stamp().wall, keep_notifications=True
    )
    with run_in_thread(sandbox):
        yield sandbox


@pytest.fixture
def pushwoosh_environment(pushwoosh_sandbox: "Sandbox", monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment so that every client made without arguments sends to the sandbox."""
    from pushwoosh_async.testing import client_environment

    for name, value in client_environment(pushwoosh_sandbox).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def assert_sent_once(pushwoosh_sandbox: "Sandbox") -> "AssertSentOnce":
    """Assert of users, devices or phone numbers that the sandbox sent each exactly one message.

    ``assert_sent_once.only("user-1")`` asserts that nobody else was sent any, too.
    """
    from pushwoosh_async.testing import AssertSentOnce

    return AssertSentOnce(pushwoosh_sandbox)


@pytest.fixture
def pushwoosh_client(request: pytest.FixtureRequest) -> "PushwooshClient":
    """A client of the sandbox, without a rate limit, that repeats after milliseconds.

    Only a ``Retry-After`` is waited out, as 429 and 503 bring it: ask for `pushwoosh_clock` too. And a
    ``stall`` takes 5 real seconds, which is when an attempt times out, so that a loaded machine passes:
    for less, make a client with ``client_options(sandbox) | {"timeout": 0.5}``. The client is closed
    in the event loop that pytest-asyncio, in either mode, or anyio gives to fixtures.
    """
    client: PushwooshClient = request.getfixturevalue(_client_fixture(request))
    return client


def _client_fixture(request: pytest.FixtureRequest) -> str:
    """Return by whose event loop the test's client lives."""
    if "anyio_backend" in request.fixturenames:
        return "_pushwoosh_client_of_anyio"
    # The names under which pytest may know it: as installed, and as given to -p.
    names = ("asyncio", "pytest_asyncio.plugin")
    if not any(request.config.pluginmanager.has_plugin(name) for name in names):
        pytest.fail("pushwoosh_client needs pytest-asyncio, or a test marked anyio", pytrace=False)
    return "_pushwoosh_client_of_pytest_asyncio"


# Two, because pytest-asyncio would run what is marked for it in an anyio test too, in another loop.
@pytest.fixture
async def _pushwoosh_client_of_anyio(
    anyio_backend_name: str, pushwoosh_sandbox: "Sandbox", request: pytest.FixtureRequest
) -> "AsyncIterator[PushwooshClient]":
    if anyio_backend_name != "asyncio":
        pytest.fail(
            f"pushwoosh_client runs on asyncio, not on {anyio_backend_name}: "
            "override the fixture anyio_backend to return 'asyncio'",
            pytrace=False,
        )
    async with _client(pushwoosh_sandbox, request) as client:
        yield client


@_fixture_of_pytest_asyncio
async def _pushwoosh_client_of_pytest_asyncio(
    pushwoosh_sandbox: "Sandbox", request: pytest.FixtureRequest
) -> "AsyncIterator[PushwooshClient]":
    async with _client(pushwoosh_sandbox, request) as client:
        yield client


def _client(sandbox: "Sandbox", request: pytest.FixtureRequest) -> "PushwooshClient":
    from pushwoosh_async import PushwooshClient
    from pushwoosh_async.testing import client_options

    return PushwooshClient(**client_options(sandbox), clock=_clock(request))


def _clock(request: pytest.FixtureRequest) -> "Clock":
    """Return the fake clock if the test asks for it, and else the real one."""
    from pushwoosh_async import SystemClock

    if "pushwoosh_clock" not in request.fixturenames:
        return SystemClock()
    clock: Clock = request.getfixturevalue("pushwoosh_clock")
    return clock
