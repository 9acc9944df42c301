"""What can a server do to a request? Each script is one way; those that need words take them."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from .connection import Connection

ACCEPTED = b'{"status_code":200,"status_message":"OK","response":{"Messages":["CODE-1"]}}'

Script: TypeAlias = Callable[[Connection], Awaitable[None]]


def http(
    status: int = 200,
    body: bytes = ACCEPTED,
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Write a response whose length is true."""
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer(
    status: int = 200,
    body: bytes = ACCEPTED,
    headers: Sequence[tuple[str, str]] = (),
) -> Script:
    """Read a whole request and answer it."""
    return raw(http(status, body, headers))


def raw(data: bytes, end: Callable[[Connection], None] | None = None) -> Script:
    """Read a whole request, send bytes, and end the connection or keep it."""

    async def script(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(data)
        if end is not None:
            end(connection)

    return script


async def serve(connection: Connection) -> None:
    """Accept the message."""
    await connection.read_request()
    await connection.send(http())


async def reset_on_accept(connection: Connection) -> None:
    """Reset before anything is read."""
    connection.reset()


async def reset_unread(connection: Connection) -> None:
    """Reset while the whole request lies in the kernel's buffer."""
    await connection.leave_unread()
    connection.reset()


async def reset_after_headers(connection: Connection) -> None:
    """Reset as soon as the headers are there."""
    await connection.read_head()
    connection.reset()


async def reset_after_body(connection: Connection) -> None:
    """Reset once the whole request is there."""
    await connection.read_request()
    connection.reset()


async def close_after_body(connection: Connection) -> None:
    """Close in good order once the whole request is there."""
    await connection.read_request()
    connection.close()


async def read_and_hang(connection: Connection) -> None:
    """Read a whole request and never answer."""
    await connection.read_request()
    await connection.client_gone()


async def hang(connection: Connection) -> None:
    """Take bytes, one by one or all, and say nothing: a TLS handshake that never ends."""
    await connection.client_gone()


def trickle(first: bytes, again: bytes, every: float = 0.02) -> Script:
    """Read a whole request, then send something for ever, a little at a time."""

    async def script(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(first)
        gone = asyncio.ensure_future(connection.client_gone())
        try:
            while not (await asyncio.wait([gone], timeout=every))[0]:
                await connection.send(again)
        except ConnectionError:
            connection.is_over = True
        finally:
            gone.cancel()

    return script


def read_after(event: asyncio.Event, script: Script) -> Script:
    """Leave all bytes in the kernel's buffers until something happens."""

    async def late(connection: Connection) -> None:
        connection.pause()
        await event.wait()
        connection.resume()
        await script(connection)

    return late


def over_tls(context: ssl.SSLContext, script: Script) -> Script:
    """Speak TLS from the first byte on, on a server that does not by itself."""

    async def secure(connection: Connection) -> None:
        await connection.secure(context)
        await script(connection)

    return secure
