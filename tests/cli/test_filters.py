"""``filter check``, ``filter explain`` and ``filter format``: a text, read without asking the API."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import explain, parse_filter
from pushwoosh_async.cli.app import run

from .conftest import Shell
from .shell import finish, start

LOOSE = 'a ("AAAAA-BBBBB") + AT("CCCCC-DDDDD", "x", eq, 1)\n * T("Age", between, [1,5])'
TIDY = str(parse_filter(LOOSE))
TAG = 'T("A(", EQ, "AAAAA-BBBBB")'


def test_a_filter_that_is_right(shell: Shell) -> None:
    """The applications that it names, and whether it keeps to them."""
    result = shell(None, "filter", "check", f'A("AAAAA-BBBBB") * ({TAG} + G("GGGGG-GGGGG"))')
    assert (result.code, result.err) == (0, "")
    rows = [line.split(maxsplit=1) for line in result.out.splitlines()]
    assert rows == [
        ["syntax", "right"],
        ["names", "AAAAA-BBBBB, GGGGG-GGGGG"],
        ["bounded", "yes, to applications that it names"],
    ]


def test_a_filter_that_reaches_the_whole_account(shell: Shell) -> None:
    """That is said, and is no error here."""
    result = shell(None, "filter", "check", TAG)
    assert result.code == 0
    assert "no: reaches every application of the account" in result.out
    assert "no application" in result.out


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (LOOSE, {"bounded": True, "applications": ["AAAAA-BBBBB", "CCCCC-DDDDD"]}),
        (f'A("AAAAA-BBBBB") * {TAG}', {"bounded": True, "applications": ["AAAAA-BBBBB"]}),
        (f'{TAG} \\ A("AAAAA-BBBBB")', {"bounded": False, "applications": ["AAAAA-BBBBB"]}),
    ],
)
def test_a_check_for_machines(shell: Shell, text: str, document: dict[str, object]) -> None:
    """The same in one object."""
    assert shell(None, "filter", "check", text, "--json").document == document


def test_the_explanation(shell: Shell) -> None:
    """As the library gives it."""
    assert shell(None, "filter", "explain", LOOSE).out == explain(LOOSE) + "\n"
    found = shell(None, "filter", "explain", LOOSE, "--json").document
    assert found == {"explanation": explain(LOOSE)}


def test_the_canonical_form(shell: Shell) -> None:
    """Which is its own canonical form."""
    assert shell(None, "filter", "format", LOOSE).out == TIDY + "\n"
    assert shell(None, "filter", "format", TIDY, "--json").document == {"filter": TIDY}


@pytest.mark.parametrize("command", ["check", "explain", "format"])
class TestWrongText:
    """What is no filter is exit code 2, with the place under a caret."""

    def test_the_place(self, shell: Shell, command: str) -> None:
        """In the line that it is in."""
        result = shell(None, "filter", command, 'A("AAAAA-BBBBB") *\nT("Age" EQ, 20)')
        assert (result.code, result.out) == (2, "")
        first, text, caret = result.err.splitlines()
        assert first.startswith("pushwoosh-async: TEXT: line 2, column 9: expected ','")
        assert text.endswith('T("Age" EQ, 20)')
        assert text[caret.index("^") :].startswith("EQ")

    def test_what_a_terminal_would_obey(self, shell: Shell, command: str) -> None:
        """It is not sent, and the caret stays in its place."""
        result = shell(None, "filter", command, '\x1b[31m A("AAAAA-BBBBB")')
        assert result.code == 2
        assert "\x1b" not in result.err
        _, text, caret = result.err.splitlines()
        assert len(caret) <= len(text)

    def test_standard_input(self, command: str) -> None:
        """A filter of any number of lines; bytes that are no text are refused."""
        good = finish(start("filter", command, "-"), stdin=LOOSE)
        assert (good.code, good.err) == (0, "")
        bad = start("filter", command, "-")
        assert bad.stdin
        os.write(bad.stdin.fileno(), b"\xff")
        result = finish(bad)
        assert result.code == 2
        assert result.complaint == "TEXT '-': must be text in UTF-8"

    def test_no_text(self, shell: Shell, command: str) -> None:
        """An empty one, or none at all."""
        for blank in ("", " \n"):
            empty = shell(None, "filter", command, blank)
            assert (empty.code, empty.complaint) == (2, "TEXT: is empty")
        assert "TEXT" in shell(None, "filter", command).complaint


@pytest.mark.parametrize("command", ["check", "explain", "format"])
def test_a_wrong_text_for_machines(shell: Shell, command: str) -> None:
    """The place in numbers, and what was expected there; the exit code is 2 all the same."""
    result = shell(None, "filter", command, 'T("Age" EQ, 20)', "--json")
    assert result.code == 2
    assert result.document["line"] == 1
    assert result.document["column"] == 9
    assert result.document["expected"] == ["','"]
    assert result.document["error"].startswith("TEXT: line 1, column 9: ")
    assert result.err.count("\n") == 3


@given(st.text(st.sampled_from('AT("AAAAA-BBBBB"),[] EQ+*\\1\n\x1b'), max_size=30))
def test_no_text_makes_it_stumble(text: str) -> None:
    """It is a filter or bad input, never an error of the program."""
    assert run(["filter", "check", "--", text]) in {0, 2}
