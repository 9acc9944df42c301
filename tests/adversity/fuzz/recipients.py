"""Do the readers of recipients' files survive any bytes? However the disk cuts them, they read the same."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pushwoosh_async import ConfigurationError
from pushwoosh_async._sources.csv_columns import ids_from_csv, rows_from_csv
from pushwoosh_async._sources.files import blocks
from pushwoosh_async._sources.formats import filled, ids_from_lines, pages
from pushwoosh_async._sources.json_lines import ids_from_json_lines, rows_from_json_lines
from pushwoosh_async._sources.text import Slice, sound_slices

_PAGE = 7
_TEXTS = {"name": "name", "city": "town"}
_SMALL, _LARGE = 3, 65536

_Batches: TypeAlias = Iterator[list[Any]]
_Format: TypeAlias = Callable[[Iterator[Slice]], _Batches]
_Outcome: TypeAlias = tuple[list[Any], str]

_FORMATS: dict[str, _Format] = {
    "lines": ids_from_lines,
    "csv": lambda slices: ids_from_csv(slices, "id", ","),
    "csv by index": lambda slices: ids_from_csv(slices, 0, ","),
    "tsv": lambda slices: ids_from_csv(slices, "id", "\t"),
    "jsonl": lambda slices: ids_from_json_lines(slices, "id"),
    "rows of csv": lambda slices: rows_from_csv(slices, "id", _TEXTS, ","),
    "rows of jsonl": lambda slices: rows_from_json_lines(slices, "id", _TEXTS),
}
_ENCODINGS = ("utf-8", "utf-16", "latin-1", "cp932")


class _Cut:
    """A stream that gives so many bytes at a time, as a pipe or a slow disk does."""

    def __init__(self, stream: io.BytesIO | gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._most = most

    def read1(self, size: int, /) -> bytes:
        """Return some."""
        return self._stream.read1(min(size, self._most))

    def fileno(self) -> int:
        """Raise: it is no file of the system's."""
        return self._stream.fileno()


def read_recipients(data: bytes) -> str:
    """Read a file in every format; unpacked, too, where it looks packed."""
    told = {_same_however_cut(form, data, "utf-8") for form in _FORMATS}
    told |= {_same_however_cut("lines", data, encoding) for encoding in _ENCODINGS}
    return " or ".join(sorted(told))


def _same_however_cut(form: str, data: bytes, encoding: str) -> str:
    found, complaint = _read(form, data, encoding, _LARGE)
    packed = data[:2] == b"\x1f\x8b"  # how much of a damaged block comes out, is up to zlib
    if len(data) <= 4096 and not packed:  # three bytes at a time is slow
        assert _read(form, data, encoding, _SMALL) == (found, complaint)
    if not complaint and not packed:
        _check_whole(form, data, encoding, found)
    return "ConfigurationError" if complaint else "read"


def _read(form: str, data: bytes, encoding: str, cut: int) -> _Outcome:
    """Return what was read, and the complaint that ended it."""
    raw = io.BytesIO(data)
    stream = _Cut(gzip.GzipFile(fileobj=raw) if data[:2] == b"\x1f\x8b" else raw, cut)
    found: list[Any] = []
    try:
        for page in pages(_FORMATS[form](sound_slices(blocks(stream), encoding)), _PAGE, "file"):
            assert 0 < len(page) <= _PAGE
            found += map(filled, page) if form.startswith("rows") else page
    except ConfigurationError as error:
        complaint = str(error)
    else:
        complaint = ""
    assert not complaint or complaint.startswith("file, line ")
    return found, complaint


def _check_whole(form: str, data: bytes, encoding: str, found: list[Any]) -> None:
    """Where nothing is damaged, everything was read: as others read it."""
    text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    if form == "lines":
        *ended, last = text.split("\n")
        lines = [each.removesuffix("\r") for each in ended]
        assert found == [*lines, *([last] if last else [])]
    elif form == "jsonl":
        assert found == [json.loads(line)["id"] for line in text.split("\n") if line.strip()]
    elif form == "csv by index":
        assert found == [row[0] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


RECIPIENT_TOKENS = (
    b"id",
    b"id,name,town\n",
    b"id\tname\n",
    b'{"id":"u1","name":"a","town":""}\n',
    b'"u,1"',
    b'""',
    b'"',
    b",",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"1.23E+11",
    b"u1",
    b'"\\ud800"',
    b"NaN",
    b"[[[[[[",
)
