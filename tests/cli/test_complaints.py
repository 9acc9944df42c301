"""An error becomes one line that names the option and the rule."""

import pytest

from pushwoosh_async import FilterSyntaxError
from pushwoosh_async.cli.complaints import complain, in_options, misread_filter, printable
from pushwoosh_async.cli.words import joined

NAMES = {
    "chunk_size": "--chunk-size",
    "path": "--users",
    "format": "--format",
    "column": "--column",
    "users": "--users",
    "retry.window": "--window",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chunk_size: must be 1 to 1000, got 0", "--chunk-size: must be 1 to 1000, got 0"),
        ("path 'a.csv', line 3: a quote", "--users 'a.csv', line 3: a quote"),
        ("format='csv' needs column=", "--format 'csv' needs --column"),
        ("which needs column=; pass format= if", "which needs --column; pass --format if"),
        ("users[1999]: an id must not be empty", "--users: id 2,000: an id must not be empty"),
        ("retry.window: too long", "--window: too long"),
        ("users.first: too long", "--users.first: too long"),
        ("retry.other: too long", "retry.other: too long"),
        ("unknown: a rule, and other=3", "unknown: a rule, and other=3"),
        ("pathological: not an argument", "pathological: not an argument"),
    ],
)
def test_arguments_are_named_as_options(text: str, expected: str) -> None:
    """What the library calls an argument is called as the user typed it."""
    assert in_options(text, NAMES) == expected


def test_what_a_terminal_would_obey_is_written_out() -> None:
    """Escape sequences, direction marks and lone surrogates are shown, not sent."""
    assert printable("a\x1b[31m\u202e\udcffé€") == r"a\x1b[31m\u202e\udcffé€"


def test_a_complaint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the text holds."""
    complain("first\nsecond\x1b[2J")
    assert capsys.readouterr().err == "pushwoosh-async: first second\\x1b[2J\n"


def test_the_lines_below_a_complaint_stand_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The caret stays under its place, and what a terminal would obey is written out."""
    error = FilterSyntaxError("line 1, column 3: no\n  ab\x1b\n    ^", line=1, column=3)
    misread = misread_filter("--filter", error)
    complain(str(misread), misread.below)
    shown = "pushwoosh-async: --filter: line 1, column 3: no\n  ab\\x1b\n    ^\n"
    assert capsys.readouterr().err == shown


def test_what_is_added_to_an_error_is_a_sentence_of_its_own() -> None:
    """With one full stop before it, not two."""
    assert joined("An id is not accepted.", ["Try again"]) == "An id is not accepted. Try again"
    assert joined("refused", ["Twice.", "So it is."]) == "refused. Twice. So it is."
    assert joined("alone.", []) == "alone."
