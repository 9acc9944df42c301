"""Tags: each type has the operators of the vendor's tables, and takes the operands of its type."""

import copy
import inspect
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from filter_trees import TESTS, quotable
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.days import DaysAgo, days_ago
from pushwoosh_async.targeting.operators import OPERATORS
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import BooleanTag, DateTag, IntegerTag, ListTag, StringTag, Tag

# api.md 2.1 and 2.2, typed off the page: operators in the order of its heading.
HEADING = ["EQ", "NOTEQ", "IN", "NOTIN", "GTE", "LTE", "BETWEEN", "NOTSET", "ANY"]
CONDITIONS = {
    StringTag: "y y y y - - - y y",
    IntegerTag: "y y y y y y y y y",
    DateTag: "y y y y y y y y y",
    BooleanTag: "y - - - - - - y y",
    ListTag: "- - y y - - - y y",
}
FILTER = {
    StringTag: "EQ IN NOTIN NOTEQ NOTSET ANY",
    IntegerTag: "GTE LTE EQ BETWEEN IN NOTIN NOTEQ NOTSET ANY",
    DateTag: "GTE LTE EQ BETWEEN NOTEQ NOTSET ANY",
    BooleanTag: "",
    ListTag: "IN",
}
LISTED: dict[str, dict[Any, set[str]]] = {
    "conditions": {
        kind: {name for name, mark in zip(HEADING, row.split(), strict=True) if mark == "y"}
        for kind, row in CONDITIONS.items()
    },
    "filter": {kind: set(row.split()) for kind, row in FILTER.items()},
}
KINDS: list[Any] = [*CONDITIONS, Tag]
METHODS = {"in_": "IN", "any_": "ANY"}
# One operand that the type takes.
SAMPLE: dict[Any, Any] = {
    StringTag: "a",
    IntegerTag: 1,
    DateTag: "2022-02-28",
    BooleanTag: 1,
    ListTag: "a",
    Tag: "a",
}
PLUS_9 = timezone(timedelta(hours=9))
MIDNIGHT = datetime(2022, 2, 28)  # noqa: DTZ001 -- a day, in nobody's zone


class City(StrEnum):
    PARIS = "Paris"


class Level(IntEnum):
    TOP = 9


def allowed(kind: Any) -> set[str]:
    """Return the operators that either language lists; all for a tag of unknown type."""
    if kind is Tag:
        return set(HEADING)
    return LISTED["conditions"][kind] | LISTED["filter"][kind]


def ask(kind: Any, operator: str) -> TagTest:
    """Ask by the method of an operator, with a sample operand."""
    count = {"NOTSET": 0, "ANY": 0, "BETWEEN": 2}.get(operator, 1)
    method = {"IN": "in_", "ANY": "any_"}.get(operator, operator.lower())
    test = getattr(kind("x"), method)(*[SAMPLE[kind]] * count)
    assert isinstance(test, TagTest)
    return test


