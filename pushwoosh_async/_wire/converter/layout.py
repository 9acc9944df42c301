"""Where on the wire a model's fields lie, and what of it they hold.

A field says in its metadata how it goes to the wire:

* ``wire``: its name there, where that is not its own name;
* ``flat``: it holds an object whose fields lie beside the model's own, under their wire names. The
  object has no ``extra``, and is None where none of its keys is there;
* ``single``: it holds the one item of a list;
* ``shorthand``: not at all, as construction turns it into other fields.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar, get_args

import attrs

from pushwoosh_async._wire.converter.plain import ATOMS, copy_json
from pushwoosh_async._wire.converter.refusal import MAX_DEPTH

Field: TypeAlias = "attrs.Attribute[Any]"
_Told = TypeVar("_Told")


def _once_a_class(ask: Callable[[type], _Told]) -> Callable[[type], _Told]:
    # `cache` itself, typed as it is, takes a class for an instance of it and wants that hashable.
    return cache(ask)


@_once_a_class
def sent_fields(cls: type) -> tuple[Field, ...]:
    """Return the fields of `cls` that go to the wire: all but ``extra`` and the shorthands."""
    return tuple(
        field
        for field in attrs.fields(cls)
        if field.name != "extra" and not field.metadata.get("shorthand")
    )


def set_fields(instance: object) -> list[tuple[Field, Any]]:
    """Return the fields that go to the wire and are not None, each with its value."""
    return [
        (field, value)
        for field in sent_fields(type(instance))
        if (value := getattr(instance, field.name)) is not None
    ]


@_once_a_class
def wire_fields(cls: type) -> Mapping[str, Field]:
    """Return every field by wire name: those of `cls`, and those that lie flat among them."""
    found: dict[str, Field] = {}
    for field in sent_fields(cls):
        if field.metadata.get("flat"):
            found |= wire_fields(flat_class(field))
        else:
            found[wire_name(field)] = field
    return MappingProxyType(found)


def wire_name(field: Field) -> str:
    """Return what a field that is not flat is called on the wire."""
    return field.metadata.get("wire") or field.name


def flat_class(field: Field) -> type:
    """Return the class of the object in a flat field, whose annotation is ``Class | None``."""
    found: type = get_args(field.type)[0]
    return found


def to_wire(instance: Any) -> dict[str, Any]:
    """Return what was set on `instance` under its wire names; nothing is shared with it."""
    extra: dict[str, Any] = _copied(instance.extra)
    return extra | written_fields(instance)


def written_fields(instance: object) -> dict[str, Any]:
    """Return what was set on `instance` under its wire names, without ``extra``."""
    written: dict[str, Any] = {}
    for field, value in set_fields(instance):
        if field.metadata.get("flat"):
            written |= written_fields(value)
        else:
            written[wire_name(field)] = _written(field, value)
    return written


def filled(cls: type, found: Mapping[str, Any]) -> Any:
    """Return the instance of `cls` that holds what it has fields for; ``__init__`` is not run.

    Args:
        cls: the class; its ``extra``, if it has one, is left None.
        found: structured values by wire name.
    """
    instance: Any = object.__new__(cls)
    for field in attrs.fields(cls):
        object.__setattr__(instance, field.name, None)
    for field in sent_fields(cls):
        object.__setattr__(instance, field.name, _part(field, found))
    return instance


def _part(field: Field, found: Mapping[str, Any]) -> Any:
    if not field.metadata.get("flat"):
        return found.get(wire_name(field))
    inner = flat_class(field)
    there = any(found.get(name) is not None for name in wire_fields(inner))
    return filled(inner, found) if there else None


@_once_a_class
def _is_model(cls: type) -> bool:
    return cls not in ATOMS and attrs.has(cls)


def _written(field: Field, value: Any) -> Any:
    if _is_model(type(value)):
        return to_wire(value)
    return [_copied(value)] if field.metadata.get("single") else _copied(value)


def _copied(value: Any) -> Any:
    # The depth was checked on the way in, without the containers of the field itself.
    return copy_json(value, levels=2 * MAX_DEPTH)
