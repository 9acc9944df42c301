"""Does a tag's value pass a test? The operators of conditions and filters [api.md 2.1, 2.2]. Pure.

The sandbox does not know which type a tag was made with, so the values decide: dates are compared by
day, numbers as numbers, everything else as text.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

# Is handed the tag's value, None where the device has none.
TagTest = Callable[[object], bool]

UNARY = ("NOTSET", "ANY")
SCALAR = ("EQ", "NOTEQ", "GTE", "LTE")
LISTED = ("IN", "NOTIN")
RANGE = "BETWEEN"

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)( \d\d:\d\d(:\d\d)?)?", re.ASCII)
_DAYS_AGO = re.compile(r"(\d{1,9}) days ago", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_SECONDS_A_DAY = 86_400
_DAY_ZERO = date(1970, 1, 1).toordinal()


def tag_test(operator: str, operand: object, today: date) -> TagTest:
    """Return the test that an operator makes with an operand that fits it.

    Args:
        operator: as on the wire, such as ``EQ``.
        operand: a scalar, or a list of them for ``IN``, ``NOTIN`` and ``BETWEEN``.
        today: the day from which ``"N days ago"`` counts.
    """
    wanted = operand if isinstance(operand, list) else [operand]
    if operator in UNARY:
        return (lambda value: value is None) if operator == "NOTSET" else _is_set
    if operator in ("GTE", "LTE", RANGE):
        low = None if operator == "LTE" else wanted[0]
        high = None if operator == "GTE" else wanted[-1]
        return partial(_within, low=low, high=high, today=today)
    if operator in ("EQ", "IN"):
        return lambda value: _is_set(value) and _any_equal(value, wanted, today)
    # A device without the tag passes neither NOTEQ (a guess) nor NOTIN [H-ops].
    return lambda value: _is_set(value) and not _any_equal(value, wanted, today)


def _is_set(value: object) -> bool:
    return value is not None


def _any_equal(value: object, wanted: list[object], today: date) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_equal(each, other, today) for each in values for other in wanted)


def _equal(value: object, wanted: object, today: date) -> bool:
    days = _days(value, wanted, today)
    return days[0] == days[1] if days else _text(value) == _text(wanted)


def _within(value: object, low: object, high: object, today: date) -> bool:
    return (low is None or _not_above(low, value, today)) and (
        high is None or _not_above(value, high, today)
    )


def _not_above(small: object, large: object, today: date) -> bool:
    pair = _days(small, large, today) or _numbers(small, large)
    if pair:
        return pair[0] <= pair[1]
    return isinstance(small, str) and isinstance(large, str) and small <= large


def _days(first: object, second: object, today: date) -> tuple[float, float] | None:
    """Return both as days if at least one is a date; a number beside it is seconds since 1970."""
    days = _day(first, today), _day(second, today)
    if days == (None, None):
        return None
    one = _unix_day(first) if days[0] is None else days[0]
    other = _unix_day(second) if days[1] is None else days[1]
    return None if one is None or other is None else (one, other)


def _day(value: object, today: date) -> int | None:
    if not isinstance(value, str):
        return None
    if relative := _DAYS_AGO.fullmatch(value):
        return today.toordinal() - int(relative[1])
    if dated := _DATE.fullmatch(value):
        try:
            return date.fromisoformat(dated[1]).toordinal()
        except ValueError:
            return None
    return None


def _unix_day(value: object) -> float | None:
    number = _number(value)
    return None if number is None else number // _SECONDS_A_DAY + _DAY_ZERO


def _numbers(first: object, second: object) -> tuple[float, float] | None:
    one, other = _number(first), _number(second)
    return None if one is None or other is None else (one, other)


def _number(value: object) -> float | None:
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return None


def _text(value: object) -> str:
    """Return a value as a String tag holds it: numbers become text [ES:874], a Boolean is 1 or 0."""
    return str(int(value)) if isinstance(value, bool) else str(value)
