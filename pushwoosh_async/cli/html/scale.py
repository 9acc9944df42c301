"""Where does a value stand on an axis, and which marks does the axis bear? Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, isinf, log10

from pushwoosh_async.cli.html.figures import amount, latency, moment
from pushwoosh_async.cli.html.track import Track, steps

# As a share of the width: a label needs room on a telephone too.
_APART = 0.18


@dataclass(frozen=True)
class Mark:
    """A labelled place on an axis.

    Attributes:
        share: of the axis, from 0 at its beginning to 1.
        label: what it says.
        below: what it says on a second line; empty for nothing.
    """

    share: float
    label: str
    below: str = ""


@dataclass(frozen=True)
class Scale:
    """An axis that values stand on.

    Attributes:
        share: where a value stands, from 0 to 1.
        marks: labelled places.
    """

    share: Callable[[float], float]
    marks: tuple[Mark, ...]


def linear(highest: float, *, whole: bool) -> Scale:
    """Return a scale from 0 to a round number above the highest value.

    Args:
        highest: of the values; more than 0.
        whole: values are whole numbers, and so are the marks.
    """
    rough = highest / 4
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if rough <= factor * power)
    step = max(step, 1.0) if whole else step
    parts = max(ceil(highest / step), 1)
    marks = (Mark(part / parts, amount(part * step)) for part in range(parts + 1))
    return Scale(lambda value: value / (step * parts), tuple(marks))


def logarithmic(lowest: float, highest: float) -> Scale:
    """Return a scale of seconds from a power of ten to another; what is infinite stands at its end."""
    first = floor(log10(lowest))
    last = max(ceil(log10(highest)), first + 1)
    decades = last - first
    marks = (Mark(part / decades, latency(10.0 ** (first + part))) for part in range(decades + 1))

    def share(value: float) -> float:
        return 1.0 if isinf(value) else (log10(value) - first) / decades

    return Scale(share, tuple(marks))


def time_marks(track: Track) -> tuple[Mark, ...]:
    """Return the times to write under a chart: where each stretch begins, and round ones between."""
    step = next(step for step in steps() if step >= _APART * track.seconds * track.width)
    kept: list[tuple[float, float]] = []
    for share, when in [*_beginnings(track), *_round_times(track, step)]:
        if all(abs(share - other) >= _APART for other, _ in kept):
            kept.append((share, when))
    marks = []
    day = ""
    for share, when in sorted(kept):
        now = f"{moment(when):%d %b}"
        clock = "%H:%M:%S" if step < 60 or when % 60 else "%H:%M"
        marks.append(Mark(share, f"{moment(when):{clock}}", "" if now == day else now))
        day = now
    return tuple(marks)


def _beginnings(track: Track) -> list[tuple[float, float]]:
    after = {0} | {pause.place + pause.width for pause in track.pauses}
    return [(c.place / track.width, c.sums.start) for c in track.columns if c.place in after]


def _round_times(track: Track, step: int) -> list[tuple[float, float]]:
    found = []
    for column in track.columns:
        when = ceil(column.sums.start / step) * step
        into = (when - column.sums.start) / track.seconds
        if into < 1:
            found.append(((column.place + into) / track.width, float(when)))
    return found
