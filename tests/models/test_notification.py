"""What a Notification takes, refuses and keeps."""

import json
import pickle
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from seed_requests import seed_notifications

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import IOS, Geozone, Notification, Platform
from pushwoosh_async.targeting.tags import DateTag, IntegerTag, ListTag, StringTag

SEED = seed_notifications()["create_message_general"]


def generator() -> Iterator[str]:
    """Yield one id."""
    yield "u1"


async def async_generator() -> AsyncIterator[str]:
    """Yield one id."""
    yield "u1"


def loop() -> dict[str, Any]:
    """Return a dict that contains itself."""
    value: dict[str, Any] = {}
    value["again"] = value
    return value


WRONG_TYPES: list[tuple[dict[str, Any], str]] = [
    ({"users": "u1"}, "users: expected a list of str, got str"),
    ({"users": b"u1"}, "users: expected a list of str, got bytes"),
    ({"devices": "d1"}, "devices: expected a list of str, got str"),
    ({"devices": bytearray(b"d1")}, "devices: expected a list of str, got bytearray"),
    ({"users": {"u1"}}, "users: expected a list of str, got set"),
    ({"users": {"u1": 1}}, "users: expected a list of str, got dict"),
    ({"users": ["u1", None]}, "users[1]: expected a str, got None"),
    ({"users": [1]}, "users[0]: expected a str, got int"),
    ({"devices": [b"d1"]}, "devices[0]: expected a str, got bytes"),
    ({"platforms": 1}, "platforms: expected a list of int, got int"),
    ({"platforms": b"\x01"}, "platforms: expected a list of int, got bytes"),
    ({"platforms": [True]}, "platforms[0]: expected an int, got bool"),
    ({"platforms": ["ios"]}, "platforms[0]: expected an int, got str"),
    ({"content": 5}, "content: expected a str or a dict of str, got int"),
    ({"title": {"en": None}}, "title.en: expected a str, got None"),
    ({"subtitle": {1: "x"}}, "subtitle: expected keys that are str, got int"),
    ({"send_date": 5}, "send_date: expected a str or a datetime, got int"),
    ({"send_date": date(2026, 1, 1)}, "send_date: expected a str or a datetime, got date"),
    ({"inbox_date": datetime(2026, 1, 1, tzinfo=UTC)}, "inbox_date: expected a str or a date, got"),
    ({"ignore_user_timezone": 1}, "ignore_user_timezone: expected a bool, got int"),
    ({"geozone": {"lat": 1, "lng": 1, "range": 1}}, "geozone: expected a Geozone, got dict"),
    ({"minimize_link": False}, "minimize_link: expected an int, got bool"),
    ({"send_rate": "100"}, "send_rate: expected an int, got str"),
    ({"send_rate": 100.0}, "send_rate: expected an int, got float"),
    ({"capping_days": True}, "capping_days: expected an int, got bool"),
    ({"transaction_id": 5}, "transaction_id: expected a str, got int"),
    ({"data": [1]}, "data: expected a dict or a str, got list"),
    ({"data": {"items": [1, 2, 3, {1}]}}, "data.items[3]: expected a JSON value, got set"),
    ({"data": {"at": datetime(2026, 1, 1, tzinfo=UTC)}}, "data.at: expected a JSON value, got"),
    ({"data": {"sum": Decimal(1)}}, "data.sum: expected a JSON value, got Decimal"),
    ({"data": {"raw": b"x"}}, "data.raw: expected a JSON value, got bytes"),
    ({"data": {"a": {1: "x", "1": "y"}}}, "data.a: expected keys that are str, got int"),
    ({"data": {None: 1}}, "data: expected keys that are str, got None"),
    ({"template_bindings": {"a b": {1}}}, "template_bindings['a b']: expected a JSON value"),
    ({"template_bindings": "x"}, "template_bindings: expected a dict, got str"),
    ({"dynamic_content_placeholders": {"a": 1}}, "dynamic_content_placeholders.a: expected a str"),
    ({"conditions": "x"}, "conditions: expected a list, got str"),
    ({"conditions": ["Age"]}, "conditions[0]: expected a list or a TagTest, got str"),
    ({"conditions": [("A", "ANY"), ("A", "IN", "x")]}, "conditions[1]: IN takes a list"),
    ({"extra": None}, "extra: expected a dict, got None"),
    ({"extra": {1: 2}}, "extra: expected keys that are str, got int"),
    ({"extra": {"new": {1}}}, "extra.new: expected a JSON value, got set"),
]

