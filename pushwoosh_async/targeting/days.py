"""How is a date tag's operand written? As a day, as so many days ago, or as a unix timestamp."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

import attrs

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.literals import integer, type_name

Day: TypeAlias = date | str | int

RELATIVE_OPERATORS = ("EQ", "GTE", "LTE", "BETWEEN")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?", re.ASCII)
_DAYS_AGO = re.compile(r"(\d{1,19}) days ago", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _count(days: int) -> int:
    if integer("days_ago", days) < 0:
        raise ConfigurationError("days_ago: must be 0 or more: for a day to come pass a date")
    return int(days)


@attrs.frozen
class DaysAgo:
    """So many days before the day on which the vendor evaluates the test; see `days_ago`."""

    days: int = attrs.field(converter=_count)

    def __str__(self) -> str:
        return f"{self.days} days ago"


def days_ago(n: int) -> DaysAgo:
    """Return the operand ``"N days ago"`` for `eq`, `gte`, `lte` and `between` of a `DateTag`.

    ``gte(days_ago(90))`` is: within the last 90 days. Vendor: [ES:579, ES:928]; the words must be
    English [D-rm].

    Args:
        n: days, 0 or more; 0 is today (a guess).

    Raises:
        TypeError: `n` is not an int.
        ConfigurationError: `n` is negative, or does not fit 64 bits.
    """
    return DaysAgo(n)


def day_operand(question: str, value: object) -> str | int:
    """Return a date tag's operand as a filter holds it: ``YYYY-MM-DD``, ``N days ago`` or an int.

    Args:
        question: tag and operator, as an error names them.
        value: to be read.

    Raises:
        TypeError: no kind of day.
        ConfigurationError: no such day, or a time other than midnight; see `DateTag`.
    """
    match value:
        case DaysAgo():
            return str(value)
        case datetime():
            return _moment(question, value)
        case date():
            return value.isoformat()
        case str():
            return _moment(question, _parsed(question, value))
        case int() if not isinstance(value, bool):
            return integer(question, value)
    raise TypeError(f"{question}: must be a date, a str or an int, not {type_name(value)}")


def condition_day(operand: str | int) -> str | int:
    """Return what `day_operand` returned as a condition holds it: a day with ``00:00`` [ES:577]."""
    return f"{operand} 00:00" if is_day(operand) else operand


def is_day(operand: str | int) -> bool:
    """Tell whether an operand is a text that names a day, ``YYYY-MM-DD``."""
    return isinstance(operand, str) and _DAY.fullmatch(operand) is not None


def is_days_ago(operand: str | int) -> bool:
    """Tell whether an operand is a text that counts days, ``N days ago``."""
    return isinstance(operand, str) and _DAYS_AGO.fullmatch(operand) is not None


def days_descend(low: str, high: str) -> bool:
    """Tell whether the first of two operands is certainly the later day.

    A day and a count of days ago cannot be compared: False.
    """
    if is_day(low) and is_day(high):
        return low > high
    first, second = _DAYS_AGO.fullmatch(low), _DAYS_AGO.fullmatch(high)
    return first is not None and second is not None and int(first[1]) < int(second[1])


def _parsed(question: str, text: str) -> datetime:
    if _DAY_AND_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
        raise ConfigurationError(f"{question}: must be a day and a time that exist")
    raise ConfigurationError(
        f"{question}: must be a date as 'YYYY-MM-DD' or 'YYYY-MM-DD 00:00', or days_ago(n)"
    )


def _moment(question: str, moment: datetime) -> str | int:
    if moment.utcoffset() is not None:
        seconds, rest = divmod(moment - _EPOCH, timedelta(seconds=1))
        if rest:
            raise ConfigurationError(f"{question}: must be a whole second")
        return seconds
    if moment.time() != time.min:
        raise ConfigurationError(
            f"{question}: must be midnight: the API compares days; for an instant pass a datetime"
            " with a time zone"
        )
    return moment.date().isoformat()
