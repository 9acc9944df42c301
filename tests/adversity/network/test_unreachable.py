"""Servers that no connection gets to: refused, swallowed, or dead at one of two addresses."""

import asyncio
import socket
from contextlib import AsyncExitStack
from math import ceil
from pathlib import Path

import pytest
from fault_server import FaultServer, Ledger, accept, fault_server
from wire_clients import Way, each_own_way

from adversity.network.door import Door, Meanwhile, filled, shut_door
from adversity.network.one_doubt import TIMEOUT, each_own_slow_way
from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import RetryPolicy
from pushwoosh_async.testing import FakeClock

OUTAGE = 400.0  # seconds; longer than the API remembers a transactionId
PATIENT = RetryPolicy()  # as a user has it: it never waits longer than 20 s


class OutageClock(FakeClock):
    """A clock whose sleeps take no time, until an outage is over; then a door is opened."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    async def sleep(self, seconds: float) -> None:
        """Sleep; a deadline passes as the pauses between attempts do, and no sooner."""
        if seconds > PATIENT.max_delay:
            end = self.monotonic() + seconds
            while self.monotonic() < end:  # noqa: ASYNC110 -- others move this clock
                await asyncio.sleep(0.001)
            return
        await super().sleep(seconds)
        if self.monotonic() >= OUTAGE and not self._door.is_open:
            await self._door.open()


class Outage:
    """A server that refuses, a send to it, and the clock of both.

    Attributes:
        clock: opens the door when the outage is over.
        trial: the send.
    """

    def __init__(
        self, folder: Path, server: FaultServer, door: Door, story: Story, way: Way
    ) -> None:
        self.clock = OutageClock(door)
        server.ledger = Ledger(wall=lambda: self.clock.stamp().wall)
        server.url = f"http://127.0.0.1:{door.port}"
        self.trial = Trial(
            folder, server, story, way=way, concurrency=1, retry=PATIENT, clock=self.clock
        )

    def __str__(self) -> str:
        return f"tried until it was up, {int(self.clock.monotonic()) // 100 * 100} s later"


@each_own_way
@pytest.mark.row("N1")
async def test_refused_and_back(tmp_path: Path, story: Story, way: Way) -> None:
    """What was refused was not sent: no window runs, and nothing is given up."""
    async with fault_server(default=accept) as server, shut_door(server) as door:
        outage = Outage(tmp_path, server, door, story, way)
        told = await outage.trial.send()

        assert set(told.failures) == {"not sent"}
        assert told.failures["not sent"] > 20
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        assert len(server.requests) == 4
        assert outage.clock.monotonic() >= OUTAGE
        await outage.trial.end_well()
        story.saw(str(outage))


@each_own_way
@pytest.mark.row("N1")
async def test_refused_until_the_deadline(tmp_path: Path, story: Story, way: Way) -> None:
    """The run's own deadline is what ends it, and all are not sent."""
    async with fault_server(default=accept) as server, shut_door(server) as door:
        outage = Outage(tmp_path, server, door, story, way)
        told = await outage.trial.send(deadline=OUTAGE - 50)

        assert set(told.failures) == {"not sent"}
        assert (told.report.not_sent, told.report.in_doubt) == (40, 0)
        assert not server.requests
        await door.open()
        assert (await outage.trial.end_well()).report.accepted == 40


async def never(*_: object) -> None:
    """Wait for ever."""
    await asyncio.get_running_loop().create_future()


@each_own_slow_way
@pytest.mark.row("N3")
async def test_swallowed(
    tmp_path: Path, story: Story, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that never stands is cut at the one timeout of an attempt: not sent."""
    loop = asyncio.get_running_loop()
    async with (
        fault_server(default=accept) as server,
        shut_door(server) as door,
        filled(door) as is_silent,
    ):
        if not is_silent:
            story.lacks("a queue of connections that fills", instead="connect() never returns")
            monkeypatch.setattr(loop, "sock_connect", never)

        async def let_in() -> None:
            monkeypatch.undo()
            await door.open()

        server.url = f"http://127.0.0.1:{door.port}"
        trial = Trial(
            tmp_path,
            server,
            story,
            way=way,
            concurrency=1,
            timeout=TIMEOUT,
            clock=Meanwhile(let_in),
        )
        begun = loop.time()
        told = await trial.send()
        seconds = loop.time() - begun

        assert TIMEOUT <= seconds < TIMEOUT + 3
        assert dict(told.failures) == {"not sent": 1}
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 0)
        await trial.end_well()
        story.saw(f"at a timeout of {TIMEOUT:g} s all was over within {ceil(seconds)} s")


def both_addresses(_: str, port: int, *__: object, **___: object) -> list[tuple[object, ...]]:
    """Resolve any name, as `socket.getaddrinfo` does, to both loopback addresses: IPv6 first."""
    stream = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    return [
        (socket.AF_INET6, *stream, ("::1", port, 0, 0)),
        (socket.AF_INET, *stream, ("127.0.0.1", port)),
    ]


@each_own_way
@pytest.mark.parametrize("dead", ["refused", pytest.param("silent", marks=pytest.mark.slow)])
@pytest.mark.row("N4")
async def test_one_address_of_two(
    tmp_path: Path, story: Story, way: Way, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first address refuses, or swallows: the second is used, and no attempt fails."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(fault_server(default=accept))
        if dead == "silent":
            await silence(stack, server, story)
        monkeypatch.setattr(socket, "getaddrinfo", both_addresses)
        server.url = f"http://localhost:{server.port}"
        trial = Trial(tmp_path, server, story, way=way, concurrency=1, timeout=5)
        told = await trial.send()

        assert not told.failures
        assert told.report.accepted == 40
        await trial.end_well()
        story.saw(f"{server.connections} connection by IPv4")


async def silence(stack: AsyncExitStack, server: FaultServer, story: Story) -> None:
    """Take the server's port of the IPv6 loopback, and swallow all connections there."""
    try:
        door = await stack.enter_async_context(
            shut_door(server, family=socket.AF_INET6, port=server.port)
        )
        is_silent = await stack.enter_async_context(filled(door))
    except OSError:
        is_silent = False
    if not is_silent:
        story.lacks("an IPv6 loopback that swallows", instead="one that refuses")