WRONG_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"send_rate": 99}, "send_rate: must be between 100 and 1000, not 99"),
    ({"send_rate": 1001}, "send_rate: must be between 100 and 1000, not 1001"),
    ({"capping_days": 0}, "capping_days: must be between 1 and 30, not 0"),
    ({"capping_days": 31}, "capping_days: must be between 1 and 30, not 31"),
    ({"capping_count": 0}, "capping_count: must be at least 1, not 0"),
    ({"capping_count": 2**63}, "capping_count: must fit in 64 bits"),
    ({"platforms": [1, -(2**63) - 1]}, "platforms[1]: must fit in 64 bits"),
    ({"inbox_days": 0}, "inbox_days: must be between 1 and 30, not 0"),
    ({"inbox_days": 31}, "inbox_days: must be between 1 and 30, not 31"),
    ({"minimize_link": 1}, "minimize_link: must be 0 or 2"),
    ({"conditions_operator": "and"}, "conditions_operator: must be 'AND' or 'OR'"),
    ({"content": {}}, "content: must hold at least one language"),
    ({"title": {}}, "title: must hold at least one language"),
    ({"subtitle": {}}, "subtitle: must hold at least one language"),
    ({"campaign": ""}, "campaign: must not be empty"),
    ({"rich_media": " "}, "rich_media: must not be empty"),
    ({"preset": ""}, "preset: must not be empty"),
    ({"timezone": ""}, "timezone: must not be empty"),
    ({"filter": ""}, "filter: must not be empty"),
    ({"transaction_id": ""}, "transaction_id: must not be empty"),
    ({"transaction_id": "x" * 256}, "transaction_id: must be 1 to 255 printable characters"),
    ({"transaction_id": "a\nb"}, "transaction_id: must be 1 to 255 printable characters"),
    ({"data": "{"}, "data: a str must hold JSON"),
    ({"data": '{"a": NaN}'}, "data: a str must hold JSON"),
    ({"data": "[" * 100_000}, "data: a str must hold JSON"),
    ({"data": {"a": float("nan")}}, "data.a: JSON has no NaN and no infinity"),
    ({"data": {"a": [float("inf")]}}, "data.a[0]: JSON has no NaN and no infinity"),
    ({"data": {"a": 10**5000}}, "data.a: must fit in 64 bits"),
    ({"data": loop()}, "data.again: is nested more than 100 deep, or contains itself"),
    ({"template_bindings": {"a": -(10**30)}}, "template_bindings.a: must fit in 64 bits"),
    ({"content": "\ud800"}, "content: holds half of a surrogate pair"),
    ({"content": {"en": "ok", "de": "\udfff"}}, "content.de: holds half of a surrogate pair"),
    ({"link": "\ud83d"}, "link: holds half of a surrogate pair"),
    ({"users": ["u1", "\ud800"]}, "users[1]: holds half of a surrogate pair"),
    ({"data": {"\ud800": 1}}, r"data['\ud800']: holds half of a surrogate pair"),
    ({"conditions": [("\ud800", "ANY")]}, "conditions[0][0]: holds half of a surrogate pair"),
    ({"conditions": [("Age", "OVER", 1)]}, "conditions[0]: the operator must be one of EQ"),
    ({"conditions": [("Age",)]}, "conditions[0]: must be (tag, operator, operand)"),
    ({"extra": {"users": []}}, "extra: 'users' is a field: pass it as users="),
    ({"extra": {"title": None}}, "extra: 'title' is a field: where it is null, leave it out"),
    ({"extra": {"transactionId": "x"}}, "extra: 'transactionId' is a field: pass it as tr"),
    ({"extra": {"voip_push": True}}, "extra: 'voip_push' is a field: pass it as voip_push="),
    ({"extra": {"ios_title": "x"}}, "extra: 'ios_title' is a field: pass it as ios=IOS(title=...)"),
    (
        {"extra": {"wns_tag": "x"}},
        "extra: 'wns_tag' is a field: pass it as windows=Windows(tag=...)",
    ),
    ({"extra": {"auth": "t"}}, "extra: 'auth' belongs to the client, not to a message"),
    ({"extra": {"application": "A"}}, "extra: 'application' belongs to the client"),
    ({"extra": {"applications_group": "A"}}, "extra: 'applications_group' belongs to the client"),
    ({"extra": {"notifications": []}}, "extra: 'notifications' belongs to the client"),
    ({"extra": {"request": {}}}, "extra: 'request' belongs to the client, not to a message"),
    ({"extra": {"a": [float("nan")]}}, "extra.a[0]: JSON has no NaN"),
    ({"send_date": "tomorrow"}, "send_date: must be 'now', 'YYYY-MM-DD HH:MM' or a datetime"),
    (
        {"send_date": "2031-02-30 10:00"},
        "send_date: must be a day that exists: the calendar has no",
    ),
    ({"send_date": "2031-02-30 25:00"}, "send_date: must be a day that exists"),
    ({"send_date": "2031-02-28 25:00"}, "send_date: must be a minute that exists, from 00:00 to 2"),
    ({"send_date": "2031-02-28 23:60"}, "send_date: must be a minute that exists"),
    ({"send_date": "2026-01-01T10:00"}, "send_date: must be 'now', 'YYYY-MM-DD HH:MM'"),
    ({"send_date": "2026-01-01"}, "send_date: must be 'now', 'YYYY-MM-DD HH:MM'"),
    ({"send_date": "2026-01-01 10:00:30"}, "send_date: must be a whole minute"),
    ({"inbox_date": "2031-02-30"}, "inbox_date: must be a day that exists: the calendar has no"),
    ({"inbox_date": "20260201"}, "inbox_date: must be 'YYYY-MM-DD' or a date"),
]


