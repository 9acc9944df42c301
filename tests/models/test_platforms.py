"""What each platform's own fields take and refuse, and where on the wire they lie."""

import base64
import itertools
import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async._wire.converter import wire_fields
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import (
    IOS,
    Amazon,
    Android,
    Chrome,
    Firefox,
    Huawei,
    MacOS,
    Notification,
    Safari,
    TargetedMessage,
    Windows,
    wns_content,
)

SLOTS: dict[str, type[Any]] = {
    "ios": IOS,
    "android": Android,
    "huawei": Huawei,
    "safari": Safari,
    "chrome": Chrome,
    "firefox": Firefox,
    "amazon": Amazon,
    "macos": MacOS,
    "windows": Windows,
}
NEEDED: dict[type, dict[str, Any]] = {Safari: {"url_args": ()}, Windows: {"content": "eA=="}}
FIELDS = [(cls, field.name) for cls in SLOTS.values() for field in attrs.fields(cls)]

# By name, for every platform that has the field: what is taken, and what is refused with which words.
LIMITS: dict[str, tuple[list[Any], list[Any], str]] = {
    **dict.fromkeys(["ttl", "gcm_ttl"], ([0, 1, 2**63 - 1], [-1], "must be at least 0, not -1")),
    "duration": ([0, 20, 50], [-1, 51], "must be between 0 and 50, not"),
    "priority": ([-2, -1, 0, 1, 2], [-3, 3], "must be between -2 and 2, not"),
    "delivery_priority": (["normal", "high"], ["low", "", "High"], "must be 'normal' or 'high'"),
    "interruption_level": (
        ["passive", "active", "time-sensitive", "critical"],
        ["time_sensitive", "", "Active"],
        "must be 'passive' or 'active' or 'time-sensitive' or 'critical'",
    ),
    "type": (
        ["Tile", "Toast", "Badge", "Raw"],
        ["tile", "", "Text"],
        "must be 'Tile' or 'Toast' or 'Badge' or 'Raw'",
    ),
    "tag": (
        ["a", "myTag", "A1" * 8],
        ["", "A1" * 8 + "x", "my tag", "my-tag", "é", "a\n"],
        "must be 1 to 16 letters and digits",
    ),
    "badges": (
        [0, 5, "+1", "-12", "+0"],
        [-1, "", "5", "+", "+-1", "+1.5", "+1\n", "+٣"],
        "must be a number from 0, or a text such as '+1' or '-1'",
    ),
    "led": (
        ["#rrggbb".translate(str.maketrans("rgb", "a0F")), "#FF0011"],
        ["#rrggbb", "#FF00110", "FF0011", "#FF001", "#80FF0011", "red", ""],
        "must be a colour as '#rrggbb'",
    ),
    "ibc": (
        ["#0011aA", "#80FF0011", "red", "Black"],
        ["#RRGGBB", "#0011AA0", "0011AA", "", "light blue", "red\n"],
        "must be a colour as '#RRGGBB' or '#AARRGGBB', or its name",
    ),
    **dict.fromkeys(
        ["silent", "trim_content", "vibration", "lockscreen", "cache"],
        ([0, 1, True, False], [-1, 2], "must be 0 or 1"),
    ),
    **dict.fromkeys(
        ["title", "header", "subtitle"],
        (["", "Hi", {"en": "Hi", "de": ""}], [{}], "must hold at least one language"),
    ),
}
TAKEN = [(c, n, value) for c, n in FIELDS if n in LIMITS for value in LIMITS[n][0]]
REFUSED = [(c, n, value, LIMITS[n][2]) for c, n in FIELDS if n in LIMITS for value in LIMITS[n][1]]


def make(cls: type[Any], **arguments: Any) -> Any:
    """Return an instance with what its class needs besides."""
    return cls(**{**NEEDED.get(cls, {}), **arguments})


def slot_name(cls: type) -> str:
    """Return the notification's field for a platform."""
    return next(name for name, slot in SLOTS.items() if slot is cls)


@pytest.mark.parametrize(("cls", "name", "value"), TAKEN)
def test_a_value_within_its_limits_is_taken_and_written(cls: Any, name: str, value: Any) -> None:
    """Both ends of every range, every value of every list; 0 or 1 is written as a number."""
    slot = make(cls, **{name: value})
    wire = attrs.fields_dict(cls)[name].metadata["wire"]
    written = Notification(**{slot_name(cls): slot}).to_wire()[wire]
    assert written == value
    if "0 or 1" in LIMITS[name][2]:
        assert type(written) is int


