"""Whatever is wrong with an argument of a call ends in one sentence about it, before a byte."""

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeAlias

import pytest

from pushwoosh_async import (
    SMS,
    ConfigurationError,
    Device,
    Notification,
    PushwooshClient,
    PushwooshError,
    TargetedMessage,
)

from .coroutines import COROUTINES, FILTER, Coroutine, each_coroutine, each_of
from .talk import APPLICATION, talk

NO_CODE = "gave this message no code"


class Shade(Enum):
    """A choice that is not a str."""

    CODE = "AB-CD"


async def asked(client: PushwooshClient, **arguments: Any) -> None:
    """Ask for a history, and for none of its rows."""
    client.get_push_history(**arguments)


def unjudged(model: Any, **fields: Any) -> Any:
    """Return a model that came from the wire, whose values nobody has judged."""
    return model.from_wire(fields)


LOOP: dict[str, Any] = {}
LOOP["loop"] = LOOP
TARGETED = TargetedMessage(content="Hi", devices_filter=FILTER)
Value: TypeAlias = tuple[type[Exception], Any]


def wrong(*values: Any) -> list[Value]:
    """Say that these are of a wrong type."""
    return [(TypeError, value) for value in values]


def bad(*values: Any) -> list[Value]:
    """Say that these break a rule."""
    return [(ConfigurationError, value) for value in values]


CODES = bad("", " \t", "\ud800", None, "CODE_NOT_AVAILABLE")
CODES += wrong(b"AB-CD", ["AB-CD"], ("AB-CD",), True, 1.5, Shade.CODE)
TEXTS = bad("", "\n ", "\ud800") + wrong(b"x", ["x"], True, 1.5)
NEEDED = [*TEXTS, *wrong(None, 5)]  # where None is no way to leave it out, and no number is a text
NUMBERS = wrong("0", 1.5, True, [0]) + bad(2**63)