@pytest.mark.parametrize(("arguments", "complaint"), WRONG_TYPES)
def test_a_wrong_type_is_a_type_error_that_names_the_argument(
    arguments: dict[str, Any], complaint: str
) -> None:
    """Wrong types are refused at construction, with the path to them."""
    with pytest.raises(TypeError, match="^" + re.escape(complaint)):
        Notification(**arguments)


@pytest.mark.parametrize(("arguments", "complaint"), WRONG_VALUES)
def test_a_wrong_value_is_a_configuration_error_that_names_the_rule(
    arguments: dict[str, Any], complaint: str
) -> None:
    """Wrong values are refused at construction; the message gives the limits."""
    with pytest.raises(ConfigurationError, match="^" + re.escape(complaint)) as caught:
        Notification(**arguments)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("field", ["users", "devices"])
@pytest.mark.parametrize("source", [generator, async_generator, lambda: iter(["u1"])])
def test_an_iterator_of_ids_is_refused_with_a_hint(field: str, source: Any) -> None:
    """An iterator can be read once, so a frozen model cannot hold it; fan_out can."""
    arguments = {field: source()}
    with pytest.raises(TypeError, match=rf"^{field}: .* iterator: .*fan_out\(\)"):
        Notification(**arguments)


def test_an_unknown_keyword_is_pythons_own_type_error() -> None:
    """A misspelt field does not pass in silence."""
    arguments: dict[str, Any] = {"contents": "x"}
    with pytest.raises(TypeError, match="contents"):
        Notification(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"users": []},
        {"users": ["u"] * 1001},
        {"users": ["u"], "devices": ["d"]},
        {"conditions": []},
        {"content": ""},
        {"platforms": [999]},
        {"send_rate": 100},
        {"send_rate": 1000},
        {"capping_days": 30, "capping_count": 1},
        {"data": '{"a": 1}'},
        {"data": "[1]"},
        {"data": {"a": 2**63 - 1, "b": -(2**63), "c": [None, True, 1.5, "é🙂"]}},
        {"send_date": "2026-01-01 10:00:00"},
        {"timezone": "Mars/Olympus"},
        {"extra": {"ios_new": "x", "extra": 1, "ios": {"title": "x"}}, "voip_push": True},
        {"transaction_id": "x" * 255},
    ],
)
def test_what_the_api_documents_can_be_held(arguments: dict[str, Any]) -> None:
    """What must not be sent as it stands is for sending to refuse, not for construction."""
    notification = Notification(**arguments)
    assert Notification.from_wire(notification.to_wire()) == notification


