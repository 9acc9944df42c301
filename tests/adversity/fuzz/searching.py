"""What does a search with atheris find? It is a program of its own: nothing here is instrumented."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from attrs import frozen

_ROOT = Path(__file__).parents[3]
_DONE = re.compile(r"Done (\d+) runs")
_LATEST = re.compile(r"\bcov: (\d+)")


@frozen
class Search:
    """What came of a search.

    Attributes:
        runs: of the target.
        edges: of our code that were reached.
        broken: the end of what it said, where something broke; else empty.
    """

    runs: int
    edges: int
    broken: str


def has_atheris() -> bool:
    """Tell whether it is installed: it has no wheel for every Python."""
    return importlib.util.find_spec("atheris") is not None


def search(target: str, seconds: int, folder: Path) -> Search:
    """Search for so long; what breaks something is left in the folder."""
    program = [sys.executable, "-m", "tests.adversity.fuzz.run", target]
    done = subprocess.run(  # noqa: S603 -- our own program
        [*program, "--seconds", str(seconds), "--keep", str(folder)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + 120,
        check=False,
    )
    told = done.stdout + done.stderr
    runs, edges = _DONE.findall(told), _LATEST.findall(told)
    broken = told[-4000:] if done.returncode or not runs else ""
    return Search(int((runs or ["0"])[-1]), int((edges or ["0"])[-1]), broken)
