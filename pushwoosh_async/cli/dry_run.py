"""What would be sent? The answer of ``send --dry-run``, for people and for machines. Pure."""

from dataclasses import dataclass
from typing import Any

from pushwoosh_async import RateLimit, SendReport
from pushwoosh_async.cli.words import duration, table


@dataclass(frozen=True)
class Preview:
    """A send that was gone through without sending.

    Attributes:
        notification: its wire JSON, but for the recipients and the transaction id.
        kind: users or devices.
        report: of the rehearsal.
        largest: bytes of the largest request.
        limit: the rate limit that would hold; None for none.
    """

    notification: dict[str, Any]
    kind: str
    report: SendReport
    largest: int
    limit: RateLimit | None

    @property
    def seconds(self) -> float:
        """The least time that the rate limit allows."""
        return least_seconds(self.report.requests, self.limit)

    def as_document(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "dry_run": True,
            "notification": self.notification,
            "kind": self.kind,
            "recipients": self.report.accepted,
            "duplicates": self.report.duplicates,
            "invalid": self.report.invalid,
            "requests": self.report.requests,
            "largest_request_bytes": self.largest,
            "seconds_at_least": round(self.seconds, 3),
        }

    def as_table(self) -> str:
        """Return it for people, without the notification."""
        rows = {
            f"recipients ({self.kind})": f"{self.report.accepted:,}",
            "duplicates, set aside": f"{self.report.duplicates:,}",
            "invalid, set aside": f"{self.report.invalid:,}",
            "requests": f"{self.report.requests:,}",
            "bytes of the largest": f"{self.largest:,}",
        }
        if self.limit is not None:
            rows["time at the rate limit"] = f"at least {duration(self.seconds)}"
        return table(rows)


def least_seconds(requests: int, limit: RateLimit | None) -> float:
    """Return the time between the first and the last of so many requests under a limit."""
    return 0.0 if limit is None else max(requests - limit.burst, 0) * limit.interval
