"""How is a labelled id written, as JSON lines or as CSV? Pure."""

import csv
import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | bool | None

# What a spreadsheet would take for a formula, or trip over (OWASP ASVS 1.2.10).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class Sink(Protocol):
    """Takes text."""

    def write(self, text: str, /) -> object:
        """Take it."""


class RowFormat(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"


def row_writer(
    sink: Sink, columns: Sequence[str], form: RowFormat, *, plain: bool
) -> Callable[[Sequence[Value]], None]:
    """Return what writes a row. In CSV the header is written at once.

    Args:
        sink: where to.
        columns: names of the values.
        form: the format.
        plain: leave cells as they are; else, in CSV, one that a spreadsheet could run as a formula gets
            an apostrophe before it.
    """
    if form is RowFormat.JSONL:

        def write_object(row: Sequence[Value]) -> None:
            sink.write(f"{json.dumps(dict(zip(columns, row, strict=True)))}\n")

        return write_object
    # Its line end, CRLF, is what makes it quote a cell that holds one of the two.
    writer = csv.writer(sink)
    writer.writerow(columns)

    def write_cells(row: Sequence[Value]) -> None:
        cells = map(_cell, row)
        writer.writerow(cells if plain else map(defused, cells))

    return write_cells


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def defused(cell: str) -> str:
    """Return a cell that a spreadsheet takes as text."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
