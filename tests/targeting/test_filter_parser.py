"""The parser: the vendor's own texts, precedence, errors with their place, and junk."""

from typing import Any

import pytest
import second_reader
from filter_trees import CODES, FILTER_TEXTS, NAMES, TESTS, TEXTS, TREES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pushwoosh_async.errors import ConfigurationError, FilterSyntaxError
from pushwoosh_async.targeting.applications import App, AppGroup
from pushwoosh_async.targeting.days import days_ago
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import MAX_NESTING, Filter
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import DateTag, IntegerTag, ListTag, StringTag, Tag

X, Y, Z, W = (IntegerTag(name).eq(1) for name in "xyzw")
PLATFORMS = ["iOS", "Android", "OsX", "Windows", "Amazon", "Safari", "Chrome", "Firefox"]
OPEN = "Last Application Open"


VENDORS_A = (  # ES:828
    'A("XXXXX-XXXXX", ["iOS", "Android", "OsX", "Windows", "Amazon", "Safari", "Chrome", "Firefox"])'
)


# -- what the vendor prints --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (VENDORS_A, App("XXXXX-XXXXX", platforms=PLATFORMS)),
        ('T("Age", IN, [17,20])', IntegerTag("Age").in_(17, 20)),  # ES:841
        ('T ("Age", EQ, 30)', IntegerTag("Age").eq(30)),  # ES:868
        (  # ES:870
            'T ("favorite_color", IN, ["red","green","blue"])',
            StringTag("favorite_color").in_("red", "green", "blue"),
        ),
        ('T ("Name", NOTSET, "")', StringTag("Name").notset()),  # ES:872
        ('T ("Level", EQ, 14)', IntegerTag("Level").eq(14)),  # ES:894
        ('T ("Level", BETWEEN, [1,5])', IntegerTag("Level").between(1, 5)),  # ES:896, mended
        ('T ("Level", GTE, 29)', IntegerTag("Level").gte(29)),  # ES:898
        (  # ES:908
            'T("Category", IN, ["breaking_news","business","politics"])',
            ListTag("Category").in_("breaking_news", "business", "politics"),
        ),
        (  # ES:926
            'AT("7777D-322A7","Last Application Open", BETWEEN, ["2022-02-28", "2022-03-02"])',
            App("7777D-322A7").tag(DateTag(OPEN).between("2022-02-28", "2022-03-02")),
        ),
        (  # ES:928, with the English that is on the wire
            'AT("7777D-322A7","Last Application Open", GTE, "90 days ago")',
            App("7777D-322A7").tag(DateTag(OPEN).gte(days_ago(90))),
        ),
        (  # ES:939
            'A("12345-12345") \\ A("67890-67890")',
            App("12345-12345") - App("67890-67890"),
        ),
        (  # ES:772, out of its JSON
            'A("AAAAA-BBBBB") * T("City", EQ, "Paris")',
            App("AAAAA-BBBBB") & StringTag("City").eq("Paris"),
        ),
        ('G("group", ["iOS"])', AppGroup("group", platforms=["iOS"])),  # BLOG
        ('A("12345-12345", ["IOS", "OSX"])', App("12345-12345", platforms=["iOS", "OsX"])),  # PY
        ('T("Subscribed", EQ, 1)', TagTest("Subscribed", "EQ", 1)),  # PY
        ('T("City", eq, "Tokyo")', StringTag("City").eq("Tokyo")),  # D-flt
        (
            'T("Timezone", BETWEEN, ["UTC-12:00","UTC+14:00"])',  # D-flt
            Tag("Timezone").between("UTC-12:00", "UTC+14:00"),
        ),
    ],
)
def test_examples_of_the_vendor_are_read(text: str, tree: Filter) -> None:
    """Each example on record gives the tree that its words describe."""
    assert parse_filter(text) == tree


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r\n", "\u00a0", " \n "])
def test_blanks_may_stand_anywhere_between_the_parts(blank: str) -> None:
    """Before, after and between; not inside a number or a text."""
    parts = ["", "(", "AT", "(", '"AAAAA-BBBBB"', ",", '"x y"', ",", "IN", ",", "[", "-1", ",", "2"]
    parts += ["]", ")", "+", "T", "(", '"z"', ",", "NOTSET", ",", '""', ")", ")", ""]
    tree = App("AAAAA-BBBBB").tag(IntegerTag("x y").in_(-1, 2)) | Tag("z").notset()
    assert parse_filter(blank.join(parts)) == tree
    assert parse_filter("".join(parts)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("X + Y * Z", (X | Y) & Z),
        ("X * Y + Z", (X & Y) | Z),
        ("X + Y * Z \\ W", (X | Y) & (Z - W)),
        ("X \\ Y \\ Z", (X - Y) - Z),
        ("X \\ (Y \\ Z)", X - (Y - Z)),
        ("X \\ Y + Z \\ W", (X - Y) | (Z - W)),
        ("X + Y \\ Z + W", (X | (Y - Z)) | W),
        ("X + (Y + Z)", X | (Y | Z)),
        ("(X + Y) + Z", X | Y | Z),
        ("X \\ (Y * Z)", X - (Y & Z)),
        ("(X + Y) \\ Z", (X | Y) - Z),
        ("((X)) * (((Y)))", X & Y),
        ("X + Y * Z + W", ((X | Y) & Z) | W),
    ],
)
def test_difference_binds_tighter_and_the_others_are_equal(text: str, tree: Filter) -> None:
    r"""``\`` before ``+`` and ``*``, which go from left to right. api.md 2.3."""
    for letter, term in zip("XYZW", (X, Y, Z, W), strict=True):
        text = text.replace(letter, str(term))
    assert parse_filter(text) == tree


