"""(status, headers, body) to a result or the exact error: one function of values, one table.

The table is delivery.md 2.4. Whatever is not in it is in doubt: an answer that nobody can read proves
nothing about what was sent. Errors are returned, not raised, so that none carries a traceback through
the frames of an HTTP library.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from pushwoosh_async._wire.methods import CODE_NOT_AVAILABLE
from pushwoosh_async._wire.reply import Reply, clean, parse_object, retry_after
from pushwoosh_async.errors import (
    APIError,
    AuthenticationError,
    Delivery,
    FilterError,
    InvalidRequestError,
    RateLimitedError,
    RedirectError,
    ServerError,
    UnexpectedResponseError,
)
from pushwoosh_async.models.results import MessageResult, TargetedMessageResult

Object: TypeAlias = dict[str, Any]
_Error = TypeVar("_Error", bound=APIError)

# Requests that a server refuses before it acts on them (A5). 408, 409, 423 and 425 are not among them:
# each may mean that the same id is being worked on.
_REFUSED_REQUEST = frozenset({400, 405, 411, 413, 414, 415, 422, 431})
_REFUSED_CALLER = frozenset({401, 403, 404})

# 210 answers that every further call would get too [CC; PHP#13]. Texts are no contract: a match only
# stops a run early, and what it labels (nobody got it) is true of any 210.
_REFUSED_ACCOUNT = frozenset(
    {
        "account not found",
        "application not found",
        "api token or application is not set",
        "this feature is available for premium accounts only",
    }
)
_CALLER_REFUSED = "the token or application was refused"
_NOT_FOUND = "nothing is known at this address; check base_url, then the application"


@frozen
class Context:
    """What a reply is an answer to.

    Attributes:
        method: the API method's name.
        transaction_ids: of the notifications asked for; as many as there are notifications.
        redact: takes the token out of a text.
        now: seconds since the epoch, for a Retry-After that names a date.
    """

    method: str
    transaction_ids: tuple[str, ...]
    redact: Callable[[str], str]
    now: float


def decode_messages(reply: Reply, context: Context) -> MessageResult | APIError:
    """Read the answer to createMessage."""
    envelope = decode_envelope(reply, context)
    if isinstance(envelope, APIError):
        return envelope
    response = response_of(envelope)
    listed = response.get("Messages")
    codes = _codes(listed)
    expected = max(len(context.transaction_ids), 1)  # an SMS has none, and is one message
    if expected > 1:
        # A null may stand for one that was dropped: of several, each must have a code of its own.
        named = sum(isinstance(code, str) for code in listed) if isinstance(listed, list) else 0
        if not named == len(codes) == expected:
            found = f"{named} message codes for {expected} notifications"
            return _Reading(reply, context, envelope).error(UnexpectedResponseError, found)
    if len(codes) != expected:
        codes = (None,)  # a missing or odd code never turns an acknowledgement into a doubt
    return MessageResult(
        message_codes=codes,
        unknown_devices=_unknown(response.get("UnknownDevices")),
        transaction_ids=context.transaction_ids,
    )


def decode_targeted(reply: Reply, context: Context) -> TargetedMessageResult | APIError:
    """Read the answer to createTargetedMessage: one code, under a name of its own [ES:751-753]."""
    envelope = decode_envelope(reply, context)
    if isinstance(envelope, APIError):
        return envelope
    (code,) = _codes([response_of(envelope).get("messageCode")])
    return TargetedMessageResult(message_code=code, transaction_id=context.transaction_ids[0])


def decode_nothing(reply: Reply, context: Context) -> APIError | None:
    """Read an answer that says no more than that it was done."""
    envelope = decode_envelope(reply, context)
    return envelope if isinstance(envelope, APIError) else None


def decode_tags(reply: Reply, context: Context) -> Object | APIError:
    """Read the answer to getTags: under ``result``, as the vendor's own SDKs read it (a guess)."""
    envelope = decode_envelope(reply, context)
    if isinstance(envelope, APIError):
        return envelope
    response = response_of(envelope)
    tags = response.get("result", None if response else {})
    if "result" in response and tags in ("", [], None):
        tags = {}
    if not isinstance(tags, dict):
        return unexpected(reply, context, "the answer holds no tags under 'result'")
    return tags


def response_of(envelope: Object) -> Object:
    """Return the answer's own part; empty where it is null, missing, or ``[]``."""
    response = envelope.get("response")
    return response if isinstance(response, dict) else {}


def decode_plain(reply: Reply, context: Context) -> Object | APIError:
    """Return the body of an answer without envelope, or the error that it means [D-stat].

    An envelope is understood all the same. Errors of these methods come as ``{"code", "message",
    "details"}`` with an HTTP status of their own [D-v2].
    """
    body = parse_object(reply)
    if reply.status == 404 and body is not None and {"code", "message"} <= body.keys():
        return _Reading(reply, context, body).error(InvalidRequestError, "not found", "rejected")
    if reply.status != 200 or body is None or "status_code" in body:
        envelope = decode_envelope(reply, context)
        return envelope if isinstance(envelope, APIError) else response_of(envelope)
    return body


