"""Is the linter as strict as it was meant to be? Its security rules, and every exception to one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adversity.story import Story

ROOT = Path(__file__).parents[3]
FILES = (
    *ROOT.glob("pushwoosh_async/**/*.py"),
    *ROOT.glob("examples/*.py"),
    *ROOT.glob("pytest_*.py"),
)
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SILENCED = re.compile(r"#\s*noqa:?\s*(?P<rules>[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?(?P<why>.*)")

FAMILIES = ("S", "ASYNC", "B", "BLE", "DTZ", "LOG", "PTH", "G", "TRY")
# A line that breaks a rule of each family.
SAMPLES = {
    "S501": "import httpx\n\nhttpx.AsyncClient(verify=False)\n",
    "S301": "import pickle\n\npickle.loads(b'')\n",
    "S307": "eval('1')\n",
    "S608": "def f(c, n):\n    c.execute(f'SELECT * FROM {n}')\n",
    "ASYNC251": "import time\n\n\nasync def f() -> None:\n    time.sleep(1)\n",
    "B006": "def f(a: list[int] = []) -> None:\n    a.append(1)\n",
    "BLE001": "try:\n    f()\nexcept Exception:\n    g()\n",
    "DTZ005": "import datetime\n\ndatetime.datetime.now()\n",
    "LOG015": "import logging\n\nlogging.info('x')\n",
    "PTH123": "open('x')\n",
    "G004": "import logging\n\nlog = logging.getLogger('x')\nlog.info(f'{log}')\n",
    "TRY201": "try:\n    f()\nexcept ValueError as e:\n    raise e\n",
}


@pytest.mark.row("R24")
@pytest.mark.parametrize("rule", SAMPLES)
def test_the_linter_finds_it(rule: str, story: Story) -> None:
    """With the project's own settings, in a file of the package."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--no-cache"]
    command += ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename"]
    done = subprocess.run(  # noqa: S603 -- the linter
        [*command, str(ROOT / "pushwoosh_async" / "sample.py"), "-"],
        input=SAMPLES[rule], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f" {rule} " in done.stdout, done.stdout + done.stderr
    lines = done.stdout.count(f" {rule} ")
    story.saw(f"a sample for {rule}: {lines} found")


@pytest.mark.row("R24")
def test_every_exception_to_a_security_rule_has_a_reason(story: Story) -> None:
    """A rule of these families is silenced for one line, with a reason beside it; never for a file."""
    bare, kept = [], 0
    for path in FILES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert "ruff: noqa" not in line, path
            if (found := SILENCED.search(line)) is None:
                continue
            rules = re.findall(r"[A-Z]+(?=[0-9])", found["rules"] or "S0")
            if set(rules) & set(FAMILIES):
                kept += 1
                if not re.match(r" -- \S+", found["why"]):
                    bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == []
    assert kept
    ignored = PYPROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    loose = {
        rule for name, rules in ignored.items() if not name.startswith("tests") for rule in rules
    }
    assert loose <= {"T20", "S101"}
    story.saw(f"{kept} exceptions, {len(bare)} without a reason")
