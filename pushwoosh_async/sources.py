"""Who gets it, from a file: ids or rows, one a line, in CSV columns or in fields of JSON lines."""

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Literal

from attrs import field as attribute
from attrs import frozen

from pushwoosh_async._sources.arguments import (
    Empty,
    FileFormat,
    check_empty,
    check_encoding,
    check_page_size,
    check_type,
    chosen_format,
    columns_by_placeholder,
    delimiter_of,
)
from pushwoosh_async._sources.csv_columns import ids_from_csv, rows_from_csv
from pushwoosh_async._sources.files import refuse_unreadable
from pushwoosh_async._sources.formats import Row, filled, ids_from_lines
from pushwoosh_async._sources.json_lines import ids_from_json_lines, rows_from_json_lines
from pushwoosh_async._sources.paged_file import PagedFile
from pushwoosh_async._sources.text import Slice
from pushwoosh_async.errors import ConfigurationError

# Measured: a hop to a thread costs what 4000 ids cost; a page of short ids is read in 1.3 ms.
_IDS_IN_A_PAGE = 16384
# A row costs several ids, to read and to hold.
_ROWS_IN_A_PAGE = 4096


@frozen
class IdFile(PagedFile[str]):
    """Ids in a file, as `read_ids` gives them: each ``async for`` reads anew and gives lists.

    Attributes:
        path: the file's path; ``"-"`` for standard input.
        format: what the file is read as.
        column: the CSV column, by its name in the header or its index.
        field: the field of a JSON object.
        encoding: of the file's text.
        page_size: the most ids that a list holds.
    """

    def _batches(self, slices: Iterator[Slice]) -> Iterator[list[str]]:
        if self.column is not None:
            return ids_from_csv(slices, self.column, delimiter_of(self.path))
        if self.field is not None:
            return ids_from_json_lines(slices, self.field)
        return ids_from_lines(slices)


@frozen
class RowFile(PagedFile[Row]):
    """Ids in a file with texts for each, as `read_rows` gives them.

    Each ``async for`` reads anew and gives lists of pairs: an id, and its texts by placeholder.

    Attributes:
        path: the file's path; ``"-"`` for standard input.
        format: what the file is read as: ``"csv"`` or ``"jsonl"``.
        column: the CSV column of the ids, by its name in the header.
        field: the field of the ids in a JSON object.
        encoding: of the file's text.
        page_size: the most rows that a list holds.
        placeholders: the column or field of each placeholder.
        empty: ``"left_out"`` where an empty text is not given, ``"kept"`` where it is.
    """

    placeholders: Mapping[str, str] = attribute(hash=False)
    empty: Empty

    def _how(self) -> dict[str, object]:
        return {
            **super()._how(),
            "placeholders": dict(self.placeholders),
            "empty": self.empty,
        }

    def _batches(self, slices: Iterator[Slice]) -> Iterator[list[Row]]:
        rows = self._rows(slices)
        return rows if self.empty == "kept" else ([filled(row) for row in each] for each in rows)

    def _rows(self, slices: Iterator[Slice]) -> Iterator[list[Row]]:
        if isinstance(self.column, str):
            return rows_from_csv(slices, self.column, self.placeholders, delimiter_of(self.path))
        return rows_from_json_lines(slices, str(self.field), self.placeholders)


