"""How does docs/matrix.md come about? It is drawn from docs/matrix.json, and never typed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import asdict

from .declared import ROOT
from .trying import Outcome

KEPT = ROOT / "docs" / "matrix.json"
PAGE = ROOT / "docs" / "matrix.md"
_HEAD = """# Where the tests pass

Written by `make matrix`, which runs them in an environment for each line; not by hand. *Lowest* are the
lowest versions that `pyproject.toml` declares, *pinned* those of `constraints.txt`, *newest* what pip finds
without either. *Strict* is Python's development mode with each of its warnings an error.
"""


def read(file: Path = KEPT) -> dict[str, Outcome]:
    """Return the outcomes that are kept, by cell."""
    kept = json.loads(file.read_text("utf-8")) if file.exists() else []
    return {each["name"]: Outcome(**each) for each in kept}


def write(outcomes: Iterable[Outcome], file: Path = KEPT) -> None:
    """Keep outcomes."""
    text = json.dumps([asdict(each) for each in outcomes], indent=1)
    file.write_text(text + "\n", "utf-8")


def page(outcomes: Sequence[Outcome], missing: Mapping[str, str]) -> str:
    """Return the page: a line a cell, then what was installed where.

    Args:
        outcomes: in the order of their lines.
        missing: cells that were not run, with the reason.
    """
    head = ("Python", "dependencies", "event loop", "strict", "passed", "failed", "day")
    lines = [_table_line(head), _table_line(["---"] * len(head)), *map(_line, outcomes)]
    lines += [""] + [f"* not run: {name}: {reason}" for name, reason in missing.items()]
    return "\n".join([_HEAD, *lines, *([""] if missing else []), *_versions(outcomes)]) + "\n"


def _line(outcome: Outcome) -> str:
    cell = outcome.cell
    return _table_line(
        [
            outcome.versions["Python"],
            str(cell["dependencies"]),
            str(cell["loop"]),
            "yes" if cell["strict"] else "",
            str(outcome.passed),
            str(outcome.failed),
            outcome.day,
        ]
    )


def _versions(outcomes: Sequence[Outcome]) -> Iterable[str]:
    places = {
        f"{each.cell['dependencies']}, Python {each.cell['python']}": each.versions
        for each in outcomes
    }
    names = dict.fromkeys(name for versions in places.values() for name in versions)
    yield "## What was installed"
    yield ""
    yield _table_line(["", *places])
    yield _table_line(["---"] * (len(places) + 1))
    for name in names:
        yield _table_line([name, *(versions.get(name, "") for versions in places.values())])


def _table_line(words: Iterable[str]) -> str:
    return f"| {' | '.join(words)} |"
