"""How does a run of any length fit the width of a page? As at most some two hundred columns of equal
time, with long silences cut out. Pure.
"""  # noqa: D205 -- the reason belongs to the sentence

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from pushwoosh_async.cli.html.picture import SECONDS, Interval

COLUMNS = 200

_DAY = 86_400
_STEPS = (10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, _DAY)

# A crash and its resume days later would leave two slivers at the edges. What is shorter than ten minutes
# is an outage or a hold, which belongs into the picture.
_SILENCE = 600
_CUTS = 40

_COUNTS = ("requests", "retries", "limited", "doubts", "accepted", "rejected", "in_doubt")


@dataclass(frozen=True)
class Column:
    """What happened in a column.

    Attributes:
        place: its left edge; a column is one wide.
        sums: of its intervals; `sums.start` is its own.
    """

    place: int
    sums: Interval


@dataclass(frozen=True)
class Pause:
    """A silence that was cut out.

    Attributes:
        place: its left edge.
        width: of the mark that stands for it.
        seconds: how long it was.
    """

    place: int
    width: int
    seconds: float


@dataclass(frozen=True)
class Track:
    """The columns of a run.

    Attributes:
        width: of all columns and pauses.
        seconds: of one column.
        columns: in the order of time, those without events between others too.
        pauses: in the order of time.
    """

    width: int
    seconds: int
    columns: tuple[Column, ...]
    pauses: tuple[Pause, ...]


def steps() -> Iterator[int]:
    """Yield lengths of time that people count in, in seconds, without an end."""
    yield from _STEPS
    yield from (_DAY * 2**power for power in count(1))


def together(start: float, intervals: Iterable[Interval]) -> Interval:
    """Return the sums of several intervals."""
    latencies: Counter[float] = Counter()
    counts = dict.fromkeys(_COUNTS, 0)
    for each in intervals:
        latencies.update(each.latencies)
        for name in _COUNTS:
            counts[name] += getattr(each, name)
    return Interval(start=start, latencies=+latencies, **counts)


def lay_out(intervals: Sequence[Interval]) -> Track:
    """Return the columns of a run; none of a run without intervals."""
    starts = sorted({each.start for each in intervals})
    silences = _silences(starts)
    seconds, stretches = next(
        (step, stretches)
        for step in steps()
        if sum(map(len, stretches := _stretches(starts, silences, step))) <= COLUMNS
    )
    parts: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in intervals:
        parts[int(each.start // seconds)].append(each)
    # A mark is to be seen, and all of them together leave most of the width to the columns.
    gap = max(1, sum(map(len, stretches)) // (20 + 5 * len(stretches)))
    columns: list[Column] = []
    pauses: list[Pause] = []
    place = 0
    for stretch in stretches:
        if columns:
            silence = stretch[0] * seconds - columns[-1].sums.start - seconds
            pauses.append(Pause(place, gap, silence))
            place += gap
        sums = (together(ordinal * seconds, parts[ordinal]) for ordinal in stretch)
        columns += [Column(at, each) for at, each in enumerate(sums, place)]
        place += len(stretch)
    return Track(place, seconds, tuple(columns), tuple(pauses))


def _silences(starts: Sequence[float]) -> list[tuple[float, float]]:
    """Return the silences to cut out, the longest if they are many: how long, and the start after each."""
    gaps = ((after - before - SECONDS, after) for before, after in pairwise(starts))
    return sorted((gap for gap in gaps if gap[0] > _SILENCE), reverse=True)[:_CUTS]


def _stretches(
    starts: Sequence[float], silences: Iterable[tuple[float, float]], step: int
) -> list[range]:
    """Return the columns between the cuts, as ordinals of this step since the epoch."""
    if not starts:
        return []
    # Three columns at least, so that two stretches never share one.
    cuts = sorted(after for silence, after in silences if silence > 3 * step)
    edges = [starts[0], *cuts]
    lasts = [max(start for start in starts if start < cut) for cut in cuts] + [starts[-1]]
    return [
        range(int(first // step), int(last // step) + 1)
        for first, last in zip(edges, lasts, strict=True)
    ]
