"""Generated models, whose arguments obey every rule; every field is among them."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

from pushwoosh_async.models import (
    IOS,
    SMS,
    Amazon,
    Android,
    Chrome,
    Device,
    Firefox,
    Geozone,
    Huawei,
    MacOS,
    Notification,
    Platform,
    Safari,
    TargetedMessage,
    VoIPCall,
    Windows,
    wns_content,
)
from pushwoosh_async.targeting.operators import OPERATORS
from pushwoosh_async.targeting.tags import IntegerTag, ListTag, StringTag

Arguments: TypeAlias = dict[str, st.SearchStrategy[Any]]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORD = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)
INT64 = st.integers(-(2**63), 2**63 - 1)
COUNT = st.integers(0, 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INT64 | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
JSON_OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
LOCALISED = TEXT | st.dictionaries(WORD, TEXT, min_size=1, max_size=3)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=3)
IDS = st.lists(TEXT, max_size=4)
FLAG = st.booleans() | st.integers(0, 1)
BADGES = COUNT | st.builds("{}{}".format, st.sampled_from("+-"), COUNT)
LED = st.integers(0, 2**24 - 1).map("#{:06x}".format)
COLOUR = LED | st.integers(0, 2**32 - 1).map("#{:08X}".format) | st.sampled_from(["red", "Black"])
NUMBER = st.integers(10, 10**15 - 1).map("+{}".format)


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


TAG_TESTS = (
    st.builds(
        lambda low, more: IntegerTag("Age").between(low, low + more), *[st.integers(0, 99)] * 2
    )
    | st.lists(WORD, min_size=1, max_size=3).map(lambda words: ListTag("Likes").in_(*words))
    | WORD.map(lambda word: StringTag(word).any_())
)
CONDITION = st.sampled_from(OPERATORS).flatmap(one_condition) | TAG_TESTS

# A year within the calendar's ends, beyond which an offset has no UTC form.
WALL_CLOCKS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), WALL_CLOCKS, OFFSETS)
TEXT_DATES = st.sampled_from(["now", "2026-01-02 03:04", "2026-01-02 03:04:00"])
SCHEDULES = st.fixed_dictionaries({}, optional={"send_date": TEXT_DATES | INSTANTS}) | (
    st.fixed_dictionaries(
        {"timezone": WORD},
        optional={"send_date": TEXT_DATES | WALL_CLOCKS, "ignore_user_timezone": st.booleans()},
    )
)

_ANDROID: Arguments = {
    "header": LOCALISED,
    "content": LOCALISED,
    "root_params": JSON_OBJECT,
    "sound": TEXT,
    "sound_off": st.booleans(),
    "icon": TEXT,
    "custom_icon": TEXT,
    "banner": TEXT,
    "priority": st.integers(-2, 2),
}
_GOOGLE: Arguments = {
    **_ANDROID,
    "badges": BADGES,
    "gcm_ttl": COUNT,
    "vibration": FLAG,
    "led": LED,
    "delivery_priority": st.sampled_from(["normal", "high"]),
    "ibc": COLOUR,
    "silent": FLAG,
    "group_id": TEXT,
}
_APPLE: Arguments = {
    "title": LOCALISED,
    "subtitle": LOCALISED,
    "content": LOCALISED,
    "badges": BADGES,
    "sound": TEXT,
    "sound_off": st.booleans(),
    "ttl": COUNT,
    "root_params": JSON_OBJECT,
}
_BROWSER: Arguments = {"title": LOCALISED, "content": LOCALISED}

ARGUMENTS: dict[type, Arguments] = {
    IOS: {
        **_APPLE,
        "silent": FLAG,
        "category_id": TEXT | INT64,
        "attachment": TEXT,
        "thread_id": TEXT,
        "critical": st.booleans(),
        "category_custom": TEXT,
        "interruption_level": st.sampled_from(["passive", "active", "time-sensitive", "critical"]),
        "trim_content": FLAG,
    },
    MacOS: _APPLE,
    Android: _GOOGLE,
    Huawei: {**_GOOGLE, "badges": BADGES | st.booleans(), "lockscreen": FLAG},
    Amazon: {**_ANDROID, "ttl": COUNT},
    Safari: {**_BROWSER, "url_args": IDS, "action": TEXT, "ttl": COUNT},
    Chrome: {
        **_BROWSER,
        "icon": TEXT,
        "gcm_ttl": COUNT,
        "duration": st.integers(0, 50),
        "image": TEXT,
        "root_params": JSON_OBJECT,
        "button_text1": TEXT,
        "button_url1": TEXT,
        "button_text2": TEXT,
        "button_url2": TEXT,
    },
    Firefox: {**_BROWSER, "icon": TEXT, "root_params": JSON_OBJECT},
    Windows: {
        "content": (TEXT.filter(bool) | st.dictionaries(WORD, TEXT.filter(bool), min_size=1)).map(
            wns_content
        ),
        "type": st.sampled_from(["Tile", "Toast", "Badge", "Raw"]),
        "tag": st.text("abcXYZ0189", min_size=1, max_size=16),
        "cache": FLAG,
        "ttl": COUNT,
    },
    Geozone: {
        "lat": st.floats(-90, 90) | st.integers(-90, 90),
        "lng": st.floats(-180, 180),
        "range": st.floats(0, exclude_min=True, allow_infinity=False),
    },
    SMS: {
        "content": WORD,
        "phone_number": NUMBER,
        "send_date": TEXT_DATES | INSTANTS,
        "use_auto_registration": st.booleans(),
        "dynamic_content_placeholders": TEXTS,
        "preset": WORD,
    },
    Device: {
        "hwid": WORD,
        "device_type": INT64.filter(lambda number: number not in (Platform.SMS, Platform.WHATSAPP)),
        "push_token": WORD,
        "language": st.sampled_from(["en", "de"]),
        "timezone": INT64,
        "user_id": WORD,
        "email": WORD.map("{}@example.com".format),
        "tags": JSON_OBJECT,
        **dict.fromkeys(["idfa", "app_version", "device_model", "os_version"], TEXT),
        **dict.fromkeys(["public_key", "auth_token", "fcm_token", "fcm_push_set"], TEXT),
    },
    VoIPCall: {
        "caller_name": TEXT,
        "video": st.booleans(),
        "supports_holding": st.booleans(),
        "supports_dtmf": st.booleans(),
        "call_id": COUNT | COUNT.map(str),
        "cancel": st.booleans(),
    },
}


def built(cls: type, **always: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return instances of a class whose fields may each be set or not, `always` and the needed ones set."""
    required = {f.name for f in attrs.fields(cls) if f.default is attrs.NOTHING}
    given = {**ARGUMENTS[cls], **always}
    needed = {name: given[name] for name in required | always.keys()}
    optional = {name: strategy for name, strategy in given.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional).map(lambda a: cls(**_complete(a)))


