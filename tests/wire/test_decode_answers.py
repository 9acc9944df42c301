"""The small answers: one code, nothing but success, a device's tags."""

from typing import Any

import pytest
from hypothesis import given, settings
from readings import context, envelope, error_of, reply, result_of, trees
from seed_answers import seed_answer

from pushwoosh_async import (
    APIError,
    FilterError,
    InvalidRequestError,
    MessageResult,
    UnexpectedResponseError,
)
from pushwoosh_async._wire.decode import (
    decode_messages,
    decode_nothing,
    decode_tags,
    decode_targeted,
)
from pushwoosh_async.models.results import TargetedMessageResult

ODD_RESPONSES: list[Any] = [None, {}, [], "", "x", 5, True]


def targeted(body: object) -> TargetedMessageResult | APIError:
    """Decode an answer to createTargetedMessage."""
    return decode_targeted(reply(body), context("createTargetedMessage", "tid-1"))


def sms(body: object) -> MessageResult | APIError:
    """Decode an answer to createSMSMessage, which knows no transactionId."""
    return decode_messages(reply(body), context("createSMSMessage"))


def test_code_of_a_targeted_message() -> None:
    """Under its own name, singular [ES:751-753]."""
    found = result_of(targeted(seed_answer("create_targeted_message")))
    assert found == TargetedMessageResult(
        message_code="97B0-C7473871-2FBDFDC6", transaction_id="tid-1"
    )


@pytest.mark.parametrize(
    "response",
    [
        *ODD_RESPONSES,
        {"messageCode": None},
        {"messageCode": 5},
        {"messageCode": ["AB-CD"]},
        {"messageCode": "CODE_NOT_AVAILABLE"},
        {"Messages": ["AB-CD"]},
    ],
    ids=repr,
)
def test_targeted_message_without_a_code_is_accepted(response: object) -> None:
    """A missing or odd code never turns an acknowledgement into a doubt."""
    assert result_of(targeted(envelope(response))).message_code is None


def test_filter_that_does_not_compile() -> None:
    """The seed's answer: a refusal that carries the server's reasons [ES:758-767]."""
    body = seed_answer("create_targeted_message_refused")
    error = error_of(targeted(body), FilterError, "rejected")
    assert error.status_message == body["status_message"]
    assert error.errors == tuple(body["response"]["errors"])
    assert error.errors[0]["type"] == "syntax"


@pytest.mark.parametrize(
    "response",
    [*ODD_RESPONSES, {"errors": []}, {"errors": None}, {"errors": "x"}, {"errors": {"message": 1}}],
    ids=repr,
)
def test_refusal_of_a_targeted_message_without_reasons(response: object) -> None:
    """Some other argument is at fault then."""
    error = error_of(targeted(envelope(response, 210, "why")), InvalidRequestError, "rejected")
    assert error.errors == ()


def test_code_of_an_sms() -> None:
    """The answer of the SMS page [DE:55-63]: its code, and no transaction id."""
    found = result_of(sms(seed_answer("create_sms_message")))
    assert found.message_codes == ("9648-0B10ECB6-0D9F214D",)
    assert found.transaction_ids == ()


def test_refusal_of_an_sms() -> None:
    """The error answer of the SMS page [DE:68-75]."""
    body = seed_answer("create_sms_message_refused")
    error = error_of(sms(body), InvalidRequestError, "rejected")
    assert error.status_message == body["status_message"]


@pytest.mark.parametrize(
    "response",
    [
        *ODD_RESPONSES,
        {"Messages": []},
        {"Messages": None},
        {"Messages": ["CODE_NOT_AVAILABLE"]},
        {"Messages": [5]},
        {"Messages": ["AB", "CD"]},
    ],
    ids=repr,
)
def test_sms_without_a_code_is_accepted_with_none_in_its_place(response: object) -> None:
    """One message was asked for, so there is one place."""
    assert result_of(sms(envelope(response))).message_codes == (None,)


@pytest.mark.parametrize("name", ["delete_message", "cancel_message"])
def test_success_without_a_response(name: str) -> None:
    """The seed's answers have no ``response`` at all [ES:644, ES:1104]."""
    assert decode_nothing(reply(seed_answer(name)), context(name)) is None


@pytest.mark.parametrize("response", [*ODD_RESPONSES, {"Messages": []}], ids=repr)
def test_success_with_any_response(response: object) -> None:
    """Nobody reads it."""
    assert decode_nothing(reply(envelope(response)), context("deleteMessage")) is None


def tags(response: object) -> object:
    """Decode an answer to getTags."""
    return decode_tags(reply(envelope(response)), context("getTags"))


def test_tags_of_a_device() -> None:
    """By name, as the server has them."""
    held = {"Age": 30, "City": "Paris", "Langs": ["en", "de"], "Gone": None}
    assert tags({"result": held}) == held


@pytest.mark.parametrize(
    "response", [*ODD_RESPONSES, {"result": None}, {"result": []}, {"result": ""}], ids=repr
)
def test_device_without_tags(response: object) -> None:
    """An empty one, however it is written."""
    assert tags(response) == {}


@settings(max_examples=300, deadline=None)
@given(trees("Messages", "messageCode", "result", "UnknownDevices", "errors"))
def test_any_response_of_success_is_a_result(response: object) -> None:
    """Nothing raises, and nothing that was acknowledged becomes a doubt."""
    body = envelope(response)
    for decode in (decode_targeted, decode_messages, decode_nothing):
        outcome = decode(reply(body), context("m", "tid-1"))
        assert not isinstance(outcome, APIError)


@pytest.mark.parametrize(
    "response", [{"City": "Paris"}, {"tags": {}}, {"result": "x"}, {"result": [1]}]
)
def test_tags_in_another_shape_are_not_no_tags(response: object) -> None:
    """The shape is a guess: where it is another one, nobody must read that nothing is set."""
    outcome = decode_tags(reply(envelope(response)), context("getTags"))
    assert isinstance(outcome, UnexpectedResponseError)


@settings(max_examples=300, deadline=None)
@given(trees("errors", "message", "type"))
def test_any_response_of_refusal_is_a_rejection(response: object) -> None:
    """Nothing raises either where the code is 210."""
    for decode in (decode_targeted, decode_messages, decode_nothing, decode_tags):
        outcome = decode(reply(envelope(response, 210, "why")), context("m", "tid-1"))
        assert isinstance(outcome, InvalidRequestError)
        assert outcome.delivery == "rejected"
