"""Network faults over real sockets: the first table of delivery.md 2.4, row by row."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import httpx2
import pytest
from attrs import frozen
from fault_server import (
    ACCEPTED,
    Connection,
    Script,
    answer,
    close_after_body,
    fault_server,
    http,
    raw,
    read_and_hang,
    reset_after_body,
    reset_after_headers,
    reset_on_accept,
    trickle,
)
from wire_clients import (
    APPLICATION,
    NOTE,
    Record,
    Way,
    attempts,
    each_way,
    open_client,
)

from pushwoosh_async import (
    AuthenticationError,
    Delivery,
    InvalidRequestError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RateLimitedError,
    ServerError,
    Stamp,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async.testing import FakeClock

SHORT = 1.0  # the timeout where it is what ends the attempt; a pause of the collector is shorter
ENDS = "\r\n\r\n"
MIB = 1024 * 1024
DEAF = (TransportError,)  # no complete answer
GARBLED = (UnexpectedResponseError,)  # a complete answer that nobody can read


@frozen
class Fault:
    """A way to fail after the connection stands, and what the client must make of it."""

    name: str
    script: Script
    errors: tuple[type[PushwooshError], ...] = DEAF
    deliveries: tuple[Delivery, ...] = ("in_doubt",)
    timeout: float = 5.0

    def __str__(self) -> str:
        return self.name


def head(text: str, body: bytes = b"") -> bytes:
    """Write a response of which each byte counts."""
    return text.encode("latin-1") + ENDS.encode() + body


def json_body(body: bytes) -> Script:
    """Answer HTTP 200 with this body."""
    return answer(200, body)


async def half_closed_after_body(connection: Connection) -> None:
    """Close the server's side only, and go on reading."""
    await connection.read_request()
    connection.half_close()
    await connection.client_gone()


async def stale_connection(connection: Connection) -> None:
    """Reset a connection at the first byte of what comes."""
    await connection.receive()
    connection.reset()


OK = "HTTP/1.1 200 OK\r\n"
GZIP = ("Content-Encoding", "gzip")
PADDED = b'{"status_code":200,"padding":"' + b"x" * MIB + b'"}'
UNKNOWN_IF_SENT: tuple[Delivery, ...] = ("in_doubt", "not_sent")  # the last piece decides

FAULTS = [
    Fault("reset on accept", reset_on_accept, deliveries=UNKNOWN_IF_SENT),
    Fault("reset after headers", reset_after_headers, deliveries=UNKNOWN_IF_SENT),
    Fault("reset after body", reset_after_body),
    Fault("FIN after body", close_after_body),
    Fault("half-close after body", half_closed_after_body),
    Fault("no answer", read_and_hang, timeout=SHORT),
    Fault("reset in the headers", raw(b"HTTP/1.1 200 OK\r\nContent-", Connection.reset)),
    Fault("FIN in the headers", raw(b"HTTP/1.1 200 OK\r\nContent-", Connection.close)),
    Fault(
        "truncated body, FIN",
        raw(head(OK + "Content-Length: 200", ACCEPTED), Connection.close),
    ),
    Fault(
        "truncated body, RST",
        raw(head(OK + "Content-Length: 200", ACCEPTED), Connection.reset),
    ),
    Fault(
        "truncated body, silence",
        raw(head(OK + "Content-Length: 200", ACCEPTED)),
        timeout=SHORT,
    ),
    Fault("bad chunk size", raw(head(OK + "Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"))),
    Fault(
        "last chunk missing",
        raw(
            head(
                OK + "Transfer-Encoding: chunked",
                b"%x\r\n%b\r\n" % (len(ACCEPTED), ACCEPTED),
            ),
            Connection.close,
        ),
    ),
    Fault("bad status line", raw(head("HTTP/1.1 two hundred", b""), Connection.close)),
    Fault("not HTTP", raw(b"SSH-2.0-OpenSSH_9.6\r\n", Connection.close)),
    Fault("HTTP/0.9", raw(ACCEPTED, Connection.close)),
    Fault(
        "conflicting Content-Length",
        raw(head(f"{OK}Content-Length: {len(ACCEPTED)}\r\nContent-Length: 5", ACCEPTED)),
    ),
    Fault(
        "huge headers",
        raw(head(OK + "X-Junk: " + "x" * 300_000 + "\r\nContent-Length: 2", b"{}")),
    ),
    Fault("bad gzip", answer(200, ACCEPTED, [GZIP]), GARBLED),
    Fault("cut gzip", answer(200, gzip.compress(ACCEPTED)[:-10], [GZIP]), GARBLED),
    Fault("gzip bomb", answer(200, gzip.compress(ACCEPTED + b" " * (64 * MIB)), [GZIP]), GARBLED),
    Fault("unknown encoding", answer(200, ACCEPTED, [("Content-Encoding", "zstd")]), GARBLED),
    Fault("cut without length", raw(head(OK + "A: b", ACCEPTED[:-9]), Connection.close), GARBLED),
    Fault("bad UTF-8", json_body(ACCEPTED.replace(b"OK", b"\xff\xfe")), GARBLED),
    Fault("BOM", json_body(b"\xef\xbb\xbf" + ACCEPTED), GARBLED),
    Fault("deep nesting", json_body(b"[" * 200_000), GARBLED),
    Fault(
        "deep nesting in an object",
        json_body(b'{"status_code":200,"response":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
        GARBLED,
    ),
    Fault("5000 digits", json_body(b'{"status_code":' + b"2" * 5000 + b"}"), GARBLED),
    Fault("NaN", json_body(ACCEPTED.replace(b'"OK"', b"NaN")), GARBLED),
    Fault("over 1 MiB", json_body(PADDED)),
    Fault(
        "over 1 MiB without length",
        trickle(head(OK + "A: b", b" " * MIB), b" " * 10_000),
    ),
    Fault(
        "endless 100 Continue",
        trickle(head("HTTP/1.1 100 Continue"), head("HTTP/1.1 100 Continue")),
        timeout=SHORT,
    ),
    Fault("slow headers", trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), timeout=SHORT),
    Fault("slow body", trickle(head(OK + "Content-Length: 9999"), b" "), timeout=SHORT),
    Fault("stale keep-alive at write", stale_connection, deliveries=UNKNOWN_IF_SENT),
]
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=str)


