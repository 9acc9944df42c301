"""A canary for tokens that travel in a header: nothing that is written, raised or kept has one.

The technique is that of test_canary.py: both halves of the token are looked for, in everything within
reach, in tracebacks with all variables, in pickles, in the log of every logger.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from fault_server import Connection, Script, SeenRequest, fault_server, read_and_hang
from test_canary import (
    CONTENT,
    PLAIN,
    TOKEN,
    USER,
    Watch,
    envelope,
    holders,
    http,
    open_client,
    reachable,
    shown_by,
    shows,
    split,
    ways_to_show,
)

from pushwoosh_async import (
    Device,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
)
from pushwoosh_async._secret import Secret
from pushwoosh_async.sandbox import Sandbox

each_way = pytest.mark.parametrize("way", ["httpx", "aiohttp", "injected"])

Make: TypeAlias = Callable[[PushwooshClient], Any]
# Of either kind: opened by the devices' token, and by the API's.
CALLS: dict[str, Make] = {
    "set_tags": lambda client: client.set_tags({"Name": CONTENT}, user_id=USER),
    "get_message_totals": lambda client: client.get_message_totals("AB-CD"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
OTHER_CALLS: list[Make] = [
    lambda client: client.register_device(Device(hwid=USER, device_type=1)),
    lambda client: client.unregister_device(USER),
    lambda client: client.register_user(USER, hwid=USER),
    lambda client: client.get_tags(hwid=USER),
]
TWICE = RetryPolicy(max_attempts=2, base_delay=0.001)


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """Listen to all loggers at DEBUG, all warnings and all hooks."""
    caplog.set_level(logging.DEBUG)
    watching = Watch(caplog)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        watching.warned = warned
        yield watching


def opened(way: str, url: str, watch: Watch, *, token: Any = TOKEN, **options: Any) -> Any:
    """Open a client both of whose tokens are canaries."""
    options = {"device_api_token": token, "retry": TWICE, **options}
    return open_client(way, url, watch, token=token, **options)


def sent_token(request: SeenRequest) -> str:
    """Return the token of a request's header."""
    return request.headers["authorization"].removeprefix("Token ")


# -- what is kept ------------------------------------------------------------------------------


async def provided() -> str:
    """Give the token, as a user's coroutine."""
    await asyncio.sleep(0)
    return TOKEN


@each_way
@pytest.mark.parametrize("token", [TOKEN, lambda: TOKEN, provided], ids=["str", "sync", "async"])
async def test_only_a_secret_holds_the_token(way: str, token: Any, watch: Watch) -> None:
    """Before, after successes, and after failures: nothing else in a client's reach has it."""
    async with fault_server() as server, opened(way, server.url, watch, token=token) as client:
        assert holders(client) == []
        # An answer that every method can read.
        server.default = says(
            http(b'{"status_code": 200, "response": {"result": {}, "metrics": []}}')
        )
        for call in [CALLS["set_tags"], *OTHER_CALLS, CALLS["get_message_totals"]]:
            await call(client)
            assert holders(client) == []
        for call in CALLS.values():
            server.play(*[says(http(b"<html>", "502 Bad Gateway"))] * 2)
            with pytest.raises(PushwooshError):
                await call(client)
            assert holders(client, watch.listener) == []
        assert {sent_token(request) for request in server.complete} == {TOKEN}
    assert holders(client) == []
    watch.check()


@each_way
@each_call
async def test_request_under_way_shows_nothing(way: str, call: Make, watch: Watch) -> None:
    """While the bytes are out, nothing of ours and nothing of httpx shows the token."""
    async with (
        fault_server(read_and_hang) as server,
        opened(way, server.url, watch, timeout=30) as client,
    ):
        sending = asyncio.create_task(call(client))
        await server.until(lambda: bool(server.complete))
        shown = [
            repr(thing)
            for thing in reachable(client, sending)
            if type(thing).__module__.startswith(("pushwoosh_async", "httpx", "httpcore"))
        ]
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await sending
        assert not shows(shown_by(caught.value))
        await server.aclose()  # else the client waits for the answer when it closes
    assert len(shown) > 10
    assert [text for text in shown if shows(text) or USER in text] == []


# -- what is raised ----------------------------------------------------------------------------


def says(data: bytes) -> Script:
    """Answer with these bytes and close."""
    return echoes(lambda _: data)


def echoes(write: Callable[[str], bytes]) -> Script:
    """Answer with what is made of the header's token, and close."""

    async def script(connection: Connection) -> None:
        request = await connection.read_request()
        await connection.send(write(sent_token(request)))
        connection.close()

    return script


