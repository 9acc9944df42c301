"""How is a chart drawn? Inline SVG that stretches with the page, and labels that do not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pushwoosh_async.cli.html.markup import Html, element, joined, number
from pushwoosh_async.cli.html.scale import Mark, Scale, time_marks
from pushwoosh_async.cli.html.track import Track
from pushwoosh_async.cli.words import duration

HEIGHT = 100
"""Of a plot, in its own units, whatever its size on a screen."""

# Four outcomes among a million others are still to be seen: about two dots of a screen.
_LEAST = 1.2


@dataclass(frozen=True)
class Series:
    """A value for each column.

    Attributes:
        name: in the legend.
        look: class of the style sheet.
        values: one for each column; None where there is none.
    """

    name: str
    look: str
    values: Sequence[float | None]


def chart(
    title: str,
    words: str,
    *,
    track: Track,
    scale: Scale,
    series: Sequence[Series],
    drawing: Html,
    hints: Sequence[str],
) -> Html:
    """Return a chart with its heading and legend.

    Args:
        title: what the values are, with their unit.
        words: what the chart shows, in a sentence: for those who do not see it too.
        track: its columns.
        scale: its values.
        series: what the legend lists.
        drawing: `bars` or `steps`.
        hints: what a column says when it is pointed at.
    """
    plot = element(
        "svg",
        _grid(scale, track.width),
        drawing,
        *(_pause(pause.place, pause.width, pause.seconds) for pause in track.pauses),
        *(_hint(column.place, hint) for column, hint in zip(track.columns, hints, strict=True)),
        class_="plot",
        viewBox=f"0 0 {track.width} {HEIGHT}",
        preserveAspectRatio="none",
    )
    return element(
        "figure",
        element("figcaption", element("h3", title), element("p", words), legend(series)),
        element(
            "div",
            _upright(scale.marks),
            plot,
            _lying(time_marks(track)),
            class_="chart",
            role="img",
            aria_label=f"Chart. {title}. {words}",
        ),
    )


def bars(track: Track, scale: Scale, series: Sequence[Series]) -> Html:
    """Return columns that stand one on the other."""
    feet = [0.0] * len(track.columns)
    layers = []
    for each in series:
        path = ""
        for at, (column, value) in enumerate(zip(track.columns, each.values, strict=True)):
            if value:
                height = max(scale.share(value) * HEIGHT, _LEAST)
                top = number(HEIGHT - feet[at] - height)
                path += f"M{column.place} {top}h1v{number(height)}h-1z"
                feet[at] += height
        layers.append(element("path", d=path, class_=f"fill {each.look}"))
    return joined(*layers)


def steps(track: Track, scale: Scale, series: Sequence[Series]) -> Html:
    """Return lines that are level within a column, and stop where there is no value."""
    return joined(
        *(
            element("path", d=_steps(track, scale, each.values), class_=f"line {each.look}")
            for each in series
        )
    )


def _steps(track: Track, scale: Scale, values: Sequence[float | None]) -> str:
    path = ""
    end = -1
    for column, value in zip(track.columns, values, strict=True):
        if value is None:
            continue
        y = number(HEIGHT - scale.share(value) * HEIGHT)
        path += f"V{y}h1" if end == column.place else f"M{column.place} {y}h1"
        end = column.place + 1
    return path


def legend(series: Sequence[Series]) -> Html:
    """Return what the colours mean."""
    return element(
        "ul",
        *(element("li", swatch(each.look), f" {each.name}") for each in series),
        class_="legend",
    )


def swatch(look: str) -> Html:
    """Return a spot of colour, which says nothing to those who do not see it."""
    spot = element("path", d="M0 0h16v12h-16z", class_=f"fill {look}")
    line = element("path", d="M0 6h16", class_=f"line {look}")
    drawn = line if look.startswith("line-") else spot
    return element(
        "svg", drawn, class_="swatch", viewBox="0 0 16 12", aria_hidden="true", focusable="false"
    )


def _grid(scale: Scale, width: int) -> Html:
    path = "".join(f"M0 {number(HEIGHT - mark.share * HEIGHT)}h{width}" for mark in scale.marks)
    return element("path", d=path, class_="grid")


def _pause(place: int, width: int, seconds: float) -> Html:
    hint = element("title", f"cut out: {duration(seconds)} without a request")
    return element("rect", hint, x=place, y=0, width=width, height=HEIGHT, class_="pause")


def _hint(place: int, text: str) -> Html:
    return element(
        "rect",
        element("title", text),
        x=place,
        y=0,
        width=1,
        height=HEIGHT,
        class_="hint",
    )


def _upright(marks: Sequence[Mark]) -> Html:
    labels = (
        element("text", mark.label, x="100%", y=f"{number(100 - 100 * mark.share)}%")
        for mark in marks
    )
    return element("svg", *labels, class_="upright")


def _lying(marks: Sequence[Mark]) -> Html:
    labels = []
    for mark in marks:
        x = f"{number(100 * mark.share)}%"
        anchor = "start" if mark.share < 0.02 else "end" if mark.share > 0.95 else "middle"
        labels.append(element("text", mark.label, x=x, y=14, text_anchor=anchor))
        if mark.below:
            labels.append(element("text", mark.below, x=x, y=28, text_anchor=anchor))
    return element("svg", *labels, class_="lying")
