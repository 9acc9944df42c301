"""Proxies: those that the environment names, and those that deliver when nobody waits any more."""

from pathlib import Path

import pytest
from fault_server import (
    Connection,
    Ledger,
    SeenRequest,
    accept,
    fault_server,
    processed,
    reset_after_body,
)
from fault_server.certificates import serving, trusting
from wire_clients import Way, each_own_way

from adversity.network.one_doubt import TIMEOUT, each_own_slow_way
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RetryPolicy
from pushwoosh_async.testing import FakeClock

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Begin without any proxy."""
    for name in (*VARIABLES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@each_own_way
@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
@pytest.mark.row("N31")
async def test_the_environments_proxies(
    tmp_path: Path, story: Story, way: Way, encrypted: bool, environment: pytest.MonkeyPatch
) -> None:
    """Whatever the environment names, nobody connects to it."""
    async with (
        fault_server(default=accept) as proxy,
        fault_server(default=accept, tls=serving() if encrypted else None) as server,
    ):
        for name in VARIABLES:
            environment.setenv(name, proxy.url)
        environment.setenv("NO_PROXY", "example.com")
        trial = Trial(
            tmp_path, server, story, way=way, ssl_context=trusting() if encrypted else None
        )
        await trial.send()
        await trial.end_well()

        assert (proxy.connections, proxy.bytes_received) == (0, 0)
        assert len(server.requests) == 4
        story.saw(f"the proxy got {proxy.connections} connections")


@each_own_way
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.row("N31")
async def test_the_environments_proxies_asked_for(
    tmp_path: Path, story: Story, way: Way, name: str, environment: pytest.MonkeyPatch
) -> None:
    """With `trust_env=True` all requests go where the environment says."""
    async with fault_server(default=accept) as server:
        async with fault_server(default=accept, ledger=server.ledger) as proxy:
            environment.setenv(name, proxy.url)
            trial = Trial(tmp_path, server, story, way=way, trust_env=True)
            await trial.send()
            await trial.end_well()

        assert {each.target for each in proxy.requests} == {f"{server.url}/json/1.3/createMessage"}
        assert (len(proxy.requests), server.connections) == (4, 0)
        story.saw(f"asked for, it got {len(proxy.requests)} requests")


POLICY = RetryPolicy(base_delay=0.001, max_delay=0.01)


class LateProxy:
    """Takes the last request that a client may still send, and brings it when the client has gone.

    Attributes:
        ledger: of the API behind it.
        clock: of the client and the API.
    """

    def __init__(self, policy: RetryPolicy, timeout: float) -> None:
        self.clock = FakeClock()
        self.ledger = Ledger(window=policy.window, wall=lambda: self.clock.stamp().wall)
        self._policy = policy
        self._timeout = timeout
        self._kept: list[SeenRequest] = []

    async def lose_the_answer(self, connection: Connection) -> None:
        """Bring a request at once, and let so much time pass that one repeat is left."""
        await processed(reset_after_body)(connection)
        # Less what the pauses before a repeat and the megabytes of a body take.
        last = self._policy.window - self._policy.margin - self._timeout
        self.clock.advance(last - 0.05)

    async def keep(self, connection: Connection) -> None:
        """Take a request; the client waits until its time is over."""
        self._kept.append(await connection.read_request())
        # Now, as the client looks at the clock as soon as its own timeout is over.
        self.clock.advance(self._timeout)
        await connection.client_gone()

    def bring(self, seconds: float) -> str:
        """Bring what was kept, so long after the client has gone; return what the API made of it."""
        self.clock.advance(seconds)
        (request,) = self._kept
        self.ledger.take(request)
        return self.ledger.arrivals[-1].verdict


@each_own_slow_way
@pytest.mark.row("N33")
async def test_a_delivery_inside_the_margin(tmp_path: Path, story: Story, way: Way) -> None:
    """The last repeat, brought a second before the margin is over, is still known to the API."""
    proxy = LateProxy(POLICY, TIMEOUT)
    async with fault_server(
        proxy.lose_the_answer, proxy.keep, default=accept, ledger=proxy.ledger
    ) as server:
        trial = Trial(
            tmp_path,
            server,
            story,
            way=way,
            count=10,
            timeout=TIMEOUT,
            retry=POLICY,
            clock=proxy.clock,
        )
        told = await trial.send()
        assert dict(told.failures) == {"in doubt": 1}
        assert told.report.in_doubt == 10
        assert proxy.bring(POLICY.margin - 1) == "replay"
        trial.hold_again()

        inside = max(server.ledger.sent_to().values())
        await trial.end_well()
        assert len(server.requests) == 2
        proxy.bring(2)
        beyond = max(server.ledger.sent_to().values())
        story.saw(
            f"brought a second before the margin is over, everybody got it {inside} x; "
            f"a second after it, later than a network is assumed to be (A3), {beyond} x"
        )
        assert (inside, beyond) == (1, 2)
