"""Targeting as mypy sees it: checked, never run.

Right uses with the types that come out; and wrong operators and operands, each line with the
complaint that it has to get: a `type: ignore` that is not needed any more is an error itself.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import assert_type

from pushwoosh_async.errors import ConfigurationError, FilterSyntaxError
from pushwoosh_async.targeting.applications import App, AppGroup, AppTagTest
from pushwoosh_async.targeting.conditions import Condition
from pushwoosh_async.targeting.days import DaysAgo, days_ago
from pushwoosh_async.targeting.explain import explain
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import Combination, Filter
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import BooleanTag, DateTag, IntegerTag, ListTag, StringTag, Tag

# -- tags --------------------------------------------------------------------------------------


def string_tags(tag: StringTag, codes: list[str]) -> None:
    """Texts, and no order among them."""
    assert_type(tag.name, str)
    assert_type(tag.eq("Paris"), TagTest)
    assert_type(tag.noteq("Paris"), TagTest)
    assert_type(tag.in_("Paris", "Rome"), TagTest)
    assert_type(tag.notin(*codes), TagTest)
    assert_type(tag.notset(), TagTest)
    assert_type(tag.any_(), TagTest)

    tag.eq(5)  # type: ignore[arg-type]
    tag.eq(None)  # type: ignore[arg-type]
    tag.eq("a", "b")  # type: ignore[call-arg]
    tag.in_("a", 5)  # type: ignore[arg-type]
    tag.in_(codes)  # type: ignore[arg-type]
    tag.gte("a")  # type: ignore[attr-defined]
    tag.lte("a")  # type: ignore[attr-defined]
    tag.between("a", "b")  # type: ignore[attr-defined]
    tag.notset("")  # type: ignore[call-arg]
    tag.any()  # type: ignore[attr-defined]
    tag.name = "x"  # type: ignore[misc]
    StringTag()  # type: ignore[call-arg]
    StringTag(5)  # type: ignore[arg-type]


def integer_tags(tag: IntegerTag) -> None:
    """Numbers, and every operator."""
    assert_type(tag.eq(5), TagTest)
    assert_type(tag.noteq(5), TagTest)
    assert_type(tag.in_(1, 2), TagTest)
    assert_type(tag.notin(1), TagTest)
    assert_type(tag.gte(-5), TagTest)
    assert_type(tag.lte(5), TagTest)
    assert_type(tag.between(17, 20), TagTest)
    assert_type(tag.notset(), TagTest)
    assert_type(tag.any_(), TagTest)

    tag.eq("5")  # type: ignore[arg-type]
    tag.eq(5.0)  # type: ignore[arg-type]
    tag.noteq("5")  # type: ignore[arg-type]
    tag.in_("1")  # type: ignore[arg-type]
    tag.notin([1])  # type: ignore[arg-type]
    tag.gte("5")  # type: ignore[arg-type]
    tag.lte(date(2022, 2, 28))  # type: ignore[arg-type]
    tag.between("17", 20)  # type: ignore[arg-type]
    tag.between(17)  # type: ignore[call-arg]
    tag.between([17, 20])  # type: ignore[call-arg, arg-type]


def date_tags(tag: DateTag) -> None:
    """Days as dates and texts, instants, and days ago where the vendor takes them."""
    assert_type(tag.eq(date(2022, 2, 28)), TagTest)
    assert_type(tag.noteq(datetime(2022, 2, 28, tzinfo=UTC)), TagTest)
    assert_type(tag.in_("2022-02-28", 1234567890), TagTest)
    assert_type(tag.gte(days_ago(90)), TagTest)
    assert_type(tag.lte("2022-02-28 00:00"), TagTest)
    assert_type(tag.between(days_ago(90), date(2022, 2, 28)), TagTest)
    assert_type(days_ago(90), DaysAgo)

    tag.noteq(days_ago(1))  # type: ignore[arg-type]
    tag.in_(days_ago(1))  # type: ignore[arg-type]
    tag.notin(days_ago(1))  # type: ignore[arg-type]
    tag.eq(1.5)  # type: ignore[arg-type]
    tag.between(date(2022, 2, 28))  # type: ignore[call-arg]
    days_ago("90")  # type: ignore[arg-type]


def boolean_tags(tag: BooleanTag, truth: bool) -> None:
    """True and false, and whether they are set."""
    assert_type(tag.eq(True), TagTest)
    assert_type(tag.eq(truth), TagTest)
    assert_type(tag.eq(1), TagTest)
    assert_type(tag.eq(0), TagTest)
    assert_type(tag.notset(), TagTest)
    assert_type(tag.any_(), TagTest)

    tag.eq(2)  # type: ignore[arg-type]
    tag.eq("true")  # type: ignore[arg-type]
    tag.noteq(True)  # type: ignore[attr-defined]
    tag.in_(True)  # type: ignore[attr-defined]
    tag.notin(True)  # type: ignore[attr-defined]
    tag.gte(1)  # type: ignore[attr-defined]
    tag.lte(1)  # type: ignore[attr-defined]
    tag.between(0, 1)  # type: ignore[attr-defined]


def list_tags(tag: ListTag) -> None:
    """What they hold, and whether they are set."""
    assert_type(tag.in_("a", "b"), TagTest)
    assert_type(tag.notin("a"), TagTest)
    assert_type(tag.notset(), TagTest)
    assert_type(tag.any_(), TagTest)

    tag.in_(1)  # type: ignore[arg-type]
    tag.in_(["a"])  # type: ignore[arg-type]
    tag.eq("a")  # type: ignore[attr-defined]
    tag.noteq("a")  # type: ignore[attr-defined]
    tag.gte("a")  # type: ignore[attr-defined]
    tag.lte("a")  # type: ignore[attr-defined]
    tag.between("a", "b")  # type: ignore[attr-defined]


def untyped_tags(tag: Tag) -> None:
    """Every operator, texts and numbers."""
    assert_type(tag.eq("a"), TagTest)
    assert_type(tag.eq(5), TagTest)
    assert_type(tag.noteq("a"), TagTest)
    assert_type(tag.in_("a", 5), TagTest)
    assert_type(tag.notin(5), TagTest)
    assert_type(tag.gte("2022-02-28"), TagTest)
    assert_type(tag.lte(5), TagTest)
    assert_type(tag.between("UTC-12:00", "UTC+14:00"), TagTest)
    assert_type(tag.notset(), TagTest)
    assert_type(tag.any_(), TagTest)

    tag.eq(1.5)  # type: ignore[arg-type]
    tag.eq(None)  # type: ignore[arg-type]
    tag.gte(days_ago(1))  # type: ignore[arg-type]
    tag.eq(date(2022, 2, 28))  # type: ignore[arg-type]


# -- tests as conditions and as filters --------------------------------------------------------


def tests(test: TagTest) -> None:
    """A test is a condition and a filter."""
    a_filter: Filter = test
    conditions: Sequence[Condition] = [test, ("Age", "EQ", 18), ("City", "NOTSET")]
    more: Sequence[Condition] = [IntegerTag("Age").gte(18), StringTag("City").in_("Paris")]
    assert_type(test.as_condition(), tuple[str, str, str | int | list[str | int]])
    as_plain: Condition = test.as_condition()
    assert_type(test.is_strict("filter"), bool)
    assert_type(test.strict("conditions"), TagTest)

    test.is_strict("filters")  # type: ignore[arg-type]
    test.operand = 5  # type: ignore[misc]
    a_condition: Condition = App("AAAAA-BBBBB")  # type: ignore[assignment]
    a_test: Condition = StringTag("City")  # type: ignore[assignment]
    del a_filter, conditions, more, as_plain, a_condition, a_test


def filters(app: App, tag: StringTag, tree: Filter) -> None:
    """What can be combined, and what it is then."""
    assert_type(App("AAAAA-BBBBB", platforms=["iOS", "Android"]), App)
    assert_type(AppGroup("GROUP", platforms=("iOS",)), AppGroup)
    assert_type(app.code, str)
    assert_type(app.platforms, tuple[str, ...] | None)
    assert_type(app.tag(tag.eq("a")), AppTagTest)
    assert_type(app & tag.eq("a"), Combination)
    assert_type(app | tree, Combination)
    assert_type(tree - app - app.tag(tag.any_()), Combination)
    assert_type(tree.bounded, bool)
    assert_type(str(tree), str)
    assert_type((app | tree).operands, tuple[Filter, ...])

    App("AAAAA-BBBBB", ["iOS"])  # type: ignore[call-arg]
    App("AAAAA-BBBBB", platforms=[1])  # type: ignore[list-item]
    App(5)  # type: ignore[arg-type]
    app.tag(tag)  # type: ignore[arg-type]
    app.tag(app)  # type: ignore[arg-type]
    app & tag  # type: ignore[operator]
    app | "T()"  # type: ignore[operator]
    app - ("Age", "EQ", 18)  # type: ignore[operator]
    app + app  # type: ignore[operator]
    AppGroup("GROUP").tag(tag.eq("a"))  # type: ignore[attr-defined]
    Filter()  # type: ignore[abstract]


def texts(tree: Filter, error: FilterSyntaxError) -> None:
    """Between trees, texts and words."""
    assert_type(parse_filter('A("AAAAA-BBBBB")'), Filter)
    assert_type(explain(tree), str)
    assert_type(explain('A("AAAAA-BBBBB")'), str)
    assert_type(error.line, int)
    assert_type(error.column, int)
    assert_type(error.expected, tuple[str, ...])
    a_wrong_value: ConfigurationError = error

    parse_filter(tree)  # type: ignore[arg-type]
    parse_filter(None)  # type: ignore[arg-type]
    explain(StringTag("City"))  # type: ignore[arg-type]
    FilterSyntaxError("x")  # type: ignore[call-arg]
    del a_wrong_value