@pytest.mark.parametrize(
    ("mapping", "error", "complaint"),
    [
        ({"send_date": "AAAA-MM-DD HH:mm"}, ConfigurationError, "send_date: must be 'now'"),
        ({"send_rate": 5}, ConfigurationError, "send_rate: must be between"),
        ({"geozone": {"lat": 91}}, ConfigurationError, "geozone.lat: must be between -90 and 90"),
        ({"geozone": {"lat": 9}}, ConfigurationError, "geozone.lng: is required"),
        ({"geozone": {}, "title": None}, ConfigurationError, "geozone.lat: is required"),
        ({"title": None}, ConfigurationError, "extra: 'title' is a field"),
        ({"ios_ttl": None}, ConfigurationError, "extra: 'ios_ttl' is a field"),
        ({"ios_ttl": -1}, ConfigurationError, "ios.ttl: must be at least 0, not -1"),
        ({"conditions": [["Age", "IN", 5]]}, TypeError, "conditions[0]: IN takes a list"),
        ({"data": {"a": "\ud800"}}, ConfigurationError, "data.a: holds half of a surrogate"),
    ],
)
def test_from_wire_does_not_judge_and_validate_does(
    mapping: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    """What came from the wire is held as it is, and judged when somebody asks."""
    notification = Notification.from_wire(mapping)
    assert notification.to_wire() == mapping
    with pytest.raises(error, match="^" + re.escape(complaint)):
        notification.validate()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"lat": 90.5, "lng": 0, "range": 1}, "lat: must be between -90 and 90, not 90.5"),
        ({"lat": 0, "lng": -181, "range": 1}, "lng: must be between -180 and 180, not -181"),
        ({"lat": 0, "lng": 0, "range": 0}, "range: must be more than 0, not 0"),
        ({"lat": float("nan"), "lng": 0, "range": 1}, "lat: JSON has no NaN and no infinity"),
        ({"lat": 0, "lng": 0, "range": 1, "extra": {"lat": 1}}, "extra: 'lat' is a field"),
    ],
)
def test_a_geozone_off_the_map_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    """Latitude, longitude and range have their limits."""
    with pytest.raises(ConfigurationError, match="^" + re.escape(complaint)):
        Geozone(**arguments)


@pytest.mark.parametrize(
    "arguments", [{"lat": 1, "lng": 1}, {"lat": None, "lng": 1, "range": 1}, {"lat": "1"}]
)
def test_a_geozone_needs_its_three_numbers(arguments: dict[str, Any]) -> None:
    """A part that is missing, None or text is a TypeError."""
    with pytest.raises(TypeError):
        Geozone(**arguments)


def test_an_aware_send_date_is_written_in_utc_for_everybody() -> None:
    """One instant: the text is UTC, and ignore_user_timezone is set, so nobody shifts it again."""
    moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    notification = Notification(send_date=moment)
    assert notification.to_wire() == {
        "send_date": "2025-12-31 23:30",
        "ignore_user_timezone": True,
    }
    assert Notification(send_date=moment, ignore_user_timezone=True) == notification