# -- round trips -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(TREES)
def test_the_text_of_a_tree_is_read_as_that_tree(tree: Filter) -> None:
    """By the parser and by a second reader; and the text is the same again."""
    text = str(tree)
    assert parse_filter(text) == tree
    assert second_reader.read(text) == tree
    assert str(parse_filter(text)) == text


@settings(deadline=None)
@given(FILTER_TEXTS)
def test_a_second_reader_agrees(text: str) -> None:
    """Whatever the parentheses and blanks, two readers that share no code see one tree."""
    tree = parse_filter(text)
    assert tree == second_reader.read(text)
    assert parse_filter(str(tree)) == tree


@settings(deadline=None)
@given(NAMES, TEXTS, CODES)
@example("T", ") + A(", "aaaaa-bbbbb")
@example("a\u2028b", "\u200f\U0001f600 [,]", "00000-zzzzz")
def test_accepted_names_and_values_survive(name: str, value: str, code: str) -> None:
    """Nothing of a text is stripped, folded or taken for a part of the language."""
    parsed = parse_filter(str(App(code).tag(StringTag(name).in_(value, name))))
    assert parsed == App(code).tag(StringTag(name).in_(value, name))
    assert str(parsed).count(name) >= 2


@settings(deadline=None)
@given(TESTS)
def test_a_parsed_test_has_no_type(test: TagTest) -> None:
    """The text does not show it, so no operand of a condition is guessed from it."""
    parsed = parse_filter(str(test))
    assert isinstance(parsed, TagTest)
    assert parsed.tag_type is None
    assert not parsed.is_strict("filter")


# -- errors ----------------------------------------------------------------------------------------

TERMS = ("A", "T", "AT", "G", "'('")
OPERATORS = ("EQ", "NOTEQ", "IN", "NOTIN", "GTE", "LTE", "BETWEEN", "NOTSET", "ANY")
TEXT, INTEGER = "a text in double quotes", "an integer"
GO_ON = ("'+'", "'*'", "'\\'")


