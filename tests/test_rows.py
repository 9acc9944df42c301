"""Rows from files: ids with their texts, read as strictly as ids alone; or an error that names the line."""

import asyncio
import csv
import gzip
import io
import json
import sys
import tempfile
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from source_files import read, read_until_damage, write

from pushwoosh_async._sources.formats import batches
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.sources import read_ids, read_rows

Row = tuple[str, dict[str, str]]

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
NAMES = {"firstname": "first_name", "town": "city"}

EMPTY = ["left_out", "kept"]


def given_of(first: str, city: str, empty: str) -> dict[str, str]:
    """Return the texts that a row gives."""
    texts = {"firstname": first, "town": city}
    return texts if empty == "kept" else {name: text for name, text in texts.items() if text}


def in_new_folder(name: str, content: bytes, **options: Any) -> list[Row]:
    """Read a file that lives as long as one example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(read(read_rows(write(Path(folder), name, content), **options)))


# --- What is written is what is read ---


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS)),
    st.permutations(["id", "first_name", "city", "note"]),
    st.integers(1, 7),
    st.booleans(),
    st.sampled_from(EMPTY),
)
def test_csv_round_trip(
    records: list[tuple[str, ...]], header: list[str], page_size: int, gz: bool, empty: str
) -> None:
    """Cells come back equal under their placeholders, wherever the columns stand and pages end."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *records])
    assume("\r\r\n" not in text.getvalue() and "+" not in text.getvalue())  # Refused, or may be.
    name = "a.csv.gz" if gz else "a.csv"
    found = in_new_folder(
        name,
        text.getvalue().encode(),
        column="id",
        placeholders=NAMES,
        page_size=page_size,
        empty=empty,
    )
    by_name = [dict(zip(header, record, strict=True)) for record in records]
    assert found == [
        (cells["id"], given_of(cells["first_name"], cells["city"], empty)) for cells in by_name
    ]


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS)),
    st.booleans(),
    st.integers(1, 7),
    st.sampled_from(EMPTY),
)
def test_json_lines_round_trip(
    records: list[tuple[str, str, str]], ascii_only: bool, page_size: int, empty: str
) -> None:
    """Any text in a JSON field comes back equal; fields not asked for may hold anything."""
    objects = [
        {"n": [1], "city": city, "id": one, "first_name": first} for one, first, city in records
    ]
    content = "".join(json.dumps(each, ensure_ascii=ascii_only) + "\n" for each in objects).encode()
    options = {"field": "id", "placeholders": NAMES, "page_size": page_size, "empty": empty}
    found = in_new_folder("a.jsonl", content, **options)
    assert found == [(one, given_of(first, city, empty)) for one, first, city in records]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", b"id,x\na,1\nb,2\n", {"column": "id"}),
        ("a.CSV.GZ", b"id,x\na,1\nb,2\n", {"column": "id"}),
        ("a.tsv", b"x\tid\n1\ta\n2\tb\n", {"column": "id"}),
        ("a", b"\xef\xbb\xbfid,y,x\r\na,,1\r\nb,,2", {"column": "id"}),
        ("a.txt", "id,x\na,1\nb,2\n".encode("utf-16"), {"column": "id", "encoding": "utf-16"}),
        ("a.ndjson", b'{"id":"a","x":"1"}\n{"x":"2","id":"b"}', {"field": "id"}),
        ("a.csv", b'{"id":"a","x":"1"}\n{"x":"2","id":"b"}', {"field": "id", "format": "jsonl"}),
    ],
)
async def test_formats(tmp_path: Path, name: str, content: bytes, options: dict[str, Any]) -> None:
    """The format follows from the options and the file's name, as for ids."""
    file = read_rows(write(tmp_path, name, content), placeholders=["x"], **options)
    assert await read(file) == [("a", {"x": "1"}), ("b", {"x": "2"})]