def read_ids(
    path: str | PathLike[str],
    *,
    column: str | int | None = None,
    field: str | None = None,
    format: FileFormat | None = None,  # noqa: A002 -- the word users type; `open` is not called here
    encoding: str = "utf-8",
    page_size: int = _IDS_IN_A_PAGE,
) -> IdFile:
    r"""Read ids from a file of any length, a page at a time, in a thread.

    Ids are passed on exactly as they stand: nothing is stripped, skipped or repaired. Removed are
    only a byte order mark at the start of the file and the end of each line (``\n`` or ``\r\n``;
    nothing else ends a line). A blank line among ids one a line is a blank id, about which the
    sender's `invalid` decides; the newline that ends the last line begins no further one.

    A damaged file ends the iteration with an error that names the line, after all ids before it
    were given. Damage is:

    * text that is not in `encoding`, a NUL character, a line over 1 MiB, gzip data cut off or
      corrupt;
    * a regular file that grows, shrinks or is written to while it is read (one that another file
      replaces by its name is read to its end);
    * in CSV: a column missing from the header or named there twice; a record with more or fewer
      fields than the first, or a blank line; a quote never closed; a field over the csv module's
      limit (131072 characters); a carriage return outside quotes; an id in scientific notation
      (``1.23E+11``: a spreadsheet has rewritten it);
    * in JSON lines: a line that is not an object in which `field` is a string.

    What cannot be seen: leading zeros that a spreadsheet has cut, digits after the fifteenth that
    it has made zero, and a stray quote in CSV that another one happens to close.

    Early exit and cancellation close the file; if a thread is reading at that moment, it closes the
    file when its read returns.

    Args:
        path: the file; unpacked if its name ends in ``.gz``. ``"-"`` is standard input, which a
            process can read once.
        column: reads CSV: the column's name in the header or, for a file without a header, its
            index from 0. Fields are separated by commas, in a ``.tsv`` file by tabs.
        field: reads JSON lines: the name of the field that holds the id.
        format: ``"lines"``, ``"csv"`` or ``"jsonl"``. By default what `column`, `field` and the
            file's name say, which must not contradict each other; else one id a line.
        encoding: of the text.
        page_size: the most ids in a page. Pages hold fewer if ids are very long, or come through a
            pipe bit by bit.

    Returns:
        An async iterable of lists of ids, which opens the file each time it is iterated.

    Raises:
        ConfigurationError: the arguments contradict each other or the file's name, or the file is
            missing, a directory or not readable; while iterating, the file is damaged.
        TypeError: an argument has the wrong type.
    """
    name = fspath(path)
    check_type("path", name, str)
    check_type("column", column, str | int | None)
    check_type("field", field, str | None)
    check_page_size(page_size)
    if isinstance(column, int) and column < 0:
        raise ConfigurationError(f"column must be a name or an index from 0, not {column}")
    check_encoding(encoding)
    chosen = chosen_format(name, column, field, format)
    refuse_unreadable(name)
    return IdFile(name, chosen, column, field, encoding, page_size)


def read_rows(
    path: str | PathLike[str],
    *,
    placeholders: Mapping[str, str] | Sequence[str],
    column: str | None = None,
    field: str | None = None,
    format: Literal["csv", "jsonl"] | None = None,  # noqa: A002 -- as in `read_ids`
    encoding: str = "utf-8",
    page_size: int = _ROWS_IN_A_PAGE,
    empty: Empty = "left_out",
) -> RowFile:
    """Read ids, each with the texts that fill a message's placeholders: what `personalise` takes.

    All that `read_ids` says of a file, of its damage and of its end holds here too. A text is passed on
    exactly as it stands, but for an empty one, which is left out: sent, it would stand in the place of
    its placeholder, and "Hello {firstname|CapitalizeFirst|there}" would be "Hello ". Left out, it leaves
    that to the recipient's own tag, or to the default that the message has for it [D-dyn]. That the API
    falls back so where only some of the placeholders are given is a guess. A text of blanks is not
    empty: it is sent.

    A field of JSON lines that is missing, null or a number is damage, in a placeholder as in an id; so
    is scientific notation in any column read.

    Args:
        path: the file; unpacked if its name ends in ``.gz``. ``"-"`` is standard input, which a
            process can read once.
        placeholders: names of placeholders, each a column or field of the same name; or the column or
            field of each, as in ``{"firstname": "first_name"}``. At least one.
        column: reads CSV with a header: the name of the column of ids.
        field: reads JSON lines: the name of the field that holds the id.
        format: ``"csv"`` or ``"jsonl"``. By default what `column` and `field` say, which the file's name
            must not contradict.
        encoding: of the text.
        page_size: the most rows in a page.
        empty: what becomes of an empty text: ``"left_out"``, or ``"kept"``, which sends it.

    Returns:
        An async iterable of lists of pairs ``(id, {placeholder: text})``, which opens the file each time
        it is iterated.

    Raises:
        ConfigurationError: the arguments contradict each other or the file's name, or the file is
            missing, a directory or not readable; while iterating, the file is damaged.
        TypeError: an argument has the wrong type.
    """
    name = fspath(path)
    check_type("path", name, str)
    check_type("column", column, str | None)
    check_type("field", field, str | None)
    check_page_size(page_size)
    columns = columns_by_placeholder(placeholders)
    check_empty(empty)
    check_encoding(encoding)
    chosen = chosen_format(name, column, field, format)
    if chosen == "lines":
        raise ConfigurationError("column or field: one of them must say where the ids are")
    refuse_unreadable(name)
    return RowFile(name, chosen, column, field, encoding, page_size, columns, empty)
