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
    return Answer(200, _envelope(200, "OK", response))


def refused(reason: str) -> Answer:
    """Return the answer to wrong arguments, a wrong token among them: HTTP 200, body code 210."""
    return Answer(200, _envelope(210, reason, None))


def failed(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with the same code as HTTP status and in the body."""
    return Answer(status, _envelope(status, reason, None), headers=headers or {})


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
