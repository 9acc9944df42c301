"""Answers: the tables of delivery.md 2.4 row by row, and that nothing at all makes it raise."""

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    FilterError,
    InvalidRequestError,
    MessageResult,
    RateLimitedError,
    RedirectError,
    ServerError,
    UnexpectedResponseError,
)
from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.decode import Context, decode_messages
from pushwoosh_async._wire.reply import Reply

TOKEN = Secret("canary-token", "api_token")
OK = {"status_code": 200, "status_message": "OK", "response": {"Messages": ["AB-CD"]}}


def context(count: int = 1) -> Context:
    """Ask for so many notifications, at time 0."""
    names = tuple(f"tid-{index}" for index in range(count))
    return Context("createMessage", names, TOKEN.redact, now=0.0)


def read(
    status: int, body: object, headers: Mapping[str, str] | None = None, *, count: int = 1
) -> MessageResult | APIError:
    """Decode an answer; a body that is not bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_messages(Reply(status, headers or {}, data), context(count))


def code(value: object, message: str = "", response: object = None) -> dict[str, object]:
    """Write the vendor's envelope."""
    return {"status_code": value, "status_message": message, "response": response}


def accepted(body: object) -> MessageResult:
    """Decode what must be an acceptance."""
    outcome = read(200, body)
    assert isinstance(outcome, MessageResult), outcome
    assert outcome.transaction_ids == ("tid-0",)
    return outcome


def refused(outcome: MessageResult | APIError) -> APIError:
    """Check what every error carries."""
    assert isinstance(outcome, APIError)
    assert outcome.method == "createMessage"
    assert outcome.transaction_ids[0] == "tid-0"
    assert "createMessage" in str(outcome)
    assert outcome.__traceback__ is None
    return outcome


HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"

BY_STATUS: list[tuple[int, type[APIError], str]] = [
    *((status, InvalidRequestError, "rejected") for status in (400, 405, 411, 413, 414, 415)),
    *((status, InvalidRequestError, "rejected") for status in (422, 431)),
    *((status, AuthenticationError, "not_sent") for status in (401, 403, 404)),
    (429, RateLimitedError, "not_sent"),
    *((status, UnexpectedResponseError, "in_doubt") for status in (408, 409, 423, 425)),
    *((status, UnexpectedResponseError, "in_doubt") for status in (402, 406, 410, 412, 418, 451)),
    *((status, RedirectError, "in_doubt") for status in (300, 301, 302, 303, 304, 307, 308, 399)),
    *((status, ServerError, "in_doubt") for status in (500, 501, 502, 503, 504, 507, 520, 599)),
    *((status, UnexpectedResponseError, "in_doubt") for status in (100, 101, 102, 199)),
    *((status, UnexpectedResponseError, "in_doubt") for status in (201, 202, 204, 206, 210, 299)),
]


@pytest.mark.parametrize(
    "body", [b"", HTML, b"null", OK, code(210, "No notifications"), code(500)], ids=repr
)
@pytest.mark.parametrize(("status", "kind", "delivery"), BY_STATUS)
def test_http_status_decides_where_it_is_not_200(
    status: int, kind: type[APIError], delivery: str, body: object
) -> None:
    """Whatever the body says: an acknowledgement under another status is none."""
    error = refused(read(status, body))
    assert type(error) is kind
    assert (error.delivery, error.http_status) == (delivery, status)
    assert f"HTTP {status}" in str(error)


UNKNOWN_CODES: list[object] = [500, 503, 400, 409, 408, 0, -1, 201, 10**30]
NO_CODES: list[object] = [None, True, False, "", "OK", [], {}, [200], 200.5]
NO_CODES += ["200.0", " 200", "+200", "2e2", "\uff12\uff10\uff10"]
BY_CODE: list[tuple[object, type[APIError], str]] = [
    (210, InvalidRequestError, "rejected"),
    (401, AuthenticationError, "not_sent"),
    (403, AuthenticationError, "not_sent"),
    (404, AuthenticationError, "not_sent"),
    (429, RateLimitedError, "not_sent"),
    ("210", InvalidRequestError, "rejected"),
    (429.0, RateLimitedError, "not_sent"),
    *((value, ServerError, "in_doubt") for value in UNKNOWN_CODES),
    *((value, UnexpectedResponseError, "in_doubt") for value in NO_CODES),
]


