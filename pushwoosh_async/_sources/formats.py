"""Which ids are in these lines: one a line, a CSV column, a JSON field; and in pages. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from attrs import define

from pushwoosh_async._sources.text import BLOCK, LINE_LIMIT, Damage, Slice
from pushwoosh_async.errors import ConfigurationError

# A page ends early after this many batches, which is 1 MiB of short lines: 16384 lines just inside
# the limit would be 16 GiB.
_BATCHES = 16

# As a spreadsheet shows a long number: 1.23E+11, or 1,23E+11. A code such as 12E45 is left alone.
_SCIENTIFIC = re.compile(r"-?\d(?:[.,]\d+)?[Ee]\+\d+")

# The csv module tells its errors apart by text alone; a text not known here gets the general rule.
_CSV_RULES = (
    ("end of data", "a quote is opened in this record and never closed"),
    (
        "field limit",
        "a field is over the csv module's limit; is a quote in this record never closed?",
    ),
    ("new-line", "a carriage return stands outside quotes and does not end the line"),
    ("expected after", "text follows a closing quote; is a quote in this record never closed?"),
)

_JSON_TYPES = {
    dict: "an object",
    list: "a list",
    bool: "true or false",
    float: "a number",
    type(None): "null",
}


def ids_from_lines(slices: Iterable[Slice]) -> Iterator[list[str]]:
    r"""One id a line, without its ``\n`` or ``\r\n``. A blank line is a blank id."""
    for piece in slices:
        yield piece.text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def ids_from_csv(slices: Iterable[Slice], column: str | int, delimiter: str) -> Iterator[list[str]]:
    """The cells of one column: named in the header, or by index where there is no header."""
    return _batches(_cells(slices, column, delimiter))


def ids_from_json_lines(slices: Iterable[Slice], field: str) -> Iterator[list[str]]:
    """The values of one field of a JSON object on each line."""
    return _batches(_values(slices, field))


def pages(batches: Iterable[list[str]], size: int, name: str) -> Iterator[list[str]]:
    """Put ids into lists of `size`, or of fewer: at the end, of long ids, of small blocks.

    Raises:
        ConfigurationError: the file called `name` is damaged. All ids before the damage were given.
    """
    page: list[str] = []
    damage = None
    try:
        for number, batch in enumerate(batches, 1):
            page += batch
            while len(page) >= size:
                yield page[:size]
                del page[:size]
            if page and number % _BATCHES == 0:
                yield page
                page = []
    except Damage as error:
        damage = error
    if page:
        yield page
    # Outside the except block: what lies behind the damage may hold ids, so it is not chained.
    if damage:
        raise ConfigurationError(f"{name}, line {damage.line}: {damage.rule}")


def _batches(ids: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    length = 0
    damage = None
    try:
        for recipient in ids:
            batch.append(recipient)
            length += len(recipient) + 1
            if length >= BLOCK:
                yield batch
                batch, length = [], 0
    except Damage as error:
        damage = error
    yield batch
    if damage:
        raise damage


def _lines(piece: Slice) -> Iterator[str]:
    return io.StringIO(piece.text, newline="\n")


# --- CSV ---


@define
class _Feed:
    """The lines a csv reader asks for, and where the record began that it is reading."""

    slices: Iterable[Slice]
    record: int = 1

    def lines(self) -> Iterator[str]:
        begun, held = 0, 0
        for piece in self.slices:
            # Not left to the csv module: any library can lift its limit, for the whole process.
            begun, held = self.record, held + len(piece.text) if begun == self.record else 0
            if held > LINE_LIMIT:
                raise Damage(begun, "the record does not end; is a quote in it never closed?")
            yield from _lines(piece) if "\r" not in piece.text else _without_stray_return(piece)


def _without_stray_return(piece: Slice) -> Iterator[str]:
    for number, line in enumerate(_lines(piece), piece.first):
        # The csv module would drop this return as a part of the line's end.
        if line.endswith(("\r", "\r\r\n")):
            raise Damage(number, "a carriage return stands before the end of the line")
        yield line


def _records(feed: _Feed, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(feed.lines(), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield row
            feed.record = reader.line_num + 1
    except csv.Error as error:
        raise Damage(feed.record, _csv_rule(str(error))) from None


def _csv_rule(text: str) -> str:
    return next((rule for part, rule in _CSV_RULES if part in text), "the record is not valid CSV")


def _cells(slices: Iterable[Slice], column: str | int, delimiter: str) -> Iterator[str]:
    feed = _Feed(slices)
    records = _records(feed, delimiter)
    first = next(records, None)
    index, width = _column(column, first, delimiter), len(first or ())
    if first and isinstance(column, int):
        yield _cell(first, index, feed.record)
    for row in records:
        if len(row) != width:
            raise Damage(feed.record, _width_rule(len(row), width))
        yield _cell(row, index, feed.record)


def _column(column: str | int, first: list[str] | None, delimiter: str) -> int:
    if isinstance(column, str):
        return _named_column(column, first or [], delimiter)
    if first is not None and column >= len(first):
        raise Damage(1, f"there is no column {column}, counted from 0, among {len(first)}")
    return column


def _named_column(column: str, header: list[str], delimiter: str) -> int:
    count = header.count(column)
    if count == 1:
        return header.index(column)
    if count:
        raise Damage(1, f"the header names column {column!r} {count} times")
    names = ", ".join(repr(name[:40]) for name in header[:20]) or "no names"
    hint = ""
    other = next((char for char in "".join(header) if char in ";,\t|" and char != delimiter), None)
    if len(header) == 1 and other:
        hint = f"; fields must be separated by {delimiter!r}, not {other!r}"
    raise Damage(1, f"the header has no column {column!r}; it has {names}{hint}")


def _width_rule(fields: int, width: int) -> str:
    return f"{fields} fields where the first record has {width}" if fields else "the line is blank"


def _cell(row: list[str], index: int, line: int) -> str:
    cell = row[index]
    if "+" in cell and _SCIENTIFIC.fullmatch(cell):
        raise Damage(
            line,
            "the id is a number in scientific notation: a spreadsheet has damaged the column; "
            "format it as text and export again",
        )
    return cell


# --- JSON lines ---


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity, which the json module takes.


_DECODER = json.JSONDecoder(parse_constant=_not_json)


def _values(slices: Iterable[Slice], field: str) -> Iterator[str]:
    for piece in slices:
        for number, line in enumerate(_lines(piece), piece.first):
            found = _object(line, number)
            if field not in found:
                raise Damage(number, f"the object has no field {field!r}")
            value = found[field]
            if not isinstance(value, str):
                raise Damage(number, f"field {field!r} {_type_rule(value)}")
            yield value


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError):
        rule = "the line is not JSON" if line.strip() else "the line is blank"
        raise Damage(number, rule) from None
    if not isinstance(found, dict):
        raise Damage(number, "the line is not a JSON object")
    return found


def _type_rule(value: object) -> str:
    if type(value) is int:
        return "is an integer: ids are text, so put it in quotes"
    return f"is {_JSON_TYPES[type(value)]}, not a string"
