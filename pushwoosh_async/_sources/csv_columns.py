"""Which texts are in these columns of CSV? Pure."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from attrs import define

from pushwoosh_async._sources.formats import Row, batches, lines_of, row_length
from pushwoosh_async._sources.text import LINE_LIMIT, Damage, Slice

_Item = TypeVar("_Item")
# Makes an item of a record, told at which index each column lies and on which line it begins.
_Take: TypeAlias = Callable[[list[str], Sequence[int], int], _Item]

# As a spreadsheet shows a long number: 1.23E+11, or 1,23E+11. A code such as 12E45 is left alone.
_SCIENTIFIC = re.compile(r"-?\d(?:[.,]\d+)?[Ee]\+\d+")

# The csv module tells its errors apart by text alone; a text not known here gets the general rule.
_RULES = (
    ("end of data", "a quote is opened in this record and never closed"),
    (
        "field limit",
        "a field is over the csv module's limit; is a quote in this record never closed?",
    ),
    ("new-line", "a carriage return stands outside quotes and does not end the line"),
    ("expected after", "text follows a closing quote; is a quote in this record never closed?"),
)


def ids_from_csv(slices: Iterable[Slice], column: str | int, delimiter: str) -> Iterator[list[str]]:
    """The cells of one column: named in the header, or by index where there is no header."""

    def take(record: list[str], at: Sequence[int], line: int) -> str:
        return _cell(record[at[0]], line, "the id is")

    return batches(_taken(slices, [column], delimiter, take), len)


def rows_from_csv(
    slices: Iterable[Slice], column: str, placeholders: Mapping[str, str], delimiter: str
) -> Iterator[list[Row]]:
    """The cells of one column, each with those of others by placeholder; all named in the header."""
    what = [f"column {other!r} holds" for other in placeholders.values()]

    def take(record: list[str], at: Sequence[int], line: int) -> Row:
        texts = [
            _cell(record[index], line, words) for index, words in zip(at[1:], what, strict=True)
        ]
        return _cell(record[at[0]], line, "the id is"), dict(zip(placeholders, texts, strict=True))

    columns = [column, *placeholders.values()]
    return batches(_taken(slices, columns, delimiter, take), row_length)


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
            yield from lines_of(piece) if "\r" not in piece.text else _without_stray_return(piece)


def _without_stray_return(piece: Slice) -> Iterator[str]:
    for number, line in enumerate(lines_of(piece), piece.first):
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
        raise Damage(feed.record, _rule(str(error))) from None


def _rule(text: str) -> str:
    return next((rule for part, rule in _RULES if part in text), "the record is not valid CSV")


def _taken(
    slices: Iterable[Slice], columns: Sequence[str | int], delimiter: str, take: _Take[_Item]
) -> Iterator[_Item]:
    feed = _Feed(slices)
    records = _records(feed, delimiter)
    first = next(records, None)
    at, width = [_index(column, first, delimiter) for column in columns], len(first or ())
    if first and isinstance(columns[0], int):
        yield take(first, at, feed.record)
    for record in records:
        if len(record) != width:
            raise Damage(feed.record, _width_rule(len(record), width))
        yield take(record, at, feed.record)


def _index(column: str | int, first: list[str] | None, delimiter: str) -> int:
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


def _cell(cell: str, line: int, what: str) -> str:
    if "+" in cell and _SCIENTIFIC.fullmatch(cell):
        raise Damage(
            line,
            f"{what} a number in scientific notation: a spreadsheet has damaged the column; "
            "format it as text and export again",
        )
    return cell
