"""Ids from files: exactly those that stand there, in order, or an error that names the line."""

import asyncio
import csv
import gzip
import io
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from as_nobody import as_nobody
from hypothesis import assume, example, given
from hypothesis import strategies as st
from source_files import read, read_until_damage, write

from pushwoosh_async._sources.formats import ids_from_lines, pages
from pushwoosh_async._sources.text import LINE_LIMIT, sound_slices
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.sources import IdFile, read_ids

# Whatever can stand between two newlines; U+0085 and U+2028 are line breaks to str.splitlines.
odd_ids = ["", " ", "a\x85b", "a\u2028b", "a\x1cb", " padded ", "\ufeffx", "1.23E+11", "e\u0301"]
ids_of_a_line = st.sampled_from(odd_ids) | st.text(
    st.characters(codec="utf-8", exclude_characters="\n\r\0")
)
notes = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def in_new_folder(name: str, content: bytes, **options: Any) -> list[str]:
    """Read a file that lives as long as one example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(read(read_ids(write(Path(folder), name, content), **options)))


def is_open(path: Path) -> bool:
    return times_open(path) > 0


def times_open(path: Path) -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum(os.path.lexists(link) and link.exists() and link.samefile(path) for link in links)


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


# --- What is written is what is read ---


@given(st.lists(ids_of_a_line), st.integers(1, 7), st.sampled_from(["\n", "\r\n"]), st.booleans())
@example(["a", ""], 2, "\n", True)
def test_one_id_a_line(ids: list[str], page_size: int, end: str, gz: bool) -> None:
    """Ids written one a line come back equal and in order, whatever the page size and line end."""
    content = "".join(recipient + end for recipient in ids).encode()
    # The first of two byte order marks is the file's.
    content = b"\xef\xbb\xbf" + content
    assert in_new_folder("ids.gz" if gz else "ids", content, page_size=page_size) == ids


@given(st.lists(st.tuples(ids_of_a_line, notes)))
def test_csv_round_trip(rows: list[tuple[str, str]]) -> None:
    """What csv.writer wrote comes back equal, whatever stands in the fields beside it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "note"), *rows])
    assume("\r\r\n" not in text.getvalue() and not any("+" in row[0] for row in rows))  # Refused.
    found = in_new_folder("a.csv", text.getvalue().encode(), column="id")
    assert found == [row[0] for row in rows]


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.booleans(), st.booleans())
def test_json_lines_round_trip(ids: list[str], ascii_only: bool, gz: bool) -> None:
    """Any text in a JSON field comes back equal."""
    lines = [json.dumps({"n": 1, "id": one}, ensure_ascii=ascii_only) + "\n" for one in ids]
    name = "a.jsonl.gz" if gz else "a.jsonl"
    assert in_new_folder(name, "".join(lines).encode(), field="id") == ids


