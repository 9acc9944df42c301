"""What an SMS takes, refuses and hides."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import SMS

NUMBER = "+1234567890"


def test_the_number_is_the_one_item_of_devices() -> None:
    """One number in, a list of one on the wire, and back."""
    sms = SMS(content="Code 1234", phone_number=NUMBER, use_auto_registration=True)
    written = {"content": "Code 1234", "devices": [NUMBER], "use_auto_registration": True}
    assert sms.to_wire() == written
    assert SMS.from_wire(written) == sms


@pytest.mark.parametrize("number", ["+12", "+123456789012345"])
def test_a_number_in_e164_is_taken(number: str) -> None:
    """Two digits and fifteen are the ends."""
    assert SMS(content="x", phone_number=number).phone_number == number


@pytest.mark.parametrize(
    "number",
    [
        "",
        "1234567890",
        "+1",
        "+0123456",
        "+1234567890123456",
        "+12 34",
        "+12-34",
        "+12\n",
        "+1٢",
        "00123",
    ],
)
def test_a_number_that_is_not_e164_is_refused_and_not_shown(number: str) -> None:
    """A wrong number costs money; whose it is stays out of the error."""
    with pytest.raises(ConfigurationError) as caught:
        SMS(content="x", phone_number=number)
    assert str(caught.value) == "phone_number: must be a number in E.164, such as '+1234567890'"


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        ([], "devices: expected a list of exactly one item, got list"),
        ([NUMBER, NUMBER], "devices: expected a list of exactly one item, got list"),
        (NUMBER, "devices: expected a list of exactly one item, got str"),
        ([5], "devices[0]: expected a str, got int"),
        ([None], "devices[0]: expected a str, got None"),
    ],
)
def test_another_list_of_devices_is_refused(devices: Any, complaint: str) -> None:
    """The API takes one number; a model of one cannot hold two."""
    with pytest.raises(ConfigurationError) as caught:
        SMS.from_wire({"content": "x", "devices": devices})
    assert str(caught.value) == complaint


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_text_is_refused(content: str) -> None:
    """It would be charged like any other."""
    with pytest.raises(ConfigurationError, match=r"^content: must not be empty$"):
        SMS(content=content, phone_number=NUMBER)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"content": {"en": "x"}}, "content: expected a str, got dict"),
        ({"phone_number": 1234567890}, "phone_number: expected a str, got int"),
        ({"phone_number": [NUMBER]}, "phone_number: expected a str, got list"),
        ({"phone_number": None}, "phone_number: expected a str, got None"),
        ({"use_auto_registration": 1}, "use_auto_registration: expected a bool, got int"),
        (
            {"dynamic_content_placeholders": {"a": 1}},
            "dynamic_content_placeholders.a: expected a str",
        ),
        ({"preset": 1}, "preset: expected a str, got int"),
    ],
)
def test_a_wrong_type_is_a_type_error(arguments: dict[str, Any], complaint: str) -> None:
    """The text is a str alone: the method knows no languages."""
    with pytest.raises(TypeError, match=f"^{complaint}"):
        SMS(**{"content": "x", "phone_number": NUMBER, **arguments})


def test_content_and_number_are_needed() -> None:
    """From the wire their absence is held, and refused when judged."""
    with pytest.raises(TypeError, match="phone_number"):
        SMS(content="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="content"):
        SMS(phone_number=NUMBER)  # type: ignore[call-arg]
    for wire, name in (({"content": "x"}, "phone_number"), ({"devices": [NUMBER]}, "content")):
        held = SMS.from_wire(wire)
        assert held.to_wire() == wire
        with pytest.raises(ConfigurationError, match=f"^{name}: is required$"):
            held.validate()


def test_an_aware_send_date_is_written_in_utc() -> None:
    """One instant; no other key says so, since the method has none."""
    moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    written = SMS(content="x", phone_number=NUMBER, send_date=moment).to_wire()
    assert written == {"content": "x", "devices": [NUMBER], "send_date": "2025-12-31 23:30"}


@pytest.mark.parametrize(
    ("moment", "complaint"),
    [
        (datetime(2026, 1, 1), "a datetime needs a time zone"),  # noqa: DTZ001
        (datetime(2026, 1, 1, second=1, tzinfo=UTC), "must be a whole minute"),
        ("2026-01-01 10:00:30", "must be a whole minute"),
        ("tomorrow", "must be 'now', 'YYYY-MM-DD HH:MM' or a datetime"),
        ("2031-02-30 10:00", "must be a day that exists: the calendar has no such day"),
    ],
)
def test_a_send_date_that_leaves_the_hour_open_is_refused(moment: Any, complaint: str) -> None:
    """No SMS goes out at an hour that nobody meant."""
    with pytest.raises(ConfigurationError, match=f"^send_date: {complaint}"):
        SMS(content="x", phone_number=NUMBER, send_date=moment)


@pytest.mark.parametrize("moment", ["now", "2026-01-01 10:00"])
def test_a_text_goes_as_it_is(moment: str) -> None:
    """The vendor's own spellings are taken."""
    assert SMS(content="x", phone_number=NUMBER, send_date=moment).send_date == moment


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("devices", "extra: 'devices' is a field: pass it as phone_number="),
        ("content", "extra: 'content' is a field: pass it as content="),
        *(
            (key, f"extra: '{key}' belongs to the client")
            for key in ("auth", "application", "notifications")
        ),
    ],
)
def test_extra_holds_what_is_not_known_alone(key: str, complaint: str) -> None:
    """A second list of numbers cannot come in by the back door."""
    with pytest.raises(ConfigurationError, match=f"^{complaint}"):
        SMS(content="x", phone_number=NUMBER, extra={key: "x"})


def test_the_repr_shows_neither_number_nor_text() -> None:
    """A text may be a code, a number is a person."""
    assert repr(SMS(content="Code 1234", phone_number=NUMBER, send_date="now")) == (
        "SMS(content=<9 characters>, phone_number=<11 characters>, send_date='now')"
    )
