"""What is drawn is what happened."""

import re
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async.cli.html.chart import HEIGHT, Series, bars, steps
from pushwoosh_async.cli.html.latencies import percentile
from pushwoosh_async.cli.html.over_time import over_time
from pushwoosh_async.cli.html.picture import Interval
from pushwoosh_async.cli.html.scale import Scale
from pushwoosh_async.cli.html.track import Track, lay_out

from .campaign import campaign
from .reading import Element, read, section

CAMPAIGN = campaign()
PLAIN = Scale(lambda value: value / 1000, ())

values = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300)),
    min_size=1,
    max_size=20,
)


def track_of(number: int) -> Track:
    return lay_out([Interval(start=1_790_000_000 + 10.0 * at) for at in range(number)])


@given(values)
def test_bars_stand_on_each_other(heights: list[tuple[int, int, int]]) -> None:
    """A bar is as high as its value, on the one before it; a small value is seen all the same."""
    track = track_of(len(heights))
    names = ("a", "b", "c")
    series = [
        Series(n, n, column) for n, column in zip(names, zip(*heights, strict=True), strict=True)
    ]
    tops = [0.0] * len(heights)
    for at, path in enumerate(read(bars(track, PLAIN, series)).all("path")):
        assert path.looks_like(names[at])
        drawn = re.findall(r"M(\d+) ([\d.]+)h1v([\d.]+)h-1z", path.attributes["d"])
        assert [int(place) for place, _, _ in drawn] == [
            place for place, column in enumerate(heights) if column[at]
        ]
        for place, top, height in drawn:
            value = heights[int(place)][at]
            assert float(height) == pytest.approx(max(value / 10, 1.2), abs=0.002)
            tops[int(place)] += float(height)
            assert HEIGHT - float(top) == pytest.approx(tops[int(place)], abs=0.01)


def test_lines_stop_where_nothing_is_known() -> None:
    """Neighbours are joined; over a gap there is no line."""
    track = track_of(5)
    drawn = read(steps(track, PLAIN, [Series("a", "line-half", [100, 250, None, 0, None])]))
    assert drawn.all("path")[0].attributes["d"] == "M0 90h1V75h1M3 100h1"


def figures_of(element: Element) -> dict[str, Element]:
    return {each.all("h3")[0].text: each for each in element.all("figure")}


def test_the_course_of_a_campaign() -> None:
    """Throughput, requests, holds and doubts, each with a sentence that sums it up."""
    figures = figures_of(section(CAMPAIGN, "Course"))
    assert list(figures) == [
        "Recipients settled per second",
        "Requests begun per second",
        "Holds and doubts in 20 s",
    ]
    words = [each.all("p")[0].text for each in figures.values()]
    limited = sum(each.limited for each in CAMPAIGN.intervals)
    doubts = sum(each.doubts for each in CAMPAIGN.intervals)
    assert words[0].startswith("At most 10,050 a second, at 09:")
    assert words[1] == (
        f"{CAMPAIGN.report.requests:,} requests, {CAMPAIGN.report.retries:,} of them repeats."
    )
    assert words[2].startswith(f"{limited} answers said 429")
    assert f"{doubts} attempts were handed over and not clearly answered." in words[2]


def test_the_peak_is_found() -> None:
    """The column in which most recipients were settled, whatever became of them."""
    course = [
        Interval(start=1_790_035_200 + 60 * at, accepted=9, rejected=at % 4) for at in range(7)
    ]
    throughput = figures_of(read(over_time(lay_out(course), 0)))["Recipients settled per second"]
    assert throughput.all("p")[0].text == "At most 1.2 a second, at 00:03 on 22 Sep."


def test_a_column_tells_its_values() -> None:
    """Pointed at, it says when it was and how much of each; rates are per second."""
    course = [
        Interval(
            start=1_790_035_200, requests=20, retries=5, accepted=15_000, rejected=500, doubts=3
        ),
        Interval(start=1_790_035_210, requests=1, limited=1, in_doubt=10),
    ]
    titles = [each.text for each in read(over_time(lay_out(course), 0)).all("title")]
    first, second = "22 Sep 00:00:00 to 00:00:10", "22 Sep 00:00:10 to 00:00:20"
    assert titles == [
        f"{first}: accepted 1,500, rejected 50, given up in doubt 0",
        f"{second}: accepted 0, rejected 0, given up in doubt 1",
        f"{first}: first attempts 1.5, repeats 0.5",
        f"{second}: first attempts 0.1, repeats 0",
        f"{first}: 429: every request is held 0, no clear answer 3",
        f"{second}: 429: every request is held 1, no clear answer 0",
    ]


def test_a_pause_is_marked_in_every_chart() -> None:
    """It says how long the silence was, and the text above says what the mark means."""
    shown = section(CAMPAIGN, "Course")
    marks = [each for each in shown.all("rect") if each.looks_like("pause")]
    assert [each.text for each in marks] == ["cut out: 55 min 0 s without a request"] * 3
    assert "A dashed box stands for a long silence" in shown.text
    unbroken = replace(CAMPAIGN, intervals=CAMPAIGN.intervals[:100])
    assert "A dashed box" not in section(unbroken, "Course").text


