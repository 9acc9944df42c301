"""The page of adversity: whole, of this book's rows, and of tests that exist."""

import ast
import re
from functools import cache

from adversity.entry import Entry, joined
from adversity.page import PAGE, kept, page
from adversity.rows import PARTS, ROWS
from adversity.story import SENDING, Story

TESTS = PAGE.parents[1] / "tests"
MATRIX = {"N": 33, "S": 22, "P": 29, "I": 22}


@cache
def told() -> dict[str, list[str]]:
    """Return the cells of each row of the page, by its number."""
    lines = [line.strip("| ") for line in PAGE.read_text("utf-8").splitlines() if line[:1] == "|"]
    cells = [re.split(r" (?<!\\)\| ", line) for line in lines]
    return {row[0]: row for row in cells if row[0] in ROWS}


def test_the_book_has_every_row_of_the_matrix() -> None:
    """33 of the network, 22 of the server, 29 of processes, 22 of inputs: each by its number, once."""
    numbers = [row.number for rows in PARTS.values() for row in rows]
    assert len(numbers) == len(set(numbers))
    for letter, count in MATRIX.items():
        ours = {number for number in numbers if number[0] == letter}
        assert ours == {f"{letter}{each}" for each in range(1, count + 1)}


def test_the_page_tells_of_every_row_in_its_present_words() -> None:
    """A row that was added or reworded since needs another `make adversity`."""
    assert list(told()) == list(ROWS)
    for number, row in ROWS.items():
        assert told()[number][1] == f"{row.fault}. *{row.expected}*".replace("|", "\\|")


def test_the_page_is_what_the_book_says() -> None:
    """Nothing in it was changed by hand."""
    assert page(*kept()) == PAGE.read_text("utf-8")


def test_every_row_of_the_page_held() -> None:
    """Nothing failed or was left out, and rows that send were held against all three guarantees."""
    for number, row in told().items():
        assert not re.search(r"\*\*|nothing was told", row[2]), row
        assert number[0] not in SENDING or row[3] == "G1 G2 G3", row


def test_the_tests_of_the_page_exist() -> None:
    """Under the very names."""
    names = {name for row in told().values() for name in re.findall(r"`([^`]+)` x \d", row[4])}
    assert names
    for name in names:
        file, _, function = name.partition("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        defined = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
        assert function.rpartition("::")[2] in defined, name


def test_what_failed_is_not_passed_over() -> None:
    """A row of which one test failed, or none was run, says so."""
    first, second = list(ROWS)[:2]
    entry = Entry(first)
    entry.add("tests/x.py::test_y[a]", Story(first, seen=["it did"], checked={"G1"}))
    entry.failed.append("tests/x.py::test_y[b] failed in call")
    drawn = page([entry], {})
    assert f"0 of {len(ROWS)} held" in drawn
    assert "**FAILED**: 1 of 1 tests failed: tests/x.py::test_y[b]" in drawn
    assert f"| {second} |" in drawn
    assert "**not run**" in drawn


def test_a_guarantee_counts_only_where_every_test_checked_it() -> None:
    """What one variant of a row left out is not claimed for the row."""
    entry = Entry(next(iter(ROWS)))
    entry.add("a", Story(entry.row, seen=["x"], checked={"G1", "G2", "G3"}))
    entry.add("b", Story(entry.row, seen=["x", "y"], checked={"G1", "G3"}))
    assert entry.checked == ["G1", "G3"]
    assert entry.did() == "x; y"


def test_a_row_of_two_processes_is_one_row() -> None:
    """With what both of them told, and what only both of them checked."""
    number = next(iter(ROWS))
    first = Entry(number, seen=["x"], checked=["G1", "G2"], tests=["a"])
    second = Entry(number, seen=["x", "y"], checked=["G2"], tests=["b"], failed=["b failed"])
    [entry] = joined([first, second])
    assert (entry.seen, entry.checked) == (["x", "y"], ["G2"])
    assert (entry.tests, entry.verdict) == (["a", "b"], "FAILED")