@given(st.text("aé\r\n\u2028"), st.integers(1, 5), st.integers(1, 5))
def test_cuts_do_not_show(text: str, block: int, page_size: int) -> None:
    """The ids are the same wherever a block ends, also inside a character or a CRLF."""
    content = text.encode()
    blocks = (content[start : start + block] for start in range(0, len(content), block))
    found = list(pages(ids_from_lines(sound_slices(blocks, "utf-8")), page_size, "file"))
    expected = text.replace("\r\n", "\n").split("\n")
    if not expected[-1]:
        expected.pop()
    assert [recipient for page in found for recipient in page] == expected
    assert all(0 < len(page) <= page_size for page in found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb\n\n", ["a", "", "b", ""]),
        (b"a\r\r\nb\rc\nd\r", ["a\r", "b\rc", "d\r"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", ["a", "\ufeffb"]),
    ],
)
async def test_line_ends(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    """Only a first byte order mark and line ends are removed; a blank line is a blank id."""
    assert await read(read_ids(write(tmp_path, "ids.txt", content))) == expected


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", b"id,x\na,1\nb,2\n", {"column": "id"}),
        ("a.CSV.GZ", b"id,x\na,1\nb,2\n", {"column": "id"}),
        ("a.csv.gz", b"\xef\xbb\xbfid\r\na\r\nb", {"column": "id"}),
        ("a.csv", b'\xef\xbb\xbf"id"\na\nb\n', {"column": "id"}),
        ("a.csv", b"x,a\ny,b\n", {"column": 1}),
        ("a.tsv.gz", b"x\tid\n1\ta\n2\tb\n", {"column": "id"}),
        ("a.txt", b"id\na\nb\n", {"column": "id"}),
        ("a.txt", b"id\na\nb\n", {"column": "id", "format": "csv"}),
        ("a.csv", b'x,id\n"1\r\n2",a\n"\r",b\n', {"column": "id"}),
        ("a.csv", b"x,x,id\n1,1,a\n2,2,b\n", {"column": "id"}),
        ("a.ndjson", b'{"id":"a"}\r\n {"id":"b"} ', {"field": "id"}),
        ("a", b'{"id":"a"}\n{"id":"b"}\n', {"field": "id"}),
        ("a.csv", b"a\nb\n", {"format": "lines"}),
        ("a.txt.gz", b"a\nb\n", {}),
        ("a.txt", "a\r\nb".encode("utf-16"), {"encoding": "utf-16"}),
        ("a.csv", "é\na\nb".encode("cp1252"), {"encoding": "cp1252", "column": "é"}),
    ],
)
async def test_formats(tmp_path: Path, name: str, content: bytes, options: dict[str, Any]) -> None:
    """The format follows from the options and the file's name, also behind .gz."""
    assert await read(read_ids(write(tmp_path, name, content), **options)) == ["a", "b"]


async def test_cells_are_exact(tmp_path: Path) -> None:
    """A cell is passed on as it stands: blanks, quotes, and codes that only resemble numbers."""
    cells = [
        " a ",
        "",
        'say "hi"',
        "12E45",
        "1.5",
        "1E-05",
        "+4912345",
        "0012",
        "x1.23E+11",
        "a\nb",
        "a,b",
    ]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([cell] for cell in ["id", *cells])
    file = read_ids(write(tmp_path, "a.csv", text.getvalue().encode()), column="id")
    assert await read(file) == cells


@pytest.mark.parametrize("content", [b"id,x\n", b"id,x"])
async def test_header_alone(tmp_path: Path, content: bytes) -> None:
    """A CSV file of a header alone holds no ids; nor does an empty one without a header."""
    assert await read(read_ids(write(tmp_path, "a.csv", content), column="id")) == []
    assert await read(read_ids(write(tmp_path, "b.csv", b""), column=0)) == []


async def test_pages(tmp_path: Path) -> None:
    """Pages are lists of page_size ids, the last shorter; a second reading opens the file anew."""
    file = read_ids(write(tmp_path, "a", b"1\n2\n3\n4\n5\n"), page_size=2)
    assert [page async for page in file] == [["1", "2"], ["3", "4"], ["5"]]
    (tmp_path / "a").write_bytes(b"6\n")
    assert [page async for page in file] == [["6"]]


async def test_pages_of_long_ids_are_shorter(tmp_path: Path) -> None:
    """A page of very long ids ends early, so that its size in memory stays bounded."""
    long = "x" * 500_000
    file = read_ids(write(tmp_path, "a", f"{long}\n".encode() * 40))
    sizes = [len(page) async for page in file]
    assert sum(sizes) == 40
    assert max(sizes) * len(long) < 16 * LINE_LIMIT


async def test_memory_is_that_of_a_page(tmp_path: Path) -> None:
    """Reading a file of 12 MB takes the memory of a page, not of the file."""
    ids = (f"user-{number:018}\n" for number in range(500_000))
    file = read_ids(write(tmp_path, "a", "".join(ids).encode()))
    tracemalloc.start()
    try:
        count = sum([len(page) async for page in file])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 500_000
    assert peak < 6_000_000


