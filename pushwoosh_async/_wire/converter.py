"""How a model becomes the vendor's JSON and back: generic over attrs classes, strict about types.

A model is a frozen attrs class. A field's wire name is its metadata ``wire``, or its own name. A
field whose value is None is unset and not written. What no field can hold (unknown keys, and known
keys whose value is null) lies in the field ``extra``, so that `from_wire` and `to_wire` are exact
inverses. Types are checked, values are not: the vendor's own examples hold placeholders.

cattrs alone turns ``[1, None]`` into ``["1", "None"]``, drops unknown keys and calls ``__init__``,
which would judge the values; hence a hook for every kind of type here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from pushwoosh_async.errors import ConfigurationError

# Real payloads are less than ten deep; far below Python's own limit, and a value that contains
# itself reaches it at once.
MAX_DEPTH = 100

Model = TypeVar("Model")
_Hook: TypeAlias = Callable[[Any, Any], Any]


def from_wire(cls: type[Model], mapping: Mapping[str, Any]) -> Model:
    """Return the instance of `cls` that `mapping` describes, without judging its values.

    Nothing is shared with `mapping`. ``__init__`` and the rules of `cls` are not run.

    Raises:
        ConfigurationError: a wrong type; names the place in wire names, never the value.
    """
    try:
        instance: Model = _WIRE.get_structure_hook(cls)(mapping, cls)
    except _RefusedError as error:
        complaint = error.at(error.path.removeprefix(".") or cls.__name__)
    else:
        return instance
    raise ConfigurationError(complaint)


def to_wire(instance: Any) -> dict[str, Any]:
    """Return what was set on `instance` under its wire names; nothing is shared with it."""
    written: dict[str, Any] = _written(instance.extra)
    for name, field in wire_fields(type(instance)).items():
        value = getattr(instance, field.name)
        if value is not None:
            written[name] = to_wire(value) if attrs.has(type(value)) else _written(value)
    return written


def check_argument(name: str, annotation: Any, value: Any) -> Any:
    """Return a constructor's argument as a model keeps it: copied, its sequences as tuples.

    Raises:
        TypeError: `value` is not what `annotation` says; names the argument and the place in it.
        ConfigurationError: it is nested too deep, or contains itself.
    """
    try:
        return _ARGUMENTS.get_structure_hook(annotation)(value, annotation)
    except _TooDeepError as error:
        refusal: Exception = ConfigurationError(error.at(name + error.path))
    except _RefusedError as error:
        refusal = TypeError(error.at(name + error.path))
    raise refusal


def wire_fields(cls: type) -> dict[str, "attrs.Attribute[Any]"]:
    """Return the fields of `cls` by wire name; `extra` is not one of them."""
    fields = [field for field in attrs.fields(cls) if field.name != "extra"]
    return {field.metadata.get("wire") or field.name: field for field in fields}


def step(key: object) -> str:
    """Return how a path in an error message goes from a mapping to the value under `key`."""
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    text = repr(key)
    return f"[{text if len(text) <= 40 else text[:37] + '...'}]"


def copy_json(value: Any, levels: int = MAX_DEPTH) -> Any:
    """Return a copy that shares no container with `value`: dict, list, str, int, float, bool, None.

    Subclasses become the plain type (an IntEnum its int), a tuple becomes a list.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind, plain in _PLAIN.items():
        if isinstance(value, kind):
            return plain(value)
    if levels <= 0:
        raise _TooDeepError
    if isinstance(value, Mapping):
        return _each_value(value, lambda _, item: copy_json(item, levels - 1))
    if isinstance(value, list | tuple):
        return _each(value, lambda item: copy_json(item, levels - 1))
    raise _RefusedError("a JSON value", value)


def _written(value: Any) -> Any:
    # The depth was checked on the way in, without the containers of the field itself.
    return copy_json(value, levels=2 * MAX_DEPTH)


# str(member) of an enum is its name; str.__str__ gives the text that it is.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
}

_WORDS: dict[type, str] = {str: "a str", int: "an int", float: "a number", bool: "a bool"}
_NOT_A_LIST = (str, bytes, bytearray, memoryview)  # although each is a Sequence


def _of(inner: Any) -> str:
    return f" of {inner.__name__}" if inner in _WORDS else ""


class _RefusedError(Exception):
    """A value of the wrong type, and the path to it, which grows while the error rises.

    `inside` says that the value is a container of the right kind that holds something wrong.
    """

    def __init__(self, expected: str, value: object, *, inside: bool = False) -> None:
        super().__init__()
        got = "None" if value is None else type(value).__name__
        self.expected = expected
        self.complaint = f"expected {expected}, got {got}"
        self.path = ""
        self.inside = inside

    def rise(self, way: str) -> None:
        self.path = way + self.path
        self.inside = True

    def at(self, place: str) -> str:
        return f"{place}: {self.complaint}"


class _TooDeepError(_RefusedError):
    """Nested beyond `MAX_DEPTH`."""

    def __init__(self) -> None:
        super().__init__("", None, inside=True)
        self.complaint = f"is nested more than {MAX_DEPTH} deep, or contains itself"

    def rise(self, way: str) -> None:
        self.path = way  # a hundred steps would tell nobody anything


def _each(items: Iterable[Any], structure: Callable[[Any], Any]) -> list[Any]:
    done: list[Any] = []
    try:
        for item in items:
            done.append(structure(item))  # noqa: PERF401 -- the error's path counts what is done
    except _RefusedError as error:
        error.rise(f"[{len(done)}]")
        raise
    return done


def _each_value(mapping: Mapping[Any, Any], structure: Callable[[str, Any], Any]) -> dict[str, Any]:
    for key in mapping:
        if not isinstance(key, str):
            raise _RefusedError("keys that are str", key, inside=True)
    done = {}
    try:
        for key, value in mapping.items():
            done[str.__str__(key)] = structure(key, value)
    except _RefusedError as error:
        error.rise(step(key))
        raise
    return done


def _json(value: Any, _: Any) -> Any:
    return copy_json(value)


def _scalar(annotation: type) -> _Hook:
    kinds = (int, float) if annotation is float else (annotation,)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and annotation is not bool):
            raise _RefusedError(_WORDS[annotation], value)
        return copy_json(value)

    return structure


def _literal(annotation: Any, converter: cattrs.Converter) -> _Hook:
    """Check the type only: which values a field takes is one of its rules."""
    return converter.get_structure_hook(type(get_args(annotation)[0]))


def _union(annotation: Any, converter: cattrs.Converter) -> _Hook:
    members = [member for member in get_args(annotation) if member is not NoneType]
    hooks = [converter.get_structure_hook(member) for member in members]

    def structure(value: Any, _: Any) -> Any:
        if value is None and NoneType in get_args(annotation):
            return None
        expected = []
        for hook, member in zip(hooks, members, strict=True):
            try:
                return hook(value, member)
            except _RefusedError as error:
                if error.inside:  # this member was the right one, so its complaint is the one
                    raise
                expected.append(error.expected)
        raise _RefusedError(" or ".join(filter(None, dict.fromkeys(expected))), value)

    return structure


def _sequence(annotation: Any, converter: cattrs.Converter) -> _Hook:
    # The shape of a tuple[str, str, ...] is one of its field's rules, not a type.
    inner = Any if get_origin(annotation) is tuple else get_args(annotation)[0]
    hook = converter.get_structure_hook(inner)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, _NOT_A_LIST):
            raise _RefusedError("a list" + _of(inner), value)
        return tuple(_each(value, lambda item: hook(item, inner)))

    return structure


def _mapping(annotation: Any, converter: cattrs.Converter) -> _Hook:
    inner = get_args(annotation)[1]
    hook = converter.get_structure_hook(inner)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _RefusedError("a dict" + _of(inner), value)
        return _each_value(value, lambda _, item: hook(item, inner))

    return structure


def _model(cls: Any, converter: cattrs.Converter) -> _Hook:
    known = wire_fields(cls)
    hooks = {name: converter.get_structure_hook(field.type) for name, field in known.items()}

    def inside(name: str, value: Any) -> Any:
        if value is None or name not in known:
            return copy_json(value)
        return hooks[name](value, known[name].type)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _RefusedError("a dict", value)
        found = _each_value(value, inside)
        instance = object.__new__(cls)
        for name, field in known.items():
            object.__setattr__(instance, field.name, found.get(name))
        parked = {key: item for key, item in found.items() if key not in known or item is None}
        object.__setattr__(instance, "extra", parked)
        return instance

    return structure


def _instance(cls: Any) -> _Hook:
    words = f"{'an' if cls.__name__[0] in 'AEIOUaeiou' else 'a'} {cls.__name__}"

    def structure(value: Any, _: Any) -> Any:
        # A datetime is a date to Python, but which day it is depends on a time zone.
        if not isinstance(value, cls) or (cls is date and isinstance(value, datetime)):
            raise _RefusedError(words, value)
        return value

    return structure


def _no_wire_form(_: Any) -> _Hook:
    def structure(value: Any, _: Any) -> Any:
        # Nothing is expected: the other members of the union say what is.
        raise _RefusedError("", value)

    return structure


def _is(*origins: Any) -> Callable[[Any], bool]:
    return lambda annotation: get_origin(annotation) in origins


def _converter(*, model: Callable[..., _Hook], moment: Callable[[Any], _Hook]) -> cattrs.Converter:
    converter = cattrs.Converter()
    for scalar in (str, int, float, bool):
        converter.register_structure_hook(scalar, _scalar(scalar))
    for kind in (date, datetime):
        converter.register_structure_hook(kind, moment(kind))
    converter.register_structure_hook_func(lambda kind: kind is Any, _json)
    converter.register_structure_hook_factory(_is(Literal), _literal)
    converter.register_structure_hook_factory(_is(Union, UnionType), _union)
    converter.register_structure_hook_factory(_is(Sequence, tuple), _sequence)
    converter.register_structure_hook_factory(_is(Mapping), _mapping)
    converter.register_structure_hook_factory(attrs.has, model)
    return converter


# On the wire a model is an object and a date is text; an argument is the model or the date itself.
_WIRE = _converter(model=_model, moment=_no_wire_form)
_ARGUMENTS = _converter(model=lambda cls, _: _instance(cls), moment=_instance)