@pytest.mark.parametrize(("cls", "name", "value", "words"), REFUSED)
def test_a_value_beyond_its_limits_is_refused(cls: Any, name: str, value: Any, words: str) -> None:
    """The error names the argument and the rule; from the wire it is held, and refused when judged."""
    with pytest.raises(ConfigurationError, match=f"^{name}: {re.escape(words)}") as caught:
        make(cls, **{name: value})
    assert caught.value.__context__ is None
    wire = attrs.fields_dict(cls)[name].metadata["wire"]
    held = Notification.from_wire(
        {**Notification(**{slot_name(cls): make(cls)}).to_wire(), wire: value}
    )
    with pytest.raises(ConfigurationError, match=f"^{slot_name(cls)}.{name}: {re.escape(words)}"):
        held.validate()


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_a_wrong_type_is_a_type_error(cls: Any, name: str) -> None:
    """No field takes what its type does not say."""
    with pytest.raises(TypeError, match=f"^{name}: expected "):
        make(cls, **{name: object()})
    with pytest.raises(TypeError, match=f"^{name}: expected "):
        make(cls, **{name: 1.5})


def test_every_limit_has_a_field() -> None:
    """A rule that a field was to obey is not lost with the field's name."""
    assert LIMITS.keys() <= {name for _, name in FIELDS}


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_a_field_that_is_not_set_is_not_written(cls: Any, name: str) -> None:
    """What was set is written under the platform's own name, and nothing else."""
    slot = make(cls)
    notification = Notification(**{slot_name(cls): slot})
    wire = attrs.fields_dict(cls)[name].metadata["wire"]
    assert (wire in notification.to_wire()) == (getattr(slot, name) is not None)


def test_wire_names_keep_the_vendors_word_after_the_prefix() -> None:
    """A Python name is the wire name without the platform's prefix; so no two fields share one."""
    prefixes = {
        "ios": ("ios_", "apns_"),
        "huawei": ("huawei_android_",),
        "amazon": ("adm_",),
        "macos": ("mac_",),
        "windows": ("wns_",),
    }
    names = [
        (slot, field.name, wire)
        for slot, cls in SLOTS.items()
        for wire, field in wire_fields(cls).items()
    ]
    assert all(
        any(wire == prefix + name for prefix in prefixes.get(slot, (f"{slot}_",)))
        for slot, name, wire in names
    )
    assert len({wire for *_, wire in names}) == len(names) == 94


@pytest.mark.parametrize("model", [Notification, TargetedMessage])
def test_a_platform_without_a_field_is_no_platform(model: Any) -> None:
    """The wire cannot tell ``IOS()`` from none, so neither does the model."""
    needed = {"devices_filter": 'A("AAAAA-BBBBB")'} if model is TargetedMessage else {}
    empty = {name: cls() for name, cls in SLOTS.items() if cls not in NEEDED}
    assert model(**needed, **empty) == model(**needed)
    assert model(**needed, **empty).ios is None


@pytest.mark.parametrize("cls", SLOTS.values(), ids=lambda cls: cls.__name__)
def test_a_platforms_key_in_extra_is_refused_with_the_way_to_pass_it(cls: Any) -> None:
    """There is one way to say each thing."""
    for wire, field in wire_fields(cls).items():
        words = f"extra: {wire!r} is a field: pass it as {slot_name(cls)}={cls.__name__}({field.name}=...)"
        with pytest.raises(ConfigurationError, match="^" + re.escape(words)):
            Notification(extra={wire: 1})


def test_a_platform_is_read_beside_the_messages_own_fields() -> None:
    """Known keys go to their platform, unknown ones stay with the notification, nulls too."""
    notification = Notification.from_wire(
        {"content": "Hi", "ios_badges": "+1", "ios_new": 1, "ios_ttl": None, "wns_ttl": None}
    )
    assert notification.ios == IOS(badges="+1")
    assert notification.windows is None
    assert notification.extra == {"ios_new": 1, "ios_ttl": None, "wns_ttl": None}


def test_a_wrong_type_from_the_wire_is_named_as_the_wire_names_it() -> None:
    """The path is what the reader of the JSON sees."""
    with pytest.raises(ConfigurationError, match=r"^android_led: expected a str, got int$"):
        Notification.from_wire({"android_led": 5})


@pytest.mark.parametrize(("cls", "wire"), [(Safari, "safari_title"), (Windows, "wns_tag")])
def test_what_the_vendor_requires_of_a_platform_is_required(cls: Any, wire: str) -> None:
    """Construction needs it; from the wire its absence is held, and refused when judged."""
    needed = next(iter(NEEDED[cls]))
    with pytest.raises(TypeError, match=needed):
        cls()
    held = Notification.from_wire({wire: "x"})
    assert held.to_wire() == {wire: "x"}
    with pytest.raises(ConfigurationError, match=rf"^{slot_name(cls)}\.{needed}: is required$"):
        held.validate()