def test_file_shows_what_it_is(tmp_path: Path) -> None:
    """The object tells its path and its format, and its repr both."""
    path = write(tmp_path, "a.csv", b"")
    file = read_ids(path, column="id")
    assert (file.path, file.format, file.column) == (str(path), "csv", "id")
    assert repr(str(path)) in repr(file)
    assert "column='id'" in repr(file)


# --- Damage ---

long_line = b"x" * (LINE_LIMIT + 1)
good_rows = b"id,note\na,1\nb,2\n"
good_objects = b'{"id":"a"}\n{"id":"b"}\n'
by_column: dict[str, Any] = {"column": "id"}
by_field: dict[str, Any] = {"field": "id"}
unclosed = b'c,"canary-4711\n' + b"d,1\n" * 500_000

damaged = [
    ("a.txt", b"a\nb\ncanary-4711\xff\nd\n", {}, 3, "not utf-8"),
    ("a.txt", b"a\nb\ncanary-4711 \xed\xa0\x80\n", {}, 3, "not utf-8"),
    ("a.txt", b"a\nb\ncanary-4711 \xc3", {}, 3, "not utf-8"),
    ("a.txt", b"\xef\xbb\xbfa\nb\ncanary-4711\xff\n", {}, 3, "not utf-8"),
    ("a.txt", b"a\nb\ncanary-4711\xff\n", {"encoding": "ascii"}, 3, "not ascii"),
    ("a.txt", "a\nb\n".encode("utf-16") + b"\0", {"encoding": "utf-16"}, 3, "not utf-16"),
    ("a.txt", b"a\nb\ncanary-4711\0c\nd\n", {}, 3, "NUL"),
    ("a.txt", b"a\nb\nc\0", {}, 3, "NUL"),
    ("a.txt", b"a\nb\n" + long_line + b"\nd\n", {}, 3, "longer than 1048576"),
    ("a.txt", b"a\nb\n" + long_line * 3, {}, 3, "longer than 1048576"),
    ("a.txt.gz", b"a\nb\n" + long_line * 50, {}, 3, "longer than 1048576"),
    ("a.csv", good_rows + b"canary-4711,\xff\n", by_column, 4, "not utf-8"),
    ("a.csv", good_rows + b"canary-4711\n", by_column, 4, "1 fields where the first record has 2"),
    ("a.csv", good_rows + b"canary-4711,1,2\n", by_column, 4, "3 fields"),
    ("a.csv", good_rows + b"\nc,1\n", by_column, 4, "blank"),
    ("a.csv", good_rows + b'c,"canary-4711\nd,1\n', by_column, 4, "never closed"),
    ("a.csv", good_rows + unclosed, by_column, 4, "never closed"),
    ("a.csv", good_rows + b'c,"canary-4711\nd,"x"\n', by_column, 4, "closing quote"),
    ("a.csv", good_rows + b"c," + b"x" * 140_000 + b"\n", by_column, 4, "limit"),
    ("a.csv", good_rows + b"canary-4711\rd,1\n", by_column, 4, "carriage return"),
    ("a.csv", good_rows + b"c,canary-4711\r\r\n", by_column, 4, "carriage return"),
    ("a.csv", good_rows + b"c,canary-4711\r", by_column, 4, "carriage return"),
    ("a.csv", b'id,x\na,"1\n2"\nb,1\ncanary-4711\n', by_column, 5, "1 fields"),
    ("a.csv", good_rows + b"1.23E+11,x\n", by_column, 4, "scientific notation"),
    ("a.csv", good_rows + b'"1,2e+5",x\n', by_column, 4, "scientific notation"),
    ("a.csv", b"a,1\nb,2\n-1E+11,3\n", {"column": 0}, 3, "scientific notation"),
    ("a.jsonl", good_objects + b'{"id":"canary-4711"\n', by_field, 3, "not JSON"),
    ("a.jsonl", good_objects + b'{"id":"canary-4711","x":NaN}\n', by_field, 3, "not JSON"),
    ("a.jsonl", good_objects + b'{"id":"c"}{"id":"d"}\n', by_field, 3, "not JSON"),
    ("a.jsonl", good_objects + b"[" * 200_000 + b"\n", by_field, 3, "not JSON"),
    ("a.jsonl", good_objects + b'{"id":' + b"9" * 5000 + b"}\n", by_field, 3, "not JSON"),
    ("a.jsonl", good_objects + b"\n" + good_objects, by_field, 3, "blank"),
    ("a.jsonl", good_objects + b'["canary-4711"]\n', by_field, 3, "not a JSON object"),
    ("a.jsonl", good_objects + b'{"ID":"canary-4711"}\n', by_field, 3, "no field 'id'"),
    ("a.jsonl", good_objects + b'{"id":4711}\n', by_field, 3, "an integer: ids are text"),
    ("a.jsonl", good_objects + b'{"id":1.5}\n', by_field, 3, "a number, not"),
    ("a.jsonl", good_objects + b'{"id":true}\n', by_field, 3, "true or false, not"),
    ("a.jsonl", good_objects + b'{"id":null}\n', by_field, 3, "null, not"),
    ("a.jsonl", good_objects + b'{"id":["canary-4711"]}\n', by_field, 3, "a list, not"),
    ("a.jsonl", good_objects + b'{"id":{"x":"canary-4711"}}\n', by_field, 3, "an object, not"),
]


