"""The vendor's own examples: each request as the bytes of a call, each answer as its result."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from seed_answers import seed_answer
from seed_requests import seed_notifications, seed_request

from pushwoosh_async import (
    SMS,
    FilterError,
    InvalidRequestError,
    MessageResult,
    Notification,
    PushwooshClient,
    TargetedMessage,
)

from .coroutines import FILTER
from .talk import Object, body, envelope, says, talk

# -- requests ----------------------------------------------------------------------------------


async def sent(
    call: Callable[[PushwooshClient], Awaitable[object]],
    response: object = None,
    *,
    application: str | None = None,
) -> Object:
    """Make a call; return what lay under ``request`` on the socket, without the token."""
    script = says(envelope(response))
    async with talk(script, application=application) as (client, server):
        await call(client)
    inner: Object = body(server.complete[0])["request"]
    assert inner.pop("auth")
    return inner


def example(name: str) -> Object:
    """Return an example without its token, which is a placeholder."""
    request = seed_request(name)
    assert request.pop("auth").startswith("yxoPUlwqm")
    return request


@pytest.mark.parametrize("name", ["delete_message", "cancel_message", "get_message_details"])
async def test_request_that_names_a_message(name: str) -> None:
    """deleteMessage, cancelMessage and getMessageDetails: one code [ES:651, ES:714, ES:1110]."""
    asked = example(name)
    found = await sent(
        lambda client: getattr(client, name)(asked["message"]), {"message": {"id": 1}}
    )
    assert found == asked


async def test_request_of_history() -> None:
    """GetPushHistory [ES:1042-1054]: what the example has as null and 0 stands for "not given"."""
    asked = example("get_push_history")
    assert (asked.pop("source"), asked.pop("lastNotificationID")) == (None, 0)

    async def read(client: PushwooshClient) -> None:
        rows = client.get_push_history(
            search_by=asked["searchBy"], value=asked["value"], page_size=asked["limitMessages"]
        )
        assert [row async for row in rows] == []

    assert await sent(read, {"rows": []}) == asked


async def test_request_of_an_sms() -> None:
    """CreateSMSMessage [DE:35-48]."""
    asked = example("create_sms_message")
    [fields] = asked["notifications"]
    number = fields["devices"][0]
    fresh = SMS(
        content="Hello!",
        phone_number=number,
        send_date="now",
        preset="XXXXX-XXXXX",
        use_auto_registration=True,
    )
    assert fresh == SMS.from_wire(fields)
    code = asked["application"]
    assert await sent(lambda c: c.create_sms_message(fresh), application=code) == asked


async def test_request_of_a_targeted_message() -> None:
    """CreateTargetedMessage [ES:769-806]: flat, and its filter is bounded."""
    asked = example("create_targeted_message")
    message = TargetedMessage.from_wire(asked)
    assert await sent(lambda client: client.create_targeted_message(message)) == asked


COLOURS = {"android_led": ("#rrggbb", "#a1b2c3"), "android_ibc": ("#RRGGBB", "#A1B2C3")}


def with_colours(fields: Object) -> Object:
    """Put colours into the example that has letters in their place."""
    for name, (placeholder, colour) in COLOURS.items():
        if fields.get(name) == placeholder:
            fields = {**fields, name: colour}
    return fields


async def created(name: str, fields: Object) -> Object:
    """Send an example's notification to whom it names; return the one on the socket."""
    asked = example(name)
    notification = Notification.from_wire(fields)
    found = await sent(
        lambda client: client.create_message(notification), application=asked["application"]
    )
    assert set(found) == {"application", "notifications"}
    assert found["application"] == asked["application"]
    [object_] = found["notifications"]
    return dict(object_)


AUDIENCES = ["users", "devices", "filter", "conditions"]
EXAMPLES = seed_notifications()


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_request_of_the_general_example(audience: str) -> None:
    """CreateMessage [ES:31-142], to one of the audiences that the example lists side by side."""
    fields = EXAMPLES["create_message_general"]
    assert set(AUDIENCES) < set(fields)
    others = {*AUDIENCES, "conditions_operator"} - {audience}
    if audience in {"users", "devices"}:
        others.add("geozone")
    if audience == "conditions":
        others.remove("conditions_operator")
    asked = {name: value for name, value in fields.items() if name not in others}
    assert await created("create_message_general", asked) == asked


PLATFORMS = sorted(set(EXAMPLES) - {"create_message_general"})


@pytest.mark.parametrize("name", PLATFORMS)
async def test_request_of_each_platforms_example(name: str) -> None:
    """CreateMessage for one platform or a call: the example, an audience, and what is added."""
    asked = with_colours({**EXAMPLES[name], "users": ["u1"]})
    found = await created(name, asked)
    added = {key: found.pop(key) for key in ("send_date", "transactionId") if key not in asked}
    assert found == asked
    assert added.get("send_date", "now") == "now"
    assert added["transactionId"]


