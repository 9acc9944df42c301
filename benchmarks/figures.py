"""What a figure is, whether it reaches its bar, and what is drawn beside it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside the number it must reach; one without a bar is only told.

    `unit` is written behind the numbers; `aim` is what was hoped for, and fails nothing.
    """

    what: str
    measured: float
    must_be: Literal["at most", "at least"] = "at most"
    bar: float | None = None
    unit: str = ""
    aim: float | None = None
    seen: str = ""

    @property
    def reached(self) -> bool:
        """Whether the bar holds, compared as measured, not as printed."""
        if self.bar is None:
            return True
        if self.must_be == "at most":
            return self.measured <= self.bar
        return self.measured >= self.bar


@dataclass(frozen=True, slots=True)
class Missing:
    """A bar that has no figure, and why; it counts as failed."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers to be drawn as bars, longest at the longest; `scale` is `log` where they differ greatly."""

    name: str
    title: str
    unit: str
    rows: tuple[tuple[str, float], ...]
    scale: Literal["linear", "log"] = "linear"
