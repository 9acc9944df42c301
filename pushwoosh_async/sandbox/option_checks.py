"""Which values may an option of the sandbox have? Validators that name the option and the rule."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import Attribute

_Validator = Callable[[object, "Attribute[Any]", Any], None]


def several(_: object, attribute: "Attribute[Any]", value: object) -> None:
    """Refuse a string where several values are wanted: each letter would be one."""
    if isinstance(value, str):
        raise TypeError(f"{attribute.alias} must hold several values, not be one string")


def not_negative(_: object, attribute: "Attribute[Any]", value: float) -> None:
    """Refuse a number below 0, and what is no number."""
    if not value >= 0:
        raise ValueError(f"{attribute.alias} must not be negative, and is {value!r}")


def positive(_: object, attribute: "Attribute[Any]", value: int | None) -> None:
    """Refuse a number below 1; None is none."""
    if value is not None and not value >= 1:
        raise ValueError(f"{attribute.alias} must be at least 1, or None, and is {value!r}")


def one_of(ways: Sequence[str]) -> _Validator:
    """Return a validator that refuses all but these."""

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        if value not in ways:
            raise ValueError(
                f"{attribute.alias} must be one of {', '.join(ways)}, and is {value!r}"
            )

    return check
