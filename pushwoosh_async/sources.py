"""Who gets it, from a file: ids one a line, in a CSV column or in a field of JSON lines."""

import codecs
import json
from collections.abc import AsyncGenerator, Generator, Iterator
from os import PathLike, fspath
from pathlib import Path, PurePath
from types import UnionType
from typing import Literal, TypeAlias

from anyio import to_thread
from attrs import frozen

from pushwoosh_async._sources.files import (
    STDIN,
    Pull,
    blocks,
    fingerprint,
    name_of,
    opened,
    refuse_unreadable,
)
from pushwoosh_async._sources.formats import (
    ids_from_csv,
    ids_from_json_lines,
    ids_from_lines,
    pages,
)
from pushwoosh_async._sources.text import Slice, sound_slices
from pushwoosh_async.errors import ConfigurationError

FileFormat: TypeAlias = Literal["lines", "csv", "jsonl"]

# Measured: a hop to a thread costs what 4000 ids cost; a page of short ids is read in 1.3 ms.
_PAGE_SIZE = 16384

_NEEDS: dict[FileFormat, str] = {
    "lines": "takes no column and no field",
    "csv": "needs column=",
    "jsonl": "needs field=",
}
_BY_SUFFIX: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


@frozen
class IdFile:
    """Ids in a file, as `read_ids` gives them: each ``async for`` reads anew and gives lists.

    Attributes:
        path: the file's path; ``"-"`` for standard input.
        format: what the file is read as.
        column: the CSV column, by its name in the header or its index.
        field: the field of a JSON object.
        encoding: of the file's text.
        page_size: the most ids that a list holds.
    """

    path: str
    format: FileFormat
    column: str | int | None
    field: str | None
    encoding: str
    page_size: int

    @property
    def recipe(self) -> str:
        """How the file is read, as JSON: what a journal keeps, so that a resume can read it again."""
        options = {
            "path": self.path if self.path == STDIN else str(Path(self.path).absolute()),
            "format": self.format,
            "column": self.column,
            "field": self.field,
            "encoding": self.encoding,
        }
        return json.dumps({name: value for name, value in options.items() if value is not None})

    async def fingerprint(self) -> str:
        """Return size and sha256 of a regular file; an empty text for anything that can be read once.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        return await to_thread.run_sync(fingerprint, self.path, abandon_on_cancel=True)

    async def __aiter__(self) -> AsyncGenerator[list[str], None]:
        pull = Pull(self._pages())
        try:
            # Abandoned, a read that blocks (a terminal, a fifo) does not hold up a cancellation.
            while page := await to_thread.run_sync(pull.page, abandon_on_cancel=True):
                yield page
        finally:
            pull.close()

    def _pages(self) -> Generator[list[str], None, None]:
        with opened(self.path) as stream:
            slices = sound_slices(blocks(stream), self.encoding)
            yield from pages(self._ids(slices), self.page_size, name_of(self.path))

    def _ids(self, slices: Iterator[Slice]) -> Iterator[list[str]]:
        if self.column is not None:
            delimiter = "\t" if _suffix(self.path) == ".tsv" else ","
            return ids_from_csv(slices, self.column, delimiter)
        if self.field is not None:
            return ids_from_json_lines(slices, self.field)
        return ids_from_lines(slices)


def read_ids(
    path: str | PathLike[str],
    *,
    column: str | int | None = None,
    field: str | None = None,
    format: FileFormat | None = None,  # noqa: A002 -- the word users type; `open` is not called here
    encoding: str = "utf-8",
    page_size: int = _PAGE_SIZE,
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
    _check_types(name, column, field, encoding, page_size)
    _check_ranges(column, page_size)
    chosen = _chosen_format(name, column, field, format)
    _check_encoding(encoding)
    refuse_unreadable(name)
    return IdFile(name, chosen, column, field, encoding, page_size)


def _suffix(path: str) -> str:
    return PurePath(path.lower().removesuffix(".gz")).suffix


def _chosen_format(
    path: str, column: str | int | None, field: str | None, wanted: FileFormat | None
) -> FileFormat:
    if wanted is not None and wanted not in _NEEDS:
        raise ConfigurationError(f"format must be one of {', '.join(_NEEDS)}, not {wanted!r}")
    if column is not None and field is not None:
        raise ConfigurationError("column is for CSV and field for JSON lines: pass one of them")
    options: FileFormat = "csv" if column is not None else "jsonl" if field is not None else "lines"
    named = wanted or _BY_SUFFIX.get(_suffix(path))
    if named is None or named == options:
        return options
    if wanted:
        raise ConfigurationError(f"format={wanted!r} {_NEEDS[wanted]}")
    raise ConfigurationError(
        f"{name_of(path)} is {named} by its name, which {_NEEDS[named]}; pass format= if it is not"
    )


def _check_types(
    path: object, column: object, field: object, encoding: object, page_size: object
) -> None:
    _check_type("path", path, str)
    _check_type("column", column, str | int | None)
    _check_type("field", field, str | None)
    _check_type("encoding", encoding, str)
    _check_type("page_size", page_size, int)


def _check_type(argument: str, value: object, wanted: type | UnionType) -> None:
    if isinstance(value, bool) or not isinstance(value, wanted):
        name = getattr(wanted, "__name__", str(wanted))
        raise TypeError(f"{argument} must be {name}, not {type(value).__name__}")


def _check_ranges(column: str | int | None, page_size: int) -> None:
    if isinstance(column, int) and column < 0:
        raise ConfigurationError(f"column must be a name or an index from 0, not {column}")
    if page_size < 1:
        raise ConfigurationError(f"page_size must be at least 1, not {page_size}")


def _check_encoding(encoding: str) -> None:
    try:
        b"0".decode(encoding, "replace")  # Refuses codecs that are not for text, such as hex.
        codecs.getincrementaldecoder(encoding)
    except (LookupError, ValueError):
        known = False
    else:
        known = True
    if not known:
        raise ConfigurationError(f"encoding {encoding!r} is not known")
