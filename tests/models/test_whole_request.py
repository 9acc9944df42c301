"""A whole request taken for one message: refused before its token can go anywhere."""

import traceback
from typing import Any

import pytest
from generated_wire import REQUEST_KEYS
from seed_requests import seed_request

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import SMS, Device, Geozone, Notification, TargetedMessage

SECRET = "secret-token"
ITEM = "one item of its notifications"
# What each class is in a request, and one of its own.
PARTS: list[tuple[Any, str, dict[str, Any]]] = [
    (Notification, ITEM, {"content": "x"}),
    (SMS, ITEM, {"content": "x", "devices": ["+1234567890"]}),
    (TargetedMessage, "what lies in it, without auth", {"devices_filter": "x"}),
    (Device, "what lies in it, without application", {"hwid": "x", "device_type": 1}),
]
each_part = pytest.mark.parametrize(
    ("cls", "part", "fields"), PARTS, ids=lambda value: getattr(value, "__name__", "")
)


@each_part
@pytest.mark.parametrize("key", REQUEST_KEYS)
@pytest.mark.parametrize("value", [SECRET, {"auth": SECRET, "application": SECRET}, [SECRET], None])
def test_a_key_of_the_request_is_refused_at_once(
    cls: Any, part: str, fields: dict[str, Any], key: str, value: Any
) -> None:
    """Whatever it holds, null too, and whatever stands beside it; the value is not shown."""
    with pytest.raises(ConfigurationError) as caught:
        cls.from_wire({**fields, key: value})
    if key in ("request", "notifications"):
        assert str(caught.value) == f"{key}: this is a whole request; from_wire takes {part}"
    else:
        assert str(caught.value).startswith(f"extra: '{key}' belongs to the client, not")
    assert caught.value.__context__ is None
    assert SECRET not in "".join(traceback.format_exception_only(caught.value))


@each_part
def test_the_request_itself_is_named_before_what_stands_in_it(
    cls: Any, part: str, fields: dict[str, Any]
) -> None:
    """What lies under ``request`` is told by its list, not by its token."""
    inner = {"auth": SECRET, "application": "AAAAA-BBBBB", "notifications": [fields]}
    with pytest.raises(
        ConfigurationError, match=f"^notifications: this is a whole request.*{part}"
    ):
        cls.from_wire(inner)


def test_the_vendors_targeted_example_is_a_message_without_its_token() -> None:
    """Its request is flat: the token stands beside the fields, and is refused there."""
    flat = seed_request("create_targeted_message")
    with pytest.raises(
        ConfigurationError, match=r"^extra: 'auth' belongs to the client.*: leave it out$"
    ):
        TargetedMessage.from_wire(flat)
    del flat["auth"]
    assert TargetedMessage.from_wire(flat).to_wire() == flat


def test_a_part_of_a_message_is_not_taken_for_a_request() -> None:
    """A circle on the map is never sent by itself, and data are the caller's own."""
    fields = dict.fromkeys(REQUEST_KEYS, "x")
    assert Geozone.from_wire(fields).to_wire() == fields
    message = {"content": "x", "data": fields, "geozone": fields}
    assert Notification.from_wire(message).to_wire() == message
