"""Which combinations are tried? A Python, its dependencies, an event loop, and how strict it all is."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen

Dependencies: TypeAlias = Literal["pinned", "lowest", "newest"]
Loop: TypeAlias = Literal["asyncio", "uvloop"]


@frozen
class Cell:
    """One combination.

    Attributes:
        python: such as ``3.12``.
        dependencies: as pinned in constraints.txt, the lowest that pyproject.toml declares, or the newest.
        loop: the event loop of every test.
        strict: the interpreter's development mode, and its own warnings errors from the first line on.
    """

    python: str
    dependencies: Dependencies = "pinned"
    loop: Loop = "asyncio"
    strict: bool = False

    @property
    def name(self) -> str:
        """What `--cells` calls it: ``3.12-pinned-uvloop``."""
        words = [self.python, self.dependencies, self.loop]
        return "-".join([*words, "strict"] if self.strict else words)


def cells(pythons: Sequence[str]) -> list[Cell]:
    """Return three cells for each Python, the lowest versions on the oldest, the newest on the newest."""
    each = [
        cell
        for python in pythons
        for cell in (Cell(python), Cell(python, loop="uvloop"), Cell(python, strict=True))
    ]
    return [*each, Cell(pythons[0], "lowest"), Cell(pythons[-1], "newest")]
