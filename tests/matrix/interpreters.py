"""Which Pythons does this machine have? On the PATH, and where pyenv puts them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


def find(version: str) -> Path | None:
    """Return an interpreter of a version such as ``3.12``; None if there is none that runs."""
    return next((each for each in _candidates(version) if _is(each, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield Path(on_path)
    yield from sorted((Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python{version}"))


def _is(python: Path, version: str) -> bool:
    """Ask it: what pyenv puts on the PATH may be a script that only says where to look."""
    asking = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run(  # noqa: S603 -- what the user has on the PATH
        [python, "-c", asking], capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode == 0 and done.stdout.strip() == version