def test_safaris_arguments_may_be_empty() -> None:
    """The vendor wants the list, not that it holds something."""
    assert Notification(safari=Safari(url_args=[])).to_wire() == {"safari_url_args": []}


@pytest.mark.parametrize("number", [1, 2])
def test_a_chrome_button_without_its_text_is_refused(number: int) -> None:
    """The API would ignore the link in silence."""
    text, url = f"button_text{number}", f"button_url{number}"
    link = {url: "https://example.com"}
    with pytest.raises(ConfigurationError, match=f"^{url}: must not be given without {text}$"):
        make(Chrome, **link, **{f"button_text{3 - number}": "Other"})
    assert getattr(make(Chrome, **link, **{text: "Open"}), url) == link[url]


def test_huawei_badges_may_be_true_and_stay_so() -> None:
    """The vendor's example has a boolean where the other platforms have a number."""
    written = Notification(huawei=Huawei(badges=True)).to_wire()
    assert written == {"huawei_android_badges": True}
    assert written["huawei_android_badges"] is True


def test_a_boolean_from_the_wire_is_written_as_it_was() -> None:
    """Construction writes numbers for 0 and 1; what came from elsewhere is not changed."""
    written = Notification.from_wire({"ios_silent": True}).to_wire()
    assert written["ios_silent"] is True


# Two bytes are the quotes of a JSON text; "é" takes two more in UTF-8.
@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 4094, True), ("x" * 4095, False), ("é" * 2047, True), ("é" * 2048, False)],
)
def test_ios_data_has_room_for_4_kb(text: str, fits: bool) -> None:
    """Counted in bytes, as encoded; other root parameters are not counted."""
    root_params = {"data": text, "other": "x" * 5000}
    held = Notification.from_wire({"ios_root_params": root_params})
    if fits:
        assert Notification(ios=IOS(root_params=root_params)) == held
        held.validate()
        return
    with pytest.raises(ConfigurationError, match=r"^root_params: must hold at most 4096 bytes"):
        IOS(root_params=root_params)
    with pytest.raises(
        ConfigurationError, match=r"^ios\.root_params: must hold at most 4096 bytes"
    ):
        held.validate()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_windows_text_is_encoded_once(text: str) -> None:
    """`wns_content` gives what the field takes and the vendor decodes to the same text."""
    encoded = Windows(content=wns_content({"en": text})).content
    assert isinstance(encoded, dict)
    assert base64.b64decode(encoded["en"]).decode() == text
    assert encoded["en"] == wns_content(text)


@pytest.mark.parametrize(
    "content", ["<badge value='available'/>", "eA", "", {"en": "eA==", "de": "<x/>"}, "é", {}]
)
def test_windows_content_that_is_not_base64_is_refused(content: Any) -> None:
    """A text that somebody forgot to encode does not reach the vendor as rubbish."""
    with pytest.raises(ConfigurationError, match=r"^content: must (be base64|hold at least one)"):
        Windows(content=content)


def test_base64_may_be_folded_and_stays_so() -> None:
    """MIME folds its lines; the text goes as it was given."""
    folded = base64.encodebytes(b"<badge value='available'/>" * 9).decode()
    assert folded.count("\n") > 1
    assert Windows(content=folded).content == folded


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"<x/>", TypeError), ({"en": 1}, TypeError), ("\ud800", ConfigurationError)],
)
def test_what_is_no_text_is_not_encoded(content: Any, error: type[Exception]) -> None:
    """Errors name the argument."""
    with pytest.raises(error, match=r"^content"):
        wns_content(content)


def test_the_repr_shows_what_was_set_and_no_root_parameter() -> None:
    """Root parameters may hold anything of a user's."""
    notification = Notification(ios=IOS(badges="+1", root_params={"name": "alice"}))
    assert repr(notification) == "Notification(ios=IOS(badges='+1', root_params=<1 keys>))"


def test_platforms_do_not_meet() -> None:
    """Each platform's fields come back to it alone, whatever else is set."""
    for (name, cls), (other, second) in itertools.combinations(SLOTS.items(), 2):
        one = Notification(**{name: make(cls, content="eA==")})
        both = Notification(
            **{name: make(cls, content="eA=="), other: make(second, content="eA==")}
        )
        assert getattr(Notification.from_wire(one.to_wire()), other) is None
        assert both.to_wire().items() >= one.to_wire().items()
