"""Does the filter parser survive any text? What it takes, a second reader must take for the same."""

from second_reader import read

from pushwoosh_async import Filter, FilterSyntaxError, explain, parse_filter
from pushwoosh_async.cli.complaints import misread_filter
from pushwoosh_async.targeting.literals import UNQUOTABLE
from pushwoosh_async.targeting.tag_test import TagTest

_DEEP = 2_000  # Python's own parser, which is the second reader, knows a limit


def read_filter(data: bytes) -> str:
    """Parse a text, half surrogates and all."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        tree = parse_filter(text)
    except FilterSyntaxError as error:
        _check_place(error, text)
        return type(error).__name__
    _check_tree(tree)
    return "read"


def _check_tree(tree: Filter) -> None:
    text = str(tree)
    assert parse_filter(text) == tree
    assert str(parse_filter(text)) == text
    assert len(text) > _DEEP or read(text) == tree
    assert explain(tree)
    assert isinstance(tree.bounded, bool)
    if isinstance(tree, TagTest):
        assert tree.as_condition()[0] == tree.name


def _check_place(error: FilterSyntaxError, text: str) -> None:
    """A person is pointed at a place that is there, and shown nothing that a terminal obeys."""
    lines = text.split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    complaint, excerpt, caret = str(error).split("\n")
    assert not any(
        UNQUOTABLE.search(part.replace('"', "").replace("\\", "")) for part in (excerpt, caret)
    )
    assert caret.strip() == "^"
    assert len(complaint) < 500
    misread_filter("--filter", error)


FILTER_TOKENS = (
    b'T("Age", GTE, 20)',
    b'T("Age", BETWEEN, [1, 2])',
    b'T("City", IN, ["a", "b"])',
    b'T("City", NOTSET, "")',
    b'T("Day", EQ, "2020-01-31")',
    b'A("AAAAA-BBBBB")',
    b'A("AAAAA-BBBBB", ["iOS", "android"])',
    b'AT("AAAAA-BBBBB", "Age", EQ, 1)',
    b'G("AAAAA-BBBBB")',
    b" + ",
    b" * ",
    b" \\ ",
    b"(",
    b")",
    b"[",
    b"]",
    b",",
    b'"',
    b"\n",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"NOTIN",
    b"ANY",
    b"\xe2\x80\x9c",
    b"\xed\xa0\x80",
    b"\x00",
)