async def test_any_column_may_be_any_placeholder(tmp_path: Path) -> None:
    """One column may fill several placeholders, the column of ids too."""
    path = write(tmp_path, "a.csv", b"id,x\na,1\n")
    names = {"x": "x", "again": "x", "id": "id"}
    assert await read(read_rows(path, column="id", placeholders=names)) == [
        ("a", {"x": "1", "again": "1", "id": "a"})
    ]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", b"id,x,y\na,,\n,1,\nb, ,2\n", {"column": "id"}),
        (
            "a.jsonl",
            b'{"id":"a","x":"","y":""}\n{"id":"","x":"1","y":""}\n{"id":"b","x":" ","y":"2"}',
            {"field": "id"},
        ),
    ],
)
async def test_empty_texts(
    tmp_path: Path, name: str, content: bytes, options: dict[str, Any]
) -> None:
    """They leave the placeholder to its default, unless they are kept; blanks and ids stand."""
    path = write(tmp_path, name, content)
    assert await read(read_rows(path, placeholders=["x", "y"], **options)) == [
        ("a", {}),
        ("", {"x": "1"}),
        ("b", {"x": " ", "y": "2"}),
    ]
    assert await read(read_rows(path, placeholders=["x", "y"], empty="kept", **options)) == [
        ("a", {"x": "", "y": ""}),
        ("", {"x": "1", "y": ""}),
        ("b", {"x": " ", "y": "2"}),
    ]


async def test_pages(tmp_path: Path) -> None:
    """Pages are lists of page_size rows, the last shorter; a second reading opens the file anew."""
    path = write(tmp_path, "a.csv", b"id,x\n1,a\n2,b\n3,c\n")
    file = read_rows(path, column="id", placeholders=["x"], page_size=2)
    assert [[one for one, _ in page] async for page in file] == [["1", "2"], ["3"]]
    path.write_bytes(b"id,x\n4,d\n")
    assert [page async for page in file] == [[("4", {"x": "d"})]]


@pytest.mark.parametrize(
    ("name", "head", "row", "options"),
    [
        ("a.csv", b"id,x\n", b"u1,%b\n", {"column": "id"}),
        ("a.jsonl", b"", b'{"id":"u1","x":"%b"}\n', {"field": "id"}),
    ],
)
async def test_pages_of_long_texts_are_shorter(
    tmp_path: Path, name: str, head: bytes, row: bytes, options: Any
) -> None:
    """A page of very long texts ends early, so that its size in memory stays bounded."""
    content = head + row % (b"x" * 100_000) * 80
    file = read_rows(write(tmp_path, name, content), placeholders=["x"], **options)
    sizes = [len(page) async for page in file]
    assert sum(sizes) == 80
    assert max(sizes) <= 16


def test_batches_of_empty_texts_end_too() -> None:
    """What holds no character takes memory all the same."""
    assert all(len(batch) < 100_000 for batch in batches(iter([""] * 300_000), len))


# --- Damage ---

GOOD = b"id,first_name,city\na,A,K\nb,B,L\n"
GOOD_OBJECTS = b'{"id":"a","first_name":"A","city":"K"}\n{"id":"b","first_name":"B","city":"L"}\n'
BY_COLUMN: dict[str, Any] = {"column": "id"}
BY_FIELD: dict[str, Any] = {"field": "id"}

damaged = [
    ("a.csv", GOOD + b"c,canary-4711,\xff\n", BY_COLUMN, 4, "not utf-8"),
    ("a.csv", GOOD + b"c,canary-4711\n", BY_COLUMN, 4, "2 fields where the first record has 3"),
    ("a.csv", GOOD + b"\n", BY_COLUMN, 4, "blank"),
    ("a.csv", GOOD + b'c,"canary-4711\nd,1,2\n', BY_COLUMN, 4, "never closed"),
    ("a.csv", GOOD + b"c,canary\0,4711\n", BY_COLUMN, 4, "NUL"),
    ("a.csv", GOOD + b"4.711E+11,C,M\n", BY_COLUMN, 4, "the id is a number in scientific notation"),
    (
        "a.csv",
        GOOD + b"c,4.711E+11,M\n",
        BY_COLUMN,
        4,
        "column 'first_name' holds a number in scientific notation",
    ),
    ("a.csv", GOOD + b'c,C,"4,711E+11"\n', BY_COLUMN, 4, "column 'city' holds a number in scien"),
    ("a.jsonl", GOOD_OBJECTS + b'{"id":"4711"\n', BY_FIELD, 3, "not JSON"),
    ("a.jsonl", GOOD_OBJECTS + b'["4711"]\n', BY_FIELD, 3, "not a JSON object"),
    ("a.jsonl", GOOD_OBJECTS + b"\n", BY_FIELD, 3, "blank"),
    ("a.jsonl", GOOD_OBJECTS + b'{"first_name":"","city":""}\n', BY_FIELD, 3, "no field 'id'"),
    ("a.jsonl", GOOD_OBJECTS + b'{"id":"c","city":"4711"}\n', BY_FIELD, 3, "no field 'first_name'"),
    (
        "a.jsonl",
        GOOD_OBJECTS + b'{"id":4711,"first_name":"","city":""}\n',
        BY_FIELD,
        3,
        "field 'id' is an integer: ids are text",
    ),
    (
        "a.jsonl",
        GOOD_OBJECTS + b'{"id":"c","first_name":4711,"city":""}\n',
        BY_FIELD,
        3,
        "field 'first_name' is an integer: placeholders are text",
    ),
    (
        "a.jsonl",
        GOOD_OBJECTS + b'{"id":"c","first_name":"4711","city":null}\n',
        BY_FIELD,
        3,
        "field 'city' is null, not a string",
    ),
]


