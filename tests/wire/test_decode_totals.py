"""totalsByIntervals: no envelope, counts as texts, and errors of their own."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from readings import context, envelope, error_of, leaves, reply, result_of, trees

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    InvalidRequestError,
    RateLimitedError,
    ServerError,
    UnexpectedResponseError,
)
from pushwoosh_async._wire.decode_totals import decode_totals
from pushwoosh_async.models.message_totals import (
    Conversion,
    EventTotals,
    IntervalTotals,
    MessageTotals,
)

METHOD = "totalsByIntervals"
# As the vendor's page shows it [D-stat]: every count a text.
METRIC = {
    "timestamp": "2024-05-06 07:00:00",
    "platform": 1,
    "sends": "1200",
    "opens": "30",
    "deliveries": "1100",
    "inbox_opens": "2",
    "unshowable_sends": "5",
    "errors": "7",
}
CONVERSION = {
    "sends": "1200",
    "opens": "30",
    "events": [{"name": "Purchase", "hits": "3", "conversion": 0.25, "revenue": "9.99"}],
}
BODY = {"metrics": [METRIC, {**METRIC, "platform": 3}], "conversion": CONVERSION}
HOUR = datetime(2024, 5, 6, 7, tzinfo=UTC)


def read(body: object, status: int = 200) -> MessageTotals | APIError:
    """Decode an answer."""
    return decode_totals(reply(body, status), context(METHOD))


def metric(**changes: Any) -> IntervalTotals:
    """Decode one line of statistics with some fields changed."""
    [found] = result_of(read({"metrics": [{**METRIC, **changes}]})).metrics
    return found


def test_texts_become_numbers() -> None:
    """The whole answer, field by field."""
    found = result_of(read(BODY))
    first, second = found.metrics
    assert first == IntervalTotals(
        timestamp=HOUR,
        platform=1,
        sends=1200,
        opens=30,
        deliveries=1100,
        inbox_opens=2,
        unshowable_sends=5,
        errors=7,
    )
    assert second.platform == 3
    assert found.conversion == Conversion(
        sends=1200,
        opens=30,
        events=(EventTotals(name="Purchase", hits=3, conversion=0.25, revenue=9.99),),
    )
    assert found.raw == BODY


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-06 07:00:00", HOUR),
        ("2024-05-06T07:00:00Z", HOUR),
        ("2024-05-06T09:00:00+02:00", HOUR),
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        (1714978800, HOUR),
        ("1714978800", HOUR),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("0000-00-00 00:00:00", None),
        (10**30, None),
        ("9" * 25, None),
        (-1e300, None),
        ([], None),
        (True, None),
    ],
)
def test_hour(written: object, meant: datetime | None) -> None:
    """Unix seconds or ISO text: which the vendor writes is unknown. Always with a zone."""
    assert metric(timestamp=written).timestamp == meant


COUNTS = ["sends", "opens", "deliveries", "inbox_opens", "unshowable_sends", "errors"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("12", 12), (12, 12), ("0", 0), (12.0, 12), ("", 0), (None, 0), ([], 0), ("x", 0), ("1.5", 0)],
)
@pytest.mark.parametrize("count", COUNTS)
def test_count(count: str, written: object, meant: int) -> None:
    """A text or a number; what is missing or unreadable is 0."""
    assert getattr(metric(**{count: written}), count) == meant
    assert getattr(metric(), count) > 0


@pytest.mark.parametrize(("written", "meant"), [("3", 3), (3, 3), (None, None), ("x", None)])
def test_platform(written: object, meant: int | None) -> None:
    """A number, or none."""
    assert metric(platform=written).platform == meant


@pytest.mark.parametrize("metrics", [None, [], {}, "", "x", 5, [5, None, "x", []]], ids=repr)
def test_no_metrics(metrics: object) -> None:
    """However nothing is written."""
    assert result_of(read({"metrics": metrics})).metrics == ()


@pytest.mark.parametrize("conversion", [None, [], {}, "", "x", 5], ids=repr)
def test_no_conversion(conversion: object) -> None:
    """However nothing is written."""
    assert result_of(read({"conversion": conversion})).conversion is None


def test_conversion_without_events() -> None:
    """Counts alone are a conversion; an event without a name has an empty one."""
    nothing: list[Any] = [None, [], {}, "", [5]]
    for events in nothing:
        found = result_of(read({"conversion": {"sends": "5", "events": events}}))
        assert found.conversion == Conversion(sends=5, opens=0, events=())
    found = result_of(read({"conversion": {"events": [{"revenue": None}]}}))
    assert found.conversion is not None
    assert found.conversion.events == (EventTotals(name="", hits=0, conversion=0.0, revenue=0.0),)


@pytest.mark.parametrize("body", [{"error": "x"}, {"code": 5, "message": "no", "details": []}])
def test_answer_of_something_else_is_none(body: dict[str, Any]) -> None:
    """Nobody must read from it that nothing was sent."""
    assert isinstance(read(body), UnexpectedResponseError)


def test_empty_answer_is_one() -> None:
    """A message that has no statistics yet."""
    found = result_of(read({}))
    assert (found.metrics, found.conversion) == ((), None)


def test_envelope_is_understood_all_the_same() -> None:
    """Should the vendor wrap this answer like the others, it is read; and so is its refusal."""
    found = result_of(read(envelope(BODY)))
    assert len(found.metrics) == 2
    refusal = error_of(
        read(envelope(None, 210, "Message not found")), InvalidRequestError, "rejected"
    )
    assert refusal.status_message == "Message not found"
    error_of(read(envelope(None, 500)), ServerError, "in_doubt")
    error_of(read(envelope(None, 429)), RateLimitedError, "not_sent")


def rpc(code: int, message: str) -> dict[str, object]:
    """Write an error as these methods do [api.md 4.2]."""
    return {"code": code, "message": message, "details": []}


@pytest.mark.parametrize(
    ("status", "body", "kind", "delivery"),
    [
        (404, rpc(5, "message not found"), InvalidRequestError, "rejected"),
        (404, b"<html>", AuthenticationError, "not_sent"),
        (404, {}, AuthenticationError, "not_sent"),
        (400, rpc(3, "bad message_code"), InvalidRequestError, "rejected"),
        (401, rpc(16, "unauthenticated"), AuthenticationError, "not_sent"),
        (403, rpc(7, "forbidden"), AuthenticationError, "not_sent"),
        (429, rpc(8, "slow down"), RateLimitedError, "not_sent"),
        (500, rpc(13, "internal"), ServerError, "in_doubt"),
        (503, rpc(14, "unavailable"), ServerError, "in_doubt"),
        (201, BODY, UnexpectedResponseError, "in_doubt"),
    ],
)
def test_errors_by_status(status: int, body: object, kind: type[APIError], delivery: str) -> None:
    """The HTTP status says what it is; the server's words are quoted."""
    error = error_of(read(body, status), kind, delivery)
    assert error.http_status == status
    if isinstance(body, dict) and "message" in body:
        assert error.status_message == body["message"]
        assert body["message"] in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"x"', b"{", b'{"a": NaN}'])
def test_unreadable_answer_is_an_error(body: bytes) -> None:
    """Not an empty result."""
    error_of(read(body), UnexpectedResponseError, "in_doubt")


KEYS = [*METRIC, *CONVERSION, "name", "hits", "conversion", "revenue", "metrics", "status_code"]
junk = trees(*KEYS) | leaves.map(
    lambda value: {
        "metrics": [dict.fromkeys(METRIC, value)],
        "conversion": {"sends": value, "events": [dict.fromkeys(["hits", "revenue"], value)]},
    }
)


@settings(max_examples=300, deadline=None)
@given(junk)
def test_any_answer_is_statistics_or_our_error(body: object) -> None:
    """Nothing raises; statistics have the declared types whatever the server wrote."""
    found = read(body)
    if isinstance(found, APIError):
        return
    for line in found.metrics:
        assert all(type(getattr(line, count)) is int for count in COUNTS)
        assert line.timestamp is None or line.timestamp.tzinfo is not None
