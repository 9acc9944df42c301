"""How figures are shown: lines for a terminal, or the rows of a Markdown table."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks.figures import Figure, Missing

_SHOWN_PACKAGES = ("httpx", "httpcore", "httpx-aiohttp", "aiohttp")


def machine() -> str:
    """What the figures were made on and with."""
    packages = ", ".join(f"{name} {_version(name)}" for name in _SHOWN_PACKAGES)
    python = f"Python {platform.python_version()}"
    return f"{python} on {sys.platform}, {os.cpu_count()} cores; {packages}"


def text_head() -> str:
    """What stands above the lines."""
    return machine()


def text_line(figure: Figure | Missing) -> str:
    """One figure as one line."""
    if isinstance(figure, Missing):
        return f"FAIL  {figure.what:<66} {figure.why}"
    word = "    " if figure.bar is None else "ok  " if figure.reached else "FAIL"
    return f"{word}  {figure.what:<66} {_measured(figure):>9}  {_bar(figure)}  ({figure.seen})"


def markdown_head() -> str:
    """What stands above the rows."""
    return f"{machine()}\n\n| figure | measured | must be | from |\n|---|---|---|---|"


def markdown_line(figure: Figure | Missing) -> str:
    """One figure as one row."""
    if isinstance(figure, Missing):
        return f"| {figure.what} | none | | {figure.why} |"
    mark = "" if figure.reached else " **missed**"
    return f"| {figure.what} | {_measured(figure)}{mark} | {_bar(figure)} | {figure.seen} |"


def _measured(figure: Figure) -> str:
    return _number(figure.measured, figure.unit)


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    aim = "" if figure.aim is None else f", aim {figure.aim:g}"
    return f"{figure.must_be} {figure.bar:g}{figure.unit}{aim}"


def _number(value: float, unit: str) -> str:
    return f"{value:.2f}{unit}" if unit else f"{value:g}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"
