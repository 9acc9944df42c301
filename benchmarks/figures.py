"""What a figure is, and whether it reaches its bar."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside the number it must reach.

    `unit` is written behind the numbers; `aim` is what was hoped for, and fails nothing.
    """

    what: str
    measured: float
    must_be: Literal["at most", "at least"]
    bar: float
    unit: str = ""
    aim: float | None = None
    seen: str = ""

    @property
    def reached(self) -> bool:
        """Whether the bar holds, compared as measured, not as printed."""
        if self.must_be == "at most":
            return self.measured <= self.bar
        return self.measured >= self.bar


@dataclass(frozen=True, slots=True)
class Missing:
    """A bar that has no figure, and why; it counts as failed."""

    what: str
    why: str
