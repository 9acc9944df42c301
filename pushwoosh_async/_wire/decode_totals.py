"""The answer to totalsByIntervals, which comes without the usual envelope [D-stat]."""

from datetime import UTC, datetime
from typing import Any

from pushwoosh_async._wire import lenient
from pushwoosh_async._wire.decode import Context, decode_plain, unexpected
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.errors import APIError
from pushwoosh_async.models.message_totals import (
    Conversion,
    EventTotals,
    IntervalTotals,
    MessageTotals,
)


def decode_totals(reply: Reply, context: Context) -> MessageTotals | APIError:
    """Read the statistics of one message; a count that is missing or unreadable is 0."""
    body = decode_plain(reply, context)
    if isinstance(body, APIError):
        return body
    # An answer without anything is one of no statistics; one of something else is not.
    if body and not body.keys() & {"metrics", "conversion"}:
        return unexpected(reply, context, "the answer holds no statistics")
    conversion = lenient.mapping(body.get("conversion"))
    return MessageTotals(
        metrics=tuple(map(_interval, _objects(body.get("metrics")))),
        conversion=_conversion(conversion) if conversion else None,
        raw=body,
    )


def _interval(item: dict[str, Any]) -> IntervalTotals:
    return IntervalTotals(
        timestamp=_timestamp(item.get("timestamp")),
        platform=lenient.whole(item.get("platform")),
        sends=_count(item, "sends"),
        opens=_count(item, "opens"),
        deliveries=_count(item, "deliveries"),
        inbox_opens=_count(item, "inbox_opens"),
        unshowable_sends=_count(item, "unshowable_sends"),
        errors=_count(item, "errors"),
    )


def _conversion(item: dict[str, Any]) -> Conversion:
    return Conversion(
        sends=_count(item, "sends"),
        opens=_count(item, "opens"),
        events=tuple(map(_event, _objects(item.get("events")))),
    )


def _event(item: dict[str, Any]) -> EventTotals:
    return EventTotals(
        name=lenient.text(item.get("name")) or "",
        hits=_count(item, "hits"),
        conversion=lenient.decimal(item.get("conversion")) or 0,
        revenue=lenient.decimal(item.get("revenue")) or 0,
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in lenient.sequence(value) if isinstance(item, dict)]


def _count(item: dict[str, Any], name: str) -> int:
    return lenient.whole(item.get(name)) or 0


def _timestamp(value: object) -> datetime | None:
    """Read unix seconds or an ISO text: which of them the vendor writes is unknown."""
    seconds = lenient.decimal(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
