"""Which devices do a notification's ``conditions`` choose? [api.md 2.1]. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pushwoosh_async.sandbox.devices import Device, Predicate
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.targeting.tag_tests import (
    LISTED,
    RANGE,
    SCALAR,
    UNARY,
    TagTest,
    tag_test,
)


def read_conditions(notification: Mapping[str, Any], today: date) -> Predicate | None:
    """Return which devices pass a notification's conditions, or None if it has none.

    Raises:
        RefusedError: what is there is not a list of ``[tag, operator, operand]``. Words of ours.
    """
    conditions = notification.get("conditions")
    joined = notification.get("conditions_operator")
    if joined not in (None, "", "AND", "OR"):
        raise RefusedError("Invalid conditions_operator. It must be AND or OR.")
    if not conditions:
        return None
    if not isinstance(conditions, list):
        raise RefusedError("Invalid conditions. They must be an array.")
    tests = [_read_one(each, today) for each in conditions]
    combine = any if joined == "OR" else all

    def matches(device: Device) -> bool:
        tags = device.tags
        return combine(test(tags.get(name)) for name, test in tests)

    return matches


def _read_one(condition: object, today: date) -> tuple[str, TagTest]:
    match condition:
        case [str(tag), str(operator), operand] if _fits(operator, operand):
            return tag, tag_test(operator, operand, today)
    raise RefusedError("Invalid condition. It must be [tag, operator, operand].")


def _fits(operator: str, operand: object) -> bool:
    if operator in SCALAR:
        return _is_scalar(operand)
    if operator in UNARY:
        return True
    if operator not in (*LISTED, RANGE) or not isinstance(operand, list):
        return False
    enough = len(operand) == 2 if operator == RANGE else bool(operand)
    return enough and all(map(_is_scalar, operand))


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)