@pytest.mark.parametrize(
    "beside", [{"timezone": "Europe/Rome"}, {"ignore_user_timezone": False}, {"timezone": "UTC"}]
)
def test_an_aware_send_date_beside_a_contradiction_is_refused(beside: dict[str, Any]) -> None:
    """The offset says which instant; nothing else may say another."""
    with pytest.raises(ConfigurationError, match=rf"^{next(iter(beside))}: must not be"):
        Notification(send_date=datetime(2026, 1, 1, tzinfo=UTC), **beside)


NAIVE = datetime(2026, 1, 1, 10, 5)  # noqa: DTZ001 -- a naive datetime is what is tested


@pytest.mark.parametrize(
    "beside",
    [
        {"timezone": "Europe/Rome"},
        {"ignore_user_timezone": False},
        {"timezone": "Europe/Rome", "ignore_user_timezone": True},
    ],
)
def test_a_naive_send_date_needs_to_be_told_whose_clock(beside: dict[str, Any]) -> None:
    """With a zone, or with each device's own, a wall-clock time is written as it stands."""
    notification = Notification(send_date=NAIVE, **beside)
    assert notification.to_wire() == {"send_date": "2026-01-01 10:05", **beside}


@pytest.mark.parametrize("beside", [{}, {"ignore_user_timezone": True}])
def test_a_naive_send_date_of_nobodys_clock_is_refused(beside: dict[str, Any]) -> None:
    """Without a zone the server would take UTC, which the caller may not have meant."""
    with pytest.raises(ConfigurationError, match=r"^send_date: .* needs timezone="):
        Notification(send_date=NAIVE, **beside)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1, second=1, tzinfo=UTC),
        datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(seconds=30))),
    ],
)
def test_a_send_date_with_seconds_is_refused(moment: datetime) -> None:
    """The API takes no seconds, and dropping them would send at another time than asked."""
    with pytest.raises(ConfigurationError, match=r"^send_date: must be a whole minute"):
        Notification(send_date=moment)


def test_a_send_date_beyond_the_calendar_is_refused() -> None:
    """The first minute of year 1 in Asia has no UTC form."""
    moment = datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))
    with pytest.raises(ConfigurationError, match=r"^send_date: is out of range in UTC"):
        Notification(send_date=moment)


def test_dates_and_conditions_are_kept_as_the_wire_has_them() -> None:
    """What is convenient to pass becomes what is sent, so that equal messages are equal."""
    notification = Notification(
        inbox_date=date(2026, 2, 3), conditions=[("Age", "ANY"), ("City", "IN", ("Rome",))]
    )
    assert notification.inbox_date == "2026-02-03"
    assert notification.conditions == (("Age", "ANY", ""), ("City", "IN", ["Rome"]))
    assert notification.to_wire()["conditions"] == [["Age", "ANY", ""], ["City", "IN", ["Rome"]]]


def test_a_tag_test_is_a_condition_as_it_stands() -> None:
    """Typed tests and plain tuples stand side by side, and are kept as the wire has them."""
    notification = Notification(
        conditions=[
            IntegerTag("Age").between(17, 20),
            ("City", "EQ", "Rome"),
            ListTag("Likes").in_("a", "b"),
            DateTag("Seen").gte(date(2026, 1, 2)),
            StringTag("Name").notset(),
        ]
    )
    written = notification.to_wire()
    assert written["conditions"] == [
        ["Age", "BETWEEN", [17, 20]],
        ["City", "EQ", "Rome"],
        ["Likes", "IN", ["a", "b"]],
        ["Seen", "GTE", "2026-01-02 00:00"],
        ["Name", "NOTSET", ""],
    ]
    assert Notification.from_wire(written) == notification
    assert attrs.evolve(notification) == notification


def test_ids_and_platforms_are_kept_as_tuples_of_plain_values() -> None:
    """A list given is a tuple kept; a Platform is its number."""
    notification = Notification(users=["u"], devices=("d",), platforms=[Platform.IOS, 99])
    assert (notification.users, notification.devices) == (("u",), ("d",))
    assert notification.platforms == (1, 99)
    assert [type(number) for number in notification.platforms] == [int, int]


