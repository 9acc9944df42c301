"""What a model's field can say of itself: wire name, source, and the rules its value obeys."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from pushwoosh_async._wire.converter import written_fields
from pushwoosh_async.models.rules import Rule, one_of

LocalisedText: TypeAlias = str | Mapping[str, str]
"""One text for everybody, or texts by language code."""

Badges: TypeAlias = int | str
"""A number to show, or by how much to change it: ``"+1"``, ``"-1"``."""

Flag: TypeAlias = bool | Literal[0, 1]
"""What the vendor writes as 0 or 1; a bool given is written as its number."""


def wire_field(
    source: str,
    *rules: Rule,
    wire: str | None = None,
    counted: str = "",
    hint: str = "",
    needs: str = "",
    kept_as: Callable[[Any], Any] | None = None,
    single: bool = False,
) -> Any:
    """Declare a field that goes to the wire. Its annotation is the type that construction takes.

    Args:
        source: where the vendor documents it, in the marks of ``docs/sources.md``.
        *rules: what the value must obey; not called where it is unset.
        wire: the wire name, where it is not the field's own name.
        counted: show the value in the repr as a count of these, since it is long or personal.
        hint: what to do instead of passing an iterator.
        needs: another field that must be set where this one is.
        kept_as: turns what construction takes into what the wire holds.
        single: on the wire it is a list of this one.
    """
    return attrs.field(
        default=None,
        metadata={
            "wire": wire,
            "source": source,
            "rules": rules,
            "hint": hint,
            "needs": needs,
            "kept_as": kept_as,
            "single": single,
        },
        repr=_count(counted) if counted else True,
    )


def required(source: str, *rules: Rule, **options: Any) -> Any:
    """Return what ``attrs.field(**required(...))`` needs to declare a field that must be given.

    Spelt so because type checkers know `attrs.field`: they see that it has no default, and complain
    where the argument is missing. The arguments are those of `wire_field`.
    """
    field = wire_field(source, *rules, **options)
    return {"metadata": field.metadata, "repr": field.repr}


def flag_field(source: str, *, wire: str) -> Any:
    """Declare a field that is 0 or 1 on the wire, annotated ``Flag | None``."""
    return wire_field(source, _ZERO_OR_ONE, wire=wire, kept_as=int)


def slot_field(source: str) -> Any:
    """Declare a field that holds a platform's own fields, which lie beside the model's on the wire."""
    metadata = {"source": source, "flat": True, "rules": (), "kept_as": _none_if_empty}
    return attrs.field(default=None, metadata=metadata)


def shorthand_field(source: str) -> Any:
    """Declare an argument that construction turns into other fields, and that is None after it."""
    metadata = {"source": source, "shorthand": True, "rules": ()}
    return attrs.field(default=None, metadata=metadata)


_ZERO_OR_ONE = one_of(0, 1)


def _none_if_empty(slot: Any) -> Any:
    # The wire cannot tell a platform without a field from no platform.
    return slot if written_fields(slot) else None


def _count(things: str) -> Callable[[Any], str]:
    return lambda value: f"<{len(value)} {'characters' if isinstance(value, str) else things}>"
