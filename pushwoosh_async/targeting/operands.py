"""What may stand to the right of an operator, for a tag of each type?"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.days import RELATIVE_OPERATORS, DaysAgo, day_operand, days_descend
from pushwoosh_async.targeting.literals import integer, quotable, type_name
from pushwoosh_async.targeting.operators import LIST_OPERAND, NO_OPERAND, Operator, TagType

Scalar: TypeAlias = str | int
TestOperand: TypeAlias = Scalar | tuple[Scalar, ...]

_METHOD_OF_MANY: Mapping[Operator, str] = {"IN": "in_", "NOTIN": "notin"}


def read_operand(
    tag: str, tag_type: TagType | None, operator: Operator, operand: object
) -> TestOperand:
    """Return the operand as a filter holds it: texts and ints, lists as tuples.

    NOTSET and ANY read no operand; theirs becomes ``""``.

    Raises:
        TypeError: an operand of a type that the tag does not hold; names tag and operator.
        ConfigurationError: a value that breaks a rule; names tag and operator, never the value.
    """
    if operator in NO_OPERAND:
        return ""
    question = f"{tag} {operator}"
    if operator not in LIST_OPERAND:
        _check_kind(question, tag_type, operator, operand)
        return _READ[tag_type](question, operand)
    if not isinstance(operand, list | tuple):
        raise TypeError(f"{question}: takes a list, not {type_name(operand)}")
    for item in operand:
        _check_kind(question, tag_type, operator, item)
    items = tuple(_READ[tag_type](question, item) for item in operand)
    if operator == "BETWEEN":
        _check_bounds(question, tag_type, items)
    elif not items:
        raise ConfigurationError(f"{question}: needs at least one value")
    return items


def _check_kind(question: str, tag_type: TagType | None, operator: Operator, value: object) -> None:
    """Check what depends on the operator, and not on the tag's type alone."""
    if tag_type == "date" and isinstance(value, DaysAgo) and operator not in RELATIVE_OPERATORS:
        listed = ", ".join(RELATIVE_OPERATORS)
        raise TypeError(f"{question}: takes no days ago, only {listed} do")
    method = _METHOD_OF_MANY.get(operator)
    if method and isinstance(value, list | tuple | set | frozenset):
        example = f'{method}("Paris", "Rome") or {method}(*values)'
        raise TypeError(
            f"{question}: takes its values one by one, as in {example}, not a {type_name(value)}"
        )


def _check_bounds(question: str, tag_type: TagType | None, bounds: tuple[Scalar, ...]) -> None:
    if len(bounds) != 2:
        raise ConfigurationError(f"{question}: takes exactly two bounds, not {len(bounds)}")
    low, high = bounds
    if isinstance(low, int) and isinstance(high, int):
        descending = low > high
    elif isinstance(low, str) and isinstance(high, str) and tag_type == "date":
        descending = days_descend(low, high)
    else:  # what else compares, and how, only the vendor knows
        descending = False
    if descending:
        raise ConfigurationError(f"{question}: the first bound must not be above the second")


def _text_or_integer(question: str, value: object) -> Scalar:
    if isinstance(value, str):
        return quotable(question, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(question, value)
    raise TypeError(f"{question}: must be a str or an int, not {type_name(value)}")


def _truth(question: str, value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{question}: must be a bool, not {type_name(value)}")
    if value not in (0, 1):
        raise ConfigurationError(f"{question}: must be True, False, 1 or 0")
    return int(value)


_READ: Mapping[TagType | None, Callable[[str, object], Scalar]] = {
    "string": quotable,
    "integer": integer,
    "date": day_operand,
    "boolean": _truth,
    "list": quotable,
    None: _text_or_integer,
}
