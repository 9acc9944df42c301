"""How does a message look in the history? A row of the vendor's sample, empties and all [ES:963]."""

import json
from collections.abc import Mapping

from pushwoosh_async.sandbox import platforms
from pushwoosh_async.sandbox.messages import Message, Status
from pushwoosh_async.sandbox.methods.wire_forms import custom_data, localised, timestamp

_AS_GIVEN = (
    "ios_title",
    "ios_subtitle",
    "ios_root_params",
    "android_header",
    "android_root_params",
    "conditions",
)


def row(message: Message, status: Status) -> dict[str, object]:
    """Return a message as a row.

    ``title``, ``subtitle`` and ``data`` are declared, but absent from the sample [api.md 1.5]: they
    are in the row of a message that has one of them.
    """
    fields = message.fields
    return {
        "id": message.id,
        "code": message.code,
        "createDate": timestamp(message.created),
        "sendDate": timestamp(message.due),
        "content": localised(fields.get("content")),
        **_declared(fields),
        "url": fields.get("link"),
        **{name: fields.get(name) for name in _AS_GIVEN},
        "conditions_operator": fields.get("conditions_operator") or "AND",
        "filter_code": None,
        "filter_conditions": fields.get("devices_filter"),
        "filter_name": fields.get("filter"),
        "geozone": json.dumps(fields["geozone"]) if fields.get("geozone") else None,
        "campaignId": fields.get("campaign") or "",
        "campaignName": "",
        "subscription_segments": None,
        **(_counts(message) if status == "done" else _no_counts()),
    }


def _declared(fields: Mapping[str, object]) -> dict[str, object]:
    if not any(fields.get(name) for name in ("title", "subtitle", "data")):
        return {}
    return {
        "title": localised(fields.get("title")),
        "subtitle": localised(fields.get("subtitle")),
        "data": custom_data(fields.get("data")),
    }


def _counts(message: Message) -> dict[str, object]:
    """Return what was sent; nobody ever opens anything here."""
    if not message.recipients:
        return _no_counts()
    sent = {
        application: {platforms.NAMES.get(each, str(each)): count for each, count in counts.items()}
        for application, counts in message.reach.items()
    }
    return {
        "open": {application: dict.fromkeys(counts, 0) for application, counts in sent.items()},
        "sent": sent,
        "ctr": dict.fromkeys(sent, 0),
    }


def _no_counts() -> dict[str, object]:
    return dict.fromkeys(("open", "sent", "ctr"), "")
