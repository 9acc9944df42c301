"""The answer to getPushHistory: one page of rows [ES:963-1088]."""

from typing import Any

from pushwoosh_async._wire import lenient
from pushwoosh_async._wire.decode import Context, decode_envelope, response_of, unexpected
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.errors import APIError
from pushwoosh_async.models.push_history import PushHistoryRow

# Ten times what a page may be asked for. A row takes 3 kB, its shortest text 3 bytes.
_MOST_ROWS = 10_000


def decode_history(reply: Reply, context: Context) -> tuple[PushHistoryRow, ...] | APIError:
    """Read a page; one without rows is the end."""
    envelope = decode_envelope(reply, context)
    if isinstance(envelope, APIError):
        return envelope
    rows = response_of(envelope).get("rows")
    if rows in (None, "", {}):
        rows = []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return unexpected(reply, context, "the rows are no list of objects")
    if len(rows) > _MOST_ROWS:
        return unexpected(reply, context, f"{len(rows)} rows, more than any page has")
    return tuple(map(_row, rows))


def _row(row: dict[str, Any]) -> PushHistoryRow:
    return PushHistoryRow(
        id=lenient.whole(row.get("id")) or 0,
        code=lenient.text(row.get("code")),
        create_date=lenient.moment(row.get("createDate")),
        send_date=lenient.moment(row.get("sendDate")),
        content=lenient.localised(row.get("content")),
        title=lenient.localised(row.get("title")),
        subtitle=lenient.localised(row.get("subtitle")),
        url=lenient.text(row.get("url")),
        ios_title=lenient.text_or_localised(row.get("ios_title")),
        ios_subtitle=lenient.text_or_localised(row.get("ios_subtitle")),
        android_header=lenient.text_or_localised(row.get("android_header")),
        ios_root_params=lenient.mapping(row.get("ios_root_params")),
        android_root_params=lenient.mapping(row.get("android_root_params")),
        data=lenient.mapping(row.get("data")),
        conditions=lenient.sequence(row.get("conditions")),
        conditions_operator=lenient.text(row.get("conditions_operator")),
        filter_code=lenient.text(row.get("filter_code")),
        filter_name=lenient.text(row.get("filter_name")),
        filter_conditions=lenient.text(row.get("filter_conditions")),
        geozone=lenient.text(row.get("geozone")),
        campaign_id=lenient.text(row.get("campaignId")),
        campaign_name=lenient.text(row.get("campaignName")),
        subscription_segments=_segments(row.get("subscription_segments")),
        open=lenient.each(row.get("open"), _counts),
        sent=lenient.each(row.get("sent"), _counts),
        ctr=lenient.each(row.get("ctr"), lenient.decimal),
        errors=lenient.each(row.get("errors"), lenient.whole),
        raw=row,
    )


def _counts(value: object) -> dict[str, int]:
    return lenient.each(value, lenient.whole)


def _segments(value: object) -> dict[str, Any] | tuple[Any, ...]:
    """Read what is declared a list, and is an object in the vendor's sample."""
    return lenient.sequence(value) or lenient.mapping(value)