def page(token: str) -> bytes:
    """Write a gateway's page that quotes the whole header."""
    return http(f"<html>Authorization: Token {token}".encode(), "502 Bad Gateway")


# What a server may say with the token in it, in places that our errors quote ...
ECHOES: dict[str, Callable[[str], bytes]] = {
    "210": lambda token: http(envelope(210, f"Bad token {token}!")),
    "210 with the header": lambda token: http(envelope(210, f"Authorization: Token {token}")),
    "210 with its repr": lambda token: http(envelope(210, repr(token))),
    "210 with its JSON": lambda token: http(envelope(210, json.dumps(token))),
    "401": lambda token: http(envelope(401, token), "401 Unauthorized"),
    "401 of version 2": lambda token: http(
        json.dumps({"code": 16, "message": token, "details": [token]}).encode(), "401 Unauthorized"
    ),
    "404 of version 2": lambda token: http(
        json.dumps({"code": 5, "message": token}).encode(), "404 Not Found"
    ),
    "429": lambda token: http(envelope(429, token), "429 Slow", "Retry-After: 0\r\n"),
    "500": lambda token: http(envelope(500, token), "500 Failed"),
    "NULs between": lambda token: http(envelope(210, split(token, "\x00"))),
    "nothing visible between": lambda token: http(envelope(210, split(token, "\u200b"))),
    "at the cut": lambda token: http(envelope(210, "x" * 490 + token)),
    "errors": lambda token: http(envelope(210, "no", {"errors": [{"message": token, token: "x"}]})),
    "plain text": lambda token: http(token.encode()),
    "page": page,
    "cut": lambda token: http(envelope(210, token))[:-1],
}
# ... and in places that an HTTP library quotes in its exceptions, and in its own log.
ODD_ECHOES: dict[str, Callable[[str], bytes]] = {
    "status line": lambda token: f"HTTP/1.1 abc {token}\r\n\r\n".encode(),
    "no HTTP": lambda token: f"{token}\r\n\r\n".encode(),
    "header line": lambda token: f"HTTP/1.1 200 OK\r\nno colon {token}\r\n\r\n".encode(),
    "header name": lambda token: f"HTTP/1.1 200 OK\r\n{token} : x\r\n\r\n".encode(),
    "chunk": lambda token: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n".encode()
    ),
    "retry after": lambda token: http(b"", "503 Wait", f"Retry-After: {PLAIN}\r\n"),
    "location": lambda token: http(b"", "307 Go", f"Location: http://127.0.0.1/{PLAIN}\r\n"),
    "reason": lambda token: http(b"{}", f"500 {token}"),
}


async def check_failure(
    way: str, call: Make, write: Callable[[str], bytes], watch: Watch
) -> PushwooshError:
    """Fail a call against a server that echoes; find the token in no part of the error."""
    async with (
        fault_server(*[echoes(write)] * 2) as server,
        opened(way, server.url, watch) as client,
    ):
        with pytest.raises(PushwooshError) as caught:
            await call(client)
        assert sent_token(server.complete[0]) == TOKEN
        watch.check_error(caught.value)
        assert holders(client) == []
    return caught.value


@each_way
@each_call
@pytest.mark.parametrize("write", ECHOES.values(), ids=ECHOES)
async def test_server_that_echoes_the_token_is_not_quoted(
    way: str, call: Make, write: Callable[[str], bytes], watch: Watch
) -> None:
    """Whatever the server's text holds, whole, split or escaped, our errors and logs have it not."""
    await check_failure(way, call, write, watch)
    watch.check()


@each_way
@each_call
@pytest.mark.parametrize("write", ODD_ECHOES.values(), ids=ODD_ECHOES)
async def test_http_library_that_quotes_the_server_is_not_quoted(
    way: str, call: Make, write: Callable[[str], bytes], watch: Watch
) -> None:
    """A parser names the line that it cannot read; if the token is in that, our error has it not."""
    await check_failure(way, call, write, watch)
    watch.check(without=("httpcore", "httpx"))


class Quoting:
    """An HTTP client of the user's whose exceptions quote the request's headers."""

    def build_request(
        self, method: str, url: str, *, headers: Any, content: Any, timeout: Any, extensions: Any
    ) -> Any:
        return content, headers

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        content, headers = request
        assert headers["Authorization"] == f"Token {TOKEN}"
        async for _ in content:
            pass
        raise OSError(f"could not send {headers}")


