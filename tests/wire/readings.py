"""Answers read without a socket: what the tests of the decoders start from."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st

from pushwoosh_async import APIError
from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.decode import Context
from pushwoosh_async._wire.reply import Reply

T = TypeVar("T")

_TOKEN = Secret("canary-token", "api_token")


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Write an answer; a body that is not bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, headers or {}, data)


def context(method: str, *transaction_ids: str) -> Context:
    """Ask by this method, at time 0."""
    return Context(method, transaction_ids, _TOKEN.redact, now=0.0)


def envelope(response: object, code: object = 200, message: str = "OK") -> dict[str, object]:
    """Write the vendor's envelope."""
    return {"status_code": code, "status_message": message, "response": response}


def result_of(outcome: T | APIError) -> T:
    """Return what must be a result."""
    assert not isinstance(outcome, APIError), outcome
    return outcome


def error_of(outcome: object, kind: type[APIError], delivery: str) -> APIError:
    """Return what must be an error of exactly this class."""
    assert isinstance(outcome, APIError), outcome
    assert (type(outcome), outcome.delivery) == (kind, delivery)
    assert outcome.__traceback__ is None
    assert outcome.method
    assert str(outcome).startswith(f"{outcome.method}: ")
    return outcome


# Any JSON, with what a careless reader falls over: texts of JSON, of numbers and of dates, numbers
# that no float can hold, and the empty value of each kind.
_ODD_TEXTS = [
    "",
    " ",
    "0",
    "1",
    "-7",
    "1.5",
    "1e999",
    "nan",
    "[1]",
    "[]",
    "{}",
    '{"en": "Hi"}',
    "[NaN]",
    "null",
    "[" * 200,
    "0000-00-00 00:00:00",
    "2016-09-14 17:19:42",
    "9999-99-99",
    "CODE_NOT_AVAILABLE",
]
_ODD_NUMBERS = [0, 1, -1, 2**63, 10**25, 10**400, -(10**400), 1e308, -1e308, 5e-324, 1.5]
leaves: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from([*_ODD_TEXTS, *_ODD_NUMBERS])
)


def trees(*names: str) -> st.SearchStrategy[Any]:
    """Return any JSON whose objects are likely to have these names."""
    keys = st.sampled_from(names) | st.text(max_size=4)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=15,
    )