@pytest.mark.parametrize(
    ("text", "place", "expected", "complaint"),
    [
        ("", (1, 1), TERMS, "expected A, T, AT, G or '(', found the end"),
        (" \n ", (1, 1), TERMS, "found the end"),
        ('T("x",EQ,1) +\n\n', (1, 14), TERMS, "found the end"),
        ('T("x",EQ,1) + * T("x",EQ,1)', (1, 15), TERMS, "found '*'"),
        ('B("x")', (1, 1), TERMS, "found 'B'"),
        ('"A"', (1, 1), TERMS, "found '\"A\"'"),
        ("()", (1, 2), TERMS, "found ')'"),
        ("(", (1, 2), TERMS, "found the end"),
        (")", (1, 1), TERMS, "found ')'"),
        ("A", (1, 2), ("'('",), "expected '(', found the end"),
        ('T("x",EQ,1', (1, 11), ("')'",), "expected ')', found the end"),
        ('T("x",EQ,1))', (1, 12), (*GO_ON, "the end"), "'\\' or the end, found ')'"),
        ('(T("x",EQ,1)', (1, 13), (*GO_ON, "')'"), "found the end"),
        ('T("x",EQ,1) T("x",EQ,1)', (1, 13), (*GO_ON, "the end"), "found 'T'"),
        ('T("x",EQ,1)\n  - T("x",EQ,1)', (2, 3), (*GO_ON, "the end"), "found '-'"),
        ('T("x",EQ,1)\r\n|', (2, 1), (*GO_ON, "the end"), "found '|'"),
        ('T("x" EQ, 1)', (1, 7), ("','",), "found 'EQ'"),
        ('T("x",EQUALS,1)', (1, 7), OPERATORS, "NOTSET or ANY, found 'EQUALS'"),
        ('T("x","EQ",1)', (1, 7), OPERATORS, "found '\"EQ\"'"),
        ("T(Age, EQ, 1)", (1, 3), (TEXT,), "found 'Age'"),
        ('T("x",EQ,)', (1, 10), (INTEGER, TEXT), "found ')'"),
        ('T("x",EQ,true)', (1, 10), (INTEGER, TEXT), "found 'true'"),
        ('T("x",EQ,[1])', (1, 10), (INTEGER, TEXT), "found '['"),
        ('T("x",EQ,- 1)', (1, 10), (INTEGER, TEXT), "found '-'"),
        ('T("x",EQ,1.5)', (1, 11), ("')'",), "found '.'"),
        ('T("x",EQ,٣)', (1, 10), (INTEGER, TEXT), "found '٣'"),
        ('T("x",EQ,1e5)', (1, 11), ("')'",), "found 'e'"),
        ('T("x",IN,1)', (1, 10), ("'['",), "expected '[', found '1'"),
        ('T("x",IN,[])', (1, 11), (INTEGER, TEXT), "found ']'"),
        ('T("x",IN,[1,])', (1, 13), (INTEGER, TEXT), "found ']'"),
        ('T("x",IN,[1 2])', (1, 13), ("','", "']'"), "found '2'"),
        ('T("x",NOTSET)', (1, 13), ("','",), "found ')'"),
        ('T("x",NOTSET,"y")', (1, 14), ('""',), 'expected "", found \'"y"\''),
        ('T("x",ANY,1)', (1, 11), ('""',), "found '1'"),
        ('A("AAAAA-BBBBB",)', (1, 17), ("'['",), "found ')'"),
        ('A("AAAAA-BBBBB",[])', (1, 18), (TEXT,), "found ']'"),
        ('A("AAAAA-BBBBB",[1])', (1, 18), (TEXT,), "found '1'"),
        ('A("AAAAA-BBBBB" "x")', (1, 17), ("','", "')'"), "found '\"x\"'"),
        ('A("AAAAA-BBBBB",["x"],["x"])', (1, 22), ("')'",), "found ','"),
        ("T(“x”,EQ,1)", (1, 3), (TEXT,), "found '“'; quotes must be straight and double"),
        ("T('x',EQ,1)", (1, 3), (TEXT,), "quotes must be straight and double"),
        ('T("x', (1, 3), (TEXT,), "the text is not closed"),
        # what the seed misprints
        ('T ("Level", BETWEEN, [1,5)', (1, 26), ("','", "']'"), "expected ',' or ']', found ')'"),
        ('T (\\"Name", NOTSET, \\"\\")', (1, 4), (TEXT,), "belongs to JSON: take it out"),
        ('T ("Name\\", NOTSET, \\"\\")', (1, 9), (), "a text must not hold backslashes"),
        ('T("x", EQ, \\"\\")', (1, 12), (INTEGER, TEXT), "belongs to JSON: take it out"),
        # the form is right, a value is not
        ('A("AAAAA")', (1, 3), (), "application: must be a code of the form XXXXX-XXXXX"),
        ('AT("AAAAA", "x", EQ, 1)', (1, 4), (), "application: must be a code"),
        ('A("AAAAA-BBBBB", [" "])', (1, 18), (), "platforms: must not be empty"),
        ('G("")', (1, 3), (), "group: must not be empty"),
        ('T(" ", EQ, 1)', (1, 3), (), "tag: must not be empty"),
        ('T("a\nb", EQ, 1)', (1, 5), (), "must not hold backslashes or control characters"),
        ('T("x", EQ, "\x00")', (1, 13), (), "must not hold backslashes or control characters"),
        ('T("x", EQ, "\ud800")', (1, 13), (), "must not hold backslashes or control characters"),
        ('T("x", EQ, 9223372036854775808)', (1, 12), (), "x EQ: must fit 64 bits"),
        ('T("x", EQ, -9223372036854775809)', (1, 12), (), "x EQ: must fit 64 bits"),
        (f'T("x", IN, [1, {"9" * 5000}])', (1, 16), (), "an integer must fit 64 bits"),
        ('T("x", BETWEEN, [1])', (1, 17), (), "x BETWEEN: takes exactly two bounds, not 1"),
        ('T("x", BETWEEN, [1, 2, 3])', (1, 17), (), "x BETWEEN: takes exactly two bounds, not 3"),
        ('T("x", BETWEEN, [2, 1])', (1, 17), (), "x BETWEEN: the first bound must not be above"),
    ],
)
def test_errors_name_the_place_and_what_could_stand_there(
    text: str, place: tuple[int, int], expected: tuple[str, ...], complaint: str
) -> None:
    """Line and column from 1, in the attributes and in the message."""
    with pytest.raises(FilterSyntaxError) as caught:
        parse_filter(text)
    error = caught.value
    assert (error.line, error.column) == place
    assert error.expected == expected
    first = str(error).split("\n")[0]
    assert first.startswith(f"line {place[0]}, column {place[1]}: ")
    assert complaint in first
    assert error.__context__ is None
    assert isinstance(error, ConfigurationError)
    assert error.delivery == "not_sent"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('T("Level", BETWEEN, [1,5)', ['  T("Level", BETWEEN, [1,5)', "  " + " " * 24 + "^"]),
        ("A", ["  A", "   ^"]),
        ("", ["  ", "  ^"]),
        ('T("x",\n\tEQ, 1) x\ny', ["   EQ, 1) x", "          ^"]),
        ('T("x\x1b[31m",EQ,1)', ['  T("x?[31m",EQ,1)', "      ^"]),
        (
            "A" + "(" * 100 + "x" + "y" * 100,
            ["  A" + "(" * 37, "    ^"],
        ),
        (
            "(" * 100 + "x" + "+" * 100,
            ["  ..." + "(" * 36 + "x" + "+" * 35, "     " + " " * 36 + "^"],
        ),
    ],
)
def test_a_caret_stands_below_the_place(text: str, lines: list[str]) -> None:
    """The line is shown round the place, with nothing in it that a terminal would obey."""
    with pytest.raises(FilterSyntaxError) as caught:
        parse_filter(text)
    assert str(caught.value).split("\n")[1:] == lines


