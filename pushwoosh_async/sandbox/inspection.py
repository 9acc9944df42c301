"""How does another process ask for the truth? The paths under /sandbox/: not counted, no faults."""

import json
from collections.abc import Callable
from itertools import islice

from aiohttp import web
from attrs import asdict, frozen

from pushwoosh_async.sandbox.ledger import Ledger
from pushwoosh_async.sandbox.traffic import Traffic
from pushwoosh_async.sandbox.truth import Truth

PREFIX = "/sandbox/"

_LINES_A_PIECE = 2000


@frozen
class Inspection:
    """The answers to `GET /sandbox/` with `truth`, `traffic` or `recipients`, `POST /sandbox/reset`."""

    ledger: Ledger
    truth: Callable[[], Truth]
    traffic: Callable[[], Traffic]
    reset: Callable[[], None]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request whose path begins with `PREFIX`."""
        asked = request.method, request.path.removeprefix(PREFIX)
        if asked == ("GET", "truth"):
            return _json(asdict(self.truth()))
        if asked == ("GET", "traffic"):
            return _json(asdict(self.traffic()))
        if asked == ("GET", "recipients"):
            return await self._recipients(request)
        if asked == ("POST", "reset"):
            self.reset()
            return _json(asdict(self.truth()))
        return _json({"error": f"nothing at {request.method} {request.path}"}, status=404)

    async def _recipients(self, request: web.BaseRequest) -> web.StreamResponse:
        """Stream one line for each recipient: how often, a tab, the id as a JSON string.

        The ids are listed as they are now: requests that arrive meanwhile would change the size of
        what is iterated. A million references cost 8 MB, a copy of the text would cost hundreds.
        """
        counts = self.ledger.counts()
        ids = iter(tuple(counts))
        stream = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await stream.prepare(request)
        while lines := [
            f"{counts[each]}\t{json.dumps(each)}\n" for each in islice(ids, _LINES_A_PIECE)
        ]:
            await stream.write("".join(lines).encode())
        return stream


def _json(document: object, status: int = 200) -> web.Response:
    return web.json_response(document, status=status)
