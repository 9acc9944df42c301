"""What does a server that writes numbers as texts, and nothing as ``""``, ``[]`` or null, mean?

Each function returns the value, or the empty one of its kind where there is none to be read. For
answers only: nothing that is sent passes through here.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from math import inf
from typing import Any, TypeVar

T = TypeVar("T")

_DATE = "%Y-%m-%d %H:%M:%S"  # [ES:1064]
_LONGEST_NUMBER = 30  # characters; int() of a text of thousands of digits is refused by Python


def whole(value: object) -> int | None:
    """Read an int, also where it is written as a text or with a point and zeros."""
    number = decimal(value)
    return int(number) if number is not None and number == int(number) else None


def decimal(value: object) -> float | int | None:
    """Read a number, also where it is written as a text; never NaN or an infinity."""
    number = _number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    # A sum of ints of thousands of digits could not be written any more.
    bound = inf if isinstance(number, float) else 10**_LONGEST_NUMBER
    return number if abs(number) < bound else None  # NaN is not


def _number(text: str) -> float | int | None:
    if len(text) > _LONGEST_NUMBER or "_" in text:
        return None
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return None


def text(value: object) -> str | None:
    """Read a text; an empty one is none, as the server writes ``""`` for nothing."""
    return value if isinstance(value, str) and value else None


def flag(value: object) -> bool | None:
    """Read a bool, also where it is written as 0, 1, ``"0"`` or ``"1"``."""
    if isinstance(value, bool):
        return value
    number = whole(value)
    return bool(number) if number in (0, 1) else None


def moment(value: object) -> datetime | None:
    """Read ``YYYY-MM-DD HH:MM:SS``; without a time zone, since the server names none."""
    try:
        return datetime.strptime(value, _DATE) if isinstance(value, str) else None  # noqa: DTZ007 -- none is named
    except ValueError:  # "0000-00-00 00:00:00"
        return None


def mapping(value: object) -> dict[str, Any]:
    """Read an object, also where it is written as a text of JSON."""
    return found if isinstance(found := _unwrapped(value), dict) else {}


def sequence(value: object) -> tuple[Any, ...]:
    """Read a list, also where it is written as a text of JSON."""
    return tuple(found) if isinstance(found := _unwrapped(value), list) else ()


def _unwrapped(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def each(value: object, read: Callable[[object], T | None]) -> dict[str, T]:
    """Read an object whose values are all of one kind; what is of another kind is left out."""
    readings = {key: read(item) for key, item in mapping(value).items()}
    return {key: item for key, item in readings.items() if item is not None}


def localised(value: object) -> dict[str, str]:
    """Read texts by language; a bare text lies under ``""``."""
    if isinstance(value, str):
        return {"": value} if value else {}
    return each(value, lambda item: item if isinstance(item, str) else None)


def text_or_localised(value: object) -> str | Mapping[str, str] | None:
    """Read a text, or texts by language, or nothing."""
    return text(value) or localised(value) or None