@pytest.mark.parametrize("page_size", [1, 2, 16384])
@pytest.mark.parametrize(("name", "content", "options", "line", "rule"), damaged)
async def test_damage(
    tmp_path: Path, name: str, content: bytes, options: Any, line: int, rule: str, page_size: int
) -> None:
    """Damage is refused by line and rule, after the ids before it, and without quoting any."""
    path = write(tmp_path, name, content)
    found, error = await read_until_damage(read_ids(path, page_size=page_size, **options))
    assert found == ["a", "b"]
    assert f"path {str(path)!r}, line {line}: " in str(error)
    assert rule in str(error)
    assert "4711" not in str(error)
    assert len(str(error)) < 300 + len(str(path))
    assert (error.__cause__, error.__context__) == (None, None)
    assert error.delivery == "not_sent"


heads = [
    ("a.txt", "ä\n".encode("utf-16"), {}, "encoding='utf-16'"),
    ("a.txt", "ä\n".encode("utf-16-be"), {}, "not utf-8|NUL"),
    ("a.txt", b"a\n".decode().encode("utf-16-le"), {}, "NUL.*UTF-16"),
    ("a.txt", gzip.compress(b"a\n", mtime=0), {}, r"gzip data.*\.gz"),
    ("a.csv", b"", by_column, "no column 'id'; it has no names"),
    ("a.csv", b"user,ID\na,b\n", by_column, "no column 'id'; it has 'user', 'ID'$"),
    (
        "a.csv",
        b"id;name\na;b\n",
        by_column,
        "it has 'id;name'; fields must be separated by ',', not ';'",
    ),
    ("a.tsv", b"id,name\na,b\n", by_column, r"it has 'id,name'; fields must be separated by '\\t'"),
    ("a.csv", b"id,x,id\na,b,c\n", by_column, "names column 'id' 2 times"),
    ("a.csv", b"a,b\n", {"column": 2}, "no column 2"),
    ("a.csv", b"\na,b\n", {"column": 0}, "no column 0"),
    ("a.csv", b'"id,x\na,b\n', by_column, "never closed"),
]


