"""What may a server say with the token in it? In its texts, in broken HTTP, in headers."""

import asyncio
import html
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import quote

Answer: TypeAlias = Callable[[str], bytes]


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Write an HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def envelope(code: int, message: str, response: object = None) -> bytes:
    """Write the body of an answer."""
    return json.dumps(
        {"status_code": code, "status_message": message, "response": response}
    ).encode()


@asynccontextmanager
async def echo(answer: Answer | None, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run a server that answers with the body it was sent, as this writes it; None hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(1)
            if head == b"\x16":  # a handshake, where no TLS is spoken
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                head += await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(found[1]) if found else 0)
            if answer is not None and body:
                writer.write(answer(body.decode()))
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def auth(body: str) -> str:
    """Return the token of a request."""
    token: str = json.loads(body)["request"]["auth"]
    return token


def sent_auth(body: str) -> str:
    """Return the end of a request as it came: the token is in it as JSON writes it."""
    return body[body.index('"auth"') :]


def split(text: str, by: str) -> str:
    """Put something between all characters."""
    return by.join(text)


# What a server may say with the token in it, in places that our errors quote.
ECHOES: dict[str, Answer] = {
    "210": lambda body: http(envelope(210, f"Bad token {auth(body)}!")),
    "210 as it was sent": lambda body: http(envelope(210, f"Cannot read {sent_auth(body)}")),
    "401": lambda body: http(envelope(401, auth(body)), "401 Unauthorized"),
    "401 in the body": lambda body: http(envelope(401, auth(body))),
    "404": lambda body: http(envelope(404, auth(body)), "404 Not Found"),
    "429": lambda body: http(envelope(429, auth(body)), "429 Slow", "Retry-After: 0\r\n"),
    "500": lambda body: http(envelope(500, auth(body)), "500 Failed"),
    "500 in the body": lambda body: http(envelope(500, auth(body))),
    "400": lambda body: http(envelope(400, auth(body)), "400 Bad Request"),
    "NULs between": lambda body: http(envelope(210, split(auth(body), "\x00"))),
    "escapes between": lambda body: http(envelope(210, split(auth(body), "\x1b"))),
    "newlines between": lambda body: http(envelope(500, split(auth(body), "\r\n"))),
    "nothing visible between": lambda body: http(envelope(210, split(auth(body), "\u200b"))),
    "at the cut": lambda body: http(envelope(210, "x" * 490 + auth(body))),
    "behind controls at the cut": lambda body: http(envelope(210, "\x00" * 3985 + auth(body))),
    "errors": lambda body: http(
        envelope(210, "no", {"errors": [{"message": f"at {auth(body)}", auth(body): "syntax"}]})
    ),
    "errors as it was sent": lambda body: http(
        envelope(210, "", {"errors": [{"at": sent_auth(body)}]})
    ),
    "JSON in JSON, by PHP": lambda body: http(
        envelope(210, json.dumps(json.dumps(auth(body))).replace("/", r"\/"))
    ),
    "percent-encoded": lambda body: http(envelope(210, quote(auth(body)))),
    "as HTML": lambda body: http(envelope(210, html.escape(auth(body)))),
    "plain text": lambda body: http(sent_auth(body).encode()),
    "page": lambda body: http(f"<html>{auth(body)}".encode(), "502 Bad Gateway"),
    "cut": lambda body: http(envelope(210, auth(body)))[:-1],
}
# ... and in places that an HTTP library quotes in its exceptions (and httpcore, at DEBUG, in its own
# log, which is not ours to change).
ODD_ECHOES: dict[str, Answer] = {
    "status line": lambda body: f"HTTP/1.1 abc {auth(body)}\r\n\r\n".encode(),
    "no HTTP": lambda body: sent_auth(body).encode() + b"\r\n\r\n",
    "header line": lambda body: f"HTTP/1.1 200 OK\r\nno colon {auth(body)}\r\n\r\n".encode(),
    "header name": lambda body: f"HTTP/1.1 200 OK\r\n{auth(body)} : x\r\n\r\n".encode(),
    "header value": lambda body: f"HTTP/1.1 200 OK\r\nX: a\x01{auth(body)}\r\n\r\n".encode(),
    "content length": lambda body: (
        f"HTTP/1.1 200 OK\r\nContent-Length: {auth(body)}\r\n\r\n".encode()
    ),
    "chunk": lambda body: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{auth(body)}\r\n".encode()
    ),
    "encoding": lambda body: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {auth(body)}\r\n\r\nx".encode()
    ),
}
# ... and in headers that are in order, which those logs hold too.
HEADER_ECHOES: dict[str, Answer] = {
    "retry after": lambda body: http(b"", "503 Wait", f"Retry-After: {auth(body)}\r\n"),
    "location": lambda body: http(b"", "307 Go", f"Location: http://127.0.0.1/{auth(body)}\r\n"),
    "content encoding": lambda body: http(b"{}", headers=f"Content-Encoding: {auth(body)}\r\n"),
    "reason": lambda body: http(b"{}", f"500 {auth(body)}"),
}
