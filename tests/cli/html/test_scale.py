"""Axes: round marks, enough of them and not too many, and every value between their ends."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.cli.html.picture import Interval
from pushwoosh_async.cli.html.scale import linear, logarithmic, time_marks
from pushwoosh_async.cli.html.track import lay_out

seconds = st.floats(0.001, 300)


@given(st.floats(1e-4, 1e9), st.floats(0, 1))
def test_a_linear_scale(highest: float, part: float) -> None:
    """From 0 to at most double the highest value, in two to six marks; shares are proportional."""
    scale = linear(highest, whole=False)
    assert scale.marks[0].label == "0"
    assert (scale.marks[0].share, scale.marks[-1].share) == (0, 1)
    assert 2 <= len(scale.marks) <= 6
    assert 0.5 <= scale.share(highest) <= 1 + 1e-9
    assert scale.share(highest * part) == pytest.approx(scale.share(highest) * part)
    steps = [after.share - before.share for before, after in pairwise(scale.marks)]
    assert steps == pytest.approx([steps[0]] * len(steps))


@given(st.integers(1, 10**7))
def test_the_marks_of_a_linear_scale_are_true(highest: int) -> None:
    """A mark stands where its value does; whole numbers have whole marks."""
    scale = linear(highest, whole=True)
    for mark in scale.marks:
        assert scale.share(int(mark.label.replace(",", ""))) == pytest.approx(mark.share)


@given(seconds, seconds)
def test_a_logarithmic_scale(one: float, other: float) -> None:
    """Both ends lie within it; a power of ten is always the same length; infinity is its end."""
    low, high = sorted([one, other])
    scale = logarithmic(low, high)
    assert 0 <= scale.share(low) <= scale.share(high) <= 1 + 1e-9
    lengths = [scale.share(value * 10) - scale.share(value) for value in (0.01, 0.5, 3.0)]
    assert lengths == pytest.approx([lengths[0]] * 3)
    assert lengths[0] == pytest.approx(1 / (len(scale.marks) - 1))
    assert scale.share(inf) == 1


def test_the_marks_of_a_logarithmic_scale() -> None:
    """Powers of ten, in the units that people use."""
    marks = [(mark.share, mark.label) for mark in logarithmic(0.02, 30).marks]
    assert [label for _, label in marks] == ["10 ms", "100 ms", "1 s", "10 s", "100 s"]
    assert [share for share, _ in marks] == [0, 0.25, 0.5, 0.75, 1]


def course(*starts: float) -> list[Interval]:
    return [Interval(start=start) for start in starts]


@given(st.lists(st.integers(0, 500_000), min_size=2, max_size=40))
def test_times_do_not_run_into_each_other(starts: list[int]) -> None:
    """The beginning is marked, and no two labels stand closer than a telephone has room for."""
    marks = time_marks(lay_out(course(*(1_790_000_000 + 10.0 * start for start in starts))))
    assert marks[0].share == 0
    assert all(after.share - before.share >= 0.18 for before, after in pairwise(marks))
    assert all(0 <= mark.share <= 1 for mark in marks)


def test_times_are_round_and_true() -> None:
    """After the beginning, marks stand at times that people count in; a day is named where it begins."""
    midnight = 1_790_035_200  # 2026-09-22 00:00 UTC
    track = lay_out(course(*(midnight - 5400 + 60.0 * at for at in range(180))))
    marks = [(round(mark.share * 180), mark.label, mark.below) for mark in time_marks(track)]
    assert marks == [
        (0, "22:30", "21 Sep"),
        (90, "00:00", "22 Sep"),
        (150, "01:00", ""),
    ]


def test_a_resume_is_marked() -> None:
    """The first column after a pause is, before any round time near it."""
    begin = 1_790_035_200
    evening = [begin + 10.0 * at for at in range(60)]
    morning = [begin + 40_070 + 10.0 * at for at in range(60)]
    track = lay_out(course(*evening, *morning))
    after = (track.pauses[0].place + track.pauses[0].width) / track.width
    assert (after, "11:07:50") in [(mark.share, mark.label) for mark in time_marks(track)]