@pytest.mark.parametrize(("name", "content", "options", "rule"), heads)
async def test_damage_in_the_first_line(
    tmp_path: Path, name: str, content: bytes, options: Any, rule: str
) -> None:
    """What is wrong with the file as a whole is said of line 1, with the way out."""
    found, error = await read_until_damage(read_ids(write(tmp_path, name, content), **options))
    assert found == []
    assert error.args[0].count(", line 1: ") == 1
    assert re.search(rule, str(error))


@pytest.fixture
def unlimited_csv() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("unlimited_csv")
async def test_unclosed_quote_is_bounded(tmp_path: Path) -> None:
    """A quote never closed does not swallow the file even if the csv module's limit was lifted."""
    path = write(tmp_path, "a.csv", good_rows + unclosed)
    found, error = await read_until_damage(read_ids(path, column="id"))
    assert found == ["a", "b"]
    assert "line 4: the record does not end" in str(error)


@pytest.mark.usefixtures("unlimited_csv")
async def test_long_records_are_not_taken_for_an_unclosed_quote(tmp_path: Path) -> None:
    """Many records, each longer than a block, are read: the bound is on one record."""
    row = b"x," + b"y" * 300_000 + b"\n"
    file = read_ids(write(tmp_path, "a.csv", b"id,note\n" + row * 12), column="id")
    assert await read(file) == ["x"] * 12


def halved(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def without_trailer(packed: bytes) -> bytes:
    return packed[:-8]


def with_wrong_checksum(packed: bytes) -> bytes:
    return packed[:-8] + bytes(8)


def with_flipped_bits(packed: bytes) -> bytes:
    middle = len(packed) // 2
    return (
        packed[:middle]
        + bytes(b ^ 0xFF for b in packed[middle : middle + 50])
        + packed[middle + 50 :]
    )


def with_garbage_behind(packed: bytes) -> bytes:
    return packed + b"garbage"


@pytest.mark.parametrize(
    "harm", [halved, without_trailer, with_wrong_checksum, with_flipped_bits, with_garbage_behind]
)
async def test_damaged_gzip(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    """Damaged gzip data is refused at the line reached; what was unpacked before it is given."""
    lines = [f"user-{n * 7919 % 100_003}" for n in range(100_000)]
    path = tmp_path / "ids.gz"
    path.write_bytes(harm(gzip.compress("\n".join(lines).encode())))
    found, error = await read_until_damage(read_ids(path))
    assert len(found) > 20_000
    assert "gzip data is cut off or damaged" in str(error)
    if harm is not with_flipped_bits:  # Flipped bits may unpack to something before they are seen.
        assert found == lines[: len(found)]
        assert f"line {len(found) + 1}: " in str(error)


@pytest.mark.parametrize("content", [b"", b"plain\n", b"\x1f\x8b\x08"])
async def test_no_gzip(tmp_path: Path, content: bytes) -> None:
    """A file named .gz that is empty, plain or cut in its header is refused."""
    path = tmp_path / "ids.gz"
    path.write_bytes(content)
    found, error = await read_until_damage(read_ids(path))
    assert found == []
    assert repr(str(path)) in str(error)
    assert "gzip" in str(error)


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that fails to be read"
)
async def test_failing_disk() -> None:
    """A read that fails names the file, the line and the system's reason."""
    _, error = await read_until_damage(read_ids("/proc/self/mem"))
    assert "path '/proc/self/mem', line 1: " in str(error)
    assert os.strerror(5) in str(error)


# --- Wrong calls ---


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.csv", {}, "is csv by its name, which needs column="),
        ("a.tsv.gz", {}, "needs column="),
        ("a.jsonl", {}, "is jsonl by its name, which needs field="),
        ("a.json", {}, "needs field="),
        ("a.csv", {"field": "id"}, "needs column="),
        ("a.ndjson.gz", {"column": 0}, "needs field="),
        ("a", {"column": "id", "field": "id"}, "pass one of them"),
        ("a", {"format": "csv"}, "format='csv' needs column="),
        ("a", {"format": "jsonl"}, "format='jsonl' needs field="),
        ("a", {"format": "lines", "column": 0}, "format='lines' takes no column"),
        ("a", {"format": "xml"}, "format must be one of lines, csv, jsonl, not 'xml'"),
        ("a", {"column": -1}, "column must be .* from 0, not -1"),
        ("a", {"page_size": 0}, "page_size must be at least 1, not 0"),
        ("a", {"encoding": "klingon"}, "encoding 'klingon'"),
        ("a", {"encoding": "hex"}, "encoding 'hex'"),
        ("a", {"encoding": "a\0b"}, "encoding"),
    ],
)
def test_wrong_values(tmp_path: Path, name: str, options: dict[str, Any], message: str) -> None:
    """A contradiction or a value out of range is refused by the call, by the argument's name."""
    path = write(tmp_path, name, b"")
    with pytest.raises(ConfigurationError, match=message):
        read_ids(path, **options)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (None, {}),
        (3, {}),
        (b"a", {}),
        ("a", {"column": True}),
        ("a", {"column": 1.0}),
        ("a", {"field": 0}),
        ("a", {"encoding": None}),
        ("a", {"page_size": "9"}),
        ("a", {"page_size": True}),
        ("a", {"delimiter": ";"}),
    ],
)
def test_wrong_types(path: Any, options: dict[str, Any]) -> None:
    """A wrong type or an unknown keyword is a TypeError."""
    with pytest.raises(TypeError):
        read_ids(path, **options)


