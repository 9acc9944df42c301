"""Which texts are in these fields of the JSON object on each line? Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from pushwoosh_async._sources.formats import Row, batches, lines_of, row_length
from pushwoosh_async._sources.text import Damage, Slice

_TYPES = {
    dict: "an object",
    list: "a list",
    bool: "true or false",
    float: "a number",
    type(None): "null",
}


def ids_from_json_lines(slices: Iterable[Slice], field: str) -> Iterator[list[str]]:
    """The values of one field of a JSON object on each line."""
    ids = (_text(found, field, number, "ids") for number, found in _objects(slices))
    return batches(ids, len)


def rows_from_json_lines(
    slices: Iterable[Slice], field: str, placeholders: Mapping[str, str]
) -> Iterator[list[Row]]:
    """The values of one field, each with those of others by placeholder."""
    return batches(_rows(slices, field, placeholders), row_length)


def _rows(slices: Iterable[Slice], field: str, placeholders: Mapping[str, str]) -> Iterator[Row]:
    for number, found in _objects(slices):
        texts = {
            name: _text(found, other, number, "placeholders")
            for name, other in placeholders.items()
        }
        yield _text(found, field, number, "ids"), texts


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity, which the json module takes.


_DECODER = json.JSONDecoder(parse_constant=_not_json)


def _objects(slices: Iterable[Slice]) -> Iterator[tuple[int, dict[str, Any]]]:
    for piece in slices:
        for number, line in enumerate(lines_of(piece), piece.first):
            yield number, _object(line, number)


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError):
        rule = "the line is not JSON" if line.strip() else "the line is blank"
        raise Damage(number, rule) from None
    if not isinstance(found, dict):
        raise Damage(number, "the line is not a JSON object")
    return found


def _text(found: dict[str, Any], field: str, number: int, what: str) -> str:
    if field not in found:
        raise Damage(number, f"the object has no field {field!r}")
    value = found[field]
    if not isinstance(value, str):
        raise Damage(number, f"field {field!r} {_type_rule(value, what)}")
    return value


def _type_rule(value: object, what: str) -> str:
    if type(value) is int:
        return f"is an integer: {what} are text, so put it in quotes"
    return f"is {_TYPES[type(value)]}, not a string"
