"""What the tests of the sender share: a clock that waits to be moved, and a server with a ledger."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias

import anyio
import httpx
from attrs import define, field

from pushwoosh_async import BatchingSender, PushwooshClient, RetryPolicy
from pushwoosh_async.testing import FakeClock

Kind: TypeAlias = Literal["ok", "lost", "500", "refused", "429", "401", "cut"]
Pair: TypeAlias = tuple[str, str]  # what is sent, and to whom

WINDOW = 300.0
# Seconds after its arrival by which a request is processed, or never is (assumption A3).
LATEST = 105.0
# Turns of the event loop after which everything waits for the clock, or for an answer.
_TURNS = 80
# Real seconds: where an await never ends, its test fails and does not hang.
_PATIENCE = 30.0


class ManualClock(FakeClock):
    """A clock on which sleepers sleep until somebody moves it."""

    def __init__(self) -> None:
        super().__init__()
        self._moved = anyio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come."""
        until = self.monotonic() + seconds
        while self.monotonic() < until:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Let time pass and wake whoever waited for it."""
        super().advance(seconds)
        self._moved.set()
        self._moved = anyio.Event()


@define(eq=False)
class Asked:
    """One request that waits for its answer."""

    notifications: Sequence[dict[str, Any]]
    arrived: float
    verdict: "asyncio.Future[Kind]" = field(factory=asyncio.Future)

    @property
    def pairs(self) -> list[Pair]:
        """What is sent, and to whom, one by one."""
        return [(each["content"], id_) for each in self.notifications for id_ in ids_of(each)]


def ids_of(notification: dict[str, Any]) -> list[str]:
    """Return whom a notification names."""
    ids: list[str] = notification.get("users") or notification["devices"]
    return ids


class Server(httpx.AsyncBaseTransport):
    """Answers as it is told, and drops a transactionId that it has accepted within the window.

    Attributes:
        waiting: requests without an answer yet, the oldest first.
        seen: every request, whatever became of it.
        delivered: how often each pair was, and under which transactionIds.
        bad: ids that make a request refused that names one.
        auto: how requests are answered without being asked; None to ask.
    """

    def __init__(self, clock: FakeClock, auto: Kind | None = None) -> None:
        self.clock = clock
        self.auto: Kind | None = auto
        self.waiting: list[Asked] = []
        self.seen: list[Asked] = []
        self.delivered: dict[Pair, list[str]] = {}
        self.bad: set[str] = set()
        self.most_waiting = 0
        self._accepted: dict[str, float] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Read, wait for the verdict, and answer so."""
        content = await request.aread()
        asked = Asked(json.loads(content)["request"]["notifications"], self.clock.monotonic())
        self.seen.append(asked)
        self.waiting.append(asked)
        self.most_waiting = max(self.most_waiting, len(self.waiting))
        if self.auto is not None:
            asked.verdict.set_result(self.auto)
        try:
            kind = await asked.verdict
            late = self.clock.monotonic() - asked.arrived > LATEST
            return self._answer("cut" if late else kind, asked.notifications)
        finally:
            self.waiting.remove(asked)

    def _answer(self, kind: Kind, notifications: Sequence[dict[str, Any]]) -> httpx.Response:
        if kind == "cut":
            raise httpx.ReadError("cut before it was processed")
        if kind in {"429", "401", "500"}:
            return httpx.Response(int(kind))
        named = {id_ for each in notifications for id_ in ids_of(each)}
        if kind == "refused" or named & self.bad:
            return httpx.Response(200, json={"status_code": 210, "status_message": "no"})
        for each in notifications:
            self._accept(each)
        if kind == "lost":
            raise httpx.ReadError("cut after it was processed")
        codes = [f"CODE-{each['transactionId']}" for each in notifications]
        return httpx.Response(200, json={"status_code": 200, "response": {"Messages": codes}})

    def _accept(self, notification: dict[str, Any]) -> None:
        tid, now = notification["transactionId"], self.clock.monotonic()
        if now - self._accepted.get(tid, -WINDOW) < WINDOW:
            return
        self._accepted[tid] = now
        for id_ in ids_of(notification):
            self.delivered.setdefault((notification["content"], id_), []).append(tid)

    @property
    def count(self) -> Counter[Pair]:
        """How often each pair was delivered."""
        return Counter({pair: len(tids) for pair, tids in self.delivered.items()})

    def answer(self, kind: Kind, which: int = 0) -> None:
        """Answer one of the requests that wait."""
        self.waiting[which].verdict.set_result(kind)


async def settle() -> None:
    """Let everything go on until it waits for the clock or for an answer."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


@define
class World:
    """A sender on a clock of its own, and its server."""

    clock: ManualClock
    server: Server
    client: PushwooshClient
    sender: BatchingSender

    async def passes(self, seconds: float) -> None:
        """Let time pass, and what waits for it happen."""
        self.clock.advance(seconds)
        await settle()

    async def answers(self, *kinds: Kind) -> None:
        """Answer requests, the oldest first."""
        for kind in kinds:
            self.server.answer(kind)
            await settle()

    async def wears_off(self, task: "asyncio.Future[Any]", seconds: float = 5000.0) -> None:
        """Let time pass until something is done."""
        for _ in range(int(seconds / 10)):
            if task.done():
                return
            await self.passes(10.0)
        raise AssertionError(f"not done in {seconds} seconds")


@asynccontextmanager
async def world(
    auto: Kind | None = None, retry: RetryPolicy | None = None, **options: Any
) -> AsyncIterator[World]:
    """Open a sender over a server without a socket; leave by closing both."""
    clock = ManualClock()
    server = Server(clock, auto)
    async with (
        asyncio.timeout(_PATIENCE),
        httpx.AsyncClient(transport=server) as http,
        PushwooshClient(
            api_token="token",
            application="XXXXX-XXXXX",
            base_url="http://127.0.0.1:1",
            http_client=http,
            rate_limit=None,
            clock=clock,
            retry=retry or RetryPolicy(),
        ) as client,
        BatchingSender(client, **options) as sender,
    ):
        made = World(clock, server, client, sender)
        try:
            yield made
        finally:
            server.auto = server.auto or "ok"
            for asked in list(server.waiting):
                if not asked.verdict.done():
                    asked.verdict.set_result(server.auto)
            closing = asyncio.ensure_future(sender.aclose())
            await settle()
            await made.wears_off(closing)
            await closing
