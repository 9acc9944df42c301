"""What each call makes of an answer that is not success, is odd, or is nothing at all."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from fault_server import answer, close_after_body, raw, reset_after_body
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_clients import Way, each_way

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    InvalidRequestError,
    PushwooshClient,
    PushwooshError,
    RateLimitedError,
    RedirectError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)

from .coroutines import COROUTINES, Coroutine, each_coroutine, each_of
from .talk import MISSING, envelope, says, talk

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


async def refused(one: Coroutine, client: PushwooshClient, kind: type[Any], delivery: str) -> Any:
    """Make a call that must fail just so; return its error."""
    with pytest.raises(PushwooshError) as caught:
        await one.call(client)
    error = caught.value
    assert (type(error), error.delivery) == (kind, delivery), error
    assert error.method == one.method
    assert str(error).startswith(f"{one.method}: ")
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


ARGUMENTS = [
    "No notifications",
    "Cannot parse date",
    "android_root_params must be key-value object",
    "Message not found",
    "No push token given",
    "Invalid token: abc",
    "No hwid given",
    "Invalid device type",
    'Invalid devices list. "devices" must be an array.',
    "User not found",
]
ACCOUNTS = [
    "Application not found",
    "Account not found",
    "API token or application is not set",
    "This feature is available for Premium accounts only",
]


@each_coroutine
async def test_each_210_on_record(one: Coroutine) -> None:
    """Whatever the texts of api.md 3 come with: a null, nothing, or the empty list of an SMS."""
    async with talk() as (client, server):
        for text in ARGUMENTS + ACCOUNTS:
            about_us = text in ACCOUNTS
            kind = AuthenticationError if about_us else InvalidRequestError
            for response in (None, MISSING, {"Messages": []}, [], ""):
                server.play(says(envelope(response, 210, text)))
                delivery = "not_sent" if about_us else one.when_refused
                error = await refused(one, client, kind, delivery)
                assert (error.http_status, error.status_code) == (200, 210)
                assert error.status_message == text
                assert text in str(error)
                assert error.errors == ()


@pytest.mark.parametrize(
    ("status", "body", "kind", "delivery"),
    [
        # The vendor's status table [ES:506-510] ...
        (400, {}, InvalidRequestError, "rejected"),
        (400, HTML, InvalidRequestError, "rejected"),
        (500, envelope(None, 500, "why"), ServerError, "in_doubt"),
        (200, envelope(None, 500, "why"), ServerError, "in_doubt"),
        # ... and what else is on record, or may come from what stands in front [api.md 3].
        (200, envelope(None, 403, "why"), AuthenticationError, "not_sent"),
        (403, envelope(None, 403, "why"), AuthenticationError, "not_sent"),
        (401, b"", AuthenticationError, "not_sent"),
        (404, HTML, AuthenticationError, "not_sent"),
        (429, b"", RateLimitedError, "not_sent"),
        (200, envelope(None, 429, "why"), RateLimitedError, "not_sent"),
        (502, HTML, ServerError, "in_doubt"),
        (504, HTML, ServerError, "in_doubt"),
        (307, b"", RedirectError, "in_doubt"),
        (204, b"", UnexpectedResponseError, "in_doubt"),
        (200, b"", UnexpectedResponseError, "in_doubt"),
        (200, HTML, UnexpectedResponseError, "in_doubt"),
        (200, b"null", UnexpectedResponseError, "in_doubt"),
        (200, b"[]", UnexpectedResponseError, "in_doubt"),
        (200, b'{"status_code": 200, "response": {"a": NaN}}', UnexpectedResponseError, "in_doubt"),
    ],
)
@each_coroutine
async def test_each_status(
    one: Coroutine, status: int, body: Any, kind: type[APIError], delivery: str
) -> None:
    """HTTP status and body code decide the class and the delivery, the same for every call."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with talk(answer(status, data)) as (client, server):
        expected = one.when_refused if delivery == "rejected" else delivery
        error = await refused(one, client, kind, expected)
        assert error.http_status == status
        assert len(server.complete) == 1
        if b"why" in data:
            assert error.status_message == "why"


@each_way
@each_coroutine
async def test_no_answer(one: Coroutine, way: Way) -> None:
    """A connection that ends, or an answer cut short, leaves the call in doubt."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"
    for script in (close_after_body, reset_after_body, raw(cut, lambda c: c.close())):
        async with talk(script, way=way) as (client, _):
            error = await refused(one, client, TransportError, "in_doubt")
            assert not error.permanent


@each_way
@each_coroutine
async def test_nobody_listens(one: Coroutine, way: Way) -> None:
    """A refused connection is no doubt."""
    async with talk() as (_, server):
        url = server.url
    async with talk(way=way, base_url=url) as (client, _):
        await refused(one, client, TransportError, "not_sent")


@each_of(
    [one for one in COROUTINES if one.name not in {"get_message_details", "get_message_totals"}]
)
async def test_success_without_a_response(one: Coroutine) -> None:
    """An acknowledgement is one, whatever empty value stands in the place of its own part."""
    async with talk() as (client, server):
        for response in (None, MISSING, {}, [], ""):
            server.play(says({**envelope(response), "base_url": "https://elsewhere.example"}))
            await one.call(client)
            assert server.requests[-1].target == one.target


@each_of([one for one in COROUTINES if one.name == "get_message_details"])
async def test_success_without_what_was_asked_for(one: Coroutine) -> None:
    """A message that is not there is an error, and none of nothing."""
    async with talk() as (client, server):
        for response in (None, MISSING, {}, [], "", {"message": None}, {"message": []}):
            server.play(says(envelope(response)))
            await refused(one, client, UnexpectedResponseError, "in_doubt")


@each_of([one for one in COROUTINES if not one.wrapped])
async def test_errors_of_the_second_version(one: Coroutine) -> None:
    """Methods without an envelope say what was wrong in a shape of their own [api.md 4.2]."""
    body = {"code": 5, "message": "message not found", "details": []}
    async with talk(says(body, 404), says({**body, "code": 3}, 400)) as (client, _):
        for status in (404, 400):
            error = await refused(one, client, InvalidRequestError, "rejected")
            assert (error.http_status, error.status_code) == (status, None)
            assert error.status_message == "message not found"


# -- anything at all ---------------------------------------------------------------------------

leaves: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, "", "1", "[1]", "{}", "CODE_NOT_AVAILABLE", 200, 210, 1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
NAMES = [
    *("Messages", "UnknownDevices", "messageCode", "message", "rows", "result", "errors"),
    *("id", "code", "content", "platforms", "data", "open", "sent", "ctr", "conditions"),
    *("metrics", "conversion", "events", "timestamp", "sends", "hits", "revenue"),
    *("status_code", "status_message", "response"),
]
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=12,
)
codes = st.just(200) | st.just(210) | leaves
bodies = trees | st.builds(envelope, trees, codes, st.text(max_size=5))


@each_coroutine
@settings(max_examples=25, deadline=None)
@given(junk=st.lists(bodies, min_size=4, max_size=8), status=st.just(200) | st.integers(200, 599))
def test_no_answer_is_too_odd(one: Coroutine, junk: list[object], status: int) -> None:
    """Any JSON under any status ends in a result or in one of our errors."""

    async def main() -> None:
        scripts = [says(body, status) for body in junk]
        async with talk(*scripts) as (client, _):
            for _ in junk:
                with suppress(APIError):
                    await one.call(client)

    asyncio.run(main())
