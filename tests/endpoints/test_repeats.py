"""Which call is tried again after what: reading freely, sending inside a window, SMS never in doubt."""

import uuid
from typing import Any

import pytest
from fault_server import Script, answer, close_after_body, read_and_hang, reset_after_body
from wire_clients import Record, Way, attempts, each_own_way

from pushwoosh_async import (
    SMS,
    InvalidRequestError,
    PushwooshError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    TargetedMessage,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async.testing import FakeClock

from .coroutines import (
    COROUTINES,
    FILTER,
    SENDING,
    TAKING_BACK,
    Coroutine,
    each_coroutine,
    each_of,
)
from .talk import arguments, envelope, says, talk

FREE = [one for one in COROUTINES if not one.sends]
TWICE_SAFE = [one for one in COROUTINES if one.repeats_doubts]
[TARGETED] = [one for one in SENDING if one.name == "create_targeted_message"]
[TEXTING] = [one for one in SENDING if one.name == "create_sms_message"]

DOUBTS: dict[str, Script] = {
    "HTTP 500": says(envelope(None, 500), 500),
    "body 500": says(envelope(None, 500)),
    "HTTP 502": answer(502, b"<html>"),
    "HTML": answer(200, b"<html>"),
    "closed": close_after_body,
    "reset": reset_after_body,
}
each_doubt = pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)


def accepted(one: Coroutine) -> Script:
    """Answer a coroutine with success."""
    return says(envelope(one.response) if one.wrapped else one.response)


def slow(status: int, wait: float) -> Script:
    """Answer with an error that asks to wait."""
    return says(envelope(None, status), status, Retry_After=f"{wait:g}")


async def fails(one: Coroutine, client: Any, kind: type[Any], delivery: str) -> Any:
    """Make a call that must fail just so; return its error."""
    with pytest.raises(PushwooshError) as caught:
        await one.call(client)
    assert (type(caught.value), caught.value.delivery) == (kind, delivery), caught.value
    return caught.value


# -- what repeats ------------------------------------------------------------------------------


@each_doubt
@each_of(TWICE_SAFE)
async def test_doubts_are_repeated_with_the_same_bytes(one: Coroutine, doubt: Script) -> None:
    """Up to max_attempts; what is sent the last time is what was sent the first time."""
    async with talk(*[doubt] * 3, accepted(one), retry=attempts(4)) as (client, server):
        assert one.result(await one.call(client))
    assert len(server.complete) == 4
    assert len({(request.target, request.body) for request in server.complete}) == 1


@each_of(TWICE_SAFE)
async def test_attempts_are_counted(one: Coroutine) -> None:
    """No more than the policy allows; the last error comes out, and is a doubt."""
    async with talk(*[DOUBTS["HTTP 500"]] * 9, retry=attempts(3)) as (client, server):
        await fails(one, client, ServerError, "in_doubt")
        assert len(server.complete) == 3


@each_coroutine
async def test_refusals_are_final(one: Coroutine) -> None:
    """A 210 would be one again."""
    async with talk(says(envelope(None, 210, "why")), retry=attempts(4)) as (client, server):
        await fails(one, client, InvalidRequestError, one.when_refused)
        assert len(server.complete) == 1


@each_of(FREE)
async def test_what_sends_nothing_is_repeated_past_any_window(one: Coroutine) -> None:
    """20 minutes of waiting are no reason to give up where a repeat does no harm."""
    clock = FakeClock()
    scripts = [slow(503, 300)] * 4
    async with talk(*scripts, accepted(one), retry=attempts(5), clock=clock) as (client, server):
        assert one.result(await one.call(client))
        assert len(server.complete) == 5
    assert clock.sleeps == [300.0] * 4


@each_own_way
@each_of(FREE)
async def test_what_sends_nothing_is_repeated_after_a_timeout(one: Coroutine, way: Way) -> None:
    """No answer at all is a doubt as any other."""
    async with talk(read_and_hang, accepted(one), way=way, retry=attempts(2), timeout=0.2) as (
        client,
        server,
    ):
        assert one.result(await one.call(client))
        assert len(server.complete) == 2


@each_of(TAKING_BACK)
async def test_not_found_after_a_doubt_is_a_doubt(one: Coroutine) -> None:
    """The first attempt may have deleted it: the refusal of the second proves nothing."""
    missing = says(envelope(None, 210, "Message not found"))
    async with talk(DOUBTS["closed"], missing, retry=attempts(4)) as (client, server):
        error = await fails(one, client, InvalidRequestError, "in_doubt")
        assert error.status_message == "Message not found"
        assert any("earlier attempt" in note for note in error.__notes__)
        assert len(server.complete) == 2


@each_of(TAKING_BACK)
async def test_not_found_after_what_was_not_sent_is_a_rejection(one: Coroutine) -> None:
    """A 429 before it changes nothing."""
    missing = says(envelope(None, 210, "Message not found"))
    async with talk(slow(429, 0), missing, retry=attempts(4)) as (client, _):
        error = await fails(one, client, InvalidRequestError, "rejected")
        assert not hasattr(error, "__notes__")


@each_coroutine
async def test_429_is_repeated_by_every_call(one: Coroutine) -> None:
    """It was not processed: also an SMS goes again."""
    async with talk(slow(429, 0), slow(429, 0), accepted(one), retry=attempts(3)) as (
        client,
        server,
    ):
        assert one.result(await one.call(client))
        assert len({request.body for request in server.complete}) == 1
        assert len(server.complete) == 3


