"""Has any pinned package a known hole? ``make audit`` asks PyPI's advisory service, through pip-audit.

It passes only if the service answered for every package, and knows of no hole in any.
"""

# ruff: noqa: T201 -- a program for people

import argparse
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
OPTIONS = [
    "--format=json",  # names what the service does not know, too, and goes on to the rest
    "--no-deps",  # all of them are pinned already
    "--disable-pip",
    "--progress-spinner=off",
    "--requirement",
    str(CONSTRAINTS),
]
# Exit codes; argparse has 2.
FOUND, UNKNOWN, NOBODY, NOT_INSTALLED = 1, 3, 4, 5


def main() -> int:
    """Ask; return 0 only for a clean answer for all."""
    argparse.ArgumentParser(
        description=f"{__doc__}",
        epilog=f"Exit code {FOUND}: a hole is known. {UNKNOWN}: none is, but some package is "
        f"not known at all. {NOBODY}: nobody could be asked. {NOT_INSTALLED}: pip-audit is not installed.",
    ).parse_args()
    if find_spec("pip_audit") is None:
        return _say(NOT_INSTALLED, "pip-audit is not installed, so nobody was asked")
    command = [sys.executable, "-m", "pip_audit", *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- a tool of ours
    try:
        answered: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        print(done.stderr, end="", file=sys.stderr)
        return _say(NOBODY, "nobody could be asked (see above), so nothing is known of any package")
    return _judge(answered, done.returncode)


def _judge(answered: list[dict[str, Any]], code: int) -> int:
    pinned = _pinned()
    sound = {_plain(each["name"]) for each in answered if each.get("vulns") == []}
    holes = [
        f"{each['name']} {each['version']}: {', '.join(hole['id'] for hole in each['vulns'])}"
        for each in answered
        if each.get("vulns")
    ]
    unknown = sorted(
        pinned - sound - {_plain(each["name"]) for each in answered if each.get("vulns")}
    )
    if holes:
        _say(FOUND, f"a hole is known in {'; '.join(holes)}")
    if unknown:
        _say(
            UNKNOWN,
            f"the service knows nothing of {len(unknown)} of {len(pinned)} packages: {', '.join(unknown)}",
        )
    if holes or unknown:
        return FOUND if holes else UNKNOWN
    if code:
        return _say(NOBODY, f"pip-audit ended with {code}, though it named no hole")
    print(f"audit: no known hole in the {len(pinned)} packages that {CONSTRAINTS.name} pins")
    return 0


def _pinned() -> set[str]:
    """Return the names of all that is pinned."""
    lines = CONSTRAINTS.read_text("utf-8").splitlines()
    return {_plain(line.partition("==")[0]) for line in lines if "==" in line and line[0] != "#"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _say(code: int, text: str) -> int:
    print(f"audit: NOT PASSED: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
