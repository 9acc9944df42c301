"""What do the charts show, in figures? One row for a column. Pure."""

from pushwoosh_async.cli.html.figures import latency, length, moment
from pushwoosh_async.cli.html.latencies import PERCENTILES, percentile
from pushwoosh_async.cli.html.markup import Html, element
from pushwoosh_async.cli.html.tables import table
from pushwoosh_async.cli.html.track import Column, Track

_HEAD = (
    "From", "Requests", "Repeats", "429", "Unclear", "Accepted", "Rejected", "In doubt", *PERCENTILES
)  # fmt: skip


def course_table(track: Track) -> Html:
    """Return the table, folded; nothing where there is no chart."""
    if len(track.columns) < 2:
        return Html()
    caption = f"{length(track.seconds)} from each of these times (UTC)"
    rows = [_cells(column) for column in track.columns]
    return element(
        "details",
        element("summary", "The charts in figures"),
        table(caption, _HEAD, rows, numbers=range(1, len(_HEAD))),
    )


def _cells(column: Column) -> list[str]:
    sums = column.sums
    counts = (
        sums.requests, sums.retries, sums.limited, sums.doubts,
        sums.accepted, sums.rejected, sums.in_doubt,
    )  # fmt: skip
    times = (
        latency(percentile(sums.latencies, share)) if sums.latencies else "-"
        for share in PERCENTILES.values()
    )
    return [f"{moment(sums.start):%d %b %H:%M:%S}", *(f"{n:,}" for n in counts), *times]
