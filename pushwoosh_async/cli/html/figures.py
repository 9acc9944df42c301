"""How are values, shares, times and seconds written in a report? Pure."""

from datetime import UTC, datetime
from math import floor, isinf


def amount(value: float) -> str:
    """Return ``"12,000"``, ``"0.25"``."""
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"


def percent(part: int, whole: int) -> str:
    """Return ``"12.5 %"``: never all of it where something is missing, never nothing where something is."""
    if part in {0, whole}:
        return "100 %" if part else "0 %"
    hundredths = floor(10_000 * part / whole)
    return f"{hundredths / 100:g} %" if hundredths else "under 0.01 %"


def moment(seconds: float) -> datetime:
    """Return the moment, in UTC: a file goes round among people in several zones."""
    return datetime.fromtimestamp(seconds, UTC)


def latency(seconds: float) -> str:
    """Return ``"10 ms"``, ``"1.25 s"``."""
    if isinf(seconds):
        return "longer than is measured"
    return f"{amount(seconds * 1000)} ms" if seconds < 0.9995 else f"{amount(seconds)} s"


def length(seconds: int) -> str:
    """Return the width of a column: ``"10 s"``, ``"15 min"``, ``"2 h"``, ``"1 d"``."""
    units = {"d": 86_400, "h": 3600, "min": 60, "s": 1}
    unit = next(unit for unit, size in units.items() if seconds % size == 0)
    return f"{seconds // units[unit]:,} {unit}"


def span(start: float, seconds: int) -> str:
    """Return ``"31 Jan 09:00:10 to 09:00:20"``."""
    return f"{moment(start):%d %b %H:%M:%S} to {moment(start + seconds):%H:%M:%S}"
