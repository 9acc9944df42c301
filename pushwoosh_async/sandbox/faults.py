"""What can go wrong with a request, and which request does it strike? `playing.py` plays it."""

import math
import random
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import Attribute, field, frozen

KINDS = ("reset", "error_500", "error_503", "stall", "truncated", "garbage", "html", "empty")
DELAY = "delay"
RESET_DURING = "reset_during"
NAMES = (
    *(f"{kind}_{moment}" for kind in KINDS for moment in ("before", "after")),
    RESET_DURING,
    DELAY,
)


def _known(_: object, __: "Attribute[str]", name: str) -> None:
    if name not in NAMES:
        raise ValueError(f"unknown fault {name!r}; valid names: {', '.join(NAMES)}")


def _share(_: object, __: "Attribute[float]", rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"a fault's rate must be between 0 and 1, not {rate!r}")


@frozen
class Fault:
    """One way a request goes wrong, and how often.

    Attributes:
        name: ``<kind>_before`` (the body is read, nothing is processed) or ``<kind>_after`` (the
            request is processed, then its answer is lost or garbled), or ``reset_during`` (cut with
            half of the body read, and nothing processed), or ``delay`` (answered correctly, but
            late). Kinds: ``reset`` cuts the connection; ``error_500`` and
            ``error_503`` (``Retry-After: 1``) answer so; ``stall`` never answers; ``truncated``
            promises more bytes than it sends, then hangs up; ``garbage``, ``html`` and ``empty``
            are HTTP 200 with such a body.
        rate: share of the requests it strikes, 0 to 1. Ignored in a script.
        seconds: how late a ``delay`` is; only there, and more than 0.

    Raises:
        ValueError: an unknown name (the message lists the valid ones), or a number out of range.
    """

    name: str = field(validator=_known)
    rate: float = field(default=1.0, validator=_share)
    seconds: float = field(default=0.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.name == DELAY and not 0 < self.seconds < math.inf:
            raise ValueError("a delay needs its seconds, more than 0: delay:RATE:SECONDS")
        if self.name != DELAY and self.seconds != 0:
            raise ValueError(f"only a delay takes seconds, {self.name} does not")

    @property
    def kind(self) -> str:
        """The name without its moment: ``reset``, ``stall``, ``delay``..."""
        return self.name.removesuffix("_before").removesuffix("_during").removesuffix("_after")

    @property
    def moment(self) -> Literal["before", "during", "after"]:
        """Whether it strikes before the request is processed, after, or while its body arrives."""
        if self.name == RESET_DURING:
            return "during"
        return "before" if self.name.endswith("_before") else "after"


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read faults written as ``NAME:RATE``, or ``delay:RATE:SECONDS``, separated by commas.

    Args:
        text: such as ``"reset_after:0.02,delay:0.01:0.2"``; empty for no faults.

    Raises:
        ValueError: the message names the part that cannot be read.
    """
    return tuple(_parse_one(part.strip()) for part in text.split(",") if part.strip())


def _parse_one(part: str) -> Fault:
    name, _, numbers = part.partition(":")
    rate, _, seconds = numbers.partition(":")
    try:
        return Fault(name, _number(rate, "rate"), seconds=_number(seconds or "0", "seconds"))
    except ValueError as error:
        raise ValueError(f"cannot read the fault {part!r}: {error}") from None


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{what} {text!r} is not a number; write NAME:RATE, or delay:RATE:SECONDS"
        ) from None


class Fates:
    """Deals each request its fault: the script first, then by rate.

    One number is drawn for every request, scripted or not, so the n-th request's fate depends on
    the seed and on n alone.
    """

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self._faults: Sequence[Fault] = tuple(faults)
        self._seed = seed
        # Rounded once only: decimals that add up to 1 do so here.
        if math.fsum(fault.rate for fault in self._faults) > 1:
            raise ValueError("the rates of all faults together must not exceed 1")
        self.restart()

    def restart(self) -> None:
        """Begin again at the first request, without a script."""
        self._random = random.Random(self._seed)  # noqa: S311 -- repeatable on purpose
        self._script: deque[Fault | None] = deque()

    def script(self, fates: Iterable[str | Fault | None]) -> None:
        """Append what happens to the next requests, in order; None is no fault."""
        read = [Fault(fate) if isinstance(fate, str) else fate for fate in fates]
        self._script.extend(read)

    def draw(self) -> Fault | None:
        """Return the next request's fault, or None."""
        drawn = self._random.random()
        if self._script:
            return self._script.popleft()
        edge = 0.0
        for fault in self._faults:
            edge += fault.rate
            if drawn < edge:
                return fault
        return None
