"""How long did attempts take, on the whole and over time? A table, and a chart. Pure."""

from collections.abc import Mapping
from math import isinf

from pushwoosh_async.cli.html.chart import Series, chart, steps
from pushwoosh_async.cli.html.figures import latency, span
from pushwoosh_async.cli.html.markup import Html, element, joined
from pushwoosh_async.cli.html.scale import logarithmic
from pushwoosh_async.cli.html.tables import table
from pushwoosh_async.cli.html.track import Track, together
from pushwoosh_async.cli.words import count

PERCENTILES = {"half": 0.5, "nine in ten": 0.9, "99 in 100": 0.99}
"""Those that a report shows, by what is said of them."""

_LOOKS = ("line-half", "line-nine", "line-most")


def percentile(latencies: Mapping[float, int], share: float) -> float:
    """Return the seconds within which a share of the attempts was over.

    Args:
        latencies: upper bound of a class, which may be infinite, to number of attempts; not empty.
        share: 0 to 1; 1 for the slowest.

    Returns:
        The upper bound of the class that it falls into.
    """
    # Rounded, since a share of 0.9 must not ask for a hair more than 9 attempts of 10.
    wanted = round(share * sum(latencies.values()), 6)
    passed = 0
    *others, last = sorted(latencies)
    for bound in others:
        passed += latencies[bound]
        if passed >= wanted:
            return bound
    return last


def latencies_of(track: Track) -> Html:
    """Return what is known of the latencies; a sentence where nothing is."""
    whole = together(0, (column.sums for column in track.columns)).latencies
    if not whole:
        return element("p", "No attempt came to an end.")
    shares = {name: percentile(whole, share) for name, share in PERCENTILES.items()}
    shares["all"] = percentile(whole, 1)
    attempts = count(sum(whole.values()), "attempt")
    words = (
        f"How long {attempts} took, each to its answer or its failure. Times are counted in classes; "
        "what is shown is the upper bound of a class."
    )
    rows = [[name, latency(seconds)] for name, seconds in shares.items()]
    return joined(
        element("p", words),
        table("All attempts", ["Of the attempts", "took at most"], rows, numbers=(1,)),
        _course(track),
    )


def _course(track: Track) -> Html:
    series = [_series(track, *each) for each in zip(PERCENTILES, _LOOKS, strict=True)]
    seen = [value for each in series for value in each.values if value and not isinf(value)]
    if len(track.columns) < 2 or not seen:
        return Html()
    scale = logarithmic(min(seen), max(seen))
    return chart(
        "Latency of attempts, each step of the scale ten times the one below",
        f"Half of a column's attempts took at most {latency(min(seen))} at best; "
        f"99 in 100 at most {latency(max(seen))} at worst.",
        track=track,
        scale=scale,
        series=series,
        drawing=steps(track, scale, series),
        hints=[_hint(track, series, at) for at in range(len(track.columns))],
    )


def _series(track: Track, name: str, look: str) -> Series:
    share = PERCENTILES[name]
    values = [
        percentile(column.sums.latencies, share) if column.sums.latencies else None
        for column in track.columns
    ]
    return Series(name, look, values)


def _hint(track: Track, series: list[Series], at: int) -> str:
    when = span(track.columns[at].sums.start, track.seconds)
    values = [(each.name, each.values[at]) for each in series]
    words = ", ".join(f"{name} {latency(value)}" for name, value in values if value is not None)
    return f"{when}: {words or 'no attempt came to an end'}"