@each_fault
@each_way
async def test_a_fault_ends_as_the_table_says(way: Way, fault: Fault) -> None:
    """Once tried, the error has the class and delivery of its row, and the slot is free again."""
    async with (
        fault_server(fault.script) as server,
        open_client(way, server.url, timeout=fault.timeout, max_connections=1) as client,
    ):
        with pytest.raises(fault.errors) as caught:
            await client.create_message(NOTE)

        error = caught.value
        assert error.delivery in fault.deliveries
        assert error.method == "createMessage"
        assert len(error.transaction_ids) == 1
        if isinstance(error, TransportError):
            assert not error.permanent
        if server.complete:
            assert error.delivery == "in_doubt"
            assert server.complete[0].transaction_ids == error.transaction_ids
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_fault
@each_way
async def test_a_fault_is_repeated_under_the_same_id(way: Way, fault: Fault) -> None:
    """Tried again, the notification is the same to the byte, and the second answer counts."""
    hooks = Record()
    async with (
        fault_server(fault.script) as server,
        open_client(
            way,
            server.url,
            timeout=fault.timeout,
            retry=attempts(3),
            max_connections=1,
            hooks=hooks,
        ) as client,
    ):
        result = await client.create_message(NOTE)

        assert [event.number for event in hooks.attempts] == [1, 2]
        assert [event.delivery in fault.deliveries for event in hooks.retries] == [True]
        assert {event.transaction_ids for event in hooks.attempts} == {result.transaction_ids}
        assert server.complete[-1].transaction_ids == result.transaction_ids
        assert len({request.notifications for request in server.complete}) == 1


