"""What a model's field can say of itself: wire name, source, and the rules its value obeys.

A rule is called with the argument's name and its value, and raises ConfigurationError.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from pushwoosh_async.errors import ConfigurationError

Rule: TypeAlias = Callable[[str, Any], None]


def wire_field(
    source: str,
    *rules: Rule,
    wire: str | None = None,
    required: bool = False,
    counted: str = "",
    hint: str = "",
) -> Any:
    """Declare a field that goes to the wire. Its annotation is the type that construction takes.

    Args:
        source: where the vendor documents it, in the marks of ``api.md`` section 0.
        *rules: what the value must obey; not called where it is unset.
        wire: the wire name, where it is not the field's own name.
        required: construction needs it.
        counted: show the value in the repr as a count of these, since it is long or personal.
        hint: what to do instead of passing an iterator.
    """
    return attrs.field(
        default=attrs.NOTHING if required else None,
        metadata={"wire": wire, "source": source, "rules": rules, "hint": hint},
        repr=_count(counted) if counted else True,
    )


def _count(things: str) -> Callable[[Any], str]:
    return lambda value: f"<{len(value)} {'characters' if isinstance(value, str) else things}>"


def between(lowest: float, highest: float) -> Rule:
    """Return the rule that a number lies in a range, both ends included."""

    def rule(name: str, value: Any) -> None:
        if not lowest <= value <= highest:
            raise ConfigurationError(f"{name}: must be between {lowest} and {highest}, not {value}")

    return rule


def one_of(*allowed: str | int) -> Rule:
    """Return the rule that a value is one of those the vendor lists."""

    def rule(name: str, value: Any) -> None:
        if value not in allowed:
            raise ConfigurationError(f"{name}: must be {' or '.join(map(repr, allowed))}")

    return rule


def at_least_one(name: str, value: Any) -> None:
    """Refuse a count below 1."""
    if value < 1:
        raise ConfigurationError(f"{name}: must be at least 1, not {value}")


def positive(name: str, value: Any) -> None:
    """Refuse zero and less."""
    if value <= 0:
        raise ConfigurationError(f"{name}: must be more than 0, not {value}")


def not_blank(name: str, value: Any) -> None:
    """Refuse a text of nothing but white space: a code that somebody's settings left empty."""
    if not value.strip():
        raise ConfigurationError(f"{name}: must not be empty")


def some_language(name: str, value: Any) -> None:
    """Refuse a localised text without any text; a plain str may be empty."""
    if not isinstance(value, str) and not value:
        raise ConfigurationError(f"{name}: must hold at least one language")


def short_and_printable(name: str, value: Any) -> None:
    """Refuse what is not 1 to 255 printable characters. The vendor names no limit: a guess."""
    not_blank(name, value)
    if len(value) > 255 or not value.isprintable():
        raise ConfigurationError(f"{name}: must be 1 to 255 printable characters")
