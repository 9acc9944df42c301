"""What would be sent? The answer of ``send --dry-run``, for people and for machines. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pushwoosh_async import SendPlan
from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.filling import Filling
from pushwoosh_async.cli.words import duration, listing, table


@dataclass(frozen=True)
class Preview:
    """A send that was gone through without sending.

    Attributes:
        notification: its wire JSON, but for the recipients, the texts for each and the transaction id.
        kind: users or devices.
        plan: what would be done.
        application: to whose users.
        base_url: of the API.
        filling: what was seen of the texts for each; None where all are sent the same.
        unfilled: placeholders that the message has and nothing fills.
    """

    notification: dict[str, Any]
    kind: str
    plan: SendPlan
    application: str
    base_url: str
    filling: Filling | None = None
    unfilled: Sequence[str] = ()

    def as_document(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "dry_run": True,
            "notification": self.notification,
            "application": self.application,
            "base_url": self.base_url,
            "kind": self.kind,
            **document(self.plan),
            **self._texts(),
        }

    def _texts(self) -> dict[str, Any]:
        if self.filling is None:
            return {}
        return {
            "first_texts": self._first_texts(),
            "rows_without_a_text": self.filling.left_out,
            "unfilled_placeholders": list(self.unfilled),
        }

    def _first_texts(self) -> dict[str, str]:
        own = {} if self.filling is None else self.filling.first or {}
        return {**self.notification.get("dynamic_content_placeholders", {}), **own}

    def as_text(self) -> str:
        """Return it for people, but for the notification."""
        parts = [table(self._rows()), *self._about_texts()]
        hash_line = f"Plan {self.plan.hash}. With --plan and this nothing else can be sent."
        return "\n\n".join([*parts, hash_line])

    def _about_texts(self) -> list[str]:
        if self.filling is None:
            return []
        first = self._first_texts()
        shown = {name: printable(text) for name, text in first.items()}
        parts = [f"The first gets:\n{listing(shown)}" if shown else "The first gets no texts."]
        if self.unfilled:
            names = ", ".join(f"{{{name}}}" for name in self.unfilled)
            parts.append(
                f"No --placeholder fills {printable(names)}: that is left to the user's tags."
            )
        return parts

    def _rows(self) -> dict[str, str]:
        plan = self.plan
        rows = {
            "application": printable(self.application),
            "address": printable(self.base_url),
            f"recipients ({self.kind})": f"{plan.recipients:,}",
            "duplicates, set aside": f"{plan.duplicates:,}",
            "invalid, set aside": f"{plan.invalid:,}",
            "notifications": f"{plan.notifications:,}",
            "requests": f"{plan.requests:,}",
            "bytes": f"{plan.bytes:,}",
        }
        if self.filling is not None:
            rows["rows with an empty cell"] = f"{self.filling.left_out:,}"
        if plan.seconds:
            rows["time at the rate limit, at least"] = duration(plan.seconds)
        return rows
