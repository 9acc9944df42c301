"""Has any pinned package a known hole? ``make audit`` asks PyPI's advisory service, through pip-audit.

It passes only if the service answered for every package, and knows of no hole in any.
"""

# ruff: noqa: T201 -- a program for people

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
OPTIONS = [
    "--strict",  # else a package that the service does not know is passed over
    "--no-deps",  # all of them are pinned already
    "--disable-pip",
    "--progress-spinner=off",
    "--requirement",
    str(CONSTRAINTS),
]
FOUND, NOT_INSTALLED = 1, 2


def main() -> int:
    """Ask; return 0 only for a clean answer."""
    if find_spec("pip_audit") is None:
        print("audit: pip-audit is not installed, so nobody was asked", file=sys.stderr)
        return NOT_INSTALLED
    command = [sys.executable, "-m", "pip_audit", *OPTIONS]
    done = subprocess.run(command, check=False)  # noqa: S603 -- a tool of ours
    if done.returncode:
        print(
            "audit: NOT PASSED. Above is named a hole, or a package that the service does not know, or why "
            "it could not be asked: then nothing is known of the rest either.",
            file=sys.stderr,
        )
        return FOUND
    print(f"audit: no known hole in what {CONSTRAINTS.name} pins")
    return 0


if __name__ == "__main__":
    sys.exit(main())
