"""Who makes an attempt, and who waits for it: slots, gated bodies, owned tasks.

Connections are slots: one is reserved, then one attempt is made on it by a task that the transport owns
and that alone gives it back. Cancelling a request inside httpcore can kill its pool for good
(encode/httpcore#1093), and a createMessage whose caller has gone must still be drained, so that its
outcome is known: a caller waits through a shield.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, Protocol, TypeVar

from pushwoosh_async._transport.closing import CLOSE_WAIT, is_closed, let_go
from pushwoosh_async._transport.exchange import Answered, Exchange, Failure, Post
from pushwoosh_async._transport.faults import Fault, read_fault
from pushwoosh_async._transport.owned import Home, OwnedTasks
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.errors import ConfigurationError, PushwooshError

T = TypeVar("T")

DRAIN_TIMEOUT = 5.0  # seconds that aclose() waits for answers under way (delivery.md 2.8)
_PARTS_A_TURN = 1000  # of an answer: some 2 ms
_RESTORE_AFTER = 64  # clean answers before a slot lost to EMFILE comes back


class GateClosed(Exception):  # noqa: N818 -- an event, not a fault
    """The body may not be handed over (any more)."""


class GatedBody:
    """A body that asks before each piece, and remembers whether its last one was given away."""

    def __init__(self, may_hand_over: Callable[[], bool]) -> None:
        self._pieces: list[bytes] = []
        self._may_hand_over = may_hand_over
        self._revoked = False
        self.size = 0
        self.handed_over = False
        self.refused = False

    def fill(self, pieces: list[bytes]) -> None:
        """Take the bytes, as late as can be: with them comes the token."""
        self._pieces = pieces
        self.size = sum(map(len, pieces))

    def revoke(self) -> bool:
        """Close the gate for good, then tell whether it is too late. In this order, in one step:
        reading first made 150 duplicates in 1500 lives (delivery.md 2.8).
        """  # noqa: D205 -- the order is the point
        self._revoked = True
        return self.handed_over

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the pieces; raise GateClosed where one may not be."""
        last = len(self._pieces) - 1
        for index, piece in enumerate(self._pieces):
            if self._revoked or not self._may_hand_over():
                self.refused = True
                raise GateClosed
            # Before the yield: from the moment the consumer has it, the server may.
            self.handed_over = index == last
            yield piece


class Line(Protocol):
    """A way to exchange one request at a time."""

    async def send(self, post: Post, body: GatedBody) -> Any:
        """Return a response (of httpx, httpx2 or alike) whose `stream` is unread."""

    def aclose(self) -> Coroutine[Any, Any, None]:
        """Close what is ours."""


