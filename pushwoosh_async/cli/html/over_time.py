"""What happened when? Charts of throughput, requests, holds and doubts. Pure."""

from collections.abc import Callable, Sequence

from pushwoosh_async.cli.html.chart import Series, bars, chart
from pushwoosh_async.cli.html.figures import amount, length, moment, span
from pushwoosh_async.cli.html.markup import Html, element, joined
from pushwoosh_async.cli.html.picture import Interval
from pushwoosh_async.cli.html.scale import linear
from pushwoosh_async.cli.html.track import Track
from pushwoosh_async.cli.words import count


def over_time(track: Track, requests: int) -> Html:
    """Return the charts; a sentence in their place for a run that fills no two columns.

    Args:
        track: of the run.
        requests: that the run made; some may be in no column.
    """
    missing = requests - sum(column.sums.requests for column in track.columns)
    if missing <= 0:
        return _course(track)
    known = _course(track) if track.columns else Html()
    which = count(missing, "request")
    are = "is" if missing == 1 else "are"
    told = f"{which} of sessions that were killed {are} not in the charts, nor in their figures."
    return joined(known, element("p", told))


def _course(track: Track) -> Html:
    if not track.columns:
        return element("p", "No request was made.")
    if len(track.columns) == 1:
        whole = length(track.seconds)
        return element("p", f"All of it happened within {whole}: there is no course to draw.")
    cut = " A dashed box stands for a long silence that is cut out." if track.pauses else ""
    reading = (
        f"Times are UTC. A column is {length(track.seconds)} wide; what is in it shows when it is "
        f"pointed at, and is in the table below the charts.{cut}"
    )
    return joined(element("p", reading), _throughput(track), _requests(track), _trouble(track))


def _throughput(track: Track) -> Html:
    series = (
        _series(track, "accepted", "accepted", lambda sums: sums.accepted / track.seconds),
        _series(track, "rejected", "rejected", lambda sums: sums.rejected / track.seconds),
        _series(track, "given up in doubt", "in-doubt", lambda sums: sums.in_doubt / track.seconds),
    )
    heights = _heights(series)
    peak = max(heights)
    when = moment(track.columns[heights.index(peak)].sums.start)
    words = "Nobody was."
    if peak:
        words = f"At most {amount(peak)} a second, at {when:%H:%M} on {when:%d %b}."
    return _stacked("Recipients settled per second", words, track, series, whole=False)


def _requests(track: Track) -> Html:
    requests = sum(column.sums.requests for column in track.columns)
    retries = sum(column.sums.retries for column in track.columns)
    series = (
        _series(
            track,
            "first attempts",
            "first",
            lambda sums: (sums.requests - sums.retries) / track.seconds,
        ),
        _series(track, "repeats", "repeat", lambda sums: sums.retries / track.seconds),
    )
    words = f"{count(requests, 'request')}, {retries:,} of them repeats."
    return _stacked("Requests begun per second", words, track, series, whole=False)


def _trouble(track: Track) -> Html:
    limited = sum(column.sums.limited for column in track.columns)
    doubts = sum(column.sums.doubts for column in track.columns)
    series = (
        _series(track, "429: every request is held", "limited", lambda sums: sums.limited),
        _series(track, "no clear answer", "doubt", lambda sums: sums.doubts),
    )
    words = "No answer said 429, and every attempt that was handed over was clearly answered."
    if limited or doubts:
        words = (
            f"{count(limited, 'answer')} said 429, which holds every request for a while. "
            f"{count(doubts, 'attempt was', 'attempts were')} handed over and not clearly answered."
        )
    title = f"Holds and doubts in {length(track.seconds)}"
    return _stacked(title, words, track, series, whole=True)


def _series(track: Track, name: str, look: str, value: Callable[[Interval], float]) -> Series:
    return Series(name, look, [value(column.sums) for column in track.columns])


def _heights(series: Sequence[Series]) -> list[float]:
    return [sum(filter(None, values)) for values in zip(*(s.values for s in series), strict=True)]


def _stacked(
    title: str, words: str, track: Track, series: Sequence[Series], *, whole: bool
) -> Html:
    highest = max(_heights(series))
    if highest == 0:
        return element("figure", element("figcaption", element("h3", title), element("p", words)))
    scale = linear(highest, whole=whole)
    return chart(
        title,
        words,
        track=track,
        scale=scale,
        series=series,
        drawing=bars(track, scale, series),
        hints=[_hint(track, series, at) for at in range(len(track.columns))],
    )


def _hint(track: Track, series: Sequence[Series], at: int) -> str:
    values = ", ".join(f"{each.name} {amount(each.values[at] or 0)}" for each in series)
    return f"{span(track.columns[at].sums.start, track.seconds)}: {values}"
