"""How an instant or a day becomes the text that the API reads, and which texts it reads."""

import re
from datetime import UTC, date, datetime
from typing import Any

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.rules import Rule

_SEND_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def schedule(
    moment: datetime, *, timezone: str | None, ignore_user_timezone: bool | None
) -> tuple[str, bool | None]:
    """Return `moment` as the API's ``send_date`` and the ``ignore_user_timezone`` beside it.

    An aware datetime is one instant for everybody: written in UTC, with ``ignore_user_timezone``
    true. A naive one is a wall-clock time, and somebody must have said whose.

    Raises:
        ConfigurationError: the arguments contradict each other, leave the zone open, or `moment`
            has seconds, which the API would drop.
    """
    if moment.utcoffset() is None:
        _check_naive(timezone, ignore_user_timezone)
        return _minute(moment), ignore_user_timezone
    _check_aware(timezone, ignore_user_timezone)
    return _minute(_in_utc(moment)), True


def utc_text(moment: str | datetime) -> str:
    """Return a text as it is, and an aware datetime in UTC, for a method that takes no time zone.

    Raises:
        ConfigurationError: `moment` has no time zone, or has seconds.
    """
    if isinstance(moment, str):
        return moment
    if moment.utcoffset() is None:
        raise ConfigurationError("send_date: a datetime needs a time zone; it is written in UTC")
    return _minute(_in_utc(moment))


def day_text(day: str | date) -> str:
    """Return a day as ``YYYY-MM-DD``, and a text as it is."""
    return day if isinstance(day, str) else day.isoformat()


def _check_send_date(name: str, text: Any) -> None:
    if text == "now":
        return
    if not _SEND_DATE.fullmatch(text):
        raise ConfigurationError(f"{name}: must be 'now', 'YYYY-MM-DD HH:MM' or a datetime")
    _check_exists(name, text)
    if text[16:] not in ("", ":00"):
        raise ConfigurationError(f"{name}: must be a whole minute: the API takes no seconds")


def _check_day(name: str, text: Any) -> None:
    if not _DAY.fullmatch(text):
        raise ConfigurationError(f"{name}: must be 'YYYY-MM-DD' or a date")
    _check_exists(name, text)


minute_or_now = Rule("be 'now' or a minute that exists, 'YYYY-MM-DD HH:MM'", _check_send_date)
existing_day = Rule("be a day that exists, 'YYYY-MM-DD'", _check_day)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        pass
    raise ConfigurationError("send_date: is out of range in UTC")


def _minute(moment: datetime) -> str:
    if moment.second or moment.microsecond:
        raise ConfigurationError("send_date: must be a whole minute: the API takes no seconds")
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")


def _check_exists(name: str, text: str) -> None:
    if not _exists(text[:10]):
        raise ConfigurationError(f"{name}: must be a day that exists: the calendar has no such day")
    if not _exists(text):
        raise ConfigurationError(f"{name}: must be a minute that exists, from 00:00 to 23:59")


def _exists(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_naive(timezone: str | None, ignore_user_timezone: bool | None) -> None:
    if timezone is None and ignore_user_timezone is not False:
        raise ConfigurationError(
            "send_date: a datetime without a time zone needs timezone=, or"
            " ignore_user_timezone=False for each device's own local time"
        )


def _check_aware(timezone: str | None, ignore_user_timezone: bool | None) -> None:
    if ignore_user_timezone is False:
        raise ConfigurationError(
            "ignore_user_timezone: must not be False beside an aware send_date, which is one"
            " instant for everybody; for local time pass a datetime without a time zone"
        )
    if timezone is not None:
        raise ConfigurationError(
            "timezone: must not be given beside an aware send_date, which has its own"
        )