@pytest.mark.parametrize("wrong", [None, 5, b'A("AAAAA-BBBBB")', App("AAAAA-BBBBB")])
def test_only_a_text_is_parsed(wrong: Any) -> None:
    """A wrong type is a plain TypeError."""
    with pytest.raises(TypeError, match="filter: must be a str, not "):
        parse_filter(wrong)


# -- junk ------------------------------------------------------------------------------------------

_PIECES = [
    *"()[],+*\\\"'",
    "A",
    "T",
    "AT",
    "G",
    "EQ",
    "IN",
    "BETWEEN",
    "NOTSET",
    "any",
    '""',
    '"x"',
]
_PIECES += ["1", "-", "-7", "9" * 30, "\n", " ", "\t", "\x00", "\ud800", "“", "é", "٣", "A(", "T("]
_PIECES += ['A("AAAAA-BBBBB")', 'T("x", EQ, 1)', 'T("x", IN, [', 'T("x", NOTSET, ', '"AAAAA-BBBBB"']
JUNK = st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=25).map("".join)


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """Draw a valid filter with a few characters taken out, put in or exchanged."""
    text = draw(TREES.map(str) | FILTER_TEXTS)
    for _ in range(draw(st.integers(1, 3))):
        left = draw(st.integers(0, len(text)))
        right = min(len(text), left + draw(st.integers(0, 3)))
        text = text[:left] + draw(st.sampled_from(["", *_PIECES])) + text[right:]
    return text