@each_coroutine
async def test_refused_connection_is_repeated_by_every_call(one: Coroutine) -> None:
    """It was not sent: also an SMS goes again, and ends as not sent."""
    async with talk() as (_, server):
        url = server.url
    hooks = Record()
    async with talk(base_url=url, retry=attempts(3), hooks=hooks) as (client, _):
        await fails(one, client, TransportError, "not_sent")
    assert [event.number for event in hooks.attempts] == [1, 2, 3]
    assert {event.method for event in hooks.attempts} == {one.method}


# -- a targeted message ------------------------------------------------------------------------

PATIENT = RetryPolicy(max_attempts=9, base_delay=0, window=300, margin=120)
LAST_START = 300 - 120 - 5  # less the timeout of these clients


@pytest.mark.parametrize(
    ("waits", "requests"), [((170,), 2), ((180,), 1), ((100, 70), 3), ((100, 80), 2)]
)
async def test_targeted_message_is_repeated_inside_the_window_only(
    waits: tuple[int, ...], requests: int
) -> None:
    """While the server remembers the id; after that a repeat could send twice, so there is none."""
    clock = FakeClock()
    scripts = [slow(503, wait) for wait in waits]
    async with talk(*scripts, accepted(TARGETED), retry=PATIENT, clock=clock) as (client, server):
        if sum(waits) < LAST_START:
            assert TARGETED.result(await TARGETED.call(client))
        else:
            await fails(TARGETED, client, ServerError, "in_doubt")
        assert len(server.complete) == requests
        assert len({request.body for request in server.complete}) == 1
    assert clock.monotonic() < LAST_START


async def test_targeted_message_has_a_random_id_that_stays() -> None:
    """Another for each message, the same for each attempt, and the result names it."""
    message = TargetedMessage(content="Hi", devices_filter=FILTER)
    doubt = DOUBTS["closed"]
    async with talk(doubt, accepted(TARGETED), doubt, retry=attempts(2)) as (client, server):
        results = [await client.create_targeted_message(message) for _ in range(2)]
    ids = [arguments(request)["transactionId"] for request in server.complete]
    assert ids[0] == ids[1] == results[0].transaction_id
    assert ids[2] == ids[3] == results[1].transaction_id
    assert ids[0] != ids[2]
    assert {uuid.UUID(each).version for each in ids} == {4}


async def test_targeted_messages_error_names_its_id() -> None:
    """So that its fate can be looked for."""
    async with talk(DOUBTS["closed"]) as (client, _):
        error = await fails(TARGETED, client, TransportError, "in_doubt")
    assert error.transaction_ids == ("tid-2",)


# -- an SMS ------------------------------------------------------------------------------------

KINDS: dict[str, type[PushwooshError]] = {
    "HTTP 500": ServerError,
    "body 500": ServerError,
    "HTTP 502": ServerError,
    "HTML": UnexpectedResponseError,
    "closed": TransportError,
    "reset": TransportError,
}


@each_own_way
@pytest.mark.parametrize("name", DOUBTS)
async def test_sms_in_doubt_is_never_repeated(way: Way, name: str) -> None:
    """However many attempts there are left, and the error says why."""
    async with talk(DOUBTS[name], way=way, retry=attempts(9)) as (client, server):
        error = await fails(TEXTING, client, KINDS[name], "in_doubt")
        assert len(server.complete) == 1
    assert "not repeated: createSMSMessage knows no transactionId" in str(error)
    assert "twice" in str(error)
    assert error.transaction_ids == ()


async def test_sms_in_doubt_after_a_429_is_not_repeated_either() -> None:
    """Whatever came before."""
    async with talk(slow(429, 0), DOUBTS["closed"], retry=attempts(9)) as (client, server):
        error = await fails(TEXTING, client, TransportError, "in_doubt")
        assert len(server.complete) == 2
    assert "not repeated" in str(error)


async def test_sms_without_an_answer_in_time_is_not_repeated() -> None:
    """The commonest doubt."""
    async with talk(read_and_hang, retry=attempts(9), timeout=0.2) as (client, server):
        await fails(TEXTING, client, TransportError, "in_doubt")
        assert len(server.complete) == 1


@pytest.mark.parametrize(
    "script", [says(envelope(None, 210, "why")), says(envelope(None, 401), 401)], ids=["210", "401"]
)
async def test_sms_that_is_no_doubt_says_nothing_of_repeats(script: Script) -> None:
    """Where nobody got it, there is nothing to explain."""
    async with talk(script) as (client, _):
        with pytest.raises(PushwooshError) as caught:
            await client.create_sms_message(SMS(content="Hi", phone_number="+1234567890"))
    assert "not repeated" not in str(caught.value)


async def test_other_calls_in_doubt_say_nothing_of_repeats() -> None:
    """They were repeated, as far as that goes."""
    for one in TWICE_SAFE:
        async with talk(DOUBTS["closed"]) as (client, _):
            error = await fails(one, client, TransportError, "in_doubt")
            assert "not repeated" not in str(error)


async def test_sms_given_up_after_429s_was_not_sent() -> None:
    """The last word of a server that never took it."""
    async with talk(slow(429, 0), slow(429, 0), retry=attempts(2)) as (client, _):
        await fails(TEXTING, client, RateLimitedError, "not_sent")
