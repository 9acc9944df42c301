"""When does a message go out? Reads ``send_date`` and ``timezone``. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pushwoosh_async.sandbox.refusal import RefusedError

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", re.ASCII)


def due(notification: Mapping[str, Any]) -> float | None:
    """Return when a message is to go out, in seconds since 1970; None for at once.

    A date is read in ``timezone``, UTC by default. That each device may have a time of its own,
    without ``ignore_user_timezone``, is left aside.

    Raises:
        RefusedError: there is no date, or it cannot be read.
    """
    send_date = notification.get("send_date")
    if send_date == "now":
        return None
    try:
        if isinstance(send_date, str) and _DATE.fullmatch(send_date):
            local = datetime.fromisoformat(send_date)
            return local.replace(tzinfo=_zone(notification.get("timezone"))).timestamp()
    except (ValueError, OverflowError):
        pass
    raise RefusedError("Cannot parse date")


def _zone(name: object) -> tzinfo:
    """Return the zone, or UTC for one that is unknown here: the vendor knows other names than we."""
    if not isinstance(name, str) or not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC
