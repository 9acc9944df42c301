"""Whom does a filter reach? The tree in plain words, for a person to check before sending."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pushwoosh_async.targeting.applications import PLATFORMS, App, AppGroup, AppTagTest
from pushwoosh_async.targeting.days import is_day, is_days_ago
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import Combination, Filter, SetOperator
from pushwoosh_async.targeting.literals import type_name, written
from pushwoosh_async.targeting.operands import Scalar
from pushwoosh_async.targeting.tag_test import TagTest

_HEADS: dict[SetOperator, str] = {
    "+": "at least one of these is true:",
    "*": "all of these are true:",
    "\\": "the first of these is true, and none of the others is:",
}
_UNBOUNDED = "Not bounded to an application: reaches every application of the account."
_LAST_SECOND = 253_402_300_799  # of the year 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def explain(filter: Filter | str) -> str:  # noqa: A002 -- it is what the caller calls it
    """Return in English which devices a filter, or its text, chooses; a line for each part.

    A platform whose name `App` does not list is marked, as it may be misspelt. The last line says
    so if the filter is not bounded to applications that it names.

    Raises:
        TypeError: `filter` is neither a filter nor a str.
        FilterSyntaxError: the text is not a filter.
    """
    tree = parse_filter(filter) if isinstance(filter, str) else filter
    first, *rest = _lines(tree)
    lines = [f"A device is chosen if {first}", *rest]
    return "\n".join(lines if tree.bounded else [*lines, _UNBOUNDED])


def _lines(tree: Filter) -> list[str]:
    if isinstance(tree, Combination):
        inner = [f"  {line}" for operand in tree.operands for line in _lines(operand)]
        return [_HEADS[tree.operator], *inner]
    return [_statement(tree)]


def _statement(term: Filter) -> str:
    match term:
        case TagTest():
            return _question(term)
        case AppTagTest():
            return f"in application {term.application}, {_question(term.test)}"
        case App():
            return f"it is subscribed to application {term.code}{_on(term.platforms)}"
        case AppGroup():
            group = written(term.code)
            return f"it is subscribed to an application of group {group}{_on(term.platforms)}"
    raise TypeError(f"filter: must be a filter or a str, not {type_name(term)}")


def _on(platforms: Sequence[str] | None) -> str:
    return f" on {' or '.join(map(_platform, platforms))}" if platforms else " on any platform"


def _platform(name: str) -> str:
    return name if name in PLATFORMS else f"{name} (not a platform name known here)"


def _question(test: TagTest) -> str:
    operand = test.operand
    values = [
        _value(test, value) for value in (operand if isinstance(operand, tuple) else [operand])
    ]
    more, less = ("later", "earlier") if _is_date(test) else ("more", "less")
    predicates = {
        "EQ": f"is {values[0]}",
        "NOTEQ": f"is not {values[0]}",
        "IN": f"has one of these values: {', '.join(values)}",
        "NOTIN": f"is set, and has none of these values: {', '.join(values)}",
        "GTE": f"is {values[0]} or {more}",
        "LTE": f"is {values[0]} or {less}",
        "BETWEEN": f"is between {' and '.join(values)}, both included",
        "NOTSET": "is not set",
        "ANY": "is set, to any value",
    }
    return f"{written(test.name)} {predicates[test.operator]}"


def _is_date(test: TagTest) -> bool:
    operand = test.operand
    dated = not isinstance(operand, tuple) and (is_day(operand) or is_days_ago(operand))
    return test.tag_type == "date" or dated


def _value(test: TagTest, value: Scalar) -> str:
    if test.tag_type == "boolean":
        return "true" if value else "false"
    if isinstance(value, str):
        return value if is_day(value) or is_days_ago(value) else written(value)
    if test.tag_type == "date" and 0 <= value <= _LAST_SECOND:
        return f"{_EPOCH + timedelta(seconds=value):%Y-%m-%d %H:%M:%S} UTC"
    return str(value)
