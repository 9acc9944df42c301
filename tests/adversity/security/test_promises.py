"""Does SECURITY.md promise by rows that there are, and leave none of its own out?"""

import re
from pathlib import Path

from adversity.rows import PARTS, ROWS

PAGE = Path(__file__).parents[3] / "SECURITY.md"
NUMBER = re.compile(r"\b[A-Z]{1,2}[0-9]+\b")


def test_every_row_that_is_named_exists() -> None:
    """In the last column of the table, and in brackets elsewhere; all rows of security are promised."""
    text = PAGE.read_text("utf-8")
    columns = re.findall(r"(?m)\| ([A-Z][0-9]+(?:, [A-Z][0-9]+)*) \|$", text)
    named = {number for each in columns for number in NUMBER.findall(each)}
    mentioned = {
        number for each in re.findall(r"\(([^)]*)\)", text) for number in NUMBER.findall(each)
    }
    assert named | mentioned <= set(ROWS)
    assert {row.number for row in PARTS["Security"]} <= named
