"""When a tag's value passes a test: by text, by number, by day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.sandbox.targeting.tag_tests import tag_test

TODAY = date(2026, 11, 22)
MIDNIGHT = 1_795_305_600  # 2026-11-22 00:00 UTC


@pytest.mark.parametrize(
    ("value", "operator", "operand", "passes"),
    [
        # Text, and numbers on text.
        ("Paris", "EQ", "Paris", True),
        ("Paris", "EQ", "paris", False),
        ("30", "EQ", 30, True),
        (30, "EQ", "30", True),
        ("030", "EQ", 30, False),
        ("Paris", "NOTEQ", "Rome", True),
        ("Paris", "NOTEQ", "Paris", False),
        ("Paris", "IN", ["Rome", "Paris"], True),
        ("Paris", "IN", ["Rome"], False),
        ("Paris", "NOTIN", ["Rome"], True),
        ("Paris", "NOTIN", ["Rome", "Paris"], False),
        # Numbers.
        (9, "LTE", 10, True),
        ("9", "LTE", 10, True),
        (10, "LTE", 10, True),
        (11, "LTE", 10, False),
        (10, "GTE", 10, True),
        (9, "GTE", 10, False),
        (-1, "GTE", -2, True),
        (1.5, "BETWEEN", [1, 2], True),
        (1, "BETWEEN", [1, 5], True),
        (5, "BETWEEN", [1, 5], True),
        (6, "BETWEEN", [1, 5], False),
        (0, "BETWEEN", [1, 5], False),
        (3, "BETWEEN", [5, 1], False),
        ("Paris", "GTE", 10, False),
        (10, "GTE", "Paris", False),
        # Text in order, as the vendor's Timezone conditions are.
        ("UTC+01:00", "BETWEEN", ["UTC+00:00", "UTC+14:00"], True),
        ("UTC+01:00", "BETWEEN", ["UTC+02:00", "UTC+14:00"], False),
        # Booleans.
        (True, "EQ", 1, True),
        (True, "EQ", True, True),
        (False, "EQ", 0, True),
        (False, "EQ", True, False),
        (1, "EQ", True, True),
        # Lists.
        (["a", "b"], "IN", ["b", "c"], True),
        (["a", "b"], "IN", ["c"], False),
        (["a", "b"], "NOTIN", ["c"], True),
        (["a", "b"], "NOTIN", ["b"], False),
        (["a", "b"], "EQ", "b", True),
        ([], "IN", ["a"], False),
        (["1"], "GTE", 0, False),
        # Dates, by the day.
        ("2026-11-22", "EQ", "2026-11-22 00:00", True),
        ("2026-11-22 15:30:00", "EQ", "2026-11-22 00:00", True),
        ("2026-11-21", "EQ", "2026-11-22", False),
        ("2026-11-22", "NOTEQ", "2026-11-22 00:00", False),
        ("2026-11-22", "EQ", MIDNIGHT, True),
        (MIDNIGHT + 3600, "EQ", "2026-11-22", True),
        (MIDNIGHT - 1, "EQ", "2026-11-22", False),
        ("2026-11-22", "EQ", "0 days ago", True),
        ("2026-11-20", "EQ", "2 days ago", True),
        ("2026-11-20", "GTE", "2 days ago", True),
        ("2026-11-19", "GTE", "2 days ago", False),
        ("2026-11-19", "LTE", "2 days ago", True),
        ("2026-11-19", "BETWEEN", ["3 days ago", "1 days ago"], True),
        ("2026-11-18", "BETWEEN", ["3 days ago", "1 days ago"], False),
        (MIDNIGHT, "GTE", "1 days ago", True),
        ("9999-12-31", "GTE", "999999999 days ago", True),
        ("2026-13-45", "EQ", "2026-13-45", True),
        ("soon", "GTE", "2 days ago", True),  # as text: "s" comes after "2"
        # Set or not.
        ("", "ANY", "", True),
        (0, "ANY", "", True),
        (None, "ANY", "", False),
        (0, "NOTSET", "", False),
        (None, "NOTSET", "", True),
    ],
)
def test_passes(value: object, operator: str, operand: object, *, passes: bool) -> None:
    """A value passes exactly the tests that its kind allows."""
    assert tag_test(operator, operand, TODAY)(value) is passes


@pytest.mark.parametrize(
    ("operator", "operand"),
    [
        ("EQ", "None"),
        ("NOTEQ", "a"),
        ("IN", ["a", "None"]),
        ("NOTIN", ["a"]),
        ("GTE", 0),
        ("LTE", 0),
        ("BETWEEN", [0, 9]),
        ("BETWEEN", ["", "z"]),
        ("GTE", "9 days ago"),
    ],
)
def test_unset(operator: str, operand: object) -> None:
    """A device without the tag passes NOTSET alone: neither NOTEQ nor NOTIN."""
    assert tag_test(operator, operand, TODAY)(None) is False


SCALARS = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(), st.dates().map(str))


@given(st.one_of(st.none(), SCALARS, st.lists(SCALARS)), SCALARS)
def test_any_pair(value: object, operand: object) -> None:
    """Any value can be tested with any operand, and NOTEQ is EQ's contrary where the tag is set."""
    results = {
        name: tag_test(name, operand, TODAY)(value) for name in ("EQ", "NOTEQ", "GTE", "LTE")
    }

    assert set(results.values()) <= {True, False}
    assert results["EQ"] + results["NOTEQ"] == (value is not None)
