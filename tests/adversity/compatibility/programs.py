"""How does a test run a program in an interpreter of its own, and what came of it?"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

TESTS = Path(__file__).parents[2]
# Seconds, for a machine under load; a program that takes them all hangs.
PATIENCE = 60.0
# The interpreter's development mode, and whatever it warns of an error.
STRICT = ("-X", "dev", "-W", "error")


@frozen
class Ended:
    """How a program ended: its exit code, and all that it wrote."""

    code: int
    out: str
    err: str


def command(program: str, *words: str, switches: tuple[str, ...] = STRICT) -> list[str]:
    """Return the line that runs a module of ``tests``, or of what is installed."""
    return [sys.executable, *switches, "-m", program, *words]


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without anything of ours, in which ``tests`` can be imported."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PUSHWOOSH_", "PYTHON"))}
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(TESTS))))
    return {**kept, "PYTHONPATH": path, **(more or {})}


def run(
    program: str,
    *words: str,
    switches: tuple[str, ...] = STRICT,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program to its end.

    Args:
        program: a module.
        words: its arguments.
        switches: of the interpreter.
        environment: what to add to it.

    Raises:
        subprocess.TimeoutExpired: it hangs.
    """
    done = subprocess.run(  # noqa: S603 -- our own programs
        command(program, *words, switches=switches),
        env=surroundings(environment),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
