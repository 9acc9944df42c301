"""getMessageDetails: the seed's answer with real types, and what a server may hold instead."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from readings import context, envelope, error_of, leaves, reply, result_of, trees
from seed_answers import seed_answer

from pushwoosh_async import APIError, InvalidRequestError, UnexpectedResponseError
from pushwoosh_async._wire.decode_details import decode_details
from pushwoosh_async.models.message_details import MessageDetails

METHOD = "getMessageDetails"
SEED = seed_answer("get_message_details")["response"]["message"]


def moment(text: str) -> datetime:
    """Return an instant without a zone, as the vendor names none."""
    return datetime.fromisoformat(text)


def read(response: object) -> MessageDetails | APIError:
    """Decode an answer of success."""
    return decode_details(reply(envelope(response)), context(METHOD))


def message(**changes: Any) -> MessageDetails:
    """Decode the seed's message with some fields changed."""
    return result_of(read({"message": {**SEED, **changes}}))


def test_texts_become_real_types() -> None:
    """The seed's own example, field by field [ES:692-712]."""
    found = message()
    assert found == MessageDetails(
        id=2068991743,
        code="XXXX-92B4C3C5-A7F5EF70",
        created=moment("2016-09-14 17:19:42"),
        send_date=moment("2016-09-14 17:19:41"),
        status="done",
        content={"en": "Hello {Name|CapitalizeFirst|friend}! 🚀"},
        platforms=(1,),
        ignore_user_timezone=True,
        data={"key": "value"},
        raw=SEED,
    )


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("id", "2068991743", 2068991743),
        ("id", 0, 0),
        ("id", None, None),
        ("id", "", None),
        ("platforms", "[1,3,11]", (1, 3, 11)),
        ("platforms", "[]", ()),
        ("platforms", "", ()),
        ("platforms", [1, 3], (1, 3)),
        ("platforms", '["1", "3"]', (1, 3)),
        ("platforms", '[1, "x", null]', (1,)),
        ("platforms", None, ()),
        ("platforms", "1", ()),
        ("ignore_user_timezone", "0", False),
        ("ignore_user_timezone", 1, True),
        ("ignore_user_timezone", False, False),
        ("ignore_user_timezone", "", None),
        ("status", "pending", "pending"),
        ("status", "", None),
        ("status", "a new one", "a new one"),
        ("content", [], {}),
        ("content", "", {}),
        ("content", None, {}),
        ("content", "Hi", {"": "Hi"}),
        ("data", None, None),
        ("data", [], None),
        ("data", "", None),
        ("data", '{"key": "value"}', {"key": "value"}),
        ("created", "0000-00-00 00:00:00", None),
        ("send_date", "now", None),
        ("send_date", None, None),
        ("code", "", None),
    ],
)
def test_field_on_its_own(field: str, value: object, found: object) -> None:
    """Each oddity costs its own field at most, and stays in `raw`."""
    read_message = message(**{field: value})
    assert getattr(read_message, field) == found
    assert read_message.raw[field] == value
    others = {"id", "code", "created", "send_date", "status", "content", "platforms", "data"}
    for other in others - {field}:
        assert getattr(read_message, other) == getattr(message(), other)


def test_missing_fields_are_missing_values() -> None:
    """A message of nothing is one; what the class does not know is in `raw`."""
    found = result_of(read({"message": {"new": [1]}}))
    assert (found.id, found.code, found.created, found.platforms) == (None, None, None, ())
    assert found.raw == {"new": [1]}


@pytest.mark.parametrize(
    "response",
    [None, {}, [], "", 5, {"message": None}, {"message": []}, {"message": ""}, {"message": "x"}],
    ids=repr,
)
def test_answer_without_a_message_is_no_result(response: object) -> None:
    """Success without what was asked for: nobody may take it for a message of nothing."""
    error = error_of(read(response), UnexpectedResponseError, "in_doubt")
    assert "message" in str(error)


def test_answer_without_a_response_is_no_result() -> None:
    """Nor one whose envelope is all there is."""
    outcome = decode_details(reply({"status_code": 200}), context(METHOD))
    error_of(outcome, UnexpectedResponseError, "in_doubt")


def test_unknown_message_is_a_rejection() -> None:
    """As a server of 2015 said it, with a null for a response [CC]."""
    outcome = decode_details(reply(envelope(None, 210, "Message not found")), context(METHOD))
    assert error_of(outcome, InvalidRequestError, "rejected").status_message == "Message not found"


junk = trees("message", *SEED) | trees(*SEED).map(lambda tree: {"message": tree})


@settings(max_examples=300, deadline=None)
@given(junk)
def test_any_response_is_a_message_or_our_error(response: object) -> None:
    """Nothing raises; a message has the declared types whatever the server wrote."""
    found = read(response)
    if isinstance(found, APIError):
        error_of(found, UnexpectedResponseError, "in_doubt")
        return
    assert found.id is None or type(found.id) is int
    assert all(type(number) is int for number in found.platforms)
    assert all(isinstance(text, str) for text in found.content.values())
    assert found.ignore_user_timezone in {None, True, False}
    assert found.data is None or isinstance(found.data, dict)


@settings(max_examples=300, deadline=None)
@given(leaves)
def test_any_value_in_a_field_is_read_or_left_out(value: object) -> None:
    """The same, with one value in every field of a message."""
    assert result_of(read({"message": dict.fromkeys(SEED, value)})).raw["id"] == value