def _complete(arguments: dict[str, Any]) -> dict[str, Any]:
    """Take away what may not be there without something else."""
    for needing, needed in {
        "button_url1": "button_text1",
        "button_url2": "button_text2",
        "cancel": "call_id",
    }.items():
        if needed not in arguments:
            arguments.pop(needing, None)
    return arguments


EXTRA = st.dictionaries(WORD.map(lambda word: f"x_{word}"), JSON, max_size=3)
_MESSAGE: Arguments = {
    "content": LOCALISED,
    "campaign": WORD,
    "rich_media": WORD,
    "link": TEXT,
    "minimize_link": st.sampled_from([0, 2]),
    "data": JSON_OBJECT | JSON.map(json.dumps),
    "transaction_id": WORD,
    "preset": WORD,
    "send_rate": st.integers(100, 1000),
    "dynamic_content_placeholders": TEXTS,
    "inbox_date": st.dates() | st.dates().map(str),
    "inbox_image": TEXT,
    "ios": built(IOS),
    "android": built(Android),
    "huawei": built(Huawei),
    "safari": built(Safari),
    "chrome": built(Chrome),
    "firefox": built(Firefox),
    "amazon": built(Amazon),
    "macos": built(MacOS),
    "windows": built(Windows),
    "extra": EXTRA,
}
ARGUMENTS[TargetedMessage] = {
    **_MESSAGE,
    "devices_filter": WORD | st.just(StringTag("City").eq("Paris")),
}
ARGUMENTS[Notification] = {
    **_MESSAGE,
    "title": LOCALISED,
    "subtitle": LOCALISED,
    "geozone": built(Geozone),
    "platforms": st.lists(st.sampled_from(Platform) | INT64, max_size=4),
    "send_rate_avoid": st.booleans(),
    "template_bindings": JSON_OBJECT,
    "capping_days": st.integers(1, 30),
    "capping_count": st.integers(1, 2**63 - 1),
    "capping_exclude": st.booleans(),
    "capping_avoid": st.booleans(),
    "inbox_days": st.integers(1, 30),
    "users": IDS,
    "devices": IDS.map(tuple),
    "filter": WORD,
    "conditions": st.lists(CONDITION, max_size=3),
    "conditions_operator": st.sampled_from(["AND", "OR"]),
    "voip_push": st.booleans(),
}


def messages(cls: type) -> st.SearchStrategy[Any]:
    """Return messages of a class with every schedule that is allowed."""
    required = {f.name for f in attrs.fields(cls) if f.default is attrs.NOTHING}
    given = ARGUMENTS[cls]
    arguments = st.fixed_dictionaries(
        {name: given[name] for name in required},
        optional={name: given[name] for name in given.keys() - required},
    )
    return st.builds(lambda a, schedule: cls(**a, **schedule), arguments, SCHEDULES)


MODELS: dict[type, st.SearchStrategy[Any]] = {
    Notification: messages(Notification),
    TargetedMessage: messages(TargetedMessage),
    SMS: built(SMS, extra=EXTRA),
    Device: built(Device, hwid=WORD, extra=EXTRA),
    Geozone: built(Geozone, extra=EXTRA),
}
