"""Does the library stand all of it? ``python -m tests.adversity`` does every row, and writes the page.

It prints a line a row, draws docs/adversity.md from what was seen, and exits with 1 if a row failed or was
not run. Words behind it are more arguments for pytest; with any of them the page stays as it is.
"""

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
from adversity.entry import Entry
from adversity.page import PAGE, page
from adversity.rows import ROWS

ROOT = Path(__file__).parents[2]


def run(words: list[str]) -> tuple[list[Entry], int]:
    """Run the tests of all rows with every effort; return what they told, and pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.json"
        command = [sys.executable, "-m", "pytest", "-q", "-m", "row", "--book", str(book), *words]
        done = subprocess.run(  # noqa: S603 -- our own tests
            command, cwd=ROOT, env={**os.environ, FULL: "full"}, check=False
        )
        kept = json.loads(book.read_text("utf-8")) if book.exists() else []
    return [Entry(**each) for each in kept], done.returncode


def main(words: list[str]) -> int:
    """Do it all; return the exit code."""
    began = time.monotonic()
    entries, code = run(words)
    minutes = (time.monotonic() - began) / 60
    facts = {
        "command": "`make adversity`",
        "Python": platform.python_version(),
        "machine": f"{platform.system()}, {os.cpu_count()} cores",
        "duration": f"{minutes:.0f} minutes",
    }
    missing = [number for number in ROWS if number not in {entry.row for entry in entries}]
    if not words:
        PAGE.write_text(page(entries, facts), "utf-8")
        sys.stdout.write(f"rows not run: {', '.join(missing) or 'none'}; see {PAGE.name}\n")
    return int(bool(code or (missing and not words)))


sys.exit(main(sys.argv[1:]))