def test_changing_the_callers_objects_changes_nothing() -> None:
    """A model is a snapshot, and so is what it writes."""
    content = {"en": "Hi"}
    users = ["u1"]
    data: dict[str, Any] = {"items": [{"a": 1}]}
    condition: list[Any] = ["City", "IN", ["Rome"]]
    root_params: dict[str, Any] = {"aps": [1]}
    extra: dict[str, Any] = {"new": {"list": [1]}}
    arguments: dict[str, Any] = {
        "content": content,
        "users": users,
        "data": data,
        "conditions": [condition],
        "template_bindings": data,
        "ios": IOS(root_params=root_params),
        "extra": extra,
    }
    notification = Notification(**arguments)
    before = json.dumps(notification.to_wire())

    content["en"] = "Bye"
    users.append("u2")
    data["items"][0]["a"] = 2
    condition[2].append("Paris")
    root_params["aps"].append(2)
    extra["new"]["list"].append(2)
    notification.to_wire()["data"]["items"].clear()
    notification.to_wire()["ios_root_params"]["aps"].clear()

    assert json.dumps(notification.to_wire()) == before


def test_it_is_frozen() -> None:
    """A field cannot be set after construction."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Notification(content="x").content = "y"  # type: ignore[misc]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_survives_pickling(protocol: int) -> None:
    """A model can go to another process, one from the wire among them."""
    notification = Notification.from_wire({**SEED, "new": [1], "ios_ttl": 5, "wns_ttl": None})
    assert pickle.loads(pickle.dumps(notification, protocol)) == notification  # noqa: S301


def test_evolve_changes_one_field_and_judges_it() -> None:
    """attrs.evolve works on what normalisation has left, and construction's rules apply."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    notification = Notification(content="x", send_date=moment, conditions=[("Age", "ANY")])
    later = attrs.evolve(notification, send_date=moment + timedelta(days=1))
    assert later.to_wire() == {**notification.to_wire(), "send_date": "2026-01-02 00:00"}
    with pytest.raises(ConfigurationError, match=r"^send_rate:"):
        attrs.evolve(notification, send_rate=1)


def test_evolve_makes_a_copy_for_others() -> None:
    """The documented way to send the same to others: the old one stays, all else is kept."""
    notification = Notification(content="Hi", users=["u1"], ios=IOS(title="T", ttl=5))
    other = attrs.evolve(notification, users=["u2"])
    assert other.to_wire() == {**notification.to_wire(), "users": ["u2"]}
    assert notification.users == ("u1",)


def test_a_platform_given_to_evolve_replaces_the_whole_of_the_old_one() -> None:
    """It is one argument, so that its fields are not merged with those of before."""
    notification = Notification(content="Hi", ios=IOS(title="T", ttl=5))
    assert attrs.evolve(notification, ios=IOS(badges="+1")).to_wire() == {
        "content": "Hi",
        "ios_badges": "+1",
    }
    assert attrs.evolve(notification, ios=None).to_wire() == {"content": "Hi"}


def test_the_repr_is_short_and_shows_no_recipient() -> None:
    """Ids are personal data, and a thousand of them no help to a reader."""
    notification = Notification(
        content="Hi", users=["alice"] * 1000, data={"k": "secret"}, extra={"x": "secret"}
    )
    assert repr(notification) == (
        "Notification(content='Hi', data=<1 keys>, users=<1000 ids>, extra=<1 keys>)"
    )
    assert repr(Notification(data='{"k": "v"}')) == "Notification(data=<10 characters>)"
    assert repr(Notification()) == "Notification()"


def test_read_types_are_read_only() -> None:
    """The attribute types promise no way to change what is inside."""
    notification = Notification(users=["u"], data={"a": 1})
    assert isinstance(notification.users, Sequence)
    assert isinstance(notification.data, Mapping)
