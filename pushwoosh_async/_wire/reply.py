"""Reading a reply safely: strict JSON, bounded inflation, harmless text, a capped Retry-After."""

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any, NoReturn

from attrs import field, frozen

from pushwoosh_async._secret import MAX_TOKEN
from pushwoosh_async._wire.methods import MAX_REPLY

MAX_TEXT = 500
_LOOKED_AT = 8 * MAX_TEXT
# The longest pause a server can impose. The window is as long: nothing in doubt outlives it.
MAX_RETRY_AFTER = 300.0

_SECONDS = re.compile(r"[0-9]+")


@frozen
class Reply:
    """What came back.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
        body: as it came.
        limit: bytes that it may have, inflated too.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    limit: int = MAX_REPLY


def parse_object(reply: Reply) -> dict[str, Any] | None:
    """Return the JSON object in the body, or None if it holds anything else.

    Strict: UTF-8 only, no NaN, no name twice in one object. What two readers could read differently is
    not an acknowledgement.
    """
    try:
        text = _inflate(reply).decode("utf-8")
        value = _STRICT.decode(text)
    except (ValueError, RecursionError, zlib.error):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    return found


_STRICT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_unique)


def _inflate(reply: Reply) -> bytes:
    """Undo a compression that was not asked for, up to the cap: gateways do it, and so do attackers."""
    encoding = reply.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return reply.body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(encoding)
    inflater = zlib.decompressobj(wbits=47)  # zlib or gzip, by the header
    inflated = inflater.decompress(reply.body, reply.limit)
    if not inflater.eof:
        raise ValueError("incomplete, or larger than the cap")
    return inflated


def clean(text: object, redact: Callable[[str], str]) -> str:
    """Make a server's text fit for a log: no token, no control characters, at most 500 characters.

    Redacted after the control characters are gone, which could otherwise split the token.
    """
    if not isinstance(text, str):
        return ""
    visible = "".join(c for c in text[:_LOOKED_AT] if unicodedata.category(c)[0] != "C")
    if len(text) > _LOOKED_AT:
        visible = visible[
            :-MAX_TOKEN
        ]  # the cut may have left a part of the token, which is none to redact
    return redact(visible)[:MAX_TEXT]


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After asks for, at most `MAX_RETRY_AFTER`; None if unreadable.

    Args:
        value: seconds, or an HTTP date.
        now: seconds since the epoch.
    """
    if value is None:
        return None
    value = value.strip()
    seconds = _seconds(value) if _SECONDS.fullmatch(value) else _until(value, now)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds(digits: str) -> float:
    return float(digits) if len(digits) < 16 else inf


def _until(value: str, now: float) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        # HTTP dates are in GMT, also where they do not say so.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return None
