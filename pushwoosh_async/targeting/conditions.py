"""Tag conditions, ``[tag, operator, operand]``: whom createMessage sends to, by their tags.

A condition is a tag test, such as ``IntegerTag("Age").gte(18)``, or the plain sequence. The latter
cannot say which type its tag has, so only its shape is checked: BETWEEN takes texts too, as the
vendor's own Timezone conditions do. Sources: [ES:524-597], for Timezone [D-flt].
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.literals import type_name
from pushwoosh_async.targeting.operators import LIST_OPERAND, NO_OPERAND, OPERATORS
from pushwoosh_async.targeting.tag_test import TagTest

Operand: TypeAlias = str | float | bool | Sequence[str | float]
Condition: TypeAlias = tuple[str, str, Operand] | tuple[str, str] | TagTest


def complete_condition(condition: Sequence[Any] | TagTest) -> tuple[Any, ...]:
    """Return the condition as a tuple, with the empty operand that NOTSET and ANY may leave out.

    Whether the API takes two elements is unknown; it takes three, the third unread.
    """
    if isinstance(condition, TagTest):
        return condition.as_condition()
    if len(condition) == 2 and condition[1] in NO_OPERAND:
        return (*condition, "")
    return tuple(condition)


def check_condition(name: str, condition: Sequence[Any] | TagTest) -> None:
    """Check the shape of one condition; `name` is what to call it, as in ``conditions[0]``.

    A tag test was checked when it was made.

    Raises:
        TypeError: the tag or the operator is not a str, or the operand not of the operator's kind.
        ConfigurationError: a wrong number of parts, an empty tag, an unknown operator, an empty IN
            or NOTIN, a BETWEEN without exactly two bounds.
    """
    if isinstance(condition, TagTest):
        return
    if len(condition) not in (2, 3):
        raise ConfigurationError(f"{name}: must be (tag, operator, operand)")
    tag, operator = condition[:2]
    for part, text in (("tag", tag), ("operator", operator)):
        if not isinstance(text, str):
            raise TypeError(f"{name}: the {part} must be a str, not {type(text).__name__}")
    if not tag.strip():
        raise ConfigurationError(f"{name}: the tag must not be empty")
    if operator not in OPERATORS:
        raise ConfigurationError(f"{name}: the operator must be one of {', '.join(OPERATORS)}")
    if operator in NO_OPERAND:
        return
    if len(condition) == 2:
        raise ConfigurationError(f"{name}: {operator} needs an operand")
    _check_operand(name, operator, condition[2])


def _check_operand(name: str, operator: str, operand: Any) -> None:
    if operator not in LIST_OPERAND:
        if not isinstance(operand, str | int | float):
            raise _wrong_kind(name, f"{operator} takes a str, a number or a bool", operand)
        return
    if not isinstance(operand, list | tuple):
        raise _wrong_kind(name, f"{operator} takes a list of str or numbers", operand)
    for item in operand:
        if not isinstance(item, str | int | float) or isinstance(item, bool):
            raise _wrong_kind(name, f"{operator} takes a list of str or numbers", item, "one with ")
    if operator == "BETWEEN" and len(operand) != 2:
        raise ConfigurationError(f"{name}: BETWEEN takes exactly two bounds, not {len(operand)}")
    if not operand:
        raise ConfigurationError(f"{name}: {operator} needs at least one value")


def _wrong_kind(name: str, rule: str, value: Any, where: str = "") -> TypeError:
    return TypeError(f"{name}: {rule}, got {where}{type_name(value)}")