@pytest.mark.parametrize(("value", "kind", "delivery"), BY_CODE)
def test_body_code_decides_under_http_200(
    value: object, kind: type[APIError], delivery: str
) -> None:
    """The vendor's own code under HTTP 200."""
    error = refused(read(200, code(value, "why", {"Messages": []})))
    assert type(error) is kind
    assert (error.delivery, error.http_status, error.status_message) == (delivery, 200, "why")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value != 200.5:
        assert error.status_code == int(value)


@pytest.mark.parametrize("value", [200, "200", 200.0])
def test_acknowledgement_is_200_under_200(value: object) -> None:
    """As a number, a whole float or digits."""
    assert accepted({**OK, "status_code": value}).message_codes == ("AB-CD",)


UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "html": HTML,
    "null": b"null",
    "list": b"[]",
    "text": b'"ok"',
    "number": b"200",
    "cut": json.dumps(OK).encode()[:-1],
    "twice": json.dumps(OK).encode() * 2,
    "trailing": json.dumps(OK).encode() + b"x",
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(OK).encode(),
    "utf-16": json.dumps(OK).encode("utf-16"),
    "bad utf-8": b'{"status_code": 200, "status_message": "\xff"}',
    "NaN": b'{"status_code": 200, "response": {"x": NaN}}',
    "Infinity": b'{"status_code": 200, "response": {"x": -Infinity}}',
    "deep": b"[" * 200_000,
    "deep inside": b'{"status_code": 200, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "long number": b'{"status_code": 200, "a": ' + b"9" * 5000 + b"}",
    "code twice": b'{"status_code": 200, "status_code": 200}',
    "code twice, differently": b'{"status_code": 500, "status_code": 200}',
    "name twice inside": b'{"status_code": 200, "response": {"Messages": [], "Messages": []}}',
    "control in a text": b'{"status_code": 200, "status_message": "\x00"}',
    "no code": b"{}",
    "infinite code": b'{"status_code": 1e999}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_acknowledgement_is_a_doubt(body: bytes) -> None:
    """Under HTTP 200 anything but one strict JSON object with a code proves nothing."""
    error = refused(read(200, body))
    assert (type(error), error.delivery) == (UnexpectedResponseError, "in_doubt")


@pytest.mark.parametrize(
    "text",
    [
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
        "",
    ],
)
@pytest.mark.parametrize("response", [None, {"Messages": []}, {}, []])
def test_refused_arguments_on_record(text: str, response: object) -> None:
    """Every 210 on record that is about the message is a clean rejection (api.md 3)."""
    error = refused(read(200, code(210, text, response)))
    assert (type(error), error.delivery) == (InvalidRequestError, "rejected")
    assert (error.status_code, error.status_message) == (210, text)


@pytest.mark.parametrize(
    "text",
    [
        "Application not found",
        "Account not found",
        "API token or application is not set",
        "This feature is available for Premium accounts only",
        "  application NOT found ",
    ],
)
def test_refused_accounts_on_record(text: str) -> None:
    """Every 210 on record that each further call would get too stops a run: nobody got it."""
    error = refused(read(200, code(210, text)))
    assert (type(error), error.delivery, error.status_code) == (
        AuthenticationError,
        "not_sent",
        210,
    )


def test_refused_filter_says_why() -> None:
    """210 with response.errors is about the filter, and carries the API's reasons."""
    reasons = [{"message": "bad \x1b[31mtag\nx", "type": "syntax"}, "no object", {"type": 5}]
    error = refused(read(200, code(210, "Filter", {"errors": reasons})))
    assert (type(error), error.delivery) == (FilterError, "rejected")
    assert error.errors == ({"message": "bad [31mtagx", "type": "syntax"}, {"type": ""})


@pytest.mark.parametrize(
    ("response", "codes", "unknown"),
    [
        ({"Messages": ["AB-CD"]}, ("AB-CD",), {}),
        ({"Messages": ["CODE_NOT_AVAILABLE"]}, (None,), {}),
        (None, (None,), {}),
        ([], (None,), {}),
        ("x", (None,), {}),
        ({}, (None,), {}),
        ({"Messages": None}, (None,), {}),
        ({"Messages": []}, (None,), {}),
        ({"Messages": {}}, (None,), {}),
        ({"Messages": [None]}, (None,), {}),
        ({"Messages": [5]}, (None,), {}),
        ({"Messages": ["A", "B"]}, (None,), {}),
        ({"Messages": ["A"], "UnknownDevices": ["x", 5, "y"]}, ("A",), {"": ("x", "y")}),
        ({"Messages": ["A"], "UnknownDevices": {"": ["x"]}}, ("A",), {"": ("x",)}),
        ({"Messages": ["A"], "UnknownDevices": {"A": ["x"], "B": "y"}}, ("A",), {"A": ("x",)}),
        ({"Messages": ["A"], "UnknownDevices": None}, ("A",), {}),
        ({"Messages": ["A"], "UnknownDevices": {}}, ("A",), {}),
        ({"Messages": ["A"], "UnknownDevices": 5}, ("A",), {}),
        ({"Messages": ["A"], "New": {"field": 1}}, ("A",), {}),
    ],
)
def test_odd_fields_never_turn_an_acknowledgement_into_a_doubt(
    response: object, codes: tuple[str | None, ...], unknown: dict[str, tuple[str, ...]]
) -> None:
    """What is missing, null or of another type means no code, or nobody unknown."""
    result = accepted({**OK, "response": response, "base_url": "https://elsewhere.example"})
    assert result.message_codes == codes
    assert result.unknown_devices == unknown


def test_response_may_be_absent() -> None:
    """An acknowledgement without a response is one."""
    assert accepted({"status_code": 200}).message_codes == (None,)


@pytest.mark.parametrize("count", [2, 3, 1000])
def test_several_are_accepted_only_with_a_code_each(count: int) -> None:
    """Exactly N codes accept N notifications; None stands for a code that is not available."""
    codes: list[Any] = ["CODE_NOT_AVAILABLE", *(f"code-{index}" for index in range(1, count))]
    outcome = read(200, {**OK, "response": {"Messages": codes}}, count=count)
    assert isinstance(outcome, MessageResult)
    assert outcome.message_codes == (None, *codes[1:])
    assert outcome.transaction_ids == context(count).transaction_ids
    for wrong in (codes[1:], [*codes, "more"], [], None, [None, *codes[1:]], [*codes[1:], 7]):
        error = refused(read(200, {**OK, "response": {"Messages": wrong}}, count=count))
        assert (type(error), error.delivery) == (UnexpectedResponseError, "in_doubt")
        assert error.transaction_ids == context(count).transaction_ids


@pytest.mark.parametrize(("status", "kind", "_"), BY_STATUS)
def test_no_refusal_of_several_is_clean(status: int, kind: type[APIError], _: str) -> None:
    """With N notifications in a request any refusal leaves all of them in doubt (A8)."""
    error = refused(read(status, code(status), count=2))
    assert (type(error), error.delivery) == (kind, "in_doubt")


@pytest.mark.parametrize(("value", "kind", "_"), BY_CODE)
def test_no_body_refusal_of_several_is_clean(value: object, kind: type[APIError], _: str) -> None:
    """The same for refusals under HTTP 200."""
    error = refused(read(200, code(value), count=2))
    assert (type(error), error.delivery) == (kind, "in_doubt")


@pytest.mark.parametrize("status", [200, 429, 500, 503])
def test_retry_after_is_read_whatever_the_answer(status: int) -> None:
    """A 503 may name a delay as well as a 429, and so may a body code."""
    body = code(429) if status == 200 else HTML
    assert refused(read(status, body, {"retry-after": "7"})).retry_after == 7.0
    assert refused(read(status, body)).retry_after is None


@pytest.mark.parametrize("status", [200, 400, 500])
def test_servers_text_is_quoted_harmlessly(status: int) -> None:
    """An echoed token is redacted, controls go, and 500 characters are enough."""
    echo = "Invalid token: cana\x00ry-token \x1b[2J\r\n" + "x" * 2000
    error = refused(read(status, code(210, echo)))
    shown = str(error) + error.status_message + repr(error)
    assert error.status_message.startswith("Invalid token: [token] [2J")
    assert len(error.status_message) == 500
    assert not any(character in shown for character in "\x00\x1b\r\n")
    assert "canary" not in shown


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(json.dumps(OK).encode(), mtime=0)),
        ("X-GZIP", gzip.compress(json.dumps(OK).encode(), mtime=0)),
        ("deflate", zlib.compress(json.dumps(OK).encode())),
        ("identity", json.dumps(OK).encode()),
        (" identity ", json.dumps(OK).encode()),
    ],
)
def test_compression_that_was_not_asked_for_is_undone(encoding: str, data: bytes) -> None:
    """A gateway's gzip does not turn an acknowledgement into a doubt."""
    assert isinstance(read(200, data, {"content-encoding": encoding}), MessageResult)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", json.dumps(OK).encode()),
        ("gzip", gzip.compress(json.dumps(OK).encode(), mtime=0)[:-6]),
        ("gzip", gzip.compress(b" " * 200_000_000 + json.dumps(OK).encode(), mtime=0)),
        ("gzip", b""),
        ("br", json.dumps(OK).encode()),
        ("zstd", json.dumps(OK).encode()),
        ("gzip, gzip", gzip.compress(gzip.compress(json.dumps(OK).encode(), mtime=0), mtime=0)),
        ("", json.dumps(OK).encode()),
    ],
    ids=["plain", "cut", "bomb", "empty", "br", "zstd", "double", "blank"],
)
def test_compression_that_cannot_be_undone_is_a_doubt(encoding: str, data: bytes) -> None:
    """Bad, unknown or exploding compression proves nothing, and costs little memory."""
    error = refused(read(200, data, {"content-encoding": encoding}))
    assert (type(error), error.delivery) == (UnexpectedResponseError, "in_doubt")


