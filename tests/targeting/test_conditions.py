"""The shape of a condition, operator by operator."""

import json
from typing import Any

import pytest
from filter_trees import TESTS
from hypothesis import given, settings

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.conditions import check_condition, complete_condition
from pushwoosh_async.targeting.operators import OPERATORS
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import BooleanTag, DateTag, IntegerTag, StringTag


@pytest.mark.parametrize(
    "condition",
    [
        *[("Age", operator, 18) for operator in ("EQ", "NOTEQ", "GTE", "LTE")],
        ("Country", "EQ", "fr"),
        ("Subscribed", "EQ", True),
        ("Age", "IN", [1, 2]),
        ("City", "NOTIN", ("Paris",)),
        ("Age", "BETWEEN", [1, 5]),
        ("Timezone", "BETWEEN", ["UTC-12:00", "UTC+14:00"]),
        ("Price", "GTE", 9.99),
        ("Price", "IN", [1.5, 2]),
        ("Age", "NOTSET", ""),
        ("Age", "ANY", None),
        ("Age", "ANY"),
    ],
)
def test_documented_shapes_pass(condition: Any) -> None:
    """Every operand kind that the vendor shows is taken, texts for BETWEEN among them."""
    check_condition("conditions[0]", condition)


@pytest.mark.parametrize(
    ("condition", "error", "rule"),
    [
        ((), ConfigurationError, "must be (tag, operator, operand)"),
        (("Age",), ConfigurationError, "must be (tag, operator, operand)"),
        (("Age", "EQ", 1, 2), ConfigurationError, "must be (tag, operator, operand)"),
        ((5, "EQ", 1), TypeError, "the tag must be a str, not int"),
        (("Age", 5, 1), TypeError, "the operator must be a str, not int"),
        ((" ", "EQ", 1), ConfigurationError, "the tag must not be empty"),
        (("Age", "eq", 1), ConfigurationError, "the operator must be one of EQ"),
        (("Age", "EQ"), ConfigurationError, "EQ needs an operand"),
        (("Age", "EQ", [1]), TypeError, "EQ takes a str, a number or a bool, got list"),
        (("Age", "GTE", None), TypeError, "GTE takes a str, a number or a bool, got None"),
        (("Age", "LTE", {}), TypeError, "LTE takes a str, a number or a bool, got dict"),
        (("City", "IN", "Paris"), TypeError, "IN takes a list of str or numbers, got str"),
        (("City", "IN", []), ConfigurationError, "IN needs at least one value"),
        (("City", "NOTIN", []), ConfigurationError, "NOTIN needs at least one value"),
        (
            ("City", "IN", ["a", None]),
            TypeError,
            "IN takes a list of str or numbers, got one with None",
        ),
        (("City", "IN", [True]), TypeError, "IN takes a list of str or numbers, got one with bool"),
        (("Age", "BETWEEN", [1]), ConfigurationError, "BETWEEN takes exactly two bounds, not 1"),
        (("Age", "BETWEEN", 5), TypeError, "BETWEEN takes a list of str or numbers, got int"),
    ],
)
def test_other_shapes_are_refused(condition: Any, error: type[Exception], rule: str) -> None:
    """A refusal names the condition and the rule."""
    with pytest.raises(error) as caught:
        check_condition("conditions[3]", condition)
    assert str(caught.value).startswith(f"conditions[3]: {rule}")


@pytest.mark.parametrize("operator", OPERATORS)
def test_only_an_unread_operand_is_filled_in(operator: str) -> None:
    """NOTSET and ANY get an empty operand; any other operator stays as short as it was."""
    completed = complete_condition(["Age", operator])
    assert completed == (
        ("Age", operator, "") if operator in ("NOTSET", "ANY") else ("Age", operator)
    )


@pytest.mark.parametrize(
    ("test", "plain"),
    [
        (IntegerTag("Age").between(17, 20), ("Age", "BETWEEN", [17, 20])),
        (DateTag("Born").eq("2022-02-28"), ("Born", "EQ", "2022-02-28 00:00")),
        (BooleanTag("Paid").eq(1), ("Paid", "EQ", True)),
        (StringTag("City").notset(), ("City", "NOTSET", "")),
    ],
)
def test_a_tag_test_is_a_condition_as_it_stands(test: TagTest, plain: Any) -> None:
    """It needs no check any more, and is completed to the plain form, which passes the check."""
    check_condition("conditions[0]", test)
    completed = complete_condition(test)
    assert repr(completed) == repr(plain)
    check_condition("conditions[0]", completed)


@settings(deadline=None)
@given(TESTS)
def test_every_tag_test_is_a_condition(test: TagTest) -> None:
    """The plain form of any test passes the check of plain conditions, and is JSON."""
    completed = complete_condition(test)
    check_condition("conditions[0]", completed)
    assert json.loads(json.dumps(completed)) == list(completed)
