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
_LONGEST_TOKEN = 6 * MAX_TOKEN  # escaped
_LOOKED_AT = _LONGEST_TOKEN + 4 * MAX_TEXT
# The longest pause a server can impose. The window is as long: nothing in doubt outlives it.
MAX_RETRY_AFTER = 300.0

# Objects, lists and names are what is dear to read: a megabyte of them held the event loop for 30 to
# 170 ms, one of numbers for 20. No answer of the API comes near: history has a limit of 64 MB.
_BYTES_A_BRANCH = 32

# A JSON text, or one that never ends: without that, many unended ones would each be looked for to the end.
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)

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
    not an acknowledgement; nor is what would take long to read, see `_BYTES_A_BRANCH`.
    """
    try:
        text = _inflate(reply).decode("utf-8")
        _refuse_thicket(text, reply.limit)
        value = _STRICT.decode(text)
    except (ValueError, RecursionError, zlib.error):
        return None
    return value if isinstance(value, dict) else None


def _refuse_thicket(text: str, limit: int) -> None:
    most = limit // _BYTES_A_BRANCH
    # An id that the answer names may hold them, too: what lies in texts is not dear.
    if _branches(text) > most and _branches(_TEXT.sub("", text)) > most:
        raise ValueError("more objects, lists and names than any answer of the API has")


def _branches(text: str) -> int:
    return sum(map(text.count, "{[:"))


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
    """Make a server's text fit for a log: a line of at most 500 characters, without controls or the token.

    Redacted after the control characters are gone, which could otherwise split the token.
    """
    if not isinstance(text, str):
        return ""
    visible = "".join(c for c in text[:_LOOKED_AT] if not _is_control(c))
    if len(text) > _LOOKED_AT:
        # The cut may have left a part of the token, which is none to redact.
        visible = visible[:-_LONGEST_TOKEN]
    return redact(visible)[:MAX_TEXT]


def _is_control(character: str) -> bool:
    # Zl and Zp are U+2028 and U+2029, at which `str.splitlines` and some viewers begin a line.
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"}


def retry_after(value: str | None, now: float, date: str | None = None) -> float | None:
    """Return the seconds that a Retry-After asks for, at most `MAX_RETRY_AFTER`; None if unreadable.

    Args:
        value: seconds, or an HTTP date.
        now: seconds since the epoch.
        date: the answer's Date, by whose clock a date to wait for is meant, however wrong it is; ours
            stands in where it is missing or unreadable.
    """
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        seconds = _seconds(value)
    elif (until := _instant(value)) is None:
        return None
    else:
        there = _instant(date or "")
        seconds = until - (now if there is None else there)
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds(digits: str) -> float:
    return float(digits) if len(digits) < 16 else inf


def _instant(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        # HTTP dates are in GMT, also where they do not say so.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
