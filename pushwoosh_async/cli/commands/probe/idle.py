"""Question 10, second half: for how long does the server keep an idle connection?

A connection of our own, since a client closes an idle one first. It carries one request without a token.
"""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream

from pushwoosh_async import Clock
from pushwoosh_async.cli.commands.probe.findings import Finding
from pushwoosh_async.cli.commands.probe.prober import Prober
from pushwoosh_async.cli.words import duration

LIMIT = 180.0
# The client's own, after which it uses no idle connection any more.
_CLIENT_KEEPS = 4.0
_BREAKS = (
    "nothing to set: what met a connection that was hung up is repeated, and is in doubt until then"
)
_PATH = "/json/1.3/"
_CONNECT_WAIT = 30.0
_LARGEST_HEAD = 65_536


@dataclass(frozen=True)
class Idle:
    """What became of an idle connection.

    Attributes:
        status: the answer's status line; empty where none came.
        closing: the answer said that it would be closed.
        seconds: until the server hung up; None where it did not within the limit.
        problem: why it could not be asked; empty where it could.
    """

    status: str = ""
    closing: bool = False
    seconds: float | None = None
    problem: str = ""


async def idle(prober: Prober) -> Finding:
    """Ask question 10: for how long an idle connection is kept."""
    return judge_idle(await watch_idle(prober.base_url, prober.clock))


async def watch_idle(base_url: str, clock: Clock, limit: float = LIMIT) -> Idle:
    """Open a connection, ask once, and wait until the server hangs up.

    Args:
        base_url: as the client's.
        clock: the time, and how to wait.
        limit: seconds to wait at most.
    """
    try:
        with anyio.fail_after(_CONNECT_WAIT):
            stream = await _connect(base_url)
    except (OSError, ssl.SSLError) as error:
        return Idle(problem=f"no connection ({type(error).__name__})")
    async with stream:
        try:
            await stream.send(_request(base_url))
            with anyio.fail_after(_CONNECT_WAIT):
                head = await _head(stream)
        except (anyio.BrokenResourceError, anyio.EndOfStream, TimeoutError) as error:
            return Idle(problem=f"no answer ({type(error).__name__})")
        status, closing = _read_head(head)
        return Idle(status, closing, await _until_closed(stream, clock, limit))


async def _connect(base_url: str) -> ByteStream:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return await anyio.connect_tcp(host, parts.port or 80)
    # Servers often hang up without TLS's own goodbye.
    return await anyio.connect_tcp(host, parts.port or 443, tls=True, tls_standard_compatible=False)


def _request(base_url: str) -> bytes:
    parts = urlsplit(base_url)
    lines = (
        f"GET {parts.path.rstrip('/')}{_PATH} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Accept: application/json",
        "Connection: keep-alive",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


async def _head(stream: ByteStream) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received and len(received) < _LARGEST_HEAD:
        received += await stream.receive()
    return received.partition(b"\r\n\r\n")[0]


def _read_head(head: bytes) -> tuple[str, bool]:
    status, *headers = head.decode("latin-1").split("\r\n")
    return status, any(
        name.strip().lower() == "connection" and "close" in value.lower()
        for name, _, value in (header.partition(":") for header in headers)
    )


async def _until_closed(stream: ByteStream, clock: Clock, limit: float) -> float | None:
    """Return the seconds from the last byte until the server hung up, or None."""
    silent_since = clock.monotonic()
    closed: float | None = None
    async with anyio.create_task_group() as tasks:

        async def listen() -> None:
            nonlocal silent_since, closed
            try:
                while True:
                    await stream.receive()
                    silent_since = clock.monotonic()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                closed = clock.monotonic() - silent_since
            tasks.cancel_scope.cancel()

        tasks.start_soon(listen)
        await clock.sleep(limit)
        tasks.cancel_scope.cancel()
    return closed


def judge_idle(idle: Idle, limit: float = LIMIT) -> Finding:
    """Say whether the client lets go of idle connections early enough."""
    names = ("idle rule",)
    if idle.problem:
        return Finding(f"could not be asked: {idle.problem}", "not asked", names)
    if idle.closing:
        answer = f"{idle.status}, and Connection: close: idle connections are not kept"
        return Finding(answer, "leaves open", names)
    if idle.seconds is None:
        return Finding(f"kept for more than {duration(limit)}", "supports", names)
    answer = f"hung up after {idle.seconds:.1f} s"
    if idle.seconds > _CLIENT_KEEPS:
        return Finding(answer, "supports", names)
    return Finding(answer, "contradicts", names, consequence=_BREAKS)
