"""A header's token in what a server says: in no error, event or log line of ours."""

import json
from collections.abc import Callable

import pytest
from canary import PLAIN, TOKEN, Watch, each_way, envelope, http, split
from fault_server import fault_server

from pushwoosh_async import PushwooshError

from .header_calls import Make, each_call, echoes, opened, sent_token

pytestmark = pytest.mark.row("R3")


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
        watch.check_reach(client)
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
