"""What the tests of packs share: a server of requests that carry several notifications, with memory."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import anyio.lowlevel

from pushwoosh_async import APIError, MessageResult, PushwooshError, TransportError
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._transport.retry import is_repeatable
from pushwoosh_async.testing import FakeClock

# What is wrong with a request; None for nothing.
Fault: TypeAlias = Callable[[Sequence[Chunk]], "PushwooshError | None"]
PAUSE = 10.0


def nothing(_: Sequence[Chunk]) -> None:
    """Take whatever comes."""


class PackServer:
    """Takes requests, or finds fault with them, and remembers both.

    Attributes:
        fault: looks at each request.
        requests: paths of the chunks in each, in the order in which they began.
        transaction_ids: those under which each path came.
        taken: how often each id was sent to: once for each transactionId that was taken.
        busy: requests under way now, and the most chunks and requests there were at once.
    """

    def __init__(self, fault: Fault = nothing) -> None:
        self.fault = fault
        self.clock = FakeClock()
        self.requests: list[tuple[str, ...]] = []
        self.transaction_ids: dict[str, set[str]] = {}
        self.taken: dict[str, int] = {}
        self.busy = 0
        self.most_busy = 0
        self._known: set[str] = set()

    async def send(self, chunks: Sequence[Chunk], guard: RequestGuard) -> object:
        """Try until it is taken, final, too late or to be taken apart: what a session does, in short."""
        while True:
            try:
                await guard.before_attempt()
            except BaseException:
                guard.record(TransportError("not begun", delivery="not_sent"))
                raise
            try:
                outcome = await self._attempt(chunks)
            except BaseException:
                guard.record(TransportError("cut off", delivery="in_doubt"))
                raise
            guard.record(outcome)
            if isinstance(outcome, MessageResult):
                return outcome
            if not is_repeatable(outcome, doubts_too=True) or not guard.may_repeat(PAUSE):
                raise outcome
            await self.clock.sleep(PAUSE)

    async def _attempt(self, chunks: Sequence[Chunk]) -> "MessageResult | PushwooshError":
        self.requests.append(tuple(chunk.path for chunk in chunks))
        for chunk in chunks:
            self.transaction_ids.setdefault(chunk.path, set()).add(chunk.transaction_id)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await anyio.lowlevel.checkpoint()
            return self._answer(chunks)
        finally:
            self.busy -= 1

    def _answer(self, chunks: Sequence[Chunk]) -> "MessageResult | PushwooshError":
        error = self.fault(chunks)
        if error is None:
            for chunk in chunks:
                self.take(chunk)
            return MessageResult(message_codes=tuple(f"code-{chunk.path}" for chunk in chunks))
        if len(chunks) > 1 and isinstance(error, APIError):
            error.delivery = "in_doubt"  # so `decode_messages` reads whatever is no acceptance
        return error

    def take(self, chunk: Chunk) -> None:
        """Send to its ids, unless that was done."""
        if chunk.transaction_id in self._known:
            return
        self._known.add(chunk.transaction_id)
        for name in chunk.ids:
            self.taken[name] = self.taken.get(name, 0) + 1
