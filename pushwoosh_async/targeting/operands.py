"""What may stand to the right of an operator, for a tag of each type?"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.days import day_operand, days_descend
from pushwoosh_async.targeting.literals import integer, quotable, type_name
from pushwoosh_async.targeting.operators import LIST_OPERAND, NO_OPERAND, Operator, TagType

Scalar: TypeAlias = str | int
TestOperand: TypeAlias = Scalar | tuple[Scalar, ...]


def read_operand(tag_type: TagType | None, operator: Operator, operand: object) -> TestOperand:
    """Return the operand as a filter holds it: texts and ints, lists as tuples.

    NOTSET and ANY read no operand; theirs becomes ``""``.

    Raises:
        TypeError: an operand of a type that the tag does not hold; names the operator.
        ConfigurationError: a value that breaks a rule; names the operator, never the value.
    """
    if operator in NO_OPERAND:
        return ""
    read = _READ[tag_type]
    if operator not in LIST_OPERAND:
        return read(operator, operand)
    if not isinstance(operand, list | tuple):
        raise TypeError(f"{operator}: takes a list, not {type_name(operand)}")
    items = tuple(read(operator, item) for item in operand)
    if operator == "BETWEEN":
        _check_bounds(tag_type, items)
    elif not items:
        raise ConfigurationError(f"{operator}: needs at least one value")
    return items


def _check_bounds(tag_type: TagType | None, bounds: tuple[Scalar, ...]) -> None:
    if len(bounds) != 2:
        raise ConfigurationError(f"BETWEEN: takes exactly two bounds, not {len(bounds)}")
    low, high = bounds
    if isinstance(low, int) and isinstance(high, int):
        descending = low > high
    elif isinstance(low, str) and isinstance(high, str) and tag_type == "date":
        descending = days_descend(low, high)
    else:  # what else compares, and how, only the vendor knows
        descending = False
    if descending:
        raise ConfigurationError("BETWEEN: the first bound must not be above the second")


def _text_or_integer(operator: str, value: object) -> Scalar:
    if isinstance(value, str):
        return quotable(operator, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(operator, value)
    raise TypeError(f"{operator}: must be a str or an int, not {type_name(value)}")


def _truth(operator: str, value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{operator}: must be a bool, not {type_name(value)}")
    if value not in (0, 1):
        raise ConfigurationError(f"{operator}: must be True, False, 1 or 0")
    return int(value)


_READ: Mapping[TagType | None, Callable[[str, object], Scalar]] = {
    "string": quotable,
    "integer": integer,
    "date": day_operand,
    "boolean": _truth,
    "list": quotable,
    None: _text_or_integer,
}
