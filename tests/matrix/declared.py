"""What does pyproject.toml promise? Which Pythons are supported, and from which version each dependency."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What a user may add. Not "testing": its lowest versions would be of the tool that runs these tests.
EXTRAS = ("aiohttp", "cli", "sandbox")

_PYTHON = re.compile(r"Programming Language :: Python :: (3\.\d+)")
_FLOOR = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)(?:\s*,.*)?")


def project() -> Mapping[str, Any]:
    """Return the table of the project."""
    table: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return table["project"]  # type: ignore[no-any-return]


def pythons(classifiers: Iterable[str]) -> list[str]:
    """Return the supported versions, the oldest first."""
    found = [match[1] for each in classifiers if (match := _PYTHON.fullmatch(each))]
    return sorted(found, key=lambda version: int(version.partition(".")[2]))


def requirements(project: Mapping[str, Any]) -> list[str]:
    """Return what the package and its extras require, as it is written."""
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(each for name in EXTRAS for each in extras[name])]


def floors(requirements: Iterable[str]) -> dict[str, str]:
    """Return the lowest declared version of each.

    Raises:
        ValueError: one declares none, or two of the same name different ones.
    """
    lowest: dict[str, str] = {}
    for each in requirements:
        match = _FLOOR.fullmatch(each)
        if match is None:
            raise ValueError(f"{each}: declares no lowest version")
        if lowest.setdefault(match[1], match[2]) != match[2]:
            raise ValueError(f"{each}: declared with {lowest[match[1]]} elsewhere")
    return lowest