@pytest.mark.parametrize("page_size", [1, 2, 4096])
@pytest.mark.parametrize(("name", "content", "options", "line", "rule"), damaged)
async def test_damage(
    tmp_path: Path, name: str, content: bytes, options: Any, line: int, rule: str, page_size: int
) -> None:
    """Damage is refused by line and rule, after the rows before it, and without quoting any."""
    path = write(tmp_path, name, content)
    file = read_rows(path, placeholders=NAMES, page_size=page_size, **options)
    found, error = await read_until_damage(file)
    assert found == [
        ("a", {"firstname": "A", "town": "K"}),
        ("b", {"firstname": "B", "town": "L"}),
    ]
    assert str(error).startswith(f"path {str(path)!r}, line {line}: ")
    assert rule in str(error)
    assert "4711" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "the header has no column 'id'; it has no names"),
        (b"id,city\na,K\n", "the header has no column 'first_name'; it has 'id', 'city'"),
        (b"id,first_name,city,city\n", "the header names column 'city' 2 times"),
        (b"id;first_name;city\n", "fields must be separated by ','"),
    ],
)
async def test_a_header_without_a_column(tmp_path: Path, content: bytes, rule: str) -> None:
    """A column that is missing or named twice is said of line 1, before any row."""
    file = read_rows(write(tmp_path, "a.csv", content), column="id", placeholders=NAMES)
    found, error = await read_until_damage(file)
    assert found == []
    assert ", line 1: " in str(error)
    assert rule in str(error)


async def test_damaged_gzip(tmp_path: Path) -> None:
    """What was unpacked before the damage is given, and the line reached is named."""
    rows = b"".join(b"user-%d,%d\n" % (n * 7919 % 100_003, n) for n in range(50_000))
    packed = gzip.compress(b"id,x\n" + rows)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found, error = await read_until_damage(read_rows(path, column="id", placeholders=["x"]))
    assert found == [(f"user-{n * 7919 % 100_003}", {"x": str(n)}) for n in range(len(found))]
    assert len(found) > 10_000
    assert f"line {len(found) + 2}: the gzip data" in str(error)


async def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard input, once for ids and rows together."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"id,x\na,1\n")))
    file = read_rows("-", column="id", placeholders=["x"])
    assert await file.fingerprint() == ""
    assert await read(file) == [("a", {"x": "1"})]
    with pytest.raises(ConfigurationError, match="standard input was read before"):
        await anext(aiter(read_ids("-")))


# --- What a journal keeps ---


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.csv", {"column": "id", "placeholders": NAMES}),
        ("a.jsonl.gz", {"field": "id", "placeholders": ["x", "y"], "encoding": "latin-1"}),
        ("a", {"column": "id", "placeholders": ("x",), "format": "csv", "empty": "kept"}),
    ],
)
def test_the_recipe_is_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, Any]
) -> None:
    """What a journal keeps opens the same file in the same way, from any folder."""
    write(tmp_path, name, b"")
    monkeypatch.chdir(tmp_path)
    file = read_rows(name, **options)
    recipe = file.recipe
    monkeypatch.chdir("/")
    again = read_rows(**json.loads(recipe))
    assert again.path == str(tmp_path / name)
    assert (again.column, again.field, again.format) == (file.column, file.field, file.format)
    assert (again.placeholders, again.encoding) == (file.placeholders, file.encoding)
    assert json.loads(recipe)["empty"] == again.empty == file.empty
    assert again.recipe == recipe


