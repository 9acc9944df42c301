"""The API's methods against the vendor's pages, and what each puts into body and headers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError
from pushwoosh_async._secret import Secret
from pushwoosh_async._wire import methods
from pushwoosh_async._wire.encode import PIECE, Body, Target, envelope, request
from pushwoosh_async._wire.methods import MAX_BODY_BYTES, Method

# name: (path, pays, repeats freely, access, token in, wrapped)
TABLE: dict[str, tuple[str, bool, bool, str, str, bool]] = {
    # What sends pays, and repeats only under a transactionId [ES:9, ES:725, DE:11].
    "createMessage": ("/json/1.3/createMessage", True, False, "api", "body", True),
    "createTargetedMessage": ("/json/1.3/createTargetedMessage", True, False, "api", "body", True),
    "createSMSMessage": ("/json/1.3/createSMSMessage", True, False, "api", "body", True),
    # What reads or takes back: [ES:634, ES:684, ES:945, ES:1094].
    "deleteMessage": ("/json/1.3/deleteMessage", False, True, "api", "body", True),
    "cancelMessage": ("/json/1.3/cancelMessage", False, True, "api", "body", True),
    "getMessageDetails": ("/json/1.3/getMessageDetails", False, True, "api", "body", True),
    "getPushHistory": ("/json/1.3/getPushHistory", False, True, "api", "body", True),
    # The header and its token: [D-dev, H-401].
    "registerDevice": ("/json/1.3/registerDevice", False, True, "device", "header", True),
    "unregisterDevice": ("/json/1.3/unregisterDevice", False, True, "device", "header", True),
    "registerUser": ("/json/1.3/registerUser", False, True, "device", "header", True),
    "setTags": ("/json/1.3/setTags", False, True, "device", "header", True),
    "getTags": ("/json/1.3/getTags", False, True, "device", "header", True),
    # Unwrapped: [D-stat].
    "totalsByIntervals": (
        "/api/v2/statistics/messages/totalsByIntervals",
        False,
        True,
        "api",
        "header",
        False,
    ),
}
METHODS = {each.name: each for each in vars(methods).values() if isinstance(each, Method)}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)

TOKEN = Secret('a"b\\c' + "x" * 20, "api_token")
arguments = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name != "auth"),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    min_size=1,
    max_size=5,
)


def test_the_table_is_the_vendors() -> None:
    """Every method, and no other, as this test has it from the pages."""
    assert {
        each.name: (
            each.path,
            each.pays,
            each.repeats_freely,
            each.access,
            each.auth,
            each.wrapped,
        )
        for each in METHODS.values()
    } == TABLE


def whole(body: Body) -> dict[str, Any]:
    """Return what a body's bytes say."""
    found: dict[str, Any] = json.loads(b"".join(body.pieces(TOKEN)))
    return found


@each_method
@settings(deadline=None)
@given(asked=arguments)
def test_request_holds_its_arguments_and_its_token_in_one_place(
    method: Method, asked: dict[str, Any]
) -> None:
    """Wrapped or not; in ``auth`` or in the header, never in both."""
    body = request(method, asked)
    found = whole(body)
    inner = found["request"] if method.wrapped else found
    if method.wrapped:
        assert set(found) == {"request"}
    if method.auth == "body":
        assert inner == {**asked, "auth": TOKEN.reveal()}
        assert body.headers(TOKEN) == {}
    else:
        assert inner == asked
        assert body.headers(TOKEN) == {"Authorization": f"Token {TOKEN.reveal()}"}


@each_method
@settings(deadline=None)
@given(size=st.sampled_from([0, 1, PIECE - 40, PIECE, PIECE + 1, 3 * PIECE]))
def test_last_byte_is_a_piece_of_its_own(method: Method, size: int) -> None:
    """Whatever the method: the gate is asked once more before a request can be complete."""
    pieces = request(method, {"a": "x" * size}).pieces(TOKEN)
    assert pieces[-1] == b"}"
    assert all(len(piece) <= PIECE for piece in pieces[1:])
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(b"".join(pieces[:-1]))


@each_method
def test_body_shows_nothing(method: Method) -> None:
    """Neither arguments nor token are in its repr."""
    shown = repr(request(method, {"hwid": "user-canary"}))
    assert "canary" not in shown


@each_method
def test_request_beyond_the_servers_limit_is_refused(method: Method) -> None:
    """10 MB, the token's room included; the error names the method."""
    request(method, {"a": "x" * (MAX_BODY_BYTES - 10_000)})
    with pytest.raises(ConfigurationError, match=f"^{method.name}: the request would take"):
        request(method, {"a": "x" * MAX_BODY_BYTES})


def test_sms_lies_in_an_envelope_like_a_notification() -> None:
    """Application, a list of one, the token last."""
    body = envelope(
        Target("application", "AAAAA-BBBBB"), [(b'{"content":"Hi"}',)], methods.CREATE_SMS_MESSAGE
    )
    assert whole(body) == {
        "request": {
            "application": "AAAAA-BBBBB",
            "notifications": [{"content": "Hi"}],
            "auth": TOKEN.reveal(),
        }
    }
