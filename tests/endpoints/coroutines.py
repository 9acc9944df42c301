"""Every coroutine of the client as a table: what it is called with, what it asks, what is answered."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import field, frozen

from pushwoosh_async import (
    SMS,
    Device,
    Notification,
    Platform,
    PushwooshClient,
    TargetedMessage,
)

from .talk import API_TOKEN, APPLICATION, DEVICE_TOKEN, Object

HOUR = "2024-05-06 07:00:00"
CODE = "C3F8-C3863ED4-334AD4F1"
FILTER = 'A("AAAAA-BBBBB") * T("City", EQ, "Paris")'


@frozen
class Coroutine:
    """One of the client's coroutines, in one way to call it.

    Attributes:
        name: the coroutine's.
        method: the API's.
        call: makes the call.
        asked: the arguments on the wire, without the token.
        response: the answer's own part.
        result: what the call returns for it; None where it says nothing.
        header_token: the token in the ``Authorization`` header; None where it is in the body.
        path: below the base URL.
        wrapped: whether the arguments lie under ``request`` and the answer in an envelope.
        sends: whether it sends messages: pays the limit, and is not repeated lightly.
    """

    name: str
    method: str
    call: Callable[[PushwooshClient], Awaitable[object]]
    asked: Object
    response: object = None
    result: Callable[[Any], object] = field(default=lambda result: result is None)
    header_token: str | None = None
    path: str = ""
    wrapped: bool = True
    sends: bool = False

    @property
    def target(self) -> str:
        """Where the request goes."""
        return self.path or f"/json/1.3/{self.method}"

    @property
    def body(self) -> Object:
        """The whole request."""
        token = {} if self.header_token else {"auth": API_TOKEN}
        return {"request": {**self.asked, **token}} if self.wrapped else self.asked

    @property
    def when_refused(self) -> str:
        """What a refusal proves: nothing, where the transactionId is the caller's and may be used up."""
        return "in_doubt" if "transactionId" in str(self.asked) else "rejected"

    @property
    def repeats_doubts(self) -> bool:
        """Whether what may have been processed is tried again."""
        return self.name != "create_sms_message"


async def _history(client: PushwooshClient) -> list[int]:
    return [row.id async for row in client.get_push_history(page_size=10)]


_NOTE = Notification(content="Grüße 🚀", users=["u1", "u2"], transaction_id="tid-1")
_TARGETED = TargetedMessage(content="Hi", devices_filter=FILTER, transaction_id="tid-2")
_SMS = SMS(content="Code 1234", phone_number="+1234567890", use_auto_registration=True)
_DEVICE = Device(hwid="hw-1", device_type=Platform.ANDROID, push_token="pt-1", tags={"Age": 30})