Call: TypeAlias = Callable[[PushwooshClient, Any], Any]
TABLE: list[tuple[str, Call, list[Value]]] = [
    # codes
    ("message_code", lambda c, v: c.delete_message(v), [*CODES, *wrong(5)]),
    ("message_code", lambda c, v: c.cancel_message(v), [*CODES, *wrong(5)]),
    ("message_code", lambda c, v: c.get_message_totals(v), [*CODES, *wrong(5)]),
    ("message", lambda c, v: c.get_message_details(v), CODES),
    (
        "platforms",
        lambda c, v: c.get_message_totals("AB-CD", platforms=v),
        wrong(1, "1", ["1"], [1.5], [True], {1: 2}, iter([1]), [None]) + bad([2**63]),
    ),
    # messages
    (
        "message",
        lambda c, v: c.create_targeted_message(v),
        wrong(None, "Hi", {"devices_filter": FILTER}, Notification(content="Hi"), [TARGETED]),
    ),
    (
        "all_applications",
        lambda c, v: c.create_targeted_message(TARGETED, all_applications=v),
        wrong(1, 0, None, "yes"),
    ),
    (
        "devices_filter",
        lambda c, v: c.create_targeted_message(unjudged(TargetedMessage, **v)),
        bad({}, {"devices_filter": " "}),
    ),
    (
        "send_rate",
        lambda c, v: c.create_targeted_message(
            unjudged(TargetedMessage, devices_filter=FILTER, send_rate=v)
        ),
        bad(7, 1001),
    ),
    (
        "sms",
        lambda c, v: c.create_sms_message(v),
        wrong(None, "Hi", {"content": "Hi"}, Notification(content="Hi", devices=["+1234567890"])),
    ),
    (
        "phone_number",
        lambda c, v: c.create_sms_message(unjudged(SMS, content="Hi", **v)),
        bad({}, {"devices": ["0"]}, {"devices": ["+12 34"]}),
    ),
    (
        "content",
        lambda c, v: c.create_sms_message(unjudged(SMS, devices=["+1234567890"], **v)),
        bad({}, {"content": " "}),
    ),
    # history: refused when it is asked for, not when its first row is
    ("page_size", lambda c, v: asked(c, page_size=v), wrong(None, "10", 10.0, True, [10])),
    ("page_size", lambda c, v: asked(c, page_size=v), bad(9, 1001, 0, -1, 10**9)),
    ("source", lambda c, v: asked(c, source=v), [*TEXTS, *wrong(5)]),
    ("search_by", lambda c, v: asked(c, search_by=v, value="x"), [*TEXTS, *wrong(5)]),
    ("value", lambda c, v: asked(c, search_by="campaignCode", value=v), TEXTS),
    (
        "get_push_history",
        lambda c, v: asked(c, **v),
        wrong({"search_by": "campaignCode"}, {"value": "AB-CD"}),
    ),
    # devices
    (
        "device",
        lambda c, v: c.register_device(v),
        wrong(None, "hw", {"hwid": "hw"}, [Device(hwid="hw", device_type=1)]),
    ),
    ("device_type", lambda c, v: c.register_device(unjudged(Device, **v)), bad({"hwid": "hw"})),
    (
        "hwid",
        lambda c, v: c.register_device(unjudged(Device, **v)),
        bad({"device_type": 1}, {"device_type": 1, "hwid": " "}, {"device_type": 18, "hwid": "5"}),
    ),
    ("hwid", lambda c, v: c.unregister_device(v), NEEDED),
    ("user_id", lambda c, v: c.register_user(v, hwid="h"), NEEDED),
    ("hwid", lambda c, v: c.register_user("u", hwid=v), NEEDED),
    ("tz_offset", lambda c, v: c.register_user("u", hwid="h", tz_offset=v), NUMBERS),
    ("device_type", lambda c, v: c.register_user("u", hwid="h", device_type=v), NUMBERS),
    (
        "tags",
        lambda c, v: c.set_tags(v, hwid="h"),
        wrong(None, "Age", ["Age"], [("Age", 1)], 5, {"Age": object()}, {1: 2}, {"Age": {1, 2}}),
    ),
    ("tags", lambda c, v: c.set_tags(v, hwid="h"), bad({}, LOOP)),
    (
        "tags",
        lambda c, v: c.set_tags({"Age": v}, hwid="h"),
        bad(float("nan"), float("inf"), "\ud800", 10**400),
    ),
    ("hwid", lambda c, v: c.set_tags({"Age": 1}, hwid=v), [*TEXTS, *wrong(5)]),
    ("user_id", lambda c, v: c.set_tags({"Age": 1}, user_id=v), [*TEXTS, *wrong(5)]),
    ("hwid", lambda c, v: c.get_tags(hwid=v), [*TEXTS, *wrong(5)]),
    ("user_id", lambda c, v: c.get_tags(user_id=v), [*TEXTS, *wrong(5)]),
    (
        "set_tags",
        lambda c, v: c.set_tags({"Age": 1}, **v),
        wrong({}, {"hwid": "h", "user_id": "u"}),
    ),
    ("get_tags", lambda c, v: c.get_tags(**v), wrong({}, {"hwid": "h", "user_id": "u"})),
]


def sentence(error: BaseException, argument: str) -> str:
    """Return an error's text: one line, which begins with the argument's name."""
    text = str(error)
    assert "\n" not in text
    assert re.match(rf"{re.escape(argument)}[^:]*: \S", text), text
    return text


@pytest.mark.parametrize(
    ("argument", "call", "kind", "value"),
    [
        pytest.param(argument, call, kind, value, id=f"{argument}-{row}-{number}")
        for row, (argument, call, values) in enumerate(TABLE)
        for number, (kind, value) in enumerate(values)
    ],
)
async def test_wrong_argument(
    argument: str, call: Call, kind: type[Exception], value: object
) -> None:
    """The right class, the argument's name and the rule; nothing is connected to."""
    async with talk() as (client, server):
        with pytest.raises(kind) as caught:
            await call(client, value)
        assert server.connections == 0
    sentence(caught.value, argument)
    assert type(caught.value) is kind
    if isinstance(caught.value, PushwooshError):
        assert caught.value.delivery == "not_sent"
    assert caught.value.__context__ is None