def test_path_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing, a directory or misnamed is refused by the call."""
    with pytest.raises(ConfigurationError, match=r"path '.*/missing': No such file"):
        read_ids(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="Is a directory"):
        read_ids(tmp_path)
    with pytest.raises(ConfigurationError, match="no file can have such a name"):
        read_ids("a\0b")


def test_permission_denied() -> None:
    """A file that we may not read is refused by the call."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = write(Path(folder), "secret", b"a\n")
        path.chmod(0)
        with as_nobody(), pytest.raises(ConfigurationError, match="secret': Permission denied"):
            read_ids(path)


def test_fifo_is_not_opened_by_the_call(tmp_path: Path) -> None:
    """The call does not wait for a fifo's writer."""
    os.mkfifo(tmp_path / "fifo")
    script = "import sys; from pushwoosh_async.sources import read_ids; read_ids(sys.argv[1])"
    command = [sys.executable, "-c", script, str(tmp_path / "fifo")]
    subprocess.run(command, check=True, timeout=30)  # noqa: S603 -- our own interpreter


async def test_file_gone_since_the_call(tmp_path: Path) -> None:
    """A file that has gone since the call is refused when iteration starts."""
    path = write(tmp_path, "a", b"a\n")
    file = read_ids(path)
    path.unlink()
    _, error = await read_until_damage(file)
    assert "No such file" in str(error)


# --- Standard input ---