SENDING = [
    Coroutine(
        name="create_message",
        method="createMessage",
        call=lambda client: client.create_message(_NOTE),
        asked={
            "application": APPLICATION,
            "notifications": [
                {
                    "send_date": "now",
                    "content": "Grüße 🚀",
                    "users": ["u1", "u2"],
                    "transactionId": "tid-1",
                }
            ],
        },
        response={"Messages": [CODE]},
        result=lambda result: result.message_codes == (CODE,),
        sends=True,
    ),
    Coroutine(
        name="create_targeted_message",
        method="createTargetedMessage",
        call=lambda client: client.create_targeted_message(_TARGETED),
        asked={
            "send_date": "now",
            "content": "Hi",
            "devices_filter": FILTER,
            "transactionId": "tid-2",
        },
        response={"messageCode": CODE},
        result=lambda result: (result.message_code, result.transaction_id) == (CODE, "tid-2"),
        sends=True,
    ),
    Coroutine(
        name="create_sms_message",
        method="createSMSMessage",
        call=lambda client: client.create_sms_message(_SMS),
        asked={
            "application": APPLICATION,
            "notifications": [
                {
                    "send_date": "now",
                    "content": "Code 1234",
                    "devices": ["+1234567890"],
                    "use_auto_registration": True,
                }
            ],
        },
        response={"Messages": [CODE]},
        result=lambda result: result.message_codes == (CODE,),
        sends=True,
    ),
]
TAKING_BACK = [
    Coroutine(
        name="delete_message",
        method="deleteMessage",
        call=lambda client: client.delete_message(CODE),
        asked={"message": CODE},
    ),
    Coroutine(
        name="cancel_message",
        method="cancelMessage",
        call=lambda client: client.cancel_message(CODE),
        asked={"message": CODE},
    ),
]
READING = [
    Coroutine(
        name="get_message_details",
        method="getMessageDetails",
        call=lambda client: client.get_message_details(CODE),
        asked={"message": CODE},
        response={"message": {"id": 7, "code": CODE, "platforms": "[1,3]"}},
        result=lambda result: (result.id, result.platforms) == (7, (1, 3)),
    ),
    Coroutine(
        name="get_push_history",
        method="getPushHistory",
        call=_history,
        asked={"limitMessages": 10},
        response={"rows": []},
        result=lambda result: result == [],
    ),
    Coroutine(
        name="get_message_totals",
        method="totalsByIntervals",
        call=lambda client: client.get_message_totals(CODE, platforms=[Platform.IOS, 3]),
        asked={"message_code": CODE, "platforms": [1, 3]},
        response={"metrics": [{"timestamp": HOUR, "platform": 1, "sends": "12"}]},
        result=lambda result: [line.sends for line in result.metrics] == [12],
        header_token=API_TOKEN,
        path="/api/v2/statistics/messages/totalsByIntervals",
        wrapped=False,
    ),
]
DEVICE = [
    Coroutine(
        name="register_device",
        method="registerDevice",
        call=lambda client: client.register_device(_DEVICE),
        asked={
            "application": APPLICATION,
            "hwid": "hw-1",
            "device_type": 3,
            "push_token": "pt-1",
            "tags": {"Age": 30},
        },
        header_token=DEVICE_TOKEN,
    ),
    Coroutine(
        name="unregister_device",
        method="unregisterDevice",
        call=lambda client: client.unregister_device("hw-1"),
        asked={"application": APPLICATION, "hwid": "hw-1"},
        header_token=DEVICE_TOKEN,
    ),
    Coroutine(
        name="register_user",
        method="registerUser",
        call=lambda client: client.register_user(
            "u1", hwid="hw-1", tz_offset=-3600, device_type=Platform.IOS
        ),
        asked={
            "application": APPLICATION,
            "userId": "u1",
            "hwid": "hw-1",
            "tz_offset": -3600,
            "device_type": 1,
        },
        header_token=DEVICE_TOKEN,
    ),
    Coroutine(
        name="set_tags",
        method="setTags",
        call=lambda client: client.set_tags({"Age": 30, "L": ["a"], "Gone": None}, hwid="hw-1"),
        asked={
            "application": APPLICATION,
            "hwid": "hw-1",
            "tags": {"Age": 30, "L": ["a"], "Gone": None},
        },
        header_token=DEVICE_TOKEN,
    ),
    Coroutine(
        name="get_tags",
        method="getTags",
        call=lambda client: client.get_tags(user_id="u1"),
        asked={"application": APPLICATION, "userId": "u1"},
        response={"result": {"Age": 30}},
        result=lambda result: result == {"Age": 30},
        header_token=DEVICE_TOKEN,
    ),
]
COROUTINES = [*SENDING, *TAKING_BACK, *READING, *DEVICE]


def each_of(coroutines: list[Coroutine]) -> pytest.MarkDecorator:
    """Repeat a test over these; its argument is called `one`."""
    return pytest.mark.parametrize("one", coroutines, ids=[each.name for each in coroutines])


each_coroutine = each_of(COROUTINES)