async def test_values_are_not_shown() -> None:
    """A code, an id, a tag's value: none of them is in the sentence about it."""
    secret = "canary\ud800"
    device = unjudged(Device, device_type=18, hwid=secret)
    calls: list[Callable[[PushwooshClient], Any]] = [
        lambda client: client.set_tags({"Age": secret}, hwid="h"),
        lambda client: client.set_tags({"Age": {secret}}, hwid="h"),
        lambda client: client.register_device(device),
        lambda client: client.get_message_totals("AB-CD", platforms=[secret]),  # type: ignore[list-item]
        lambda client: client.create_sms_message(unjudged(SMS, content="Hi", devices=[secret])),
    ]
    async with talk() as (client, server):
        for call in calls:
            with pytest.raises((TypeError, ConfigurationError)) as caught:
                await call(client)
            assert "canary" not in str(caught.value)
        assert server.connections == 0


TAKES_A_CODE = ["delete_message", "cancel_message", "get_message_details", "get_message_totals"]


@pytest.mark.parametrize("name", TAKES_A_CODE)
@pytest.mark.parametrize("code", [None, "CODE_NOT_AVAILABLE"])
async def test_lack_of_a_code_is_refused_with_the_reason(name: str, code: str | None) -> None:
    """What `create_message` may return as None stands for a message that cannot be found again."""
    async with talk() as (client, server):
        with pytest.raises(ConfigurationError, match=NO_CODE) as caught:
            await getattr(client, name)(code)
        assert "fewer than ten devices" in str(caught.value)
        assert server.connections == 0


@pytest.mark.parametrize("extra", ["auth", "application", "notifications"])
def test_nothing_of_the_requests_own_can_be_smuggled_in(extra: str) -> None:
    """Not even by a model from the wire: a flat request would have the key twice."""
    own: list[tuple[Any, dict[str, object]]] = [
        (TargetedMessage, {"devices_filter": FILTER}),
        (Device, {"hwid": "h", "device_type": 1}),
        (SMS, {"content": "Hi", "devices": ["+1234567890"]}),
    ]
    for model, fields in own:
        with pytest.raises(ConfigurationError, match=extra):
            unjudged(model, **fields, **{extra: "x"})


async def test_request_beyond_the_servers_limit_is_refused() -> None:
    """10 MB, for every method; the error names it."""
    huge = {"Age": "x" * 10_000_000}
    async with talk() as (client, server):
        with pytest.raises(ConfigurationError, match=r"^setTags: the request would take"):
            await client.set_tags(huge, hwid="h")
        assert server.connections == 0


# -- an application ----------------------------------------------------------------------------

NEED_ONE = [
    one
    for one in COROUTINES
    if APPLICATION in str(one.asked) and one.name != "create_targeted_message"
]
NEED_NO_GROUP = [one for one in NEED_ONE if one.name != "create_message"]


@each_of(NEED_ONE)
async def test_application_is_missing(one: Coroutine) -> None:
    """The error says how to name it."""
    async with talk(application=None) as (client, server):
        with pytest.raises(ConfigurationError) as caught:
            await one.call(client)
        assert "PUSHWOOSH_APPLICATION" in sentence(caught.value, "application")
        assert server.connections == 0


@each_of(NEED_NO_GROUP)
async def test_group_of_applications_is_no_application(one: Coroutine) -> None:
    """SMS and devices belong to one; the API takes no group there [DE:17, D-dev]."""
    async with talk(application=None, applications_group="GGGGG-GGGGG") as (client, server):
        with pytest.raises(ConfigurationError) as caught:
            await one.call(client)
        assert "applications_group" in sentence(caught.value, "application")
        assert server.connections == 0


@each_coroutine
async def test_closed_client(one: Coroutine) -> None:
    """No call can be made any more, and the error says so."""
    async with talk() as (client, server):
        await client.aclose()
        with pytest.raises(ConfigurationError, match=r"^client: it was closed"):
            await one.call(client)
        assert server.connections == 0
