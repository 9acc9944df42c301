"""A client and a server that answers what a test says: the bytes of both cross a real socket."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from fault_server import Connection, FaultServer, Script, SeenRequest, answer, fault_server, http
from wire_clients import Way, open_client

from pushwoosh_async import PushwooshClient

API_TOKEN = "TOKEN-OF-THE-API"
DEVICE_TOKEN = "TOKEN-OF-THE-DEVICES"
APPLICATION = "AAAAA-BBBBB"
MISSING = object()

Object: TypeAlias = dict[str, Any]


def envelope(response: object = None, code: object = 200, message: str = "OK") -> Object:
    """Write the vendor's envelope; without ``response`` where that is MISSING."""
    whole = {"status_code": code, "status_message": message, "response": response}
    return whole if response is not MISSING else {k: whole[k] for k in whole if k != "response"}


def says(body: object, status: int = 200, **headers: str) -> Script:
    """Answer the next request with this JSON; headers with ``_`` for ``-``."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return answer(status, json.dumps(body).encode(), named)


def replies(reply: Callable[[Object], object]) -> Script:
    """Answer by what is asked: `reply` is given the arguments, and returns the response."""

    async def script(connection: Connection) -> None:
        request = await connection.read_request()
        body = json.dumps(envelope(reply(arguments(request)))).encode()
        await connection.send(http(200, body))

    return script


def once(pairs: list[tuple[str, Any]]) -> Object:
    """Take a JSON object whose names are all different."""
    found = dict(pairs)
    assert len(found) == len(pairs), "a name appears twice"
    return found


def body(request: SeenRequest) -> Object:
    """Return the JSON of a request, which is strict."""
    found: Object = json.loads(request.body, object_pairs_hook=once)
    return found


def arguments(request: SeenRequest) -> Object:
    """Return the arguments of a wrapped request but for its token."""
    inner: Object = body(request)["request"]
    return {name: value for name, value in inner.items() if name != "auth"}


@asynccontextmanager
async def talk(
    *scripts: Script, way: Way = "httpx", prefix: str = "", **options: Any
) -> AsyncIterator[tuple[PushwooshClient, FaultServer]]:
    """Open a client that has both tokens, and a server that plays these scripts, then accepts all."""
    options = {
        "api_token": API_TOKEN,
        "device_api_token": DEVICE_TOKEN,
        "application": APPLICATION,
        **options,
    }
    async with (
        fault_server(*scripts) as server,
        open_client(way, server.url + prefix, **options) as client,
    ):
        yield client, server
