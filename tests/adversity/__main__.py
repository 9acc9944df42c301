"""Does the library stand all of it? Every fault of the book is done to it, and what it did is a line.

Without ROW: all rows, with full effort, in half an hour; docs/adversity.md is written anew from what
was seen. With some: these, with usual effort. Exits with 1 if a row failed or was left out.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from adversity.effort import FULL
from adversity.entry import Entry, joined
from adversity.page import PAGE, keep, kept
from adversity.rows import ROWS

ROOT = Path(__file__).parents[2]
# What burns time beside what waits for it.
MODELS = ("tests/adversity/soak", "tests/fanout")
SIDE_BY_SIDE = ([*MODELS], ["tests", *(f"--ignore={folder}" for folder in MODELS)])


def run(*parts: list[str], effort: str) -> tuple[list[Entry], int]:
    """Run the tests of rows, the parts side by side.

    Args:
        parts: what pytest is told for each.
        effort: usual or full.

    Returns:
        What they told, and 0 if every one of them passed.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-m", "row"]
    with tempfile.TemporaryDirectory() as folder:
        books = [Path(folder) / str(number) for number in range(len(parts))]
        running = [
            subprocess.Popen(  # noqa: S603 -- our own tests
                [*command, "--book", str(book), *words], cwd=ROOT, env={**os.environ, FULL: effort}
            )
            for book, words in zip(books, parts, strict=True)
        ]
        codes = [process.wait() for process in running]
        kept = [json.loads(book.read_text("utf-8")) for book in books if book.exists()]
    return joined(Entry(**each) for entries in kept for each in entries), int(any(codes))


def main() -> int:
    """Do what was asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.adversity", description=__doc__)
    parser.add_argument("rows", metavar="ROW", nargs="*", help="such as N8, or R for all of a part")
    parser.add_argument("--list", action="store_true", help="say which rows there are, do nothing")
    parser.add_argument("--again", action="store_true", help="full effort, and into the page")
    asked = parser.parse_args()
    if asked.list:
        sys.stdout.writelines(
            f"{r.number:4}{r.fault} | must: {r.expected}\n" for r in ROWS.values()
        )
        return 0
    if not asked.rows:
        return run_all()
    some = ["tests", f"--rows={','.join(asked.rows)}"]
    return run_again(some) if asked.again else run(some, effort="usual")[1]


def run_all() -> int:
    """Do every row, and write the page."""
    began = time.monotonic()
    entries, code = run(*SIDE_BY_SIDE, effort="full")
    facts = {
        "command": "`make adversity`",
        "Python": platform.python_version(),
        "machine": f"{platform.system()}, {os.cpu_count()} cores",
        "duration": f"{(time.monotonic() - began) / 60:.0f} minutes",
    }
    keep(entries, facts)
    missing = [number for number in ROWS if number not in {entry.row for entry in entries}]
    sys.stdout.write(f"rows not run: {', '.join(missing) or 'none'}; see {PAGE.name}\n")
    return int(bool(code or missing))


def run_again(some: list[str]) -> int:
    """Do some rows, and put what came of them in the place of what the page says."""
    entries, code = run(some, effort="full")
    before, facts = kept()
    new = {entry.row: entry for entry in entries}
    done = {*facts.get("done again later", "").split(", "), *new} - {""}
    facts["done again later"] = ", ".join(number for number in ROWS if number in done)
    keep(joined([*new.values(), *(entry for entry in before if entry.row not in new)]), facts)
    return code


sys.exit(main())