@each_way
async def test_a_gzip_that_was_not_asked_for_is_read(way: Way) -> None:
    """A gateway that compresses all the same does not turn an acknowledgement into a doubt."""
    async with (
        fault_server(answer(200, gzip.compress(ACCEPTED), [GZIP])) as server,
        open_client(way, server.url) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert server.requests[0].headers["accept-encoding"] == "identity"


@each_way
async def test_an_answer_of_exactly_1_mib_is_read(way: Way) -> None:
    """The cap is a cap: one byte less than too much is fine."""
    body = ACCEPTED[:-1] + b',"x":"' + b"y" * (MIB - len(ACCEPTED) - 8) + b'"}'
    body += b" " * (MIB - len(body))
    assert len(body) == MIB
    async with fault_server(answer(200, body)) as server, open_client(way, server.url) as client:
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_way
async def test_a_length_by_close_is_read(way: Way) -> None:
    """A whole object that ends with the connection is an acknowledgement."""
    script = raw(head(OK + "A: b", ACCEPTED), Connection.close)
    async with fault_server(script) as server, open_client(way, server.url) as client:
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_way
async def test_a_server_that_half_closes_first_is_heard(way: Way) -> None:
    """An answer that ends with the server's FIN counts (N10)."""
    script = raw(
        head(f"{OK}Connection: close\r\nContent-Length: {len(ACCEPTED)}", ACCEPTED),
        Connection.half_close,
    )
    async with fault_server(script) as server, open_client(way, server.url) as client:
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert server.connections == 2


@each_way
async def test_a_too_short_length_is_a_doubt(way: Way) -> None:
    """Half an object is in doubt; what spills over is never taken for an answer (N17).

    A user's own pool may keep the connection: then the next request meets the rest, and is repeated.
    """
    script = raw(head(OK + "Content-Length: 20", ACCEPTED))
    hooks = Record()
    async with (
        fault_server(script) as server,
        open_client(way, server.url, max_connections=1, retry=attempts(3), hooks=hooks) as client,
    ):
        result = await client.create_message(NOTE)
        assert server.complete[-1].transaction_ids == result.transaction_ids
        assert len({request.notifications for request in server.complete}) == 1
        assert {event.delivery for event in hooks.retries} == {"in_doubt"}
        assert len(hooks.retries) == 1 or way.startswith("injected")
        assert server.connections == 2


FORGED = http(200, ACCEPTED.replace(b"CODE-1", b"FORGED"))


@each_way
async def test_a_second_response_in_one_breath_is_nobodys(way: Way) -> None:
    """Bytes right after an answer are never taken for the answer to the next request (N32).

    Whether a library drops the connection before that request, or finds out with it and repeats it.
    """
    async with (
        fault_server(raw(http() + FORGED)) as server,
        open_client(way, server.url, max_connections=1, retry=attempts(2)) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        result = await client.create_message(NOTE)
        assert result.message_codes == ("CODE-1",)
        assert server.connections == 2
        assert server.complete[-1].transaction_ids == result.transaction_ids


@each_way
async def test_a_response_to_an_idle_connection_is_nobodys(way: Way) -> None:
    """An answer that nobody asked for is never taken for the answer to the next request (N32).

    aiohttp cannot tell in time; but there it comes before the request left, which is a failed attempt.
    """
    release, sent = asyncio.Event(), asyncio.Event()
    hooks = Record()

    async def chatter(connection: Connection) -> None:
        await connection.read_request()
        await connection.send(http())
        await release.wait()
        await connection.send(FORGED)
        sent.set()

    async with (
        fault_server(chatter) as server,
        open_client(way, server.url, max_connections=1, retry=attempts(2), hooks=hooks) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        release.set()
        await sent.wait()
        for _ in range(5):
            await asyncio.sleep(0)  # the event loop brings what is there
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert len(server.complete) == 2
        assert len(hooks.retries) == (way == "aiohttp")


@each_way
async def test_a_connection_closed_while_idle_costs_no_doubt(way: Way) -> None:
    """A keep-alive connection that the server closed long ago is not written to."""
    hooks = Record()
    async with (
        fault_server(raw(http(), Connection.close)) as server,
        open_client(way, server.url, max_connections=1, hooks=hooks) as client,
    ):
        await client.create_message(NOTE)
        await server.until(lambda: server.open == 0)
        await client.create_message(NOTE)

        assert len(hooks.attempts) == 2
        assert server.connections == 2


@each_way
async def test_a_keep_alive_race_is_a_doubt_and_repeated(way: Way) -> None:
    """A connection reset as the second request is written leaves that one in doubt, not lost."""
    async with (
        fault_server(answer(), stale_connection) as server,
        open_client(way, server.url, max_connections=1, retry=attempts(2)) as client,
    ):
        await client.create_message(NOTE)
        result = await client.create_message(NOTE)

        assert server.connections == 2
        assert server.complete[-1].transaction_ids == result.transaction_ids


# Before the connection stands ---------------------------------------------------------------------


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@each_way
async def test_a_refused_connection_is_not_sent_and_repeated(way: Way, closed_port: int) -> None:
    """Connection refused: nothing was sent; tried again as often as the policy says."""
    hooks = Record()
    url = f"http://127.0.0.1:{closed_port}"
    async with open_client(way, url, retry=attempts(3), max_connections=1, hooks=hooks) as client:
        for _ in range(3):
            with pytest.raises(TransportError) as caught:
                await client.create_message(NOTE)
            assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        assert [event.number for event in hooks.attempts] == [1, 2, 3] * 3


@each_way
async def test_a_name_that_does_not_resolve_is_not_sent_and_repeated(way: Way) -> None:
    """DNS failure: nothing was sent; tried again, since it may pass."""
    hooks = Record()
    async with open_client(
        way, "https://nowhere.invalid", retry=attempts(2), max_connections=1, hooks=hooks
    ) as client:
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        assert len(hooks.attempts) == 2


@asynccontextmanager
async def full_backlog() -> AsyncIterator[str]:
    """Listen where no connection gets through: its queue is full and never emptied."""
    loop = asyncio.get_running_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        queued: list[socket.socket] = []
        try:
            for _ in range(16):
                filler = socket.socket()
                filler.setblocking(False)
                queued.append(filler)
                try:
                    async with asyncio.timeout(0.1):
                        await loop.sock_connect(filler, listener.getsockname())
                except TimeoutError:
                    break
            else:
                pytest.skip("this kernel's accept queue does not fill")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for filler in queued:
                filler.close()


@each_way
async def test_a_connection_that_never_stands_is_not_sent(way: Way) -> None:
    """Connect timeout: cut at the deadline, nothing sent, tried again, slot free."""
    hooks = Record()
    async with (
        full_backlog() as url,
        open_client(
            way, url, timeout=SHORT, retry=attempts(2), max_connections=1, hooks=hooks
        ) as client,
    ):
        with pytest.raises(TransportError) as caught:
            async with asyncio.timeout(5):
                await client.create_message(NOTE)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        assert len(hooks.attempts) == 2


@each_way
async def test_a_port_that_cannot_be_is_refused_up_front(way: Way) -> None:
    """Port 99999 never reaches an HTTP library, which would raise an ExceptionGroup."""
    with pytest.raises(ValueError, match="port"):
        async with open_client(way, "https://127.0.0.1:99999"):
            pass


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_a_busy_pool_of_the_users_is_not_sent(library: str) -> None:
    """PoolTimeout of an injected client: its one connection is taken, so nothing was sent."""
    httpx_like = httpx if library == "httpx" else httpx2
    async with (
        fault_server(read_and_hang) as server,
        httpx_like.AsyncClient(
            limits=httpx_like.Limits(max_connections=1), trust_env=False, timeout=None
        ) as theirs,
        PushwooshClient(
            api_token="TOKEN",
            application=APPLICATION,
            base_url=server.url,
            http_client=theirs,
            rate_limit=None,
            retry=attempts(1),
            timeout=SHORT,
        ) as client,
    ):
        busy = asyncio.ensure_future(theirs.post(server.url, content=b"x"))
        await server.until(lambda: len(server.complete) == 1)
        with pytest.raises(TransportError) as caught:
            await client.create_message(NOTE)

        assert caught.value.delivery == "not_sent"
        assert len(server.requests) == 1
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


# The gate, and writes that block ------------------------------------------------------------------


class LeapingClock(FakeClock):
    """A clock that leaps past every window at its n-th stamp, as a suspended machine's does."""

    def __init__(self, leap_at: int) -> None:
        super().__init__()
        self.stamps = 0
        self.leap_at = leap_at

    def stamp(self) -> Stamp:
        """Return an instant; the n-th and later ones are 400 seconds later."""
        self.stamps += 1
        if self.stamps == self.leap_at:
            self.advance(400)
        return super().stamp()


# The first stamp begins the window, each later one is asked before a piece. This body has three.
LARGE = Notification(content="x" * 100_000, users=["u1"])


@each_way
@pytest.mark.parametrize("piece", [1, 2, 3])
async def test_a_gate_that_closes_keeps_the_rest_back(way: Way, piece: int) -> None:
    """Closed before a piece, that piece and all after it stay here: not sent, tried anew."""
    hooks = Record()
    async with (
        fault_server() as server,
        open_client(
            way,
            server.url,
            max_connections=1,
            retry=attempts(2),
            clock=LeapingClock(piece + 1),
            hooks=hooks,
        ) as client,
    ):
        result = await client.create_message(LARGE)

        assert [event.delivery for event in hooks.retries] == ["not_sent"]
        assert "could no longer be repeated safely" in hooks.retries[0].reason
        assert [r.transaction_ids for r in server.complete] == [result.transaction_ids]
        partial = [request for request in server.requests if not request.is_complete]
        if piece == 1:
            assert not any(request.body for request in partial)
        else:
            assert all(len(request.body) < request.length for request in partial)


@each_way
@pytest.mark.parametrize("piece", [1, 2, 3])
async def test_a_gate_that_stays_closed_is_not_sent(way: Way, piece: int) -> None:
    """With one attempt the error says so, the connection is given up, and the next call is served."""
    async with (
        fault_server() as server,
        open_client(way, server.url, max_connections=1, clock=LeapingClock(piece + 1)) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.create_message(LARGE)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        await server.until(lambda: server.open == 0)
        assert not server.complete
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


# Too large for the kernel's buffers. An attempt may take a second more per MB, so no larger than that.
BLOCKING = Notification(content="x" * 400_000, users=["u1"])


@each_way
async def test_a_server_that_never_reads_is_cut_at_the_deadline(way: Way) -> None:
    """A blocked write ends with the attempt: the last piece stays here for good, so nothing was sent."""
    late = asyncio.Event()

    async def read_too_late(connection: Connection) -> None:
        connection.pause()
        await late.wait()
        connection.resume()
        await connection.read_request()

    async with (
        fault_server(read_too_late, tiny_buffers=True) as server,
        open_client(way, server.url, timeout=SHORT, max_connections=1) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.create_message(BLOCKING)
        assert (caught.value.delivery, caught.value.permanent) == ("not_sent", False)
        assert not server.requests
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)

        late.set()
        await server.until(lambda: server.open == 1)
        assert [len(request.body) == request.length for request in server.requests] == [True, False]


EARLY: dict[int, tuple[type[PushwooshError], Delivery]] = {
    200: (TransportError, "in_doubt"),
    401: (AuthenticationError, "not_sent"),
    413: (InvalidRequestError, "rejected"),
    429: (RateLimitedError, "not_sent"),
    503: (ServerError, "not_sent"),
}


@pytest.mark.parametrize("status", EARLY)
async def test_an_answer_before_the_body_ends_the_attempt(status: int) -> None:
    """The rest of the body stays here, where the library listens while it sends (aiohttp does)."""
    expected, delivery = EARLY[status]

    async def answer_early(connection: Connection) -> None:
        await connection.read_head()
        await connection.send(http(status))
        await connection.client_gone()

    async with (
        fault_server(answer_early, tiny_buffers=True) as server,
        open_client("aiohttp", server.url, max_connections=1) as client,
    ):
        with pytest.raises(expected) as caught:
            await client.create_message(BLOCKING)
        assert caught.value.delivery == delivery

        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert server.connections == 2
        await server.until(lambda: server.open == 1)
        assert server.bytes_received < len(BLOCKING.content or "")


@each_way
async def test_an_answer_before_the_body_may_keep_the_connection(way: Way) -> None:
    """Where the server reads the body all the same, the next request has its own answer."""

    async def answer_early(connection: Connection) -> None:
        request = await connection.read_head()
        await connection.send(http(413))
        await connection.read_rest(request)

    async with (
        fault_server(answer_early, tiny_buffers=True) as server,
        open_client(way, server.url, max_connections=1) as client,
    ):
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_message(BLOCKING)
        assert caught.value.delivery == "rejected"
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_way
async def test_a_refusal_and_a_reset_before_the_body_is_nobodys(way: Way) -> None:
    """An early 413 and a RST: read or lost, the message certainly did not leave."""

    async def refuse_and_reset(connection: Connection) -> None:
        await connection.read_head()
        await connection.send(http(413))
        connection.reset()

    async with (
        fault_server(refuse_and_reset, tiny_buffers=True) as server,
        open_client(way, server.url, max_connections=1) as client,
    ):
        with pytest.raises((InvalidRequestError, TransportError)) as caught:
            await client.create_message(BLOCKING)
        assert caught.value.delivery in {"rejected", "not_sent"}
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
