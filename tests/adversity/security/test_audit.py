"""Does ``make audit`` say so: a hole, a package that nobody knows, nobody who could be asked?"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from adversity.story import Story

from .audit import CONSTRAINTS, FOUND, NOBODY, NOT_INSTALLED, UNKNOWN

pytestmark = pytest.mark.row("R27")
Audit: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

# A module in the place of pip-audit, which says what it is told to.
STUB = """
import pathlib, sys
here = pathlib.Path(__file__).parent
(here / "asked").write_text(" ".join(sys.argv[1:]))
print((here / "said").read_text(), end="")
sys.exit(int((here / "code").read_text()))
"""


def clean() -> list[dict[str, Any]]:
    """Return what pip-audit says of every pinned package, if no hole is known."""
    pins = re.findall(r"(?m)^([\w.-]+)==(\S+)", CONSTRAINTS.read_text("utf-8"))
    return [{"name": name, "version": version, "vulns": []} for name, version in pins]


def audit(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it as make does."""
    program = str(Path(__file__).with_name("audit.py"))
    return subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, program, *words], cwd=folder, env={"HOME": str(folder), **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def audit_by(tmp_path: Path) -> Audit:
    """Run it with a pip-audit that says this, and ends with this code."""
    stub = tmp_path / "pip_audit"

    def run(said: object, code: int, *words: str) -> "subprocess.CompletedProcess[str]":
        stub.mkdir()
        (stub / "__init__.py").touch()
        (stub / "__main__.py").write_text(STUB)
        (stub / "said").write_text(said if isinstance(said, str) else json.dumps(said))
        (stub / "code").write_text(str(code))
        return audit(tmp_path, *words, PYTHONPATH=str(tmp_path))

    return run


HOLE = {"id": "PYSEC-2026-1", "fix_versions": [], "aliases": [], "description": "x"}


@pytest.mark.parametrize("code", [0, 1])
def test_a_known_hole(audit_by: Audit, code: int, story: Story) -> None:
    """Named, with its package, whatever pip-audit ends with."""
    first, *rest = clean()
    first["vulns"] = [HOLE]
    done = audit_by({"dependencies": [first, *rest], "fixes": []}, code)
    assert done.returncode == FOUND
    (hole,) = done.stderr.splitlines()
    assert f"a hole is known in {first['name']} {first['version']}: {HOLE['id']}" in hole
    assert not done.stdout
    story.saw(f"a known hole: exit code {done.returncode}")


def test_a_known_hole_beside_an_unknown_package(audit_by: Audit, story: Story) -> None:
    """Both are said."""
    first, second, *rest = clean()
    first["vulns"] = [HOLE]
    unknown = {"name": second["name"], "skip_reason": "not found"}
    done = audit_by({"dependencies": [first, unknown, *rest], "fixes": []}, 1)
    assert done.returncode == FOUND
    hole, more = done.stderr.splitlines()
    assert f"a hole is known in {first['name']}" in hole
    assert more.endswith(
        f"the service knows nothing of 1 of {len(rest) + 2} packages: {second['name']}"
    )
    assert not done.stdout
    story.saw(f"a known hole: exit code {done.returncode}")


@pytest.mark.parametrize("is_named", [True, False])
def test_a_package_that_the_service_does_not_know(
    audit_by: Audit, is_named: bool, story: Story
) -> None:
    """It is no sound one, whether pip-audit says that it skipped it, or says nothing of it."""
    first, *rest = clean()
    skipped = [{"name": first["name"], "skip_reason": "not found"}] if is_named else []
    done = audit_by({"dependencies": [*skipped, *rest], "fixes": []}, 0)
    assert done.returncode == UNKNOWN
    assert f"the service knows nothing of 1 of {len(rest) + 1} packages: {first['name']}\n" in (
        done.stderr
    )
    assert not done.stdout
    story.saw(f"a package that the service does not know: exit code {done.returncode}")


@pytest.mark.parametrize("said", ["", "No known vulnerabilities found", "[]", '{"fixes": []}'])
@pytest.mark.parametrize("code", [0, 1])
def test_no_answer_is_no_clean_one(audit_by: Audit, said: str, code: int, story: Story) -> None:
    """Whatever it says, and whatever its code."""
    done = audit_by(said, code)
    assert done.returncode == NOBODY
    assert "nobody could be asked" in done.stderr
    assert not done.stdout
    story.saw(f"no answer: exit code {done.returncode}")


def test_a_clean_answer_for_all(audit_by: Audit, tmp_path: Path, story: Story) -> None:
    """The only one that passes; it was asked for what is pinned."""
    done = audit_by({"dependencies": clean(), "fixes": []}, 0)
    assert done.returncode == 0, done.stderr
    assert "no known hole" in done.stdout
    assert str(CONSTRAINTS) in (tmp_path / "pip_audit" / "asked").read_text()
    story.saw(f"a clean answer for all: exit code {done.returncode}")


def test_a_clean_answer_with_a_failure(audit_by: Audit, story: Story) -> None:
    """pip-audit failed and does not say why: not passed."""
    done = audit_by({"dependencies": clean(), "fixes": []}, 1)
    assert done.returncode == NOBODY
    story.saw(f"pip-audit fails and says nothing: exit code {done.returncode}")


def test_help_asks_nobody(audit_by: Audit, tmp_path: Path, story: Story) -> None:
    """It says what the codes mean."""
    done = audit_by("", 1, "--help")
    assert done.returncode == 0
    assert "pip-audit is not installed" in done.stdout
    assert not (tmp_path / "pip_audit" / "asked").exists()
    story.saw(f"--help: exit code {done.returncode}, nobody asked")


@pytest.mark.slow
def test_an_audit_that_cannot_ask_does_not_pass(tmp_path: Path, story: Story) -> None:
    """A service out of reach is no clean bill of health, and it is said that nobody was asked."""
    nowhere = "http://127.0.0.1:9"
    done = audit(tmp_path, HTTPS_PROXY=nowhere, https_proxy=nowhere)
    if done.returncode == NOT_INSTALLED:
        story.lacks("pip-audit", instead="an audit without it fails, and says so")
        assert "pip-audit is not installed" in done.stderr
    else:
        assert done.returncode == NOBODY
        assert "nobody could be asked" in done.stderr
    assert not done.stdout
    story.saw(f"the service out of reach: exit code {done.returncode}")
