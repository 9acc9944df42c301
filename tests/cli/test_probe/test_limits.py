"""Question 10: where 429 begins, and how long an idle connection is kept."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import SocketAttribute, SocketStream

from pushwoosh_async.cli.commands.probe.idle import Idle, judge_idle, watch_idle
from pushwoosh_async.testing import FakeClock

from .world import WAYS, Strict, question, world


@pytest.mark.parametrize("limit", [20, 50, 599])
async def test_429_below_the_documented_rate(limit: int) -> None:
    """The number is found exactly, with what the API says, and contradicts the rule."""
    async with world(rate_limit=limit) as here:
        finding = await here.ask(10)
        assert here.delivered == {}
        assert here.clock.monotonic() == 60.0
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("rate rule",))
    assert finding.answer.startswith(f"429 after {limit} request")
    assert "HTTP 429: Too many requests, Retry-After 60 s" in finding.answer
    assert finding.answer.endswith("The refused one, later: 200 with a code")


async def test_429_at_the_documented_rate() -> None:
    """It supports the rule."""
    async with world(rate_limit=600) as here:
        finding = await here.ask(10)
    assert (finding.verdict, finding.assumptions) == ("supports", ("rate rule",))
    assert finding.answer.startswith("429 after 600 requests within a minute")


async def test_no_429_at_all() -> None:
    """The flood ends by itself, reaches nobody, and costs no more than announced."""
    async with world() as here:
        finding = await here.ask(10)
        assert here.delivered == {}
        assert here.sandbox.truth().requests == question(10).requests - 1 == 700
        assert here.sandbox.ledger.total == 0
        assert here.prober.answers == []
    assert (finding.verdict, finding.assumptions) == ("supports", ("rate rule",))
    assert finding.answer == "no 429 in 700 requests within a minute"


@pytest.mark.parametrize("way", WAYS)
async def test_something_else_than_429(way: str) -> None:
    """The flood stops, and nothing is claimed."""
    async with world(repeat=way) as here:
        here.sandbox.script(["error_500_before"])
        finding = await here.ask(10)
        assert here.sandbox.truth().requests <= 2 * 16
    assert (finding.verdict, finding.assumptions) == ("leaves open", ("rate rule",))
    assert finding.answer.startswith("could not be asked: HTTP 500")


async def test_a_429_that_does_not_say_for_how_long() -> None:
    """A minute is waited, and an answer of 429 again is told as it is."""
    async with world(Strict(requests=20)) as here:
        finding = await here.ask(10)
        refused, again = here.prober.answers
    assert again.sent - refused.answered == 60.0
    assert (finding.verdict, finding.assumptions) == ("contradicts", ("rate rule",))
    assert "429 after 20 requests within a minute: HTTP 429, without Retry-After" in finding.answer
    assert finding.answer.endswith("The refused one, later: HTTP 429")


class StoppedClock(FakeClock):
    """A clock that only a test moves, and that counts how often it was read."""

    reads = 0

    def monotonic(self) -> float:
        self.reads += 1
        return super().monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep_forever()

    async def read_after(self, send: Awaitable[None]) -> None:
        """Send, and wait until somebody reads the clock."""
        before = self.reads
        await send
        while self.reads == before:
            await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def server(
    answer: bytes, clock: StoppedClock, lasts: float
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer after five seconds, the body one later; hang up when it was silent for so many."""
    asked: list[bytes] = []

    async def serve(stream: SocketStream) -> None:
        async with stream:
            asked.append(await stream.receive())
            clock.advance(5.0)
            head, blank, body = answer.partition(b"\r\n\r\n")
            if not head:
                return
            await clock.read_after(stream.send(head + blank))
            if body:
                clock.advance(1.0)
                await clock.read_after(stream.send(body))
            clock.advance(lasts)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610 -- no database
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield f"http://127.0.0.1:{port}/prefix", asked
        tasks.cancel_scope.cancel()


ANSWER = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nno"


@pytest.mark.parametrize(("lasts", "verdict"), [(3.5, "contradicts"), (75.0, "supports")])
async def test_a_server_that_hangs_up(lasts: float, verdict: str) -> None:
    """The seconds are those that the connection was silent; the client lets go after four."""
    clock = StoppedClock()
    async with server(ANSWER, clock, lasts) as (url, asked):
        idle = await watch_idle(url, clock)
    assert idle == Idle("HTTP/1.1 404 Not Found", closing=False, seconds=lasts)
    finding = judge_idle(idle)
    assert (finding.verdict, finding.answer) == (verdict, f"hung up after {lasts} s")
    (request,) = asked
    assert request.startswith(b"GET /prefix/json/1.3/ HTTP/1.1\r\nHost: 127.0.0.1:")
    assert request.endswith(b"\r\n\r\n")


async def test_a_server_that_stays() -> None:
    """The wait is bounded."""
    async with world() as here:
        finding = await here.ask(10, half=1)
        assert here.clock.sleeps == [question(10, 1).seconds]
    assert (finding.verdict, finding.assumptions) == ("supports", ("idle rule",))
    assert finding.answer == "kept for more than 3 min 0 s"


async def test_a_server_that_keeps_none() -> None:
    """It says so, and no more is learnt."""
    clock = StoppedClock()
    async with server(b"HTTP/1.1 200 OK\r\nconnection: Close\r\n\r\n", clock, 0.0) as (url, _):
        finding = judge_idle(await watch_idle(url, clock))
    assert finding.verdict == "leaves open"
    assert finding.answer.startswith("HTTP/1.1 200 OK, and Connection: close")


async def test_a_server_that_is_not_there_or_says_nothing() -> None:
    """The question could not be asked."""
    clock = StoppedClock()
    async with server(b"", clock, 0.0) as (url, _):
        finding = judge_idle(await watch_idle(url, clock))
        assert finding.answer == "could not be asked: no answer (EndOfStream)"
    finding = judge_idle(await watch_idle(url, clock))
    assert (finding.verdict, finding.assumptions) == ("not asked", ("idle rule",))
    assert finding.answer.startswith("could not be asked: no connection")