@pytest.mark.parametrize("name", PLATFORMS)
async def test_example_without_an_audience_is_a_broadcast(name: str) -> None:
    """As they stand, the platforms' examples reach everybody, and are sent only by that name."""
    asked = with_colours(EXAMPLES[name])
    code = example(name)["application"]
    notification = Notification.from_wire(asked)
    found = await sent(lambda c: c.broadcast(notification, confirm=code), application=code)
    [object_] = found["notifications"]
    assert {key: object_[key] for key in asked} == asked
    assert set(object_) - set(asked) <= {"send_date", "transactionId"}


# -- answers -----------------------------------------------------------------------------------

NOTE = Notification(content="Hi", users=["u1"])
TEXT = SMS(content="Hi", phone_number="+1234567890")
TO_PARIS = TargetedMessage(content="Hi", devices_filter=FILTER)


async def result(name: str, call: Callable[[PushwooshClient], Awaitable[Any]]) -> Any:
    """Return what a call makes of one of the vendor's answers."""
    async with talk(says(seed_answer(name))) as (client, server):
        found = await call(client)
        assert len(server.complete) == 1
    return found


@pytest.mark.parametrize(
    ("name", "call", "code"),
    [
        ("create_message", lambda c: c.create_message(NOTE), "C3F8-C3863ED4-334AD4F1"),
        ("create_sms_message", lambda c: c.create_sms_message(TEXT), "9648-0B10ECB6-0D9F214D"),
    ],
)
async def test_answer_with_a_code(name: str, call: Any, code: str) -> None:
    """CreateMessage and createSMSMessage [ES:20-28, DE:55-63]."""
    found = await result(name, call)
    assert isinstance(found, MessageResult)
    assert (found.message_codes, found.unknown_devices) == ((code,), {})


async def test_answer_of_a_targeted_message() -> None:
    """CreateTargetedMessage [ES:748-754]."""
    found = await result("create_targeted_message", lambda c: c.create_targeted_message(TO_PARIS))
    assert found.message_code == "97B0-C7473871-2FBDFDC6"


@pytest.mark.parametrize("name", ["delete_message", "cancel_message"])
async def test_answer_without_a_response(name: str) -> None:
    """DeleteMessage and cancelMessage [ES:644-647, ES:1104-1107]."""
    assert await result(name, lambda client: getattr(client, name)("AB-CD")) is None


async def test_answer_of_details() -> None:
    """GetMessageDetails [ES:692-712]: real types out of "[1]" and "1"."""
    found = await result("get_message_details", lambda c: c.get_message_details("AB-CD"))
    assert (found.id, found.code) == (2068991743, "XXXX-92B4C3C5-A7F5EF70")
    assert str(found.created) == "2016-09-14 17:19:42"
    assert (found.platforms, found.ignore_user_timezone) == ((1,), True)
    assert found.content == {"en": "Hello {Name|CapitalizeFirst|friend}! 🚀"}
    assert found.data == {"key": "value"}


async def test_answer_of_history() -> None:
    """GetPushHistory [ES:959-1041]: two rows, and the next page after the last one's id."""
    page = seed_answer("get_push_history")
    async with talk(says(page), says(envelope({"rows": []}))) as (client, server):
        first, second = [row async for row in client.get_push_history()]
    assert (first.id, second.id) == (10191611434, 10191609202)
    assert first.sent == {"C90C0-0E786": {"IOS": 1}}
    assert second.open == {"C90C0-0E786": {"CHROME": 0, "IOS": 0}}
    assert second.subscription_segments == {"2D732-BB981": "News"}
    assert [first.raw, second.raw] == page["response"]["rows"]
    asked = [json.loads(request.body)["request"] for request in server.complete]
    assert [each.get("lastNotificationID") for each in asked] == [None, 10191609202]


async def test_refusal_of_a_filter() -> None:
    """CreateTargetedMessage [ES:758-767]: the server's reasons arrive as they are."""
    answer = seed_answer("create_targeted_message_refused")
    async with talk(says(answer)) as (client, _):
        with pytest.raises(FilterError) as caught:
            await client.create_targeted_message(TO_PARIS)
    assert caught.value.errors == tuple(answer["response"]["errors"])
    assert caught.value.status_message == answer["status_message"]
    assert caught.value.delivery == "rejected"


async def test_refusal_of_an_sms() -> None:
    """CreateSMSMessage [DE:68-75]."""
    answer = seed_answer("create_sms_message_refused")
    async with talk(says(answer)) as (client, _):
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_sms_message(TEXT)
    assert caught.value.status_message == answer["status_message"]
    assert (caught.value.status_code, caught.value.delivery) == (210, "rejected")
