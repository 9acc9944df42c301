"""Names: what happens where one cannot be resolved, or the resolver does not return?"""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_server import accept, fault_server
from fault_server.certificates import serving, trusting
from wire_clients import Way, each_own_way

from adversity.network.measured import measured_lag, under
from adversity.network.one_doubt import TIMEOUT, each_own_slow_way
from adversity.story import Story
from adversity.trial import Trial

NAME = "api.example.test"
PATIENCE = 5.0  # seconds that a lookup blocks at most


class Resolver:
    """Stands in for `socket.getaddrinfo`, which asyncio calls in a thread.

    Attributes:
        lookups: of the name.
    """

    def __init__(self, before: Callable[[int], None]) -> None:
        """Do something in the thread before the n-th lookup returns; it may raise."""
        self.lookups = 0
        self._before = before
        self._lock = threading.Lock()

    def __call__(
        self, _: str | bytes, port: int, *__: object, **___: object
    ) -> list[tuple[object, ...]]:
        """Resolve any name to 127.0.0.1."""
        with self._lock:
            self.lookups += 1
            number = self.lookups
        self._before(number)
        address = ("127.0.0.1", port)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]


@each_own_way
@pytest.mark.own_resolver
@pytest.mark.row("N2")
async def test_a_name_that_does_not_resolve(
    tmp_path: Path, story: Story, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three failed lookups are three attempts that sent nothing."""

    def fail(number: int) -> None:
        if number <= 3:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async with fault_server(default=accept, tls=serving(NAME)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(fail))
        server.url = f"https://{NAME}:{server.port}"
        trial = Trial(
            tmp_path, server, story, way=way, concurrency=1, ssl_context=trusting(), timeout=5
        )
        told = await trial.send()

        assert dict(told.failures) == {"not sent": 3}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        await trial.end_well()


@each_own_slow_way
@pytest.mark.own_resolver
@pytest.mark.row("N2")
async def test_a_resolver_that_blocks(
    tmp_path: Path, story: Story, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is over at its timeout and the loop turns all the while: only then is the name found."""

    def block(number: int) -> None:
        end = time.monotonic() + PATIENCE
        while not trial.heard.retries and time.monotonic() < end:
            time.sleep(0.01)

    async with fault_server(default=accept, tls=serving(NAME)) as server:
        server.url = f"https://{NAME}:{server.port}"
        trial = Trial(
            tmp_path, server, story, way=way, concurrency=1, ssl_context=trusting(), timeout=TIMEOUT
        )
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(block))
        with measured_lag(time.monotonic) as lag:
            told = await trial.send()

        assert lag.worst < PATIENCE / 2  # stopped by the lookup, it would be all of it
        assert dict(told.failures) == {"not sent": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        await trial.end_well()
        story.saw(
            f"a lookup blocked until its attempt was over, at {TIMEOUT:g} s; the longest that "
            f"the event loop stood still meanwhile: under {under(lag.milliseconds, 250)} ms"
        )