class Slots:
    """Slots over lines: `capacity` at most, made as needed, the last used first.

    Attributes:
        closed: no new attempt begins.
        rebuilt: how many lines were thrown away after an exchange that did not end cleanly.
        drain_timeout: seconds that `aclose` waits for answers under way.
    """

    def __init__(
        self,
        open_line: Callable[[], Line],
        *,
        capacity: int,
        first: Line | None = None,
    ) -> None:
        self._open_line = open_line
        self._capacity = capacity
        self._free = asyncio.Semaphore(capacity)
        self._idle: list[Line] = [first] if first is not None else []
        self._owned = OwnedTasks()
        self._home: Home | None = None
        self.closed = False
        self._withheld = 0
        self._clean_since = 0
        self.rebuilt = 0
        self.drain_timeout = DRAIN_TIMEOUT

    async def acquire(self) -> "LineSlot":
        """Reserve a connection.

        Raises:
            ConfigurationError: the client was closed, or belongs to another event loop or process.
        """
        self._check_usable()
        await self._free.acquire()
        if self.closed:
            self._free.release()
            self._check_usable()
        try:
            line = self._idle.pop() if self._idle else self._open_line()
        except BaseException:
            self._free.release()
            raise
        return LineSlot(self, line)

    def _check_usable(self) -> None:
        if self._home is None:
            self._home = Home("client")
        self._home.check()
        if self.closed:
            raise ConfigurationError("client: it was closed")

    def own(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start what goes on to its end whoever is gone."""
        return self._owned.start(work)

    def give_back(self, line: Line) -> None:
        """Take a slot back whose line may serve again."""
        if self.closed:
            self.own(line.aclose())
        else:
            self._idle.append(line)
        self._free.release()
        if self._withheld:
            self._clean_since += 1
            if self._clean_since >= _RESTORE_AFTER:
                self._clean_since = 0
                self._withheld -= 1
                self._free.release()

    def discard(self, *, exhausted: bool) -> None:
        """Take a slot back without its line. Out of file descriptors, keep all but the last slot."""
        self.rebuilt += 1
        if exhausted and self._withheld < self._capacity - 1:
            self._withheld += 1
            self._clean_since = 0
            return
        self._free.release()

    async def aclose(self) -> None:
        """Drain, then cancel, what is under way; close all lines. Idempotent.

        Raises:
            ConfigurationError: it was used in another event loop or process, whose connections these are:
                a forked child that closed them would break its parent's.
        """
        if self._home is not None and not self.closed:
            self._home.check()
        self.closed = True
        await self._owned.drain(self.drain_timeout)
        await self._owned.join(CLOSE_WAIT)  # lines that came back meanwhile are being closed
        while self._idle:
            await self._idle.pop().aclose()


class LineSlot:
    """One line, reserved for one attempt."""

    def __init__(self, transport: Slots, line: Line) -> None:
        self._transport = transport
        self._line = line

    def release(self) -> None:
        """Give the slot back unused."""
        self._transport.give_back(self._line)

    async def post(
        self, post: Post, *, may_hand_over: Callable[[], bool], settle: Callable[[Exchange], T]
    ) -> T:
        """See `exchange.Slot`."""
        if self._transport.closed:
            self.release()
            return settle(
                Failure(handed_over=False, reason="the client was closed", permanent=True)
            )
        attempt = _Attempt(self._transport, self._line, post, may_hand_over, settle)
        task = self._transport.own(attempt.run())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            attempt.abandon()
            raise


class _Attempt:
    """One exchange on one line, settled exactly once."""

    def __init__(
        self,
        transport: Slots,
        line: Line,
        post: Post,
        may_hand_over: Callable[[], bool],
        settle: Callable[[Exchange], Any],
    ) -> None:
        self._transport = transport
        self._line = line
        self._post = post
        self._body = GatedBody(may_hand_over)
        self._settle = settle
        self._settled = False
        self._outcome: Any = None
        self._response: Any = None  # until it is known whether its connection may serve again

    async def run(self) -> Any:
        """Exchange, settle, give the line back. Never raises what came from an HTTP library: such an
        exception holds the request, and the request the token.
        """  # noqa: D205 -- one sentence would lose the reason
        reply, fault = await self._converse()
        try:
            self._finish(reply, fault)
        finally:
            await self._return_line(fault)
        return self._outcome

    def abandon(self) -> None:
        """The caller has gone: if nothing was handed over, nothing will be, and that is the outcome."""
        if not self._body.revoke():
            self._settle_once(Failure(False, "cancelled before it was sent"))

    async def _converse(self) -> tuple[Reply | None, Fault | None]:
        try:
            async with asyncio.timeout(self._post.timeout):
                return await self._exchange(), None
        except asyncio.CancelledError:
            return None, Fault("the client was closed before an answer came")
        except TimeoutError:
            return None, Fault(f"no answer within {self._post.timeout:.3g} s")
        except _TooLargeError as error:
            return None, Fault(str(error))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the gate knows what it means
            if self._body.refused:
                return None, Fault("not sent: it could no longer be repeated safely")
            return None, read_fault(error)

    async def _exchange(self) -> Reply:
        limit = self._post.body.max_reply
        self._body.fill(self._post.body.pieces(self._post.token))
        response = await self._line.send(self._post, self._body)
        if getattr(response, "is_stream_consumed", False):  # a hook of an injected client read it
            return Reply(
                response.status_code, _without_encoding(response.headers), response.content
            )
        self._response = response
        body = await _read(response.stream, limit)
        return Reply(response.status_code, response.headers, body, limit)

    def _finish(self, reply: Reply | None, fault: Fault | None) -> None:
        handed_over = self._body.revoke()
        if reply is not None:
            self._settle_once(Answered(reply, handed_over))
        elif fault is not None:
            self._settle_once(Failure(handed_over, fault.reason, fault.permanent))

    def _settle_once(self, exchange: Exchange) -> None:
        if not self._settled:
            self._settled = True
            self._outcome = self._settle(exchange)

    async def _return_line(self, fault: Fault | None) -> None:
        """Reuse the connection only after an exchange that left nothing in doubt."""
        outcome = self._outcome
        odd = isinstance(outcome, PushwooshError) and outcome.delivery == "in_doubt"
        clean = fault is None and not odd
        if self._response is not None:
            clean &= await let_go(self._response, severed=not clean)
        if clean:
            self._transport.give_back(self._line)
            return
        try:
            await is_closed(self._line.aclose())
        finally:
            self._transport.discard(exhausted=fault is not None and fault.exhausted)


def _without_encoding(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of an answer that was inflated already."""
    return {name: text for name, text in headers.items() if name.lower() != "content-encoding"}


async def _read(stream: Any, limit: int) -> bytes:
    """Read a body as it comes, not inflated, up to the cap."""
    parts: list[bytes] = []
    size = 0
    async with aclosing(aiter(stream)) as incoming:
        async for part in incoming:
            size += len(part)
            if size > limit:
                raise _TooLargeError(f"the answer is larger than {limit} bytes, and was not read")
            parts.append(part)
            if not len(parts) % _PARTS_A_TURN:
                await asyncio.sleep(0)  # one read from the socket may be ten thousand chunks
    return b"".join(parts)


class _TooLargeError(Exception):
    """Its text is ours, and fit to be shown."""
