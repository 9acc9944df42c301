"""How do these tests speak to the sandbox? Plain HTTP, written by hand: no code of the client."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from pushwoosh_async.sandbox import Sandbox

APPLICATION = "XXXXX-XXXXX"
GROUP = "GGGGG-GGGGG"
TOKEN = "sandbox-token"
DEVICE_TOKEN = "sandbox-device-token"
CREATE_MESSAGE = "/json/1.3/createMessage"
TOTALS = "/api/v2/statistics/messages/totalsByIntervals"


# The day that all these tests are on, 12:00 UTC; the sandbox writes it so.
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
NOON_TEXT = "2026-11-22 12:00:00"
TOMORROW = "2026-11-23 12:00"
DAY = 86_400


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

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Caller:
    """A sandbox, its two clocks, and an HTTP client pointed at it. It is noon, as `NOON` says."""

    def __init__(
        self, sandbox: Sandbox, clock: ManualClock, wall: ManualClock, http: httpx.AsyncClient
    ) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.wall = wall
        self.http = http

    async def post(self, path: str, document: object, token: str | None = None) -> httpx.Response:
        """Post a document as JSON, with a token in the header if one is given."""
        # Escaped, where httpx's own encoder would refuse half a surrogate pair.
        body = json.dumps(document)
        headers = {} if token is None else {"Authorization": f"Token {token}"}
        return await self.http.post(path, content=body, headers=headers)

    async def call(self, method: str, **fields: Any) -> httpx.Response:
        """Call a method whose token lies in the request; a field given as None is null."""
        return await self.post(f"/json/1.3/{method}", {"request": {"auth": TOKEN, **fields}})

    async def device(self, method: str, **fields: Any) -> httpx.Response:
        """Call a method of the devices, with their token in the header."""
        request = {"application": APPLICATION, **fields}
        return await self.post(f"/json/1.3/{method}", {"request": request}, DEVICE_TOKEN)

    async def register(self, hwid: str, **fields: Any) -> None:
        """Register a device, an Android one by default."""
        response = await self.device("registerDevice", **{"hwid": hwid, "device_type": 3, **fields})
        assert answer(response) == (200, 200, "OK")

    async def target(self, devices_filter: object, **fields: Any) -> httpx.Response:
        """Call createTargetedMessage."""
        message = {"send_date": "now", "content": "Hello", "devices_filter": devices_filter}
        return await self.call("createTargetedMessage", **{**message, **fields})

    async def totals(self, message_code: object, **fields: Any) -> httpx.Response:
        """Call totalsByIntervals."""
        return await self.post(TOTALS, {"message_code": message_code, **fields}, TOKEN)

    async def request(self, request: object) -> httpx.Response:
        """Call createMessage with this as ``request``."""
        return await self.post(CREATE_MESSAGE, {"request": request})

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


def code_of(response: httpx.Response) -> str:
    """Return the code of the one message that an acceptance names, whatever method it answers."""
    assert answer(response) == (200, 200, "OK")
    content = response.json()["response"]
    (code,) = content["Messages"] if "Messages" in content else [content["messageCode"]]
    assert isinstance(code, str)
    return code