def unexpected(reply: Reply, context: Context, what: str) -> UnexpectedResponseError:
    """Return the error for an answer of success that lacks what it was asked for."""
    return _Reading(reply, context, parse_object(reply) or {}).error(UnexpectedResponseError, what)


def decode_envelope(reply: Reply, context: Context) -> Object | APIError:
    """Return the body of an acknowledged call, or the error that the answer means."""
    body = parse_object(reply)
    if body is not None and reply.status == 200 and _status_code(body.get("status_code")) == 200:
        return body
    reading = _Reading(reply, context, body or {})
    if reply.status != 200:
        return _http_refusal(reading)
    if body is None:
        return reading.error(UnexpectedResponseError, "the answer is not a JSON object")
    if reading.code is None:
        return reading.error(UnexpectedResponseError, "the answer has no status_code")
    return _body_refusal(reading, reading.code)


def _http_refusal(reading: "_Reading") -> APIError:
    status = reading.reply.status
    if status == 429:
        return reading.error(RateLimitedError, "too many requests", "not_sent")
    if status in _REFUSED_CALLER:
        what = _NOT_FOUND if status == 404 else _CALLER_REFUSED
        return reading.error(AuthenticationError, what, "not_sent")
    if status in _REFUSED_REQUEST:
        return reading.error(InvalidRequestError, "the request was refused", "rejected")
    if 300 <= status < 400:
        return reading.error(RedirectError, "redirected; check base_url (never followed)")
    if status >= 500:
        return reading.error(ServerError, "the server failed")
    return reading.error(UnexpectedResponseError, "an HTTP status the API does not document")


def _body_refusal(reading: "_Reading", code: int) -> APIError:
    if code == 210:
        return _argument_refusal(reading)
    if code == 429:
        return reading.error(RateLimitedError, "too many requests", "not_sent")
    if code in _REFUSED_CALLER:
        return reading.error(AuthenticationError, _CALLER_REFUSED, "not_sent")
    return reading.error(ServerError, "the server failed")


def _argument_refusal(reading: "_Reading") -> APIError:
    if reading.errors:
        return reading.error(FilterError, "the filter was refused", "rejected")
    if reading.message.strip().lower() in _REFUSED_ACCOUNT:
        return reading.error(AuthenticationError, _CALLER_REFUSED, "not_sent")
    return reading.error(InvalidRequestError, "the request was refused", "rejected")


class _Reading:
    """One reply with the parts of its body that errors quote."""

    def __init__(self, reply: Reply, context: Context, body: Object) -> None:
        self.reply = reply
        self.code = _status_code(body.get("status_code"))
        self.message = clean(body.get("status_message") or body.get("message"), context.redact)
        self.errors = _errors(body.get("response"), context.redact)
        self._context = context

    def error(self, kind: type[_Error], what: str, delivery: Delivery = "in_doubt") -> _Error:
        """Build one error. With several notifications in the request no refusal is clean (A8)."""
        context = self._context
        headers = self.reply.headers
        status = f"HTTP {self.reply.status}"
        if self.code is not None:
            status += f", status_code {self.code}"
        text = f"{context.method}: {what} ({status})"
        if self.message:
            text += f": {self.message}"
        return kind(
            text,
            http_status=self.reply.status,
            status_code=self.code,
            status_message=self.message,
            errors=self.errors,
            retry_after=retry_after(headers.get("retry-after"), context.now, headers.get("date")),
            delivery=delivery if len(context.transaction_ids) <= 1 else "in_doubt",
            method=context.method,
            transaction_ids=context.transaction_ids,
        )


def _status_code(value: object) -> int | None:
    """Read 200, "200" and 200.0 alike; a bool is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return None


def _codes(value: object) -> tuple[str | None, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        code if isinstance(code, str) and code != CODE_NOT_AVAILABLE else None for code in value
    )


def _unknown(value: object) -> Mapping[str, tuple[str, ...]]:
    """Read UnknownDevices: by message code, by "" where there is none, or a bare list [CC, PHP#64]."""
    groups = value if isinstance(value, dict) else {"": value}
    return {
        key: tuple(item for item in ids if isinstance(item, str))
        for key, ids in groups.items()
        if isinstance(ids, list)
    }


def _errors(response: object, redact: Callable[[str], str]) -> tuple[dict[str, str], ...]:
    """Read `response.errors` as createTargetedMessage sends it [ES:758-767]."""
    listed = response.get("errors") if isinstance(response, dict) else None
    if not isinstance(listed, list):
        return ()
    return tuple(
        {clean(key, redact): clean(text, redact) for key, text in item.items()}
        for item in listed[:20]
        if isinstance(item, dict)
    )
