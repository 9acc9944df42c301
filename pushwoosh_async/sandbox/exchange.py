"""What becomes of one HTTP request, from its first byte to its answer, or its fault?"""

from collections.abc import Awaitable, Callable

from aiohttp import web
from attrs import frozen

from pushwoosh_async.sandbox import answers, inspection
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.api import API, method_name
from pushwoosh_async.sandbox.faults import DELAY, Fates, Fault
from pushwoosh_async.sandbox.inspection import Inspection
from pushwoosh_async.sandbox.ledger_file import LedgerFile
from pushwoosh_async.sandbox.listener import Hold
from pushwoosh_async.sandbox.playing import play, response
from pushwoosh_async.sandbox.rulings import Rulings, Verdict
from pushwoosh_async.sandbox.truth import Tally


@frozen(kw_only=True)
class Exchange:
    """The way of a request: counted, read, processed, made to wait, answered or struck."""

    api: API
    inspection: Inspection
    fates: Fates
    tally: Tally
    rulings: Rulings
    ledger_file: LedgerFile | None
    latency: float
    sleep: Callable[[float], Awaitable[None]]
    max_body: int

    async def serve(self, request: web.BaseRequest, hold: Hold) -> web.StreamResponse:
        """Answer a request, or do to it what its fault does."""
        if request.path.startswith(inspection.PREFIX):
            return await self.inspection.answer(request)
        self.tally.requests += 1
        self.tally.by_method[method_name(request.path)] += 1
        body = await self._read(request)
        if body is None:
            return response(self.api.too_large())
        return await self._answer(request, body, hold)

    async def _read(self, request: web.BaseRequest) -> bytes | None:
        """Return the body, or None as soon as it is too large."""
        pieces: list[bytes] = []
        size = 0
        async for piece in request.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > self.max_body:
                return None
        return b"".join(pieces)

    async def _answer(
        self, request: web.BaseRequest, body: bytes, hold: Hold
    ) -> web.StreamResponse:
        """Process, wait, answer: a caller that gives up while waiting was served all the same.

        From the body's last byte to the end of the processing there is no await, so the processing
        of one request is never mixed with another's.
        """
        fault = self.fates.draw()
        answer = self._process(request, body, fault)
        wait = self.latency + (fault.seconds if fault else 0.0)
        if wait:
            await self.sleep(wait)
        if fault is None:
            return response(answer)
        self.tally.faults[fault.name] += 1
        if fault.kind == DELAY:
            return response(answer)
        return await play(fault.kind, request, answer, hold)

    def _process(self, request: web.BaseRequest, body: bytes, fault: Fault | None) -> Answer:
        throttled = self.api.throttled(request.path)
        cut_short = fault is not None and fault.moment == "before"
        answer = answers.begun() if cut_short else throttled
        if answer is not None:
            self._enter(request.path, body, "unprocessed")
            return answer
        authorization = request.headers.get("Authorization")
        answer = self.api.answer(request.method, request.path, authorization, body)
        self._enter(request.path, body, "rejected")
        return answer

    def _enter(self, path: str, body: bytes, otherwise: Verdict) -> None:
        """Write down what became of the notifications in a request, if anybody wants it."""
        rulings = self.rulings.take()
        if self.ledger_file is not None:
            notifications = self.api.notifications(path, body)
            self.ledger_file.enter(method_name(path), notifications, rulings, otherwise)
