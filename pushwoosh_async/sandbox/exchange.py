"""What becomes of one HTTP request, from its first byte to its answer, or its fault?"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

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
from pushwoosh_async.sandbox.traffic import Meter
from pushwoosh_async.sandbox.truth import Tally


@frozen(kw_only=True)
class Exchange:
    """The way of a request: counted, read, processed, made to wait, answered or struck."""

    api: API
    inspection: Inspection
    fates: Fates
    tally: Tally
    meter: Meter
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
        fault = self.fates.draw()
        if fault is not None and fault.moment == "during":
            return await self._cut(request, fault, hold)
        body = await self._read(request, self.max_body)
        if len(body) > self.max_body:
            self._measure(request.path, body, ())
            return response(self.api.too_large())
        return await self._answer(request, body, fault, hold)

    async def _read(self, request: web.BaseRequest, most: float) -> bytes:
        """Return the body, or its beginning as soon as that is more than so many bytes."""
        pieces: list[bytes] = []
        size = 0
        async for piece in request.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                break
        return b"".join(pieces)

    async def _cut(self, request: web.BaseRequest, fault: Fault, hold: Hold) -> web.StreamResponse:
        await self._read(request, (request.content_length or 0) / 2)
        self.tally.faults[fault.name] += 1
        return await play(fault.kind, request, answers.begun(), hold)

    async def _answer(
        self, request: web.BaseRequest, body: bytes, fault: Fault | None, hold: Hold
    ) -> web.StreamResponse:
        """Process, wait, answer: a caller that gives up while waiting was served all the same.

        From the body's last byte to the end of the processing there is no await, so the processing
        of one request is never mixed with another's.
        """
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
        path = request.path
        content = self.api.read(path, body)
        notifications = self.api.notifications(path, content)
        self._measure(path, body, notifications)
        throttled = self.api.throttled(path)
        cut_short = fault is not None and fault.moment == "before"
        answer = answers.begun() if cut_short else throttled
        if answer is not None:
            self._enter(path, notifications, "unprocessed")
            return answer
        authorization = request.headers.get("Authorization")
        answer = self.api.answer(request.method, path, authorization, content)
        self._enter(path, notifications, "rejected")
        return answer

    def _measure(self, path: str, body: bytes, notifications: Sequence[Mapping[str, Any]]) -> None:
        if self.api.sends(path):
            self.meter.add(len(body), notifications)

    def _enter(
        self, path: str, notifications: Sequence[Mapping[str, Any]], otherwise: Verdict
    ) -> None:
        """Write down what became of the notifications in a request, if anybody wants it."""
        rulings = self.rulings.take()
        if self.ledger_file is not None:
            self.ledger_file.enter(method_name(path), notifications, rulings, otherwise)
