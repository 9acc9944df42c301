"""How often was a message sent, delivered, opened? In numbers for people. Pure."""

from pushwoosh_async import MessageTotals, Platform
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.words import count, table

_COUNTS = ("sends", "deliveries", "opens", "inbox_opens", "unshowable_sends", "errors")


def totals_table(totals: MessageTotals) -> str:
    """Return the sums over all hours, the sends of each platform, and what followed."""
    rows = {
        name.replace("_", " "): f"{sum(getattr(hour, name) for hour in totals.metrics):,}"
        for name in _COUNTS
    }
    for platform in sorted({hour.platform for hour in totals.metrics if hour.platform is not None}):
        sends = sum(hour.sends for hour in totals.metrics if hour.platform == platform)
        rows[f"sends, {_platform_name(platform)}"] = f"{sends:,}"
    if totals.conversion is not None:
        for event in totals.conversion.events:
            rows[f"event {printable(event.name)}"] = count(event.hits, "hit")
    return table(rows)


def _platform_name(number: int) -> str:
    try:
        return Platform(number).name.lower()
    except ValueError:
        return f"platform {number}"