def test_what_did_not_happen_is_not_drawn() -> None:
    """A run without trouble has a sentence in place of an empty chart, an outage has no throughput."""
    calm = [Interval(start=1_790_000_000 + 10 * at, requests=9, accepted=9) for at in range(5)]
    figures = figures_of(read(over_time(lay_out(calm), 0)))
    assert not figures["Holds and doubts in 10 s"].all("svg")
    assert "No answer said 429" in figures["Holds and doubts in 10 s"].text
    outage = [replace(each, accepted=0, doubts=1) for each in calm]
    figures = figures_of(read(over_time(lay_out(outage), 0)))
    assert "Nobody was." in figures["Recipients settled per second"].text
    assert not figures["Recipients settled per second"].all("svg")
    assert (
        "5 attempts were handed over and not clearly answered"
        in figures["Holds and doubts in 10 s"].text
    )
    assert figures["Holds and doubts in 10 s"].all("svg")


@given(
    st.dictionaries(st.floats(0.001, 300) | st.just(inf), st.integers(1, 50), min_size=1),
    st.sampled_from([0.5, 0.9, 0.99, 1.0]),
)
def test_a_percentile(latencies: dict[float, int], share: float) -> None:
    """It is the smallest class by which at least this share of the attempts was over."""
    found = percentile(latencies, share)
    attempts = sum(latencies.values())

    def over(bound: float) -> float:
        return sum(number for other, number in latencies.items() if other <= bound) / attempts

    assert over(found) >= share - 1e-9
    assert all(over(other) < share for other in latencies if other < found)


def test_the_latencies_of_a_run() -> None:
    """On the whole they are those of all columns together, not means of theirs."""
    course = (
        Interval(start=1_790_000_000, latencies={0.1: 98, 0.2: 1}),
        Interval(start=1_790_000_010, latencies={2.5: 1}),
    )
    found = section(replace(CAMPAIGN, intervals=course), "Latency")
    assert found.all("table")[0].rows()[1:] == [
        ["half", "100 ms"], ["nine in ten", "100 ms"], ["99 in 100", "200 ms"], ["all", "2.5 s"],
    ]  # fmt: skip
    assert "How long 100 attempts took" in found.text
    lines = [
        each
        for each in found.all("path")
        if each.looks_like("line") and "v" in each.attributes["d"].lower()
    ]
    assert [each.attributes["class"] for each in lines] == [
        "line line-half",
        "line line-nine",
        "line line-most",
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([0.05, 1.0, inf]), st.integers(1, 5)),
        min_size=2,
        max_size=4,
    )
)
def test_latencies_beyond_measure(latencies: list[dict[float, int]]) -> None:
    """They are told in words, and are no value off the chart."""
    course = tuple(
        Interval(start=1_790_000_000 + 10 * at, latencies=each) for at, each in enumerate(latencies)
    )
    found = section(replace(CAMPAIGN, intervals=course), "Latency")
    beyond = any(inf in each for each in latencies)
    assert ("longer than is measured" in found.text) == beyond
    for path in found.all("path"):
        assert "inf" not in path.attributes["d"]
        assert "nan" not in path.attributes["d"]


def test_the_table_has_what_the_charts_show() -> None:
    """Every column is a row, whose sums are those of the run."""
    (details,) = section(CAMPAIGN, "Latency").all("details")
    head, *rows = details.all("table")[0].rows()
    track = lay_out(CAMPAIGN.intervals)
    assert len(rows) == len(track.columns)
    for name, label in [("Requests", "requests"), ("Accepted", "accepted"), ("In doubt", "in_doubt"),
                        ("429", "limited"), ("Unclear", "doubts"), ("Repeats", "retries"),
                        ("Rejected", "rejected")]:  # fmt: skip
        shown = sum(int(row[head.index(name)].replace(",", "")) for row in rows)
        assert shown == sum(getattr(each, label) for each in CAMPAIGN.intervals)
    assert rows[0][0] == "20 Nov 09:00:00"
    assert head[-3:] == ["half", "nine in ten", "99 in 100"]


@pytest.mark.parametrize("number", [0, 1, 5])
def test_requests_that_no_slice_has_are_told(number: int) -> None:
    """A session that was killed takes its last slice with it: in one sentence, and only then."""
    course = [Interval(start=1_790_000_000 + 10 * at, requests=9) for at in range(number)]
    made = 9 * number
    assert "killed" not in read(over_time(lay_out(course), made)).text
    told = read(over_time(lay_out(course), made + 2000)).text
    assert told.endswith(
        "2,000 requests of sessions that were killed are not in the charts, nor in their figures."
    )
    assert "No request was made" not in told