@each_call
async def test_exception_of_an_injected_client_is_not_quoted(call: Make, watch: Watch) -> None:
    """What a user's client says of a request it could not send is stripped of the token."""
    async with PushwooshClient(
        api_token=TOKEN,
        device_api_token=TOKEN,
        application="XXXXX-XXXXX",
        base_url="http://127.0.0.1:9",
        http_client=Quoting(),
        retry=TWICE,
        hooks=watch.listener,
    ) as client:
        with pytest.raises(PushwooshError) as caught:
            await call(client)
        watch.check_error(caught.value)
        assert holders(client) == []
    watch.check()


# -- clients that cannot be made ---------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"api_token": TOKEN, "device_api_token": TOKEN + " "},
        {"api_token": TOKEN + " ", "device_api_token": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN.encode()},
        {"api_token": 7, "device_api_token": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN, "application": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN, "timeout": -1},
    ],
    ids=["device", "api", "bytes", "number", "application", "timeout"],
)
def test_client_that_cannot_be_made_shows_no_token(options: dict[str, Any]) -> None:
    """Nor does its complaint's traceback with all variables, but for a token in a wrong place."""
    misplaced = options.get("application") == TOKEN
    with pytest.raises((TypeError, ValueError)) as caught:
        PushwooshClient(**options)
    assert not shows(str(caught.value))
    assert [text for text in ways_to_show(caught.value) if shows(text)] == []
    if not misplaced:
        assert not shows(shown_by(caught.value))


def test_tokens_of_the_environment_are_not_shown_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is wrong leaves the other one hidden."""
    for api, device in ((TOKEN, TOKEN + " "), (TOKEN + " ", TOKEN)):
        monkeypatch.setenv("PUSHWOOSH_API_TOKEN", api)
        monkeypatch.setenv("PUSHWOOSH_DEVICE_API_TOKEN", device)
        with pytest.raises(ValueError, match="api_token: only printable ASCII") as caught:
            PushwooshClient(application="XXXXX-XXXXX")
        assert not shows(shown_by(caught.value))


@pytest.mark.parametrize("answer", [TOKEN + " ", TOKEN.encode(), [TOKEN]], ids=repr)
@each_call
async def test_function_that_gives_no_token_is_not_quoted(
    call: Make, answer: Any, watch: Watch
) -> None:
    """The argument is named, what was given is not shown, and nothing leaves."""

    async def later() -> Any:
        return answer

    for provider in (lambda: answer, later):
        async with (
            fault_server() as server,
            opened("httpx", server.url, watch, token=provider) as client,
        ):
            with pytest.raises((TypeError, ValueError)) as caught:
                await call(client)
            watch.check_error(caught.value)
            assert server.requests == []


def test_search_finds_a_header() -> None:
    """The search finds what it is meant to find: a Secret is the one place it is not looked into."""
    assert holders([Secret(TOKEN, "api_token")]) == []
    assert holders([types.SimpleNamespace(headers={"Authorization": f"Token {TOKEN}"})])


# -- a program ---------------------------------------------------------------------------------

PROGRAM = """
import asyncio, logging, sys
from pushwoosh_async import Device, PushwooshClient, PushwooshError, RetryPolicy

logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)

async def main(transport):
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0  # asyncio's debug mode then describes every callback there is
    client = PushwooshClient(
        transport=transport, timeout=0.3, retry=RetryPolicy(max_attempts=1, base_delay=0.01)
    )
    async with client:
        print(client, vars(client))
        for number in range(5):
            try:
                await client.register_device(Device(hwid="hw-1", device_type=1))
                await client.set_tags({"Age": 1}, hwid="hw-1")
                print(await client.get_tags(hwid="hw-1"))
                await client.get_message_totals("AB-CD")
            except PushwooshError:
                logging.exception("failed")
    await client.get_tags(hwid="hw-1")

try:
    asyncio.run(main("aiohttp"))
except PushwooshError:
    logging.exception("failed")
asyncio.run(main("httpx"))
"""


async def test_program_in_development_mode_prints_nothing_of_it(tmp_path: Path) -> None:
    """Neither stream of a program has a token, with asyncio's debug mode and a traceback at the end."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    async with Sandbox(token=TOKEN, device_token=TOKEN) as sandbox:
        sandbox.script(["reset_after", "html_after", "stall_before", "garbage_after"])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", str(program),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={
                **os.environ,
                "PUSHWOOSH_API_TOKEN": TOKEN,
                "PUSHWOOSH_DEVICE_API_TOKEN": TOKEN,
                "PUSHWOOSH_APPLICATION": "XXXXX-XXXXX",
                "PUSHWOOSH_BASE_URL": sandbox.url,
            },
        )  # fmt: skip
        out, err = await process.communicate()
    assert b"{'Age': 1}" in out
    assert b"TransportError" in out
    assert b"ConfigurationError: client: it was closed" in err
    assert not shows(out)
    assert not shows(err)
