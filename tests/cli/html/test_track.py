"""A run of any length becomes at most 200 columns, in which nothing is lost."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async.cli.html.picture import Interval
from pushwoosh_async.cli.html.track import COLUMNS, Track, lay_out

COUNTS = ("requests", "retries", "limited", "doubts", "accepted", "rejected", "in_doubt")
EPOCH = 1_790_000_000


def intervals_of(starts: list[int]) -> list[Interval]:
    return [
        Interval(
            start=EPOCH + 10.0 * start, requests=start % 7 + 1, retries=start % 2, limited=start % 3,
            doubts=start % 5, accepted=start % 11, rejected=start % 13, in_doubt=start % 17,
            latencies={0.1 * (start % 3 + 1): 2, 1.0: start % 2},
        )
        for start in starts
    ]  # fmt: skip


courses = st.builds(
    lambda stretches: [
        begin + at for begin, length, step in stretches for at in range(0, length * step, step)
    ],
    st.lists(
        st.tuples(
            st.integers(0, 60_000) | st.integers(0, 30_000_000),
            st.integers(1, 300),
            st.integers(1, 90),
        ),
        max_size=60,
    ),
)


def add(total: dict[float, int], more: Mapping[float, int]) -> None:
    for bound, number in more.items():
        total[bound] = total.get(bound, 0) + number


@settings(max_examples=60, deadline=None)
@given(courses)
def test_nothing_is_lost(starts: list[int]) -> None:
    """The columns' sums and latencies are the intervals', each in the column of its time."""
    intervals = intervals_of(starts)
    track = lay_out(intervals)
    for name in COUNTS:
        given_sum = sum(getattr(each, name) for each in intervals)
        assert sum(getattr(column.sums, name) for column in track.columns) == given_sum
    there: dict[float, int] = {}
    shown: dict[float, int] = {}
    for each in intervals:
        add(there, each.latencies)
    for column in track.columns:
        add(shown, column.sums.latencies)
    assert shown == {bound: number for bound, number in there.items() if number}
    beginnings = {column.sums.start for column in track.columns}
    assert {each.start // track.seconds * track.seconds for each in intervals} <= beginnings


@settings(max_examples=60, deadline=None)
@given(courses)
def test_columns_and_pauses_fill_the_width(starts: list[int]) -> None:
    """Side by side, in the order of time, all of one length, at most 200 of them."""
    track = lay_out(intervals_of(starts))
    assert len(track.columns) <= COLUMNS
    assert bool(track.columns) == bool(starts)
    parts = sorted(
        [(column.place, 1) for column in track.columns]
        + [(pause.place, pause.width) for pause in track.pauses]
    )
    assert [place + width for place, width in parts] == [
        *(place for place, _ in parts[1:]),
        *([track.width] if parts else []),
    ]
    assert all(width >= 1 for _, width in parts)
    columns_width = len(track.columns)
    assert track.width - columns_width <= columns_width / 3 + len(track.pauses)
    check_times(track)


def check_times(track: Track) -> None:
    """Between two columns lies nothing, or a pause that is as long as it says."""
    pauses = {pause.place + pause.width: pause for pause in track.pauses}
    for before, after in pairwise(track.columns):
        silence = after.sums.start - before.sums.start - track.seconds
        pause = pauses.get(after.place)
        assert silence == (pause.seconds if pause else 0)
        assert pause is None or pause.seconds > track.seconds


def test_a_short_run_keeps_its_ten_seconds() -> None:
    """Nothing is added up that need not be."""
    track = lay_out(intervals_of(list(range(150))))
    assert (track.seconds, len(track.columns), track.pauses) == (10, 150, ())


def test_an_outage_is_drawn_and_a_night_is_cut_out() -> None:
    """Up to ten minutes of silence stay; a resume in the morning stands beside the evening before."""
    outage = [*range(30), *range(90, 120)]
    assert [c.sums.requests for c in lay_out(intervals_of(outage)).columns].count(0) == 60
    night = lay_out(intervals_of([*range(30), *range(4000, 4030)]))
    assert len(night.columns) == 60
    assert [pause.seconds for pause in night.pauses] == [39_700]
    assert [pause.width for pause in lay_out(intervals_of([0, 9000])).pauses] == [1]


def test_every_resume_of_a_month_is_seen() -> None:
    """A send that is drained each evening is drawn as thirty stretches."""
    track = lay_out(intervals_of([day * 8640 + at for day in range(30) for at in range(60)]))
    assert len(track.pauses) == 29
    assert len(track.columns) >= 150


def test_two_intervals_with_one_start_both_count() -> None:
    """A resume within the same ten seconds writes its own."""
    one = intervals_of([5])[0]
    (column,) = lay_out([one, replace(one, accepted=100)]).columns
    assert column.sums.accepted == one.accepted + 100
    assert column.sums.requests == 2 * one.requests
