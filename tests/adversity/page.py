"""What does docs/adversity.md say? The book that a run kept, as tables; nothing of it is typed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import asdict

from adversity.entry import Entry
from adversity.rows import PARTS, ROWS, Row

PAGE = Path(__file__).parents[2] / "docs" / "adversity.md"
# The same for programs: rows that are done again take the place of theirs in it.
BOOK = PAGE.with_suffix(".json")

_HEAD = """# Adversity

Written by `make adversity`, which does every one of these things to the library, over real sockets and
to real processes. The third column is what the tests observed in the run that is named below: counts,
labels, errors. `make adversity` writes this page anew, and exits with 1 where a row does not hold;
`make adversity ROWS="N8 R"` does some rows, and prints them.

The guarantees are those of the [README](../README.md#what-is-guaranteed): **G1** no position of the
input is accepted by the server twice; **G2** every recipient is in exactly one of accepted, rejected,
in doubt, not sent, invalid and duplicate, and the label is true; **G3** nobody is lost: whoever has no
final label is sent to, or named as in doubt with a reason, by the next resume. They were held against
the ledger, which is what the server itself wrote down, and where a row was left without one the column
is empty. A row for which this machine lacks something says what, and what stood in.

"1 x in doubt, repeated" is an attempt of which nobody could know whether it was taken; "resumed" is the
same send begun once more with its journal, which sends only what is left.
"""


def kept() -> tuple[list[Entry], dict[str, str]]:
    """Return what the page was last made of: rows, and the facts of their run."""
    book = json.loads(BOOK.read_text("utf-8"))
    return [Entry(**each) for each in book["rows"]], book["run"]


def keep(entries: Sequence[Entry], run: Mapping[str, str]) -> None:
    """Write the book and the page."""
    book = {"run": dict(run), "rows": [asdict(each) for each in entries]}
    BOOK.write_text(json.dumps(book, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(entries, run), "utf-8")


def page(entries: Sequence[Entry], run: Mapping[str, str]) -> str:
    """Return the whole page.

    Args:
        entries: what a run kept of each row.
        run: facts of that run, by name: command, Python, machine, duration.
    """
    return "\n".join([_HEAD, *_summary(entries, run), *_tables(entries)]) + "\n"


def _summary(entries: Sequence[Entry], run: Mapping[str, str]) -> Iterator[str]:
    held = sum(not entry.failed for entry in entries)
    tests = sum(len(entry.tests) for entry in entries)
    yield from (f"* {name}: {fact}" for name, fact in run.items())
    yield f"* rows: {held} of {len(ROWS)} held, shown by {tests} tests"
    yield ""


def _tables(entries: Sequence[Entry]) -> Iterator[str]:
    kept = {entry.row: entry for entry in entries}
    for part, rows in PARTS.items():
        yield f"## {part}"
        yield ""
        yield "| row | what was done, and what must come of it | what it did | checked | shown by |"
        yield "|---|---|---|---|---|"
        yield from (_line(row, kept.get(row.number)) for row in rows)
        yield ""


def _line(row: Row, entry: Entry | None) -> str:
    what = f"{row.fault}. *{row.expected}*"
    if entry is None:
        return _cells(row.number, what, "**not run**", "", "")
    did = f"**FAILED**: {entry.did()}" if entry.failed else entry.did()
    checked = " ".join(entry.checked)
    return _cells(row.number, what, did, checked, _shown_by(entry.tests))


def _shown_by(tests: Sequence[str]) -> str:
    """Name each function once, and how many of its variants there were."""
    functions: dict[str, int] = {}
    for test in tests:
        name = test.partition("[")[0]
        functions[name] = functions.get(name, 0) + 1
    return "<br>".join(f"`{n.removeprefix('tests/')}` x {times}" for n, times in functions.items())


def _cells(*texts: str) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |"
