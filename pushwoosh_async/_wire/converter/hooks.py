"""How a value of each kind of type is taken: the hooks of the two cattrs converters.

cattrs alone turns ``[1, None]`` into ``["1", "None"]``, drops unknown keys and calls ``__init__``,
which would judge the values; hence a hook for every kind of type here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

import attrs
import cattrs

from pushwoosh_async._wire.converter.layout import Field, filled, wire_fields
from pushwoosh_async._wire.converter.plain import all_are, copy_json, each, each_value
from pushwoosh_async._wire.converter.refusal import RefusedError

_Hook: TypeAlias = Callable[[Any, Any], Any]

_WORDS: dict[type, str] = {str: "a str", int: "an int", float: "a number", bool: "a bool"}
_NOT_A_LIST = (str, bytes, bytearray, memoryview)  # although each is a Sequence


def _of(inner: Any) -> str:
    return f" of {inner.__name__}" if inner in _WORDS else ""


def _json(value: Any, _: Any) -> Any:
    return copy_json(value)


def _scalar(annotation: type) -> _Hook:
    kinds = (int, float) if annotation is float else (annotation,)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and annotation is not bool):
            raise RefusedError(_WORDS[annotation], value)
        return copy_json(value)

    return structure


def _literal(annotation: Any, converter: cattrs.Converter) -> _Hook:
    """Check the type only: which values a field takes is one of its rules."""
    return converter.get_structure_hook(type(get_args(annotation)[0]))


def _union(annotation: Any, converter: cattrs.Converter) -> _Hook:
    members = [member for member in get_args(annotation) if member is not NoneType]
    hooks = [(converter.get_structure_hook(member), member) for member in members]
    optional = NoneType in get_args(annotation)

    def structure(value: Any, _: Any) -> Any:
        if value is None and optional:
            return None
        expected = []
        for hook, member in hooks:
            try:
                return hook(value, member)
            except RefusedError as error:
                if error.inside:  # this member was the right one, so its complaint is the one
                    raise
                expected.append(error.expected)
        raise RefusedError(" or ".join(filter(None, dict.fromkeys(expected))), value)

    return structure


def _sequence(annotation: Any, converter: cattrs.Converter) -> _Hook:
    # The shape of a tuple[str, str, ...] is one of its field's rules, not a type.
    inner = Any if get_origin(annotation) is tuple else get_args(annotation)[0]
    hook = converter.get_structure_hook(inner)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, _NOT_A_LIST):
            raise RefusedError("a list" + _of(inner), value)
        if inner is str and type(value) in (list, tuple) and all_are(str, value):
            return tuple(value)
        return tuple(each(value, lambda item: hook(item, inner)))

    return structure


def _mapping(annotation: Any, converter: cattrs.Converter) -> _Hook:
    inner = get_args(annotation)[1]
    hook = converter.get_structure_hook(inner)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise RefusedError("a dict" + _of(inner), value)
        if inner is str and type(value) is dict and all_are(str, (*value, *value.values())):
            return value.copy()
        return each_value(value, lambda _, item: hook(item, inner))

    return structure


def _object(cls: Any, converter: cattrs.Converter) -> _Hook:
    if not attrs.has(cls) or "extra" not in attrs.fields_dict(cls):
        return _no_wire_form(cls)
    known = wire_fields(cls)
    hooks = {name: _field_hook(field, converter) for name, field in known.items()}

    def inside(name: str, value: Any) -> Any:
        if value is None or name not in known:
            return copy_json(value)
        return hooks[name](value, known[name].type)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise RefusedError("a dict", value)
        found = each_value(value, inside)
        instance = filled(cls, found)
        parked = {key: item for key, item in found.items() if key not in known or item is None}
        object.__setattr__(instance, "extra", parked)
        return instance

    return structure


def _field_hook(field: Field, converter: cattrs.Converter) -> _Hook:
    hook = converter.get_structure_hook(field.type)
    if not field.metadata.get("single"):
        return hook

    def structure(value: Any, annotation: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 1:
            raise RefusedError("a list of exactly one item", value)
        return each(value, lambda item: hook(item, annotation))[0]

    return structure


def _instance(cls: Any, _: object = None) -> _Hook:
    words = f"{'an' if cls.__name__[0] in 'AEIOUaeiou' else 'a'} {cls.__name__}"

    def structure(value: Any, _: Any) -> Any:
        # A datetime is a date to Python, but which day it is depends on a time zone.
        if not isinstance(value, cls) or (cls is date and isinstance(value, datetime)):
            raise RefusedError(words, value)
        return value

    return structure


def _no_wire_form(_: Any) -> _Hook:
    def structure(value: Any, _: Any) -> Any:
        # Nothing is expected: the other members of the union say what is.
        raise RefusedError("", value)

    return structure


def _is(*origins: Any) -> Callable[[Any], bool]:
    return lambda annotation: get_origin(annotation) in origins


def _converter(
    *, instance: Callable[..., _Hook], moment: Callable[[Any], _Hook]
) -> cattrs.Converter:
    converter = cattrs.Converter()
    # A class that nothing below is for, so one of this package.
    converter.register_structure_hook_factory(lambda kind: isinstance(kind, type), instance)
    for scalar in (str, int, float, bool):
        converter.register_structure_hook(scalar, _scalar(scalar))
    for kind in (date, datetime):
        converter.register_structure_hook(kind, moment(kind))
    converter.register_structure_hook_func(lambda kind: kind is Any, _json)
    converter.register_structure_hook_factory(_is(Literal), _literal)
    converter.register_structure_hook_factory(_is(Union, UnionType), _union)
    converter.register_structure_hook_factory(_is(Sequence, tuple), _sequence)
    converter.register_structure_hook_factory(_is(Mapping), _mapping)
    return converter


# On the wire a model is an object and a date is text; an argument is the model or the date itself.
WIRE = _converter(instance=_object, moment=_no_wire_form)
ARGUMENTS = _converter(instance=_instance, moment=_instance)
