"""How does a fault look to the client? What happens on the connection, for each kind of fault."""

import socket
import struct

from aiohttp import web

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.listener import Hold

_ERROR_500 = answers.failed(500, "Internal error")
_ERROR_503 = Answer(
    503, b"<html><h1>503 Service Unavailable</h1></html>", answers.HTML, {"Retry-After": "1"}
)
_GARBAGE = Answer(200, b"\xff\xfe\x00{]\x80 not json")
# With status 200: whoever looks at the status alone takes a stranger's page for an acceptance.
_PAGE = Answer(200, b"<!doctype html><title>Welcome</title><p>Please log in.", answers.HTML)
_EMPTY = Answer(200, b"")

_REPLIES = {
    "error_500": _ERROR_500,
    "error_503": _ERROR_503,
    "garbage": _GARBAGE,
    "html": _PAGE,
    "empty": _EMPTY,
}
_MISSING = 16


async def play(
    kind: str, request: web.BaseRequest, answer: Answer, hold: Hold
) -> web.StreamResponse:
    """Do to a request what a fault of this kind does, and return what aiohttp may still send.

    Args:
        kind: the fault's name without its moment.
        request: with its body read.
        answer: what the processing answered.
        hold: waits until the peer hangs up.
    """
    if kind == "reset":
        return _reset(request)
    if kind == "truncated":
        return await _truncated(request, answer)
    if kind == "stall":
        await hold(request)
        return _reset(request)
    return response(_REPLIES[kind])


def response(answer: Answer) -> web.Response:
    """Return an answer as aiohttp sends it."""
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Lingering for zero seconds makes the kernel send a reset; a plain close is an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _truncated(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Send all of an answer that promised more: what arrives may read as a whole acceptance."""
    cut = web.StreamResponse(headers={"Content-Type": answer.content_type})
    cut.content_length = len(answer.body) + _MISSING
    await cut.prepare(request)
    await cut.write(answer.body)
    if request.transport is not None:
        request.transport.close()
    return cut
