"""What a TargetedMessage takes besides what a Notification takes too."""

import re
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
from generated_wire import REQUEST_KEYS

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import IOS, TargetedMessage
from pushwoosh_async.targeting.applications import App
from pushwoosh_async.targeting.tags import StringTag

FILTER = 'A("AAAAA-BBBBB")'


def test_a_filter_is_kept_as_its_text() -> None:
    """A tree and its text make equal messages."""
    tree = App("AAAAA-BBBBB") & StringTag("City").eq("Paris")
    message = TargetedMessage(content="Hi", devices_filter=tree)
    assert message.devices_filter == str(tree)
    assert message.to_wire() == {"content": "Hi", "devices_filter": str(tree)}
    assert message == TargetedMessage(content="Hi", devices_filter=str(tree))


@pytest.mark.parametrize("devices_filter", [None, 5, ["A"], b"A"])
def test_a_filter_of_another_type_is_refused(devices_filter: Any) -> None:
    """A message without a filter is none."""
    with pytest.raises(TypeError, match=r"^devices_filter: expected a str or a Filter, got "):
        TargetedMessage(devices_filter=devices_filter)
    with pytest.raises(TypeError, match="devices_filter"):
        TargetedMessage()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        ({"content": "Hi"}, "devices_filter: is required"),
        ({"devices_filter": " "}, "devices_filter: must not be empty"),
        ({"devices_filter": FILTER, "send_rate": 99}, "send_rate: must be between 100 and 1000"),
        ({"devices_filter": FILTER, "ios_ttl": -1}, "ios.ttl: must be at least 0"),
    ],
)
def test_from_wire_does_not_judge_and_validate_does(wire: dict[str, Any], complaint: str) -> None:
    """What came from the wire is held as it is, and judged when somebody asks."""
    message = TargetedMessage.from_wire(wire)
    assert message.to_wire() == wire
    with pytest.raises(ConfigurationError, match=f"^{complaint}"):
        message.validate()


@pytest.mark.parametrize(
    "key",
    [*REQUEST_KEYS, "devices_filter", "ios_ttl"],
)
def test_extra_cannot_replace_what_the_request_says(key: str) -> None:
    """The request is flat, so that a key of the message is a key of the request."""
    with pytest.raises(ConfigurationError, match=f"^extra: '{key}' "):
        TargetedMessage(devices_filter=FILTER, extra={key: "x"})


def test_dates_are_kept_as_a_notification_keeps_them() -> None:
    """The schedule's rules are the same ones."""
    message = TargetedMessage(
        devices_filter=FILTER,
        send_date=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        inbox_date=date(2026, 2, 3),
        ios=IOS(silent=True),
    )
    assert message.to_wire() == {
        "devices_filter": FILTER,
        "send_date": "2026-01-02 03:04",
        "ignore_user_timezone": True,
        "inbox_date": "2026-02-03",
        "ios_silent": 1,
    }
    assert attrs.evolve(message) == message
    with pytest.raises(ConfigurationError, match=re.escape("send_date: a datetime without")):
        TargetedMessage(devices_filter=FILTER, send_date=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["users", "devices", "platforms", "title", "inbox_days", "voip"])
def test_what_the_method_does_not_document_is_no_argument(name: str) -> None:
    """A field of createMessage that this method lacks does not pass as if it worked."""
    arguments: dict[str, Any] = {name: None}
    with pytest.raises(TypeError, match=name):
        TargetedMessage(devices_filter=FILTER, **arguments)
