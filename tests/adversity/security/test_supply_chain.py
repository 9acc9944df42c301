"""Where does what we run come from? From what is declared and pinned by name; installing runs nothing."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adversity.story import Story

ROOT = Path(__file__).parents[3]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Spelt apart, so that this file does not find itself.
PLACES = re.compile(
    "|".join(
        [
            r"https?://[\w.-]*py" + r"pi\.", "python" + r"hosted\.", r"--(extra-)?" + "index-url",
            "find" + "-links", "trusted" + "-host", r"(?<![\w.])/(root|work|opt|Users)" + r"/\w",
            r"(?<![\w.])/home" + r"/(?!x\b)\w+/", r"[A-Z]:\\" + r"Users\\",
        ]
    )
)  # fmt: skip


def tracked(story: Story) -> list[Path]:
    """Return the files of the project: those of git or, without it, those that lie here."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        return [
            path for name in listed.stdout.decode().split("\0") if (path := ROOT / name).is_file()
        ]
    story.lacks("git", instead="every file of the package, its tests and documents")
    return [
        path
        for pattern in ("*.*", "pushwoosh_async/**/*.py", "tests/**/*.py", "docs/**/*")
        for path in ROOT.glob(pattern)
        if path.is_file()
    ]


@pytest.mark.row("R25")
def test_no_file_names_a_registry_or_a_machine(story: Story) -> None:
    """Which registry serves, and where the files lie, is for each machine to say."""
    files = tracked(story)
    assert ROOT / "constraints.txt" in files
    found = [
        f"{path.relative_to(ROOT)}: {place[0]}"
        for path in files
        if (place := PLACES.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert found == []
    story.saw(f"of {len(files)} files {len(found)} name one")


@pytest.mark.row("R25")
@pytest.mark.parametrize(
    "line",
    [
        "--index-" + "url https://example.com/simple", "https://files.python" + "hosted.org/x",
        "see https://py" + "pi.org/project/x", "/ro" + "ot/project/x.py", 'open("/ho' + 'me/ann/x")',
    ],
    ids=["an index", "files", "a project", "our home", "a home"],
)  # fmt: skip
def test_such_a_line_would_be_found(line: str, story: Story) -> None:
    """A check that finds nothing is none."""
    assert PLACES.search(line)
    story.saw("each kind would be found")


def distribution(requirement: str) -> str:
    """Return the import name of what a requirement asks for."""
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0].lower().replace("-", "_")


def imports_of(path: Path) -> set[str]:
    """Return the packages that a file imports, those of the standard library left out."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found - sys.stdlib_module_names - {"pushwoosh_async"}


@pytest.mark.row("R26")
def test_only_what_is_declared_is_imported(story: Story) -> None:
    """The library by its dependencies; command line, sandbox and test helpers by their extras besides."""
    project = PYPROJECT["project"]
    declared = {distribution(each) for each in project["dependencies"]}
    extras = {
        name: {distribution(each) for each in listed}
        for name, listed in project["optional-dependencies"].items()
    }
    allowed = {
        "cli": declared | extras["cli"],
        "sandbox": declared | extras["sandbox"],
        "testing": declared | extras["testing"],
        "_transport": declared | extras["aiohttp"],
    }
    used: set[str] = set()
    package = ROOT / "pushwoosh_async"
    for path in package.rglob("*.py"):
        imported = imports_of(path)
        used |= imported
        part = path.relative_to(package).parts[0]
        strange = imported - allowed.get(part, declared)
        assert strange == set(), f"{path}: {strange}"
    assert imports_of(ROOT / "pytest_pushwoosh_async.py") <= allowed["testing"]
    unused = declared - used
    assert unused == set()
    story.saw(f"{len(used - declared.union(*extras.values()))} imports that are not declared")


@pytest.mark.row("R26")
def test_nothing_of_ours_runs_on_install(story: Story) -> None:
    """No setup.py, no build hook, no .pth file: a wheel is copied, and that is all."""
    build = PYPROJECT["tool"]["hatch"].get("build", {})
    hooks = [
        *build.get("hooks", {}),
        *PYPROJECT["tool"]["hatch"].get("metadata", {}).get("hooks", {}),
    ]
    scripts = [
        name for name in ("setup.py", "setup.cfg", "hatch_build.py") if (ROOT / name).exists()
    ]
    paths = [path for path in tracked(story) if path.suffix == ".pth"]
    assert (hooks, scripts, paths) == ([], [], [])
    assert PYPROJECT["build-system"]["requires"] == ["hatchling>=1.25"]
    assert PYPROJECT["tool"]["hatch"]["version"] == {"path": "pushwoosh_async/_version.py"}
    ran = ast.parse((ROOT / "pushwoosh_async" / "_version.py").read_text("utf-8")).body
    assert all(isinstance(node, ast.Assign | ast.Expr) for node in ran)
    story.saw(f"{len(hooks + scripts + paths)} things that run on install")


@pytest.mark.row("R26")
def test_what_is_pinned_is_pinned_exactly(story: Story) -> None:
    """Each development tool by one version, from no place in particular."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    loose = [
        line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.+!]*", line)
    ]
    assert loose == []
    names = {distribution(line) for line in pins}
    needed = {distribution(each) for each in PYPROJECT["project"]["dependencies"]}
    assert needed <= names
    story.saw(f"{len(loose)} development tools without an exact version")
