"""What is a soak? Churn, a quiet moment, more churn, another quiet moment, and the end of every run."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

from attrs import define, frozen
from wire_clients import Way

from pushwoosh_async import BatchingSender, Hooks, PushwooshClient, RetryPolicy

from .account import Account
from .deeds import HELLO, User
from .gauge import Holding, holding
from .remote import Remote, remote_server
from .settling import settle
from .weather import EXPIRED

EACH = 32  # connections of a client
USERS = 12  # of a client
WAYS: tuple[Way, ...] = ("httpx", "aiohttp")
WARM_UP = 0.25  # of the time, before memory is looked at
PAUSE = 0.1  # seconds that a calm answer takes while the full rate is measured
ROUNDS = 6  # of such answers on every connection


@frozen(kw_only=True)
class Quiet:
    """How things are when nobody does anything.

    Attributes:
        held: by the process.
        requests: that the server had got so far.
        peak: requests at once while all connections were asked for.
        rate: requests a second meanwhile.
    """

    held: Holding
    requests: int
    peak: int
    rate: float


@define(kw_only=True)
class Course:
    """What was seen of a soak.

    Attributes:
        before: what the process held before it.
        first: the quiet moment after the warm-up.
        last: the quiet moment at the end.
        closed: what was held once everything was closed.
        left_open: connections that the server saw then.
        restarts: of the server.
        samples: taken once a second between the quiet moments.
        wrong: whatever was said of somebody and is not true, in words.
    """

    before: Holding
    first: Quiet
    last: Quiet
    closed: Holding
    left_open: int
    restarts: int
    samples: list[Holding]
    wrong: list[str]


class Tokens:
    """A token that is another one each time, and now and then one that opens nothing any more.

    Attributes:
        stale: how many of them, of one.
    """

    def __init__(self, dice: Random) -> None:
        self.stale = 0.0
        self._dice = dice
        self._number = 0

    def __call__(self) -> str:
        """Return it."""
        self._number += 1
        is_stale = self._dice.random() < self.stale
        return f"{EXPIRED if is_stale else 'token'}-{self._number}"


async def soak(seconds: float, seed: int, folder: Path, account: Account) -> Course:
    """Let it rain for so many seconds, and see what is left behind."""
    dice = Random(seed)  # noqa: S311 -- nothing secret hangs on it
    tokens = Tokens(dice)
    async with remote_server(folder / "ledger", seed) as (server, url):
        before = holding()
        samples: list[Holding] = []
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(_client(w, url, tokens)) for w in WAYS]
            senders = [await stack.enter_async_context(BatchingSender(c)) for c in clients]
            users = [
                User(f"{way}-{number}", client, sender, account, folder, Random(dice.random()))  # noqa: S311
                for way, client, sender in zip(WAYS, clients, senders, strict=True)
                for number in range(USERS)
            ]
            storm = Storm(users, server, tokens, dice)
            await storm.rage(seconds * WARM_UP, [])
            first = await _quiet(clients, senders, server)
            await storm.rage(seconds * (1 - WARM_UP), samples)
            last = await _quiet(clients, senders, server)
        closed = holding()
        left = (await server.order()).open
        async with _client("httpx", url, tokens) as client:
            wrong = await settle(client, account, folder / "ledger")
        return Course(
            before=before,
            first=first,
            last=last,
            closed=closed,
            left_open=left,
            restarts=server.restarts,
            samples=samples,
            wrong=wrong,
        )


@asynccontextmanager
async def _client(way: Way, url: str, tokens: Tokens) -> AsyncIterator[PushwooshClient]:
    client = PushwooshClient(
        api_token=tokens,
        application="AAAAA-BBBBB",
        base_url=url,
        transport="aiohttp" if way == "aiohttp" else "httpx",
        timeout=1.0,
        max_connections=EACH,
        rate_limit=None,
        retry=RetryPolicy(base_delay=0.005, max_delay=0.05),
        hooks=Hooks(),
    )
    async with client:
        yield client


@frozen
class Storm:
    """Many users, a server that fails, and tokens that expire."""

    _users: list[User]
    _server: Remote
    _tokens: Tokens
    _dice: Random

    async def rage(self, seconds: float, samples: list[Holding]) -> None:
        """Let all of them do what they like for so long; nothing of it goes on behind it."""
        until = asyncio.get_running_loop().time() + seconds
        self._tokens.stale = 0.002
        watch = asyncio.create_task(_sample(samples))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._change(until))
                for user in self._users:
                    group.create_task(user.act(until))
        finally:
            watch.cancel()
            await asyncio.wait([watch])
            self._tokens.stale = 0.0

    async def _change(self, until: float) -> None:
        while asyncio.get_running_loop().time() < until:
            draw = self._dice.random()
            if draw < 0.2:
                await self._server.restart(self._dice.uniform(0.0, 0.2))
            else:
                await self._server.order(weather="storm" if draw < 0.4 else "rough")
            await asyncio.sleep(self._dice.uniform(0.1, 0.8))
        await self._server.order(weather="calm")


async def _sample(samples: list[Holding]) -> None:
    while True:
        await asyncio.sleep(1.0)
        samples.append(holding())


async def _quiet(
    clients: list[PushwooshClient], senders: list[BatchingSender], server: Remote
) -> Quiet:
    """Ask for every connection at once, for a while, and look at what is held behind it."""
    for sender in senders:
        await sender.flush()
    await asyncio.gather(*(_burst(client) for client in clients))  # opens what was closed
    await server.order(pause=PAUSE)
    begun = time.perf_counter()
    await asyncio.gather(*(_burst(client) for client in clients))
    spent = time.perf_counter() - begun
    state = await server.order(pause=0.0)
    return Quiet(
        held=holding(),
        requests=state.requests,
        peak=state.peak,
        rate=len(clients) * EACH * ROUNDS / spent,
    )


async def _burst(client: PushwooshClient) -> None:
    ids = [f"burst:{number}" for number in range(EACH * ROUNDS * 10)]
    report = await client.fan_out(HELLO, users=ids, chunk_size=10, concurrency=EACH)
    assert report.accepted == len(ids), report
