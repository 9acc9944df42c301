"""A result is written for machines by its fields."""

import json
from datetime import datetime

from pushwoosh_async import IntervalTotals, MessageTotals
from pushwoosh_async.cli.documents import document

HOUR = IntervalTotals(
    timestamp=datetime.fromisoformat("2030-01-31T09:00:00+00:00"),
    platform=None, sends=1, opens=2, deliveries=3, inbox_opens=4, unshowable_sends=5, errors=6,
)  # fmt: skip


def test_fields_by_name_and_nothing_raw() -> None:
    """At every depth; times in ISO 8601, None as it is."""
    totals = MessageTotals(metrics=(HOUR, HOUR), conversion=None, raw={"secret": object()})
    hour = {
        "timestamp": "2030-01-31T09:00:00+00:00", "platform": None, "sends": 1, "opens": 2,
        "deliveries": 3, "inbox_opens": 4, "unshowable_sends": 5, "errors": 6,
    }  # fmt: skip
    assert document(totals) == {"metrics": [hour, hour], "conversion": None}


def test_json_values_as_they_are() -> None:
    """Which is what was passed to the app."""
    values = {"a": [1, 1.5, True, None, "x"], "b": {"c": []}}
    assert document(values) == values
    assert json.loads(json.dumps(document(values))) == values