def test_the_order_of_placeholders_is_kept(tmp_path: Path) -> None:
    """Also where the same columns are asked for in another one."""
    path = write(tmp_path, "a.csv", b"")
    file = read_rows(path, column="id", placeholders=["b", "a"])
    assert list(file.placeholders) == ["b", "a"]
    assert list(json.loads(file.recipe)["placeholders"]) == ["b", "a"]


async def test_the_fingerprint_is_the_files(tmp_path: Path) -> None:
    """Of the bytes as they lie there, whichever way they are read."""
    path = write(tmp_path, "a.csv", b"id,x\na,1\n")
    rows = read_rows(path, column="id", placeholders=["x"])
    assert await rows.fingerprint() == await read_ids(path, column="id").fingerprint()
    assert (await rows.fingerprint()).startswith("9 bytes, sha256 ")


def test_the_callers_mapping_is_copied(tmp_path: Path) -> None:
    """What is read does not change when the caller's dict does."""
    names = dict(NAMES)
    path = write(tmp_path, "a.csv", b"")
    file = read_rows(path, column="id", placeholders=names)
    names["more"] = "more"
    assert file.placeholders == NAMES
    assert hash(file) == hash(read_rows(path, column="id", placeholders=NAMES))


# --- Wrong calls ---


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a", {}, "column or field: one of them must say where the ids are"),
        ("a.txt", {"placeholders": []}, "placeholders: names none; read_ids"),
        ("a", {"column": "id", "placeholders": {}}, "placeholders: names none"),
        (
            "a",
            {"column": "id", "placeholders": ["x", "y", "x"]},
            "placeholders: one is named twice",
        ),
        ("a", {"column": "id", "field": "id"}, "pass one of them"),
        ("a.csv", {}, "is csv by its name, which needs column="),
        ("a.jsonl", {"column": "id"}, "is jsonl by its name, which needs field="),
        ("a", {"format": "csv"}, "format='csv' needs column="),
        ("a", {"format": "lines"}, "column or field: one of them"),
        ("a", {"column": "id", "format": "lines"}, "format='lines' takes no column"),
        ("a", {"column": "id", "encoding": "klingon"}, "encoding 'klingon'"),
        ("a", {"column": "id", "page_size": 0}, "page_size must be at least 1, not 0"),
        ("a", {"column": "id", "empty": "sent"}, "empty: must be one of 'left_out', 'kept'"),
    ],
)
def test_wrong_values(tmp_path: Path, name: str, options: dict[str, Any], message: str) -> None:
    """A contradiction or a value out of range is refused by the call, by the argument's name."""
    path = write(tmp_path, name, b"")
    with pytest.raises(ConfigurationError, match=message):
        read_rows(path, **{"placeholders": ["x"], **options})


@pytest.mark.parametrize(
    "options",
    [
        {"placeholders": "x"},
        {"placeholders": b"x"},
        {"placeholders": None},
        {"placeholders": {"x"}},
        {"placeholders": repeat("x", 1)},
        {"placeholders": [1]},
        {"placeholders": [["x"]]},
        {"placeholders": {"x": 1}},
        {"placeholders": {1: "x"}},
        {"column": 0},
        {"column": True},
        {"column": None, "field": 1},
        {"page_size": "9"},
        {"encoding": None},
        {"empty": None},
        {"delimiter": ";"},
    ],
    ids=repr,
)
def test_wrong_types(tmp_path: Path, options: dict[str, Any]) -> None:
    """A wrong type or an unknown keyword is a TypeError, and comes before any look at the file."""
    with pytest.raises(TypeError):
        read_rows(tmp_path / "missing", **{"column": "id", "placeholders": ["x"], **options})


def test_path_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing is refused by the call."""
    with pytest.raises(ConfigurationError, match=r"path '.*/missing': No such file"):
        read_rows(tmp_path / "missing", column="id", placeholders=["x"])
