"""Every source that a docstring or a comment cites can be looked up on docs/sources.md."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import pushwoosh_async

PACKAGE = Path(pushwoosh_async.__file__).parent
PAGE = PACKAGE.parent / "docs" / "sources.md"
ROWS = re.findall(r"^\| `([\w-]+)` \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
OURS = [*(PACKAGE / "models").rglob("*.py"), *(PACKAGE / "targeting").rglob("*.py")]

# In brackets any word in capitals is a mark; the pages' own marks are known without, too.
BRACKETS = re.compile(r"\[([^\[\]]+)\]")
MARK = re.compile(r"[DH]-[a-z0-9]+|[A-Z]{2,}[0-9]?(?![\w-])")
BARE = re.compile(r"\b(?:[DH]-[a-z0-9]+|ES(?=:[0-9])|DE(?=:[0-9]))(?![\w-])")


def prose(path: Path) -> Iterator[str]:
    """Return the comments of a file, and its texts, docstrings among them."""
    source = path.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def marks(text: str) -> set[str]:
    """Return the marks in a text: ``ES`` and ``D-dev`` of ``[ES:12, D-dev]``."""
    found = set(BARE.findall(text))
    for inside in BRACKETS.findall(text):
        parts = [part.strip() for part in inside.split(",")]
        matches = [match for part in parts if (match := MARK.match(part))]
        if len(matches) == len(parts):
            found.update(match[0] for match in matches)
    return found


def test_every_mark_has_a_row() -> None:
    """A reader who meets ``[D-stat]`` finds what it is, and its address."""
    cited = {mark for path in PACKAGE.rglob("*.py") for text in prose(path) for mark in marks(text)}
    assert {"ES", "DE", "D-dev", "BLOG", "PY", "H-grp"} <= cited
    assert cited - {mark for mark, _, _ in ROWS} == set()


def test_a_row_has_an_address_and_stands_once() -> None:
    """A mark without an address would be as good as none."""
    assert len({mark for mark, _, _ in ROWS}) == len(ROWS)
    assert all("https://" in where for _, _, where in ROWS)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_docstring_cites_what_is_not_shipped(path: Path) -> None:
    """Our own notes are not part of the package."""
    assert not [text for text in prose(path) if "api.md" in text]
