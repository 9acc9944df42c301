"""Which arguments say how a file is read, and do they contradict each other or its name?"""

import codecs
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from types import UnionType
from typing import Literal, TypeAlias

from pushwoosh_async._sources.files import name_of
from pushwoosh_async.errors import ConfigurationError

FileFormat: TypeAlias = Literal["lines", "csv", "jsonl"]
Empty: TypeAlias = Literal["left_out", "kept"]

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


def delimiter_of(path: str) -> str:
    """Return what stands between the fields of a CSV file of this name."""
    return "\t" if _suffix(path) == ".tsv" else ","


def chosen_format(
    path: str, column: str | int | None, field: str | None, wanted: FileFormat | None
) -> FileFormat:
    """Return the format that the options and the file's name agree on.

    Raises:
        ConfigurationError: they do not.
    """
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


def check_type(argument: str, value: object, wanted: type | UnionType) -> None:
    """Refuse a value of another type, and a bool where a number is asked for.

    Raises:
        TypeError: names the argument and both types.
    """
    if isinstance(value, bool) or not isinstance(value, wanted):
        name = getattr(wanted, "__name__", str(wanted))
        raise TypeError(f"{argument} must be {name}, not {type(value).__name__}")


def check_page_size(page_size: int) -> None:
    """Refuse what is no number of items.

    Raises:
        TypeError: not an int.
        ConfigurationError: below 1.
    """
    check_type("page_size", page_size, int)
    if page_size < 1:
        raise ConfigurationError(f"page_size must be at least 1, not {page_size}")


def check_encoding(encoding: str) -> None:
    """Refuse what is not the name of an encoding of text.

    Raises:
        TypeError: not a str.
        ConfigurationError: not known.
    """
    check_type("encoding", encoding, str)
    try:
        b"0".decode(encoding, "replace")  # Refuses codecs that are not for text, such as hex.
        codecs.getincrementaldecoder(encoding)
    except (LookupError, ValueError):
        known = False
    else:
        known = True
    if not known:
        raise ConfigurationError(f"encoding {encoding!r} is not known")


def check_empty(empty: str) -> None:
    """Refuse what does not say what becomes of an empty text.

    Raises:
        TypeError: not a str.
        ConfigurationError: not one of the two.
    """
    check_type("empty", empty, str)
    if empty not in ("left_out", "kept"):
        raise ConfigurationError("empty: must be one of 'left_out', 'kept'")


def columns_by_placeholder(placeholders: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Return the column or field of each placeholder; where names alone are given, the one so called.

    Raises:
        TypeError: neither a mapping nor a list, or a name that is not a str.
        ConfigurationError: there is none, or one comes twice.
    """
    if isinstance(placeholders, str) or not isinstance(placeholders, Mapping | Sequence):
        found = type(placeholders).__name__
        raise TypeError(f"placeholders must be a list of str or a dict of str, not {found}")
    names = tuple(placeholders)
    columns = tuple(placeholders.values()) if isinstance(placeholders, Mapping) else names
    for name in (*names, *columns):
        check_type("placeholders: each name and column", name, str)
    if not names:
        raise ConfigurationError("placeholders: names none; read_ids reads ids alone")
    if len(set(names)) < len(names):
        raise ConfigurationError("placeholders: one is named twice")
    return dict(zip(names, columns, strict=True))


def _suffix(path: str) -> str:
    return PurePath(path.lower().removesuffix(".gz")).suffix
