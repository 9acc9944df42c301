"""How are numbers and times written for people? Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime


def count(number: int, thing: str, things: str = "") -> str:
    """Return ``"1 request"``, ``"2,000 requests"``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def numbers(start: int, stop: int) -> str:
    """Return an input range as people count, from 1: ``"778"``, ``"1 to 1,000"``."""
    return f"{stop:,}" if stop == start + 1 else f"{start + 1:,} to {stop:,}"


def ids(start: int, stop: int) -> str:
    """Return whom an input range names: ``"id 778"``, ``"ids 1 to 1,000"``."""
    return f"{'id' if stop == start + 1 else 'ids'} {numbers(start, stop)}"


def sentence(text: str) -> str:
    """Return it with one full stop at its end: an error may have its own."""
    return f"{text.rstrip(' .')}."


def joined(text: str, notes: Iterable[str]) -> str:
    """Return a text and what is added to it, each a sentence; without notes the text as it is."""
    *before, last = [text, *notes]
    return " ".join([*map(sentence, before), last])


def duration(seconds: float) -> str:
    """Return ``"4 s"``, ``"1 min 40 s"``, ``"2 h 5 min"``."""
    whole = max(round(seconds), 0)
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    return f"{minutes} min {rest} s" if hours == 0 else f"{hours:,} h {left} min"


def moment(when: datetime | None) -> str:
    """Return ``"2030-01-31 09:00"``; ``"-"`` where it is not known."""
    return "-" if when is None else f"{when:%Y-%m-%d %H:%M}"


def table(rows: dict[str, str]) -> str:
    """Return lines of labels and right-aligned values."""
    left = max(map(len, rows))
    right = max(map(len, rows.values()))
    return "\n".join(f"  {label:<{left}}  {value:>{right}}" for label, value in rows.items())


def listing(rows: Mapping[str, str]) -> str:
    """Return lines of labels and left-aligned values, which may be texts."""
    left = max(map(len, rows))
    return "\n".join(f"  {label:<{left}}  {value}" for label, value in rows.items())
