"""What does an answer of the API look like? Its status, its headers and its bytes."""

import json
import math
from collections.abc import Mapping, Sequence

from attrs import Factory, frozen

# The vendor spells it so, without the hyphen [api.md 3, recorded exchange].
JSON = "application/json; charset=utf8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


@frozen
class Answer:
    """An HTTP answer, before it meets a connection."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = Factory(dict)


def sent(codes: Sequence[str], unknown: Mapping[str, Sequence[str]]) -> Answer:
    """Return the answer to accepted notifications: their codes, and the ids nobody knows."""
    response: dict[str, object] = {"Messages": codes}
    if unknown:
        response["UnknownDevices"] = unknown
    return ok(response)


def ok(response: object) -> Answer:
    """Return the answer to a request that was carried out, with what it asked for."""
    return Answer(200, _envelope(200, "OK", response))


def done() -> Answer:
    """Return the answer to a deletion, which has no ``response`` at all [ES:644]."""
    return bare({"status_code": 200, "status_message": "OK"})


def bare(document: object) -> Answer:
    """Return an answer without an envelope, as the newer paths give it [api.md 4.1]."""
    return Answer(200, json.dumps(document).encode())


def refused(reason: str, response: object = None) -> Answer:
    """Return the answer to wrong arguments, a wrong token among them: HTTP 200, body code 210."""
    return Answer(200, _envelope(210, reason, response))


def failed(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with the same code as HTTP status and in the body."""
    return Answer(status, _envelope(status, reason, None), headers=headers or {})


def rpc_failed(status: int, code: int, reason: str) -> Answer:
    """Return an error of the newer paths: gRPC's code and words under an HTTP status [api.md 1.6]."""
    document = {"code": code, "message": reason, "details": []}
    return Answer(status, json.dumps(document).encode())


def begun() -> Answer:
    """Return the first bytes of an answer: all there is to cut short when nothing was processed."""
    return Answer(200, b'{"status_code": 200, "status_me')


def throttled(wait: float) -> Answer:
    """Return the answer to a request too many; the vendor's own is unknown [api.md 3]."""
    return failed(429, "Too many requests", {"Retry-After": str(math.ceil(wait))})


def malformed() -> Answer:
    """Return the answer to what is no request: HTTP 400, no code in the body [api.md 1.1]."""
    return Answer(400, b"Bad Request", TEXT)


def _envelope(code: int, message: str, response: object) -> bytes:
    body = {"status_code": code, "status_message": message, "response": response}
    return json.dumps(body).encode()
