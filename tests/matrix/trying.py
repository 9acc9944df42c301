"""What came of a cell? Its tests are run, and counted by pytest's last line."""

import os
import re
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import asdict, frozen

from .cells import Cell
from .declared import ROOT
from .environment import Environment

PATIENCE = 3600.0  # seconds for all tests of a cell
# Real sockets and processes, faults on them, and the whole way from a file to a report.
CHOSEN = (
    *(f"tests/adversity/{part}" for part in ("compatibility", "network", "server")),
    *("tests/fanout/journal", "tests/transport", "tests/test_end_to_end.py"),
)
ALL = ("tests",)

_COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b")


@frozen
class Outcome:
    """What came of a cell.

    Attributes:
        name: of the cell.
        cell: its parts.
        versions: of Python and of what the package declares.
        passed: how many tests.
        failed: how many failed, or could not be run.
        seconds: that they took.
        day: in UTC.
    """

    name: str
    cell: dict[str, object]
    versions: dict[str, str]
    passed: int
    failed: int
    seconds: float
    day: str

    def line(self) -> str:
        """Say it in one line."""
        strict = "development mode, -W error" if self.cell["strict"] else ""
        where = f"{self.versions['Python']:8} {self.cell['dependencies']:7} {self.cell['loop']:8}"
        return (
            f"{where} {strict:27} {self.passed} passed, {self.failed} failed  {self.seconds:.0f} s"
        )


def command(cell: Cell, python: Path, tests: Sequence[str]) -> list[str]:
    """Return the line that runs the tests of a cell."""
    switches = ["-X", "dev", "-W", "error"] if cell.strict else []
    loop = ["-p", "tests.matrix.on_uvloop"] if cell.loop == "uvloop" else []
    at_once = ["-n", "auto", "--dist", "loadfile"]  # as `make test` does
    pytest = [str(python), *switches, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return [*pytest, *at_once, *loop, *tests]


def counts(said: str, code: int) -> tuple[int, int]:
    """Return how many tests passed and failed; a run that broke down has failed at least once."""
    found = {word: int(number) for number, word in _COUNT.findall(said.strip().rpartition("\n")[2])}
    passed = found.pop("passed", 0)
    failed = sum(found.values())
    return passed, max(failed, int(code != 0 or not passed))


def attempt(cell: Cell, place: Environment, tests: Sequence[str], log: Path) -> Outcome:
    """Run the tests of a cell; what they say goes into a file."""
    began = time.monotonic()
    surroundings = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PUSHWOOSH_"))
    }
    try:
        done = subprocess.run(  # noqa: S603 -- our own tests
            command(cell, place.python, tests),
            cwd=ROOT,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        said, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired:
        said, code = f"the tests took more than {PATIENCE:g} s", 1
    log.write_text(said, "utf-8")
    passed, failed = counts(said, code)
    seconds = round(time.monotonic() - began, 1)
    day = datetime.now(UTC).date().isoformat()
    return Outcome(cell.name, asdict(cell), place.versions, passed, failed, seconds, day)