statuses = st.integers(0, 1000)
headers = st.dictionaries(
    st.sampled_from(["retry-after", "content-encoding", "content-type", "x"]),
    st.text(max_size=30) | st.sampled_from(["gzip", "deflate", "identity", "5", "-0000"]),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([200, 210, "200", "CODE_NOT_AVAILABLE", 429, 401])
)
names = st.text(max_size=8) | st.sampled_from(
    ["status_code", "status_message", "response", "Messages", "UnknownDevices", "errors"]
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "status_code": leaves,
        "status_message": leaves,
        "response": trees
        | st.fixed_dictionaries(
            {}, optional={"Messages": trees, "UnknownDevices": trees, "errors": trees}
        ),
    },
)
bodies = st.binary(max_size=200) | (trees | envelopes).map(lambda tree: json.dumps(tree).encode())


@settings(max_examples=400, deadline=None)
@given(statuses | st.just(200), headers, bodies, st.integers(1, 3), st.booleans())
def test_any_answer_is_a_result_or_an_error(
    status: int, header: dict[str, str], body: bytes, count: int, compressed: bool
) -> None:
    """Nothing raises; only HTTP 200 with a JSON object of code 200 is an acceptance."""
    data = gzip.compress(body) if compressed else body
    outcome = read(status, data, header, count=count)
    if isinstance(outcome, MessageResult):
        assert status == 200
        parsed = json.loads(body)
        assert parsed["status_code"] in {200, "200"}
        assert len(outcome.message_codes) == count
    else:
        error = refused(outcome)
        assert error.delivery in {"not_sent", "rejected", "in_doubt"}
        assert error.delivery == "in_doubt" or count == 1
        assert error.retry_after is None or 0 <= error.retry_after <= 300
        assert len(error.status_message) <= 500
