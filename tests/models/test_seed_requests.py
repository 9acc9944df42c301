"""The vendor's own request examples through the models and back, and what their fields are called."""

import json
from typing import Any

import pytest
from seed_requests import seed_notifications, seed_request

from pushwoosh_async._wire.converter import wire_fields
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import SMS, Notification, TargetedMessage

NOTIFICATIONS = seed_notifications()
TARGETED = {k: v for k, v in seed_request("create_targeted_message").items() if k != "auth"}
TEXT_MESSAGE = seed_request("create_sms_message")["notifications"][0]
EXAMPLES = [
    *((Notification, example) for example in NOTIFICATIONS.values()),
    (TargetedMessage, TARGETED),
    (SMS, TEXT_MESSAGE),
]
IDS = [*NOTIFICATIONS, "create_targeted_message", "create_sms_message"]


@pytest.mark.parametrize(("cls", "example"), EXAMPLES, ids=IDS)
def test_an_example_survives_key_for_key(cls: Any, example: dict[str, Any]) -> None:
    """Every example comes back as it was, value for value, and no key of it is unknown."""
    message = cls.from_wire(example)
    assert json.dumps(message.to_wire(), sort_keys=True) == json.dumps(example, sort_keys=True)
    assert message.extra == {}


@pytest.mark.parametrize(("cls", "example"), EXAMPLES, ids=IDS)
def test_an_example_obeys_our_rules(cls: Any, example: dict[str, Any]) -> None:
    """Our limits do not refuse what the vendor shows, but for the letters it writes for digits."""
    digits = {
        key: value.replace("rrggbb", "102030").replace("RRGGBB", "102030")
        for key, value in example.items()
        if isinstance(value, str)
    }
    cls.from_wire({**example, **digits}).validate()


def test_the_letters_written_for_digits_are_refused() -> None:
    """``#rrggbb`` is no colour: the example as it stands is held, and not sent."""
    notification = Notification.from_wire(NOTIFICATIONS["create_message_android"])
    with pytest.raises(ConfigurationError, match=r"^android\.led: must be a colour"):
        notification.validate()


def test_the_examples_of_create_message_have_126_fields_and_each_is_a_model_field() -> None:
    """All keys of the vendor's examples together are all the fields that a notification has."""
    shown = set().union(*NOTIFICATIONS.values())
    assert len(shown) == 126
    assert set(wire_fields(Notification)) == shown


def test_the_other_two_methods_have_the_fields_that_their_pages_list() -> None:
    """A targeted message has the example's keys and the platforms'; an SMS has one that no example has."""
    platforms = {
        key
        for name, example in NOTIFICATIONS.items()
        for key in example
        if name != "create_message_general" and key != "voip_push"
    }
    assert set(wire_fields(TargetedMessage)) == TARGETED.keys() | platforms
    listed_only = {"dynamic_content_placeholders"}  # [DE:28]
    assert set(wire_fields(SMS)) == TEXT_MESSAGE.keys() | listed_only
