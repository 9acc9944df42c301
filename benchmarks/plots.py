"""How a chart is drawn: bars from the left, a label before and a number behind each, as SVG."""

import math
from html import escape
from pathlib import Path

from benchmarks.figures import Chart

_WIDTH = 800
_LEFT = 320  # where the bars begin
_RIGHT = 110  # room for a number behind the longest
_ROW = 24
_TOP = 40


def draw(chart: Chart) -> str:
    """The chart as an SVG document."""
    height = _TOP + _ROW * len(chart.rows) + 12
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-weight="bold" fill="#222222">{escape(_title(chart))}</text>',
    ]
    for number, (label, value) in enumerate(chart.rows):
        lines += _row(_TOP + number * _ROW, label, value, _length(chart, value))
    return "\n".join([*lines, "</svg>", ""])


def save(chart: Chart, folder: Path) -> None:
    """Write it into the folder, under the chart's name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{chart.name}.svg").write_text(draw(chart), encoding="utf-8")


def _row(top: int, label: str, value: float, length: float) -> list[str]:
    colour = "#2f6f9f" if label.startswith(("library", "BatchingSender")) else "#b0b6bb"
    return [
        f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end" fill="#222222">{escape(label)}</text>',
        f'<rect x="{_LEFT}" y="{top + 2}" width="{length:.1f}" height="{_ROW - 8}" fill="{colour}"/>',
        f'<text x="{_LEFT + length + 6:.1f}" y="{top + 14}" fill="#222222">{_number(value)}</text>',
    ]


def _title(chart: Chart) -> str:
    return f"{chart.title}, {chart.unit}{' (logarithmic)' if chart.scale == 'log' else ''}"


def _length(chart: Chart, value: float) -> float:
    most = max(number for _, number in chart.rows)
    room = _WIDTH - _LEFT - _RIGHT
    if value <= 0:
        return 0.0
    if chart.scale == "linear":
        return room * value / most
    # From a tenth of the least, so that the shortest bar is still seen.
    start = math.log10(min(number for _, number in chart.rows if number > 0)) - 1
    return room * (math.log10(value) - start) / (math.log10(most) - start)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
