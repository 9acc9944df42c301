"""What a server that writes numbers as texts and nothing as "", [] or null means."""

import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import trees

from pushwoosh_async._wire import lenient

NOTHING: list[Any] = [None, "", [], {}, True, False, "x", "[1]", [1], {"a": 1}]
HUGE = 10**400  # an int that no float can hold: JSON has them, too


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63), st.sampled_from(["{}", " {} ", "{}.0", "+{}"]))
def test_whole_number_survives_each_way_to_write_it(number: int, spelling: str) -> None:
    """As it is, and as a text; exactly, also where a float would round it."""
    assert lenient.whole(number) == number
    written = spelling.format(number).replace("+-", "-")
    if "." not in written or abs(number) < 2**53:
        assert lenient.whole(written) == number


@settings(deadline=None)
@given(st.integers(-(2**53), 2**53))
def test_whole_number_may_come_with_a_point(number: int) -> None:
    """1.0 is 1, and an int comes out."""
    found = lenient.whole(float(number))
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    [
        *NOTHING,
        "1.5",
        1.5,
        "1e999",
        "nan",
        "-inf",
        "0x10",
        "1_000",
        "1 000",
        "1,0",
        "--1",
        "9" * 31,
    ],
    ids=repr,
)
def test_what_is_no_whole_number_is_none(value: object) -> None:
    """Nothing is guessed: not a bool, not a fraction, not a list of one."""
    assert lenient.whole(value) is None


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_survives_as_itself_and_as_a_text(number: float) -> None:
    """To the last digit."""
    assert lenient.decimal(number) == number
    assert lenient.decimal(repr(number)) == number


@pytest.mark.parametrize(
    "value", [*NOTHING, "1e999", "nan", "-inf", "1_000", math.inf, math.nan, "9" * 31], ids=repr
)
def test_what_is_no_finite_number_is_none(value: object) -> None:
    """No infinity comes out, whatever it is made of."""
    assert lenient.decimal(value) is None


@pytest.mark.parametrize("value", [HUGE, -HUGE], ids=["huge", "minus huge"])
@pytest.mark.parametrize("read", [lenient.whole, lenient.decimal])
def test_number_beyond_all_floats_is_read_or_left_out(
    read: Callable[[object], object], value: int
) -> None:
    """A JSON number has no limit; one that is absurd does not end the program."""
    assert read(value) in (value, None)


@pytest.mark.parametrize(
    ("value", "found"),
    [("Hi", "Hi"), (" ", " "), ("", None), (None, None), (5, None), ([], None), ({}, None)],
)
def test_text(value: object, found: str | None) -> None:
    """A text as it is; an empty one stands for none."""
    assert lenient.text(value) == found


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", " 1 "])
def test_flag_that_is_set(value: object) -> None:
    """However it is written."""
    assert lenient.flag(value) is True


@pytest.mark.parametrize("value", [False, 0, 0.0, "0"])
def test_flag_that_is_not_set(value: object) -> None:
    """However it is written."""
    assert lenient.flag(value) is False


@pytest.mark.parametrize("value", [None, "", 2, -1, "yes", "true", [], {}, [1], 0.5], ids=repr)
def test_flag_that_cannot_be_read_is_none(value: object) -> None:
    """Neither yes nor no."""
    assert lenient.flag(value) is None


@settings(deadline=None)
@given(st.datetimes().map(lambda when: when.replace(microsecond=0)))
def test_moment_of_every_second(when: datetime) -> None:
    """Read as written, and without a zone, as the vendor names none."""
    assert lenient.moment(when.isoformat(" ")) == when
    assert when.tzinfo is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "0000-00-00 00:00:00",
        "2016-09-14",
        "2016-09-14T17:19:42",
        "2016-09-14 17:19",
        "2016-02-30 00:00:00",
        "2016-09-14 17:19:61",
        " 2016-09-14 17:19:42",
        1473873582,
        [],
        {},
    ],
    ids=repr,
)
def test_what_is_no_moment_is_none(value: object) -> None:
    """MySQL's zero date among it."""
    assert lenient.moment(value) is None


json_objects = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4))


@settings(deadline=None)
@given(json_objects)
def test_object_is_read_as_itself_and_as_a_text(found: dict[str, Any]) -> None:
    """The server writes JSON into a text where it likes; an empty list stands for an empty object."""
    assert lenient.mapping(found) == found
    assert lenient.mapping(json.dumps(found)) == found
    assert lenient.sequence([found]) == (found,)
    assert lenient.sequence(json.dumps([found])) == (found,)


@pytest.mark.parametrize(
    "value", [None, "", "x", "null", [], [1], "[]", "[1]", 5, True, "{", "[" * 100_000], ids=repr
)
def test_what_is_no_object_is_an_empty_one(value: object) -> None:
    """PHP's empty list first of all."""
    assert lenient.mapping(value) == {}


@pytest.mark.parametrize(
    "value", [None, "", "x", "null", {}, {"a": 1}, "{}", 5, "[", "[" * 100_000], ids=repr
)
def test_what_is_no_list_is_an_empty_one(value: object) -> None:
    """An object where a list is declared is none."""
    assert lenient.sequence(value) == ()


def test_each_leaves_out_what_is_of_another_kind() -> None:
    """One odd count costs that count, not the others, and a 0 is a count."""
    value = {"IOS": 0, "CHROME": "2", "ANDROID": None, "SAFARI": [], "MAC": "x", "": 5}
    assert lenient.each(value, lenient.whole) == {"IOS": 0, "CHROME": 2, "": 5}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"en": "Hi", "de": ""}, {"en": "Hi", "de": ""}),
        ({"en": "Hi", "de": None, "fr": 5}, {"en": "Hi"}),
        ("Hi", {"": "Hi"}),
        ("[]", {"": "[]"}),
        ("", {}),
        ([], {}),
        (None, {}),
        (5, {}),
    ],
)
def test_localised(value: object, found: dict[str, str]) -> None:
    """Texts by language; a bare one, even one that looks like JSON, is a text."""
    assert lenient.localised(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Hi", "Hi"),
        ({"en": "Hi"}, {"en": "Hi"}),
        ("", None),
        (None, None),
        ([], None),
        ({}, None),
        ({"en": 5}, None),
    ],
)
def test_text_or_localised(value: object, found: object) -> None:
    """What it is; nothing is None, whatever it is written as."""
    assert lenient.text_or_localised(value) == found


def _counts(value: object) -> object:
    return lenient.each(value, lenient.whole)


@pytest.mark.parametrize(
    "read",
    [
        lenient.whole,
        lenient.decimal,
        lenient.text,
        lenient.flag,
        lenient.moment,
        lenient.mapping,
        lenient.sequence,
        lenient.localised,
        lenient.text_or_localised,
        _counts,
    ],
)
@settings(deadline=None)
@given(value=trees("a", "en"))
def test_nothing_that_json_can_hold_is_too_odd(
    read: Callable[[object], object], value: object
) -> None:
    """Each returns, whatever it is given."""
    read(value)