# -- operators -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_methods_are_the_operators_of_either_table(kind: Any) -> None:
    """A class has a method for each operator that one of the languages lists, and no other."""
    methods = {
        METHODS.get(name, name.upper())
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == allowed(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operator", HEADING)
def test_method_makes_the_test_of_its_operator(kind: Any, operator: str) -> None:
    """`in_` makes IN, `any_` ANY, and so on, of the tag's name and type."""
    if operator in allowed(kind):
        test = ask(kind, operator)
        assert (test.name, test.operator, test.tag_type) == ("x", operator, kind("x").tag_type)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operator", HEADING)
def test_test_made_by_hand_obeys_the_table_too(kind: Any, operator: Any) -> None:
    """What has no method cannot be had from the constructor of a test."""
    operand = (SAMPLE[kind],) * 2 if operator in ("IN", "NOTIN", "BETWEEN") else SAMPLE[kind]
    if operator in allowed(kind):
        assert TagTest("x", operator, operand, kind.tag_type).operator == operator
        return
    with pytest.raises(
        ConfigurationError, match=f"^x {operator}: a .* tag has .*, not {operator}$"
    ):
        TagTest("x", operator, operand, kind.tag_type)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operator", HEADING)
@pytest.mark.parametrize("language", ["conditions", "filter"])
def test_strict_is_what_the_vendor_lists(kind: Any, operator: str, language: Any) -> None:
    """A test is strict in a language whose own table has its operator for the tag's type."""
    if operator not in allowed(kind):
        return
    test = ask(kind, operator)
    listed = kind is not Tag and operator in LISTED[language][kind]
    assert test.is_strict(language) is listed
    if listed:
        assert test.strict(language) is test
        return
    with pytest.raises(ConfigurationError, match=f"^x {operator}: the vendor's {language} do not"):
        test.strict(language)


def test_unknown_names_are_refused() -> None:
    """There are nine operators, five types and two languages."""
    unknown: Any = "eq"
    with pytest.raises(ConfigurationError, match="operator: must be one of EQ"):
        TagTest("x", unknown, 1)
    with pytest.raises(ConfigurationError, match="tag_type: must be None or one of string"):
        TagTest("x", "EQ", 1, unknown)
    with pytest.raises(ConfigurationError, match="language: must be 'conditions' or 'filter'"):
        IntegerTag("x").eq(1).is_strict(unknown)


def test_operators_are_those_of_the_heading() -> None:
    """No operator is missing from the tables."""
    assert list(OPERATORS) == HEADING


# -- operands: a test, and what it is in a filter and in a condition ----------------------------


@pytest.mark.parametrize(
    ("test", "filter_text", "condition"),
    [
        (StringTag("x").eq("a"), 'T("x", EQ, "a")', "a"),
        (StringTag("x").eq(""), 'T("x", EQ, "")', ""),
        (StringTag("x").eq("10"), 'T("x", EQ, "10")', "10"),
        (StringTag("x").noteq("a"), 'T("x", NOTEQ, "a")', "a"),
        (StringTag("x").in_("a", "b"), 'T("x", IN, ["a", "b"])', ["a", "b"]),
        (StringTag("x").in_(City.PARIS), 'T("x", IN, ["Paris"])', ["Paris"]),
        (StringTag("x").notin("a"), 'T("x", NOTIN, ["a"])', ["a"]),
        (StringTag("x").notset(), 'T("x", NOTSET, "")', ""),
        (StringTag("x").any_(), 'T("x", ANY, "")', ""),
        (ListTag("x").in_("a", "b"), 'T("x", IN, ["a", "b"])', ["a", "b"]),
        (ListTag("x").notin("a"), 'T("x", NOTIN, ["a"])', ["a"]),
        (IntegerTag("x").eq(-5), 'T("x", EQ, -5)', -5),
        (IntegerTag("x").eq(Level.TOP), 'T("x", EQ, 9)', 9),
        (IntegerTag("x").noteq(2**63 - 1), f'T("x", NOTEQ, {2**63 - 1})', 2**63 - 1),
        (IntegerTag("x").gte(-(2**63)), f'T("x", GTE, {-(2**63)})', -(2**63)),
        (IntegerTag("x").lte(0), 'T("x", LTE, 0)', 0),
        (IntegerTag("x").in_(1, 2), 'T("x", IN, [1, 2])', [1, 2]),
        (IntegerTag("x").notin(1), 'T("x", NOTIN, [1])', [1]),
        (IntegerTag("x").between(17, 20), 'T("x", BETWEEN, [17, 20])', [17, 20]),
        (IntegerTag("x").between(5, 5), 'T("x", BETWEEN, [5, 5])', [5, 5]),
        (BooleanTag("x").eq(True), 'T("x", EQ, 1)', True),
        (BooleanTag("x").eq(False), 'T("x", EQ, 0)', False),
        (BooleanTag("x").eq(1), 'T("x", EQ, 1)', True),
        (BooleanTag("x").eq(0), 'T("x", EQ, 0)', False),
        (BooleanTag("x").notset(), 'T("x", NOTSET, "")', ""),
        (BooleanTag("x").any_(), 'T("x", ANY, "")', ""),
        (DateTag("x").eq(date(2022, 2, 28)), 'T("x", EQ, "2022-02-28")', "2022-02-28 00:00"),
        (DateTag("x").eq("2022-02-28"), 'T("x", EQ, "2022-02-28")', "2022-02-28 00:00"),
        (DateTag("x").noteq("2022-02-28 00:00"), 'T("x", NOTEQ, "2022-02-28")', "2022-02-28 00:00"),
        (DateTag("x").lte(MIDNIGHT), 'T("x", LTE, "2022-02-28")', "2022-02-28 00:00"),
        (DateTag("x").gte(1234567890), 'T("x", GTE, 1234567890)', 1234567890),
        (DateTag("x").gte(datetime(1970, 1, 1, 9, 0, 1, tzinfo=PLUS_9)), 'T("x", GTE, 1)', 1),
        (DateTag("x").eq(days_ago(0)), 'T("x", EQ, "0 days ago")', "0 days ago"),
        (DateTag("x").gte(days_ago(90)), 'T("x", GTE, "90 days ago")', "90 days ago"),
        (DateTag("x").lte(days_ago(1)), 'T("x", LTE, "1 days ago")', "1 days ago"),
        (
            DateTag("x").between(days_ago(9), days_ago(2)),
            'T("x", BETWEEN, ["9 days ago", "2 days ago"])',
            ["9 days ago", "2 days ago"],
        ),
        (
            DateTag("x").between(date(2022, 2, 28), days_ago(2)),
            'T("x", BETWEEN, ["2022-02-28", "2 days ago"])',
            ["2022-02-28 00:00", "2 days ago"],
        ),
        (
            DateTag("x").in_("2022-02-28", 5),
            'T("x", IN, ["2022-02-28", 5])',
            ["2022-02-28 00:00", 5],
        ),
        (DateTag("x").notin(date.min), 'T("x", NOTIN, ["0001-01-01"])', ["0001-01-01 00:00"]),
        (DateTag("x").notset(), 'T("x", NOTSET, "")', ""),
        (Tag("x").eq(30), 'T("x", EQ, 30)', 30),
        (Tag("x").eq("2022-02-28"), 'T("x", EQ, "2022-02-28")', "2022-02-28"),
        (Tag("x").in_(1, "b"), 'T("x", IN, [1, "b"])', [1, "b"]),
        (
            Tag("x").between("UTC-12:00", "UTC+14:00"),
            'T("x", BETWEEN, ["UTC-12:00", "UTC+14:00"])',
            ["UTC-12:00", "UTC+14:00"],
        ),
        (
            Tag("x").between("2022-02-28", "2022-02-27"),
            'T("x", BETWEEN, ["2022-02-28", "2022-02-27"])',
            ["2022-02-28", "2022-02-27"],
        ),
    ],
)
def test_operands_that_are_taken(test: TagTest, filter_text: str, condition: Any) -> None:
    """A test is written in the form of each language; true and 1 are told apart."""
    assert str(test) == filter_text
    name, operator, operand = test.as_condition()
    assert (name, operator) == ("x", test.operator)
    assert repr(operand) == repr(condition)


@pytest.mark.parametrize(
    ("ask_wrongly", "error", "rule"),
    [
        (lambda: StringTag("x").eq(5), TypeError, "x EQ: must be a str, not int"),  # type: ignore[arg-type]
        (lambda: StringTag("x").eq(None), TypeError, "x EQ: must be a str, not None"),  # type: ignore[arg-type]
        (lambda: StringTag("x").in_(), ConfigurationError, "x IN: needs at least one value"),
        (lambda: ListTag("x").notin(), ConfigurationError, "x NOTIN: needs at least one value"),
        (lambda: ListTag("x").in_(1), TypeError, "x IN: must be a str, not int"),  # type: ignore[arg-type]
        (lambda: IntegerTag("x").eq("5"), TypeError, "x EQ: must be an int, not str"),  # type: ignore[arg-type]
        (lambda: IntegerTag("x").eq(True), TypeError, "x EQ: must be an int, not bool"),
        (lambda: IntegerTag("x").eq(1.0), TypeError, "x EQ: must be an int, not float"),  # type: ignore[arg-type]
        (lambda: IntegerTag("x").in_(1, "2"), TypeError, "x IN: must be an int, not str"),  # type: ignore[arg-type]
        (lambda: IntegerTag("x").eq(2**63), ConfigurationError, "x EQ: must fit 64 bits"),
        (lambda: IntegerTag("x").eq(-(2**63) - 1), ConfigurationError, "x EQ: must fit 64 bits"),
        (
            lambda: IntegerTag("x").between(2, 1),
            ConfigurationError,
            "x BETWEEN: the first bound must not be above the second",
        ),
        (lambda: BooleanTag("x").eq("1"), TypeError, "x EQ: must be a bool, not str"),  # type: ignore[arg-type]
        (lambda: BooleanTag("x").eq(1.0), TypeError, "x EQ: must be a bool, not float"),  # type: ignore[arg-type]
        (lambda: BooleanTag("x").eq(2), ConfigurationError, "x EQ: must be True, False, 1 or 0"),  # type: ignore[arg-type]
        (lambda: DateTag("x").eq(1.5), TypeError, "x EQ: must be a date, a str or an int, not"),  # type: ignore[arg-type]
        (
            lambda: DateTag("x").eq(True),
            TypeError,
            "x EQ: must be a date, a str or an int, not bool",
        ),
        (lambda: DateTag("x").noteq(days_ago(1)), TypeError, "x NOTEQ: takes no days ago"),  # type: ignore[arg-type]
        (lambda: DateTag("x").in_(days_ago(1)), TypeError, "x IN: takes no days ago"),  # type: ignore[arg-type]
        (lambda: DateTag("x").notin(days_ago(1)), TypeError, "x NOTIN: takes no days ago"),  # type: ignore[arg-type]
        (lambda: DateTag("x").eq("90 days ago"), ConfigurationError, "x EQ: must be a date as"),
        (
            lambda: DateTag("x").eq("2022-02-30"),
            ConfigurationError,
            "x EQ: must be a day and a time",
        ),
        (lambda: DateTag("x").eq("2022-2-3"), ConfigurationError, "x EQ: must be a date as"),
        (lambda: DateTag("x").eq("20220203"), ConfigurationError, "x EQ: must be a date as"),
        (
            lambda: DateTag("x").eq("2022-02-28 25:00"),
            ConfigurationError,
            "x EQ: must be a day and",
        ),
        (
            lambda: DateTag("x").eq("2022-02-28 00:00:00"),
            ConfigurationError,
            "x EQ: must be a date as",
        ),
        (
            lambda: DateTag("x").eq("2022-02-28T00:00"),
            ConfigurationError,
            "x EQ: must be a date as",
        ),
        (lambda: DateTag("x").eq("2022-02-28\n"), ConfigurationError, "x EQ: must be a date as"),
        (lambda: DateTag("x").eq("٢٠٢٢-02-28"), ConfigurationError, "x EQ: must be a date as"),
        (lambda: DateTag("x").eq("2022-02-28 12:30"), ConfigurationError, "x EQ: must be midnight"),
        (
            lambda: DateTag("x").eq(MIDNIGHT.replace(microsecond=1)),
            ConfigurationError,
            "x EQ: must be midnight",
        ),
        (
            lambda: DateTag("x").eq(datetime(2022, 1, 1, microsecond=1, tzinfo=UTC)),
            ConfigurationError,
            "x EQ: must be a whole second",
        ),
        (lambda: DateTag("x").eq(2**63), ConfigurationError, "x EQ: must fit 64 bits"),
        (
            lambda: DateTag("x").between("2022-03-02", date(2022, 2, 28)),
            ConfigurationError,
            "x BETWEEN: the first bound must not be above",
        ),
        (
            lambda: DateTag("x").between(days_ago(2), days_ago(10)),
            ConfigurationError,
            "x BETWEEN: the first bound must not be above",
        ),
        (lambda: DateTag("x").between(2, 1), ConfigurationError, "x BETWEEN: the first bound"),
        (lambda: Tag("x").eq(True), TypeError, "x EQ: must be a str or an int, not bool"),
        (lambda: Tag("x").eq(1.5), TypeError, "x EQ: must be a str or an int, not float"),  # type: ignore[arg-type]
        (lambda: Tag("x").eq(days_ago(1)), TypeError, "x EQ: must be a str or an int, not DaysAgo"),  # type: ignore[arg-type]
        (lambda: Tag("x").between(2, 1), ConfigurationError, "x BETWEEN: the first bound"),
        (lambda: TagTest("x", "BETWEEN", [1]), ConfigurationError, "x BETWEEN: takes exactly two"),
        (lambda: TagTest("x", "BETWEEN", []), ConfigurationError, "x BETWEEN: takes exactly two"),
        (lambda: TagTest("x", "IN", "ab"), TypeError, "x IN: takes a list, not str"),
        (lambda: TagTest("x", "IN", None), TypeError, "x IN: takes a list, not None"),
        (lambda: TagTest("x", "EQ", [1]), TypeError, "x EQ: must be a str or an int, not list"),
        (lambda: StringTag(""), ConfigurationError, "tag: must not be empty"),
        (lambda: StringTag(" \u3000"), ConfigurationError, "tag: must not be empty"),
        (lambda: StringTag(5), TypeError, "tag: must be a str, not int"),  # type: ignore[arg-type]
        (lambda: TagTest(" ", "ANY"), ConfigurationError, "tag: must not be empty"),
        (lambda: days_ago(-1), ConfigurationError, "days_ago: must be 0 or more"),
        (lambda: days_ago(2**63), ConfigurationError, "days_ago: must fit 64 bits"),
        (lambda: days_ago(True), TypeError, "days_ago: must be an int, not bool"),
        (lambda: days_ago("9"), TypeError, "days_ago: must be an int, not str"),  # type: ignore[arg-type]
        (lambda: DaysAgo(-1), ConfigurationError, "days_ago: must be 0 or more"),
    ],
)
def test_operands_that_are_refused(ask_wrongly: Any, error: type[Exception], rule: str) -> None:
    """A wrong type is a TypeError, a wrong value ours; both name the tag, the operator and the rule."""
    with pytest.raises(error) as caught:
        ask_wrongly()
    assert type(caught.value) is error
    assert str(caught.value).startswith(rule)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("kind", [StringTag, IntegerTag, DateTag, ListTag, Tag])
@pytest.mark.parametrize(("method", "operator"), [("in_", "IN"), ("notin", "NOTIN")])
@pytest.mark.parametrize("several", [["a"], ("a", "b"), {"a"}, frozenset({"a"}), []])
def test_a_list_of_values_is_refused_with_the_way_to_pass_them(
    kind: Any, method: str, operator: str, several: Any
) -> None:
    """`in_` takes them one by one, whatever the tag's type."""
    with pytest.raises(TypeError) as caught:
        getattr(kind("City"), method)(several)
    assert str(caught.value) == (
        f'City {operator}: takes its values one by one, as in {method}("Paris", "Rome") or'
        f" {method}(*values), not a {type(several).__name__}"
    )


@settings(deadline=None)
@given(st.text())
@example('"')
@example("\\")
@example("\x7f")
@example("\x85")
@example("\ud800")
@example("\u2028")
@example("")
def test_only_what_would_need_an_escape_is_refused(text: str) -> None:
    """Quotes, backslashes, control characters and lone surrogates, in values and in names."""
    makers: list[tuple[Callable[[], object], bool]] = [
        (lambda: StringTag("x").eq(text).operand, quotable(text)),
        (lambda: ListTag("x").in_(text).operand, quotable(text)),
        (lambda: Tag("x").eq(text).operand, quotable(text)),
        (lambda: Tag(text).any_().name, quotable(text) and bool(text.strip())),
    ]
    for make, takes_it in makers:
        if takes_it:
            assert make() in (text, (text,))
            continue
        with pytest.raises(ConfigurationError) as caught:
            make()
        assert len(text) < 2 or text not in str(caught.value)


@settings(deadline=None)
@given(st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=-14)))))
@example(datetime.min.replace(tzinfo=timezone(timedelta(hours=14))))
@example(datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)), microsecond=0))
def test_an_instant_is_its_unix_timestamp(moment: datetime) -> None:
    """A datetime with a time zone goes out as seconds since 1970, whatever the zone."""
    whole = moment.replace(microsecond=0)
    assert DateTag("x").eq(whole).operand == whole.timestamp()


