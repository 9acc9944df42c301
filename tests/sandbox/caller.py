"""How do these tests speak to the sandbox? Plain HTTP, written by hand: no code of the client."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from pushwoosh_async.sandbox import Sandbox

APPLICATION = "XXXXX-XXXXX"
GROUP = "GGGGG-GGGGG"
TOKEN = "sandbox-token"
CREATE_MESSAGE = "/json/1.3/createMessage"


def ids(count: int, prefix: str = "user") -> list[str]:
    """Return that many different ids."""
    return [f"{prefix}-{number}" for number in range(count)]


def notification(**fields: Any) -> dict[str, Any]:
    """Return a notification that only lacks its audience; a field given as None is left out."""
    given = {"send_date": "now", "content": "Hello", **fields}
    return {name: value for name, value in given.items() if value is not None}


def envelope(notifications: object, **fields: Any) -> dict[str, Any]:
    """Return the content of ``request``; a field given as None is left out."""
    given = {
        "application": APPLICATION,
        "auth": TOKEN,
        "notifications": notifications,
        **fields,
    }
    return {name: value for name, value in given.items() if value is not None}


async def until(condition: Callable[[], object]) -> None:
    """Let the event loop turn until the condition holds; fail rather than hang."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- what is awaited has no event
            await asyncio.sleep(0)


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Caller:
    """A sandbox, its clock, and an HTTP client pointed at it."""

    def __init__(self, sandbox: Sandbox, clock: ManualClock, http: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.http = http

    async def request(self, request: object) -> httpx.Response:
        """Call createMessage with this as ``request``."""
        # Escaped, where httpx's own encoder would refuse half a surrogate pair.
        body = json.dumps({"request": request})
        return await self.http.post(CREATE_MESSAGE, content=body)

    async def create(self, *notifications: dict[str, Any]) -> httpx.Response:
        """Call createMessage with these notifications."""
        return await self.request(envelope(list(notifications)))

    async def send(self, users: Sequence[str], **fields: Any) -> httpx.Response:
        """Send one notification to these users."""
        return await self.create(notification(users=list(users), **fields))


def answer(response: httpx.Response) -> tuple[int, int, str]:
    """Return HTTP status, body code and message of an answer."""
    body = response.json()
    return response.status_code, body["status_code"], body["status_message"]


def codes(response: httpx.Response) -> list[str]:
    """Return the message codes of an acceptance."""
    assert answer(response) == (200, 200, "OK")
    messages = response.json()["response"]["Messages"]
    assert isinstance(messages, list)
    return messages