SCRIPT = """
import asyncio, sys
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.sources import read_ids

async def main():
    print([i async for page in read_ids("-", **eval(sys.argv[1])) for i in page])
    try:
        async for page in read_ids("-"): print(page)
    except ConfigurationError as error:
        print(error)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("content", "options"),
    [("é\nb", {}), ("id\né\nb\n", {"column": "id"}), ('{"id":"é"}\n{"id":"b"}\n', {"field": "id"})],
)
def test_standard_input(content: str, options: dict[str, str]) -> None:
    """`-` reads standard input, once: a second reader is told so rather than finding no ids."""
    command = [sys.executable, "-X", "utf8", "-W", "error", "-c", SCRIPT, repr(options)]
    done = subprocess.run(  # noqa: S603 -- our own interpreter
        command, input=content.encode(), capture_output=True, check=False
    )
    assert done.stderr == b""
    first, second = done.stdout.decode().splitlines()
    assert first == "['é', 'b']"
    assert second == "path '-': standard input was read before; it can be read once"


async def test_damaged_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage in standard input is said of it by that name."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\0\n")))
    found, error = await read_until_damage(read_ids(Path("-")))
    assert found == ["a"]
    assert str(error).startswith("standard input, line 2: ")


@pytest.mark.parametrize("stdin", [None, io.StringIO("a")])
async def test_no_standard_input(monkeypatch: pytest.MonkeyPatch, stdin: Any) -> None:
    """A process without a standard input of bytes is told so."""
    monkeypatch.setattr(sys, "stdin", stdin)
    _, error = await read_until_damage(read_ids("-"))
    assert "no standard input" in str(error)


# --- The file is always closed ---


@needs_proc
async def test_file_is_open_only_while_read(tmp_path: Path) -> None:
    """Nothing is open before the first page and after the last; two readers hold two files."""
    path = write(tmp_path, "a", b"1\n2\n")
    file = read_ids(path, page_size=1)
    assert not is_open(path)
    async with aclosing(iterator(file)) as first, aclosing(iterator(file)) as second:
        assert await anext(first) == ["1"]
        assert is_open(path)
        assert [page async for page in second] == [["1"], ["2"]]
        assert await anext(first) == ["2"]
        assert await anext(first, None) is None
        assert not is_open(path)


def iterator(file: IdFile) -> AsyncGenerator[list[str], None]:
    return aiter(file)


@needs_proc
@pytest.mark.parametrize("name", ["a", "a.gz"])
async def test_early_exit(tmp_path: Path, name: str) -> None:
    """Leaving early closes the file, at once with aclosing and soon without."""
    path = write(tmp_path, name, b"1\n2\n3\n")
    async with aclosing(iterator(read_ids(path, page_size=1))) as opened:
        await anext(opened)
        assert is_open(path)
    assert not is_open(path)
    async for _ in read_ids(path, page_size=1):
        break
    await anyio.wait_all_tasks_blocked()
    assert not is_open(path)


@needs_proc
async def test_damage_closes(tmp_path: Path) -> None:
    """A damaged file is closed although its error is kept."""
    path = write(tmp_path, "a", b"1\n\xff\n")
    _, error = await read_until_damage(read_ids(path))
    assert "line 2" in str(error)
    assert not is_open(path)


@contextmanager
def fifo(path: Path) -> Iterator[int]:
    """Both ends of a fifo in one descriptor, so that a reader waits for more until it is closed."""
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)
    try:
        yield both
    finally:
        os.close(both)


def holds_bytes(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def wait_until_no_reader(writer: int) -> None:
    watch = select.poll()
    watch.register(writer, 0)
    assert watch.poll(10_000) == [(writer, select.POLLERR)]


@needs_proc
@pytest.mark.parametrize("how", ["task", "scope"])
async def test_cancelled_while_a_thread_reads(tmp_path: Path, how: str) -> None:
    """A cancellation does not wait for a read that blocks; the thread closes the file behind it."""
    path = tmp_path / "fifo"
    given: list[str] = []
    scope = anyio.CancelScope()

    async def consume() -> None:
        with scope:
            async for page in read_ids(path, page_size=1):
                given.extend(page)

    with fifo(path) as both, anyio.fail_after(10):
        os.write(both, b"1\n")
        task = asyncio.create_task(consume())
        while not given:
            await anyio.lowlevel.checkpoint()
        os.write(both, b"2")
        while holds_bytes(both):  # Once it is taken, a thread waits for the rest of the line.
            await anyio.lowlevel.checkpoint()
        cancel = task.cancel if how == "task" else scope.cancel
        cancel()
        await asyncio.wait([task])
        assert times_open(path) == 2
        writer = os.open(path, os.O_WRONLY)
    os.write(writer, b"\n")
    wait_until_no_reader(writer)
    os.close(writer)
    assert given == ["1"]
