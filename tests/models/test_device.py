"""What a Device takes, refuses and hides."""

from typing import Any

import attrs
import pytest

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import Device, Platform

# The vendor's own example, its long values shortened [D-dev].
EXAMPLE: dict[str, Any] = {
    "push_token": "dec301908b9ba8",
    "hwid": "1CA68A12-8DAC",
    "idfa": "AEBE52E7-03EE",
    "timezone": 3600,
    "device_type": 1,
    "email": "email_address@domain.com",
    "language": "en",
    "userId": "Alex",
    "tags": {
        "StringTag": "string value",
        "IntegerTag": 42,
        "ListTag": ["string1", "string2"],
        "DateTag": "2015-10-02 22:11",
        "BooleanTag": True,
    },
    "app_version": "1.2.3",
    "device_model": "Samsung SM-G355H",
    "os_version": "2.3",
    "public_key": "BNmDO4BT",
    "auth_token": "RlRmCCdG",
    "fcm_token": "BNmDO4BT",
    "fcm_push_set": "RlRmCCdG",
}


def test_the_vendors_example_comes_back_and_obeys_our_rules() -> None:
    """Key for key, and no key of it is unknown."""
    device = Device.from_wire(EXAMPLE)
    assert device.to_wire() == EXAMPLE
    assert device.extra == {}
    assert device.user_id == "Alex"
    device.validate()
    assert attrs.evolve(device) == device
    assert all(getattr(device, field.name) is not None for field in attrs.fields(Device))


@pytest.mark.parametrize(
    ("device_type", "hwid"),
    [
        (Platform.SMS, "+1234567890"),
        (Platform.WHATSAPP, "whatsapp:+1234567890"),
        (Platform.IOS, "1234567890"),
        (99, "anything"),
    ],
)
def test_an_id_of_the_right_form_is_taken(device_type: int, hwid: str) -> None:
    """Phone numbers have a form; other ids do not, and other platforms are taken as they come."""
    written = Device(hwid=hwid, device_type=device_type).to_wire()
    assert written == {"hwid": hwid, "device_type": int(device_type)}
    assert type(written["device_type"]) is int


@pytest.mark.parametrize(
    ("device_type", "hwid"),
    [
        (18, "1987654321"),
        (18, "whatsapp:+1987654321"),
        (18, "+0123"),
        (21, "+1987654321"),
        (21, "WhatsApp:+1987654321"),
        (21, "whatsapp:1987654321"),
    ],
)
def test_a_number_of_the_wrong_form_is_refused_and_not_shown(device_type: int, hwid: str) -> None:
    """The messages to it would go nowhere."""
    with pytest.raises(
        ConfigurationError, match=r"^hwid: must be .* E\.164.* for this device_type$"
    ) as e:
        Device(hwid=hwid, device_type=device_type)
    assert hwid not in str(e.value)
    held = Device.from_wire({"hwid": hwid, "device_type": device_type})
    with pytest.raises(ConfigurationError, match=r"^hwid: must be "):
        held.validate()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"hwid": " "}, "hwid: must not be empty"),
        ({"hwid": None}, "hwid: is required, unless email is given"),
        ({"push_token": ""}, "push_token: must not be empty"),
        ({"user_id": ""}, "user_id: must not be empty"),
        ({"language": "EN"}, "language: must be two lower-case letters"),
        ({"language": "eng"}, "language: must be two lower-case letters"),
        ({"language": "é1"}, "language: must be two lower-case letters"),
        ({"email": "alice"}, "email: must be an e-mail address"),
        ({"email": "a@b c"}, "email: must be an e-mail address"),
        ({"tags": {"a": float("nan")}}, "tags.a: JSON has no NaN"),
        ({"timezone": 2**63}, "timezone: must fit in 64 bits"),
        ({"extra": {"userId": "x"}}, "extra: 'userId' is a field: pass it as user_id="),
        ({"extra": {"application": "x"}}, "extra: 'application' belongs to the client"),
        ({"extra": {"auth": "x"}}, "extra: 'auth' belongs to the client"),
    ],
)
def test_a_wrong_value_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    """The error names the argument and the rule, and never shows the value."""
    with pytest.raises(ConfigurationError, match=f"^{complaint}"):
        Device(**{"hwid": "h", "device_type": 1, **arguments})


@pytest.mark.parametrize(
    "arguments",
    [{"hwid": 5}, {"device_type": "1"}, {"device_type": None}, {"timezone": 1.5}, {"tags": [1]}],
)
def test_a_wrong_type_is_a_type_error(arguments: dict[str, Any]) -> None:
    """Types are checked as everywhere."""
    with pytest.raises(TypeError, match=f"^{next(iter(arguments))}: expected "):
        Device(**{"hwid": "h", "device_type": 1, **arguments})
    with pytest.raises(TypeError, match="device_type"):
        Device(hwid="h")  # type: ignore[call-arg]


def test_an_address_does_without_an_id() -> None:
    """The vendor registers an e-mail address in place of a hwid."""
    device = Device(email="a@b.c", device_type=Platform.EMAIL)
    assert device.to_wire() == {"email": "a@b.c", "device_type": 14}


def test_the_repr_shows_nothing_that_is_personal_or_secret() -> None:
    """Ids, tokens, keys, address and tags are counted; what a device is may be seen."""
    text = repr(Device.from_wire(EXAMPLE))
    shown = {"timezone", "device_type", "language", "app_version", "device_model", "os_version"}
    for key, value in EXAMPLE.items():
        assert (key in shown) == (repr(value) in text), key
    assert "hwid=<13 characters>" in text
    assert "tags=<5 tags>" in text


def test_the_platforms_have_the_vendors_numbers() -> None:
    """As the pages list them: ES:75-77, D-dev for 18, 19 and 21, D-aud for 14."""
    names = {1: "IOS", 3: "ANDROID", 7: "MACOS", 8: "WINDOWS", 9: "AMAZON", 10: "SAFARI"}
    names |= {11: "CHROME", 12: "FIREFOX", 14: "EMAIL", 17: "HUAWEI", 18: "SMS"}
    names |= {19: "XIAOMI", 21: "WHATSAPP"}
    assert {int(platform): platform.name for platform in Platform} == names
