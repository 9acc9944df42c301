"""What does the probe talk to here? A sandbox, or a stricter server in front of one, in fake time."""

import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.prober import Prober, audience_of
from pushwoosh_async.cli.commands.probe.questions import QUESTIONS, Question
from pushwoosh_async.cli.commands.probe.scope import APPLICATION, TOKEN
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

USER = "the-test-user"
WAYS = ("same_code", "empty", "210", "409")
TOKENS = ("sandbox-token", "another-token")


def question(number: int, half: int = 0) -> Question:
    """Return a question; `half` counts from 0 where a number has two."""
    return [each for each in QUESTIONS if each.number == number][half]


@dataclass(frozen=True)
class World:
    """A probe that can begin.

    Attributes:
        prober: asks the server.
        sandbox: the server, or what stands behind it.
        clock: the time of all of them.
    """

    prober: Prober
    sandbox: Sandbox
    clock: FakeClock

    async def ask(self, number: int, half: int = 0) -> Finding:
        """Ask one question."""
        return await question(number, half).ask(self.prober)

    @property
    def delivered(self) -> Mapping[str, int]:
        """How often each text reached the test user; fails if anybody else got anything."""
        assert set(self.sandbox.ledger.counts()) <= {USER}
        assert self.sandbox.truth().broadcasts == 0
        found: dict[str, int] = {}
        for notification in self.sandbox.ledger.notifications:
            assert notification["users"]
            if USER in notification["users"]:
                text = notification["content"]
                found[text] = found.get(text, 0) + 1
        assert sum(found.values()) == self.sandbox.ledger.deliveries(USER)
        return found


@asynccontextmanager
async def world(
    strict: "Strict | None" = None, seed: int = 1, **options: Any
) -> AsyncIterator[World]:
    """Start a sandbox with these options, and a server in front of it if one is given."""
    clock = FakeClock()
    rng = random.Random(seed)  # noqa: S311 -- the same ids in every run
    audience = audience_of(USER, rng)
    given = {
        "clock": clock.monotonic,
        "unknown": audience.strangers,
        "keep_notifications": True,
        "applications": ("XXXXX-XXXXX", "YYYYY-YYYYY"),
        **options,
    }
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(**given))
        url = sandbox.url
        if strict is not None:
            url = await stack.enter_async_context(strict.in_front_of(sandbox.url))
        settings = {"api_token": TOKENS[0], "application": "XXXXX-XXXXX", "base_url": url}
        others = {APPLICATION: {"application": "YYYYY-YYYYY"}, TOKEN: {"api_token": TOKENS[1]}}
        yield World(
            Prober(settings, audience=audience, clock=clock, rng=rng, others=others), sandbox, clock
        )


Wire = dict[str, Any]


@dataclass
class Strict:
    """A server that refuses a preset which does not exist, as the sandbox does not.

    Attributes:
        takes_the_rest: of an array with a wrong notification it takes the right ones, and says 210.
        remembers_refused: it answers an id of a refused notification with 210, too.
        ids_per_token: each token has transactionIds of its own.
        requests: how many it takes; then it says 429, without a Retry-After. None for any number.
    """

    takes_the_rest: bool = False
    remembers_refused: bool = False
    ids_per_token: bool = False
    requests: int | None = None
    _remembered: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def in_front_of(self, url: str) -> AsyncIterator[str]:
        """Serve on a free port; what passes goes to `url`."""
        async with aiohttp.ClientSession() as session:

            async def forward(path: str, document: Wire) -> web.Response:
                async with session.post(url + path, json=document) as answer:
                    return web.Response(
                        body=await answer.read(),
                        status=answer.status,
                        content_type="application/json",
                    )

            async def serve(request: web.BaseRequest) -> web.Response:
                return await self._answer(request.path, await request.json(), forward)

            runner = web.ServerRunner(web.Server(serve))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            try:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}"
            finally:
                await runner.cleanup()

    async def _answer(
        self, path: str, document: Wire, forward: Callable[[str, Wire], Any]
    ) -> web.Response:
        if self.requests is not None:
            if self.requests == 0:
                return web.Response(status=429)
            self.requests -= 1
        request = document["request"]
        token, request["auth"] = request["auth"], TOKENS[0]
        for each in request["notifications"]:
            if self.ids_per_token:
                each["transactionId"] += token
        wrong = [each for each in request["notifications"] if self._is_wrong(each)]
        if not wrong:
            response: web.Response = await forward(path, document)
            return response
        right = [each for each in request["notifications"] if each not in wrong]
        if self.takes_the_rest and right:
            await forward(path, {"request": {**request, "notifications": right}})
        return web.Response(
            body=json.dumps(
                {"status_code": 210, "status_message": "Preset not found", "response": None}
            ),
            content_type="application/json",
        )

    def _is_wrong(self, notification: Wire) -> bool:
        if self.remembers_refused and notification["transactionId"] in self._remembered:
            return True
        if "preset" not in notification:
            return False
        self._remembered.add(notification["transactionId"])
        return True
