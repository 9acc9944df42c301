"""Where do the tests of a cell run? In an environment for each Python and each choice of dependencies."""

import hashlib
import json
import subprocess
from pathlib import Path

from attrs import frozen

from .cells import Dependencies
from .declared import EXTRAS, ROOT, floors, project, requirements

FOLDER = ROOT / ".matrix"
PATIENCE = 900.0  # seconds for an installation

_VERSIONS = """
import importlib.metadata, json, platform, sys
found = {name: importlib.metadata.version(name) for name in sys.argv[1:]}
print(json.dumps({"Python": platform.python_version(), **found}))
"""


class CannotBeMadeError(Exception):
    """The versions do not go together, or cannot be had."""


@frozen
class Environment:
    """An environment, ready to run.

    Attributes:
        python: its interpreter.
        versions: of Python and of all that the package declares.
    """

    python: Path
    versions: dict[str, str]


def environment(python: Path, version: str, dependencies: Dependencies) -> Environment:
    """Make an environment, or bring the one that is there up to date.

    Raises:
        CannotBeMadeError: the versions do not go together, or cannot be had.
    """
    folder = FOLDER / f"{version}-{dependencies}"
    own = folder / "bin" / "python"
    stamp, wanted = folder / "stamp", _recipe(python, dependencies)
    # The newest are asked for again each time.
    if dependencies == "newest" or not stamp.exists() or stamp.read_text() != wanted:
        _run(python, "-m", "venv", "--clear", str(folder))
        _install(own, dependencies)
        stamp.write_text(wanted)
    names = floors(requirements(project()))
    said = _run(own, "-c", _VERSIONS, *names)
    return Environment(own, json.loads(said))


def _recipe(python: Path, dependencies: Dependencies) -> str:
    files = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(
        b"\0".join([str(python).encode(), dependencies.encode(), *files])
    ).hexdigest()


def _install(python: Path, dependencies: Dependencies) -> None:
    # pip of Python 3.11 cannot read dependency groups, so it is replaced first, by a pinned one.
    _pip(python, "-c", "constraints.txt", "pip")
    limits: list[str] = ["-c", "constraints.txt"] if dependencies == "pinned" else []
    if dependencies == "lowest":
        written = FOLDER / "lowest.txt"
        lowest = floors(requirements(project()))
        written.write_text("".join(f"{name}=={floor}\n" for name, floor in lowest.items()))
        limits = ["-c", str(written)]
    _pip(python, *limits, "-e", f".[{','.join(EXTRAS)}]", "--group", "dev")


def _pip(python: Path, *words: str) -> None:
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)


def _run(python: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- an interpreter of this machine
            [python, *words], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except subprocess.CalledProcessError as error:
        last = str(error.stderr).strip().rpartition("\n")[2]
        raise CannotBeMadeError(f"its environment cannot be made: {last}") from None
    except subprocess.TimeoutExpired:
        raise CannotBeMadeError(f"its environment was not made in {PATIENCE:g} s") from None
    return done.stdout
