"""A filter in words: every question has its own, and what is dangerous is said."""

from typing import Any

import pytest
from filter_trees import TREES
from hypothesis import given, settings

from pushwoosh_async.errors import FilterSyntaxError
from pushwoosh_async.targeting.applications import App, AppGroup
from pushwoosh_async.targeting.days import days_ago
from pushwoosh_async.targeting.explain import explain
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import Combination, Filter
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import BooleanTag, DateTag, IntegerTag, ListTag, StringTag

UNBOUNDED = "Not bounded to an application: reaches every application of the account."
UNKNOWN = " (not a platform name known here)"
APP = App("AAAAA-BBBBB")
AGE, CITY = IntegerTag("Age"), StringTag("City")


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (AGE.eq(30), "Age is 30"),
        (CITY.eq("Paris"), 'City is "Paris"'),
        (CITY.noteq(""), 'City is not ""'),
        (CITY.in_("Paris", "Rome"), 'City has one of these values: "Paris", "Rome"'),
        (ListTag("Topics").in_("a"), 'Topics has one of these values: "a"'),
        (AGE.notin(1, 2), "Age is set, and has none of these values: 1, 2"),
        (AGE.gte(18), "Age is 18 or more"),
        (AGE.lte(65), "Age is 65 or less"),
        (AGE.between(17, 20), "Age is between 17 and 20, both included"),
        (CITY.notset(), "City is not set"),
        (CITY.any_(), "City is set, to any value"),
        (BooleanTag("Paid").eq(True), "Paid is true"),
        (BooleanTag("Paid").eq(0), "Paid is false"),
        (BooleanTag("Paid").notset(), "Paid is not set"),
        (DateTag("Open").eq("2022-02-28"), "Open is 2022-02-28"),
        (DateTag("Open").gte(days_ago(90)), "Open is 90 days ago or later"),
        (DateTag("Open").lte("2022-02-28"), "Open is 2022-02-28 or earlier"),
        (DateTag("Open").gte(1234567890), "Open is 2009-02-13 23:31:30 UTC or later"),
        (DateTag("Open").gte(-1), "Open is -1 or later"),
        (DateTag("Open").lte(2**63 - 1), f"Open is {2**63 - 1} or earlier"),
        (
            DateTag("Open").between(days_ago(9), days_ago(2)),
            "Open is between 9 days ago and 2 days ago, both included",
        ),
    ],
)
def test_every_question_has_its_words(test: TagTest, words: str) -> None:
    """Of a tag alone, and of a tag in an application; its name in quotes, for it may read as words."""
    name, _, predicate = words.partition(" ")
    words = f'"{name}" {predicate}'
    assert explain(test) == f"A device is chosen if {words}\n{UNBOUNDED}"
    assert explain(APP.tag(test)) == f"A device is chosen if in application AAAAA-BBBBB, {words}"


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (APP, "it is subscribed to application AAAAA-BBBBB on any platform"),
        (
            App("AAAAA-BBBBB", platforms=["ios", "Android"]),
            "it is subscribed to application AAAAA-BBBBB on iOS or Android",
        ),
        (
            AppGroup("GROUP", platforms=["iOS"]),
            'it is subscribed to an application of group "GROUP" on iOS',
        ),
        (
            App("AAAAA-BBBBB", platforms=["iSO", "Android"]),
            f"it is subscribed to application AAAAA-BBBBB on iSO{UNKNOWN} or Android",
        ),
        (
            AppGroup("GROUP", platforms=["Huawei"]),
            f'it is subscribed to an application of group "GROUP" on Huawei{UNKNOWN}',
        ),
    ],
)
def test_subscribers_are_named(tree: Filter, words: str) -> None:
    """The application or group, and the platforms; bounded, so there is no warning."""
    assert explain(tree) == f"A device is chosen if {words}"


def test_a_tree_is_indented() -> None:
    """A line for each part, two blanks further in below the operator that joins them."""
    tree = APP & (CITY.eq("Paris") | AGE.gte(18)) & (AppGroup("G") - CITY.any_() - AGE.lte(9))
    assert explain(tree).splitlines() == [
        "A device is chosen if all of these are true:",
        "  it is subscribed to application AAAAA-BBBBB on any platform",
        "  at least one of these is true:",
        '    "City" is "Paris"',
        '    "Age" is 18 or more',
        "  the first of these is true, and none of the others is:",
        '    it is subscribed to an application of group "G" on any platform',
        '    "City" is set, to any value',
        '    "Age" is 9 or less',
    ]


@settings(deadline=None)
@given(TREES)
def test_every_filter_has_words(tree: Filter) -> None:
    """A line for each term and each group; the warning exactly where the filter is not bounded."""

    def parts(node: Filter) -> int:
        return 1 + (sum(map(parts, node.operands)) if isinstance(node, Combination) else 0)

    lines = explain(tree).split("\n")
    assert (lines[-1] == UNBOUNDED) is not tree.bounded
    assert len(lines) == parts(tree) + (not tree.bounded)


@settings(deadline=None)
@given(TREES)
def test_a_text_is_explained_as_its_tree(tree: Filter) -> None:
    """A person may paste what will be sent."""
    assert explain(str(tree)) == explain(parse_filter(str(tree)))


@pytest.mark.parametrize("wrong", [None, 5, ("Age", "EQ", 1), IntegerTag("Age")])
def test_only_filters_are_explained(wrong: Any) -> None:
    """Not a condition, nor a tag nothing was asked of."""
    with pytest.raises(TypeError, match="filter: must be a filter or a str, not "):
        explain(wrong)


def test_a_wrong_text_is_a_syntax_error() -> None:
    """The parser's own."""
    with pytest.raises(FilterSyntaxError):
        explain("A(")