def assert_points_into(text: str, error: FilterSyntaxError) -> None:
    """Check that an error's place lies in the text, and that its message shows it and can be printed."""
    lines = [*text.split("\n"), ""]
    assert 1 <= error.line < len(lines)
    line, message = lines[error.line - 1], str(error)
    assert 1 <= error.column <= len(line) + 1
    assert message.replace("\n", "").isprintable()
    _, excerpt, caret = message.split("\n")
    assert caret.strip() == "^"
    assert len(caret) <= len(excerpt) + 1
    place = line[error.column - 1 : error.column]
    # A blank at the end of the line is cut off.
    shown = excerpt[len(caret) - 1 : len(caret)]
    assert not place.isprintable() or place == shown or (place.isspace() and not shown)


@settings(deadline=None)
@given(JUNK | mutants() | st.text())
@example(" ")
def test_junk_is_a_filter_or_a_syntax_error(text: str) -> None:
    """Nothing else."""
    try:
        tree = parse_filter(text)
    except FilterSyntaxError as error:
        assert_points_into(text, error)
    else:
        assert parse_filter(str(tree)) == tree


@pytest.mark.parametrize("sign", ["(", ")", "[", '"', "A(", "+", "\\", "9", "-", "T", "\n", "\x00"])
def test_long_junk_is_an_error_too(sign: str) -> None:
    """A hundred thousand of anything exhaust neither the stack nor the limit of digits."""
    for text in (sign * 100_000, f'T("x", EQ, {sign * 100_000}'):
        with pytest.raises(FilterSyntaxError) as caught:
            parse_filter(text)
        assert len(str(caught.value)) < 500


def test_needless_parentheses_do_not_count() -> None:
    """A library that writes them round every pair, as the vendor's own does, is read all the same."""
    term = str(X)
    assert parse_filter("(" * 50_000 + term + ")" * 50_000) == X
    chain = parse_filter("(" * 500 + term + f" + {term})" * 500)
    assert str(chain) == " + ".join([term] * 501)


# Operators that alternate nest leftwards, parentheses on the right rightwards. The 52nd operator is
# the first that goes too deep, seen where its right operand ends.
ALTERNATING = str(X) + f" + {X} * {X}" * 30
RIGHTWARDS = f"{X} + (" * 60 + str(X)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (ALTERNATING, len(f"{X} + " * 53) - 1),
        (str(X) + f" + {X} * {X}" * 26, len(f"{X} + " * 53) - 2),  # the end
        (f"({ALTERNATING})", len(f"{X} + " * 53)),
        (RIGHTWARDS + ")" * 60, len(RIGHTWARDS) + 53),
    ],
)
def test_a_tree_beyond_the_limit_is_an_error_of_the_text(text: str, column: int) -> None:
    """With the place at which it goes too deep."""
    rule = f"filter: must not be nested more than {MAX_NESTING} deep"
    with pytest.raises(FilterSyntaxError, match=rule) as caught:
        parse_filter(text)
    assert caught.value.column == column
