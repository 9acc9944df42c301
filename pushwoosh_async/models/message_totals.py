"""What became of a message, hour by hour: totalsByIntervals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class IntervalTotals:
    """One hour on one platform. The answer's counts are texts; here they are numbers [D-stat].

    Attributes:
        timestamp: the hour, in UTC (a guess: the vendor names no zone); None if unreadable.
        platform: platform number, see `Platform`; None if the answer names none.
        sends: messages sent.
        opens: opened.
        deliveries: confirmed by the device.
        inbox_opens: opened from the inbox.
        unshowable_sends: sent to devices that could not show them.
        errors: failed.
    """

    timestamp: datetime | None
    platform: int | None
    sends: int
    opens: int
    deliveries: int
    inbox_opens: int
    unshowable_sends: int
    errors: int


@frozen(kw_only=True)
class EventTotals:
    """How often an event followed the message.

    Attributes:
        name: the event.
        hits: how often.
        conversion: share of those who were sent to, as the API reckons it.
        revenue: what it earned, in the account's currency.
    """

    name: str
    hits: int
    conversion: float
    revenue: float


@frozen(kw_only=True)
class Conversion:
    """What the message led to.

    Attributes:
        sends: messages sent.
        opens: opened.
        events: one for each event that the account tracks.
    """

    sends: int
    opens: int
    events: tuple[EventTotals, ...]


@frozen(kw_only=True)
class MessageTotals:
    """The statistics of one message [D-stat].

    Attributes:
        metrics: one for each hour and platform.
        conversion: None where the answer has none.
        raw: the answer as it came.
    """

    metrics: tuple[IntervalTotals, ...]
    conversion: Conversion | None
    raw: Mapping[str, Any] = field(repr=False)
