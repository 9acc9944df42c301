"""How values are copied into plain JSON values, so that nothing of a caller's own stays shared."""

from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Any

from pushwoosh_async._wire.converter.refusal import MAX_DEPTH, RefusedError, TooDeepError, step

# str(member) of an enum is its name; str.__str__ gives the text that it is.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
}
# Their values are their own copies; not those of their subclasses.
ATOMS = frozenset({str, int, float, bool, NoneType})


def copy_json(value: Any, levels: int = MAX_DEPTH) -> Any:
    """Return a copy that shares no container with `value`: dict, list, str, int, float, bool, None.

    Subclasses become the plain type (an IntEnum its int), a tuple becomes a list.

    Raises:
        RefusedError: it is, or holds, what JSON has no form for, or is nested too deep.
    """
    if type(value) in ATOMS:
        return value
    for kind, plain in _PLAIN.items():
        if isinstance(value, kind):
            return plain(value)
    if levels <= 0:
        raise TooDeepError
    # A thousand ids, or the texts of one recipient: nothing in them has to be looked into.
    if type(value) is dict and all_are(str, value) and ATOMS.issuperset(map(type, value.values())):
        return value.copy()
    if type(value) in (list, tuple) and ATOMS.issuperset(map(type, value)):
        return list(value)
    if isinstance(value, Mapping):
        return each_value(value, lambda _, item: copy_json(item, levels - 1))
    if isinstance(value, list | tuple):
        return each(value, lambda item: copy_json(item, levels - 1))
    raise RefusedError("a JSON value", value)


def all_are(kind: type, items: Iterable[Any]) -> bool:
    """Tell, at C speed, whether every item is of `kind` itself and of no subclass."""
    return {kind}.issuperset(map(type, items))


def each(items: Iterable[Any], structure: Callable[[Any], Any]) -> list[Any]:
    """Return what `structure` makes of each item; a refusal notes which item it was."""
    done: list[Any] = []
    try:
        for item in items:
            done.append(structure(item))  # noqa: PERF401 -- the error's path counts what is done
    except RefusedError as error:
        error.rise(f"[{len(done)}]")
        raise
    return done


def each_value(mapping: Mapping[Any, Any], structure: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Return what `structure` makes of each key's value; a refusal notes which key it was.

    Raises:
        RefusedError: a key that is not a str, besides what `structure` raises.
    """
    for key in mapping:
        if not isinstance(key, str):
            raise RefusedError("keys that are str", key, inside=True)
    done = {}
    try:
        for key, value in mapping.items():
            done[str.__str__(key)] = structure(key, value)
    except RefusedError as error:
        error.rise(step(key))
        raise
    return done
