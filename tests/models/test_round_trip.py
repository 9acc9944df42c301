"""Properties: what is built comes back from the wire, and what is read goes back to it."""

import copy
import json
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async._wire.converter import wire_fields
from pushwoosh_async.models import Geozone, Notification, Platform
from pushwoosh_async.targeting.conditions import OPERATORS

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORD = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)
INT64 = st.integers(-(2**63), 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INT64 | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
JSON_OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
LOCALISED = TEXT | st.dictionaries(WORD, TEXT, min_size=1, max_size=3)
IDS = st.lists(TEXT, max_size=4)


def one_condition(operator: str) -> st.SearchStrategy[Any]:
    """Return conditions of one operator, operands as the vendor has them."""
    scalar = TEXT | INT64
    operand: st.SearchStrategy[Any] = scalar | st.booleans()
    if operator in ("IN", "NOTIN"):
        operand = st.lists(scalar, min_size=1, max_size=3)
    elif operator == "BETWEEN":
        operand = st.tuples(scalar, scalar)
    elif operator in ("NOTSET", "ANY"):
        return st.just(("Age", operator)) | st.just(("Age", operator, ""))
    return st.tuples(WORD, st.just(operator), operand)


CONDITION = st.sampled_from(OPERATORS).flatmap(one_condition)
GEOZONE = st.builds(
    Geozone,
    lat=st.floats(-90, 90) | st.integers(-90, 90),
    lng=st.floats(-180, 180),
    range=st.floats(0, exclude_min=True, allow_infinity=False),
)
# A year within the calendar's ends, beyond which an offset has no UTC form.
WALL_CLOCKS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), WALL_CLOCKS, OFFSETS)
TEXT_DATES = st.sampled_from(["now", "2026-01-02 03:04", "2026-01-02 03:04:00"])

ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "content": LOCALISED,
    "title": LOCALISED,
    "subtitle": LOCALISED,
    "campaign": WORD,
    "geozone": GEOZONE,
    "rich_media": WORD,
    "link": TEXT,
    "minimize_link": st.sampled_from([0, 2]),
    "data": JSON_OBJECT | JSON.map(json.dumps),
    "transaction_id": WORD,
    "platforms": st.lists(st.sampled_from(Platform) | INT64, max_size=4),
    "preset": WORD,
    "send_rate": st.integers(100, 1000),
    "send_rate_avoid": st.booleans(),
    "template_bindings": JSON_OBJECT,
    "dynamic_content_placeholders": st.dictionaries(TEXT, TEXT, max_size=3),
    "capping_days": st.integers(1, 30),
    "capping_count": st.integers(1, 2**63 - 1),
    "capping_exclude": st.booleans(),
    "capping_avoid": st.booleans(),
    "inbox_date": st.dates() | st.dates().map(str),
    "inbox_image": TEXT,
    "inbox_days": st.integers(1, 30),
    "users": IDS,
    "devices": IDS.map(tuple),
    "filter": WORD,
    "conditions": st.lists(CONDITION, max_size=3),
    "conditions_operator": st.sampled_from(["AND", "OR"]),
    "extra": st.dictionaries(WORD.map(lambda word: f"x_{word}"), JSON, max_size=3),
}
INSTANT = {"send_date": TEXT_DATES | INSTANTS}
WALL_CLOCK = {"send_date": TEXT_DATES | WALL_CLOCKS}
FLAG = {"ignore_user_timezone": st.booleans()}
NOTIFICATIONS = st.fixed_dictionaries({}, optional={**ARGUMENTS, **INSTANT}) | (
    st.fixed_dictionaries({"timezone": WORD}, optional={**ARGUMENTS, **WALL_CLOCK, **FLAG})
)

WIRE_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "content": TEXT | st.dictionaries(TEXT, TEXT, max_size=2),
    "geozone": st.dictionaries(st.sampled_from(["lat", "lng", "range"]), FINITE | INT64 | st.none())
    | st.dictionaries(TEXT, JSON, max_size=3).filter(lambda m: not m.keys() & {"lat", "lng"}),
    "data": JSON_OBJECT | TEXT,
    "platforms": st.lists(INT64, max_size=3),
    "send_date": TEXT,
    "inbox_date": TEXT,
    "inbox_days": INT64,
    "transactionId": TEXT,
    "send_rate_avoid": st.booleans(),
    "users": IDS,
    "conditions": st.lists(st.lists(JSON, max_size=4), max_size=3),
    "conditions_operator": TEXT,
}
UNKNOWN = TEXT.filter(lambda key: key not in wire_fields(Notification))
WIRE = st.builds(
    lambda known, nulls, unknown: {**unknown, **dict.fromkeys(nulls), **known},
    st.fixed_dictionaries({}, optional=WIRE_VALUES),
    st.lists(st.sampled_from(sorted(wire_fields(Notification))), max_size=3),
    st.dictionaries(UNKNOWN | st.sampled_from(["extra", "auth", "ios_title"]), JSON, max_size=4),
)


@given(NOTIFICATIONS)
def test_what_is_built_comes_back_from_the_wire(arguments: dict[str, Any]) -> None:
    """from_wire(to_wire(n)) == n, through real JSON too, and what came back obeys the rules."""
    notification = Notification(**arguments)
    written = notification.to_wire()
    assert Notification.from_wire(written) == notification
    again = Notification.from_wire(json.loads(json.dumps(written)))
    assert again == notification
    again.validate()


@given(WIRE)
def test_what_is_read_goes_back_as_it_was(mapping: dict[str, Any]) -> None:
    """to_wire(from_wire(m)) == m, unknown keys, nulls and senseless values included."""
    before = copy.deepcopy(mapping)
    written = Notification.from_wire(mapping).to_wire()
    assert written == before
    assert json.dumps(written, sort_keys=True) == json.dumps(before, sort_keys=True)
    assert mapping == before


def containers(value: Any) -> list[int]:
    """Return the identities of every list and dict in `value`."""
    if isinstance(value, dict):
        return [id(value), *(found for item in value.values() for found in containers(item))]
    if isinstance(value, list):
        return [id(value), *(found for item in value for found in containers(item))]
    return []


@given(JSON_OBJECT)
def test_a_json_object_is_copied_whole(value: dict[str, Any]) -> None:
    """The snapshot is equal, type for type, and shares no container with the original."""
    notification = Notification(data=value, template_bindings=value)
    assert json.dumps(notification.data) == json.dumps(value)
    kept = set(containers(notification.data)) | set(containers(notification.template_bindings))
    written = notification.to_wire()
    assert kept.isdisjoint(containers(value))
    assert kept.isdisjoint(containers(written["data"]) + containers(written["template_bindings"]))