@settings(deadline=None)
@given(st.dates(), st.dates())
def test_days_stand_in_their_order(one: date, other: date) -> None:
    """A span of days is taken exactly if its first day is not the later one."""
    if one <= other:
        assert DateTag("x").between(one, other).operand == (str(one), str(other))
        return
    with pytest.raises(ConfigurationError, match="first bound"):
        DateTag("x").between(one, other)


# -- a test as a value ---------------------------------------------------------------------------


def test_the_type_of_a_tag_is_not_compared() -> None:
    """Tests that are the same filter are equal and hash alike."""
    assert StringTag("x").eq("a") == Tag("x").eq("a") == TagTest("x", "EQ", "a")
    assert len({BooleanTag("x").eq(True), IntegerTag("x").eq(1), Tag("x").eq(1)}) == 1
    assert StringTag("x").eq("1") != IntegerTag("x").eq(1)
    assert StringTag("x").eq("a") != StringTag("X").eq("a")


@settings(deadline=None)
@given(TESTS)
def test_tests_survive_copies_and_pickles(test: TagTest) -> None:
    """A copy has the tag's type too."""
    for other in (copy.deepcopy(test), pickle.loads(pickle.dumps(test))):  # noqa: S301
        assert other == test
        assert other.tag_type == test.tag_type


def test_tags_and_tests_are_frozen() -> None:
    """Nothing of them can be changed, and nothing hung on them."""
    test, tag = StringTag("x").in_("a"), StringTag("x")
    for thing, name in [(test, "name"), (test, "other"), (tag, "name"), (tag, "other")]:
        with pytest.raises(AttributeError):
            setattr(thing, name, "y")
    listed = test.as_condition()[2]
    assert isinstance(listed, list)
    listed.append("b")
    assert test.as_condition() == ("x", "IN", ["a"])


def test_a_method_for_another_type_is_not_there() -> None:
    """The wrong question fails where it is asked."""
    assert not hasattr(StringTag("x"), "gte")
    assert not hasattr(BooleanTag("x"), "in_")
    assert not hasattr(ListTag("x"), "eq")
