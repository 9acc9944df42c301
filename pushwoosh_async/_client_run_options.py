"""Are the options of a run in order? Checked before anything begins."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

from pushwoosh_async._client_run_journal import JournalPath, check_again, check_journal
from pushwoosh_async._fanout.intake import can_be_checked_first
from pushwoosh_async._fanout.options import (
    check_choice,
    check_count,
    check_flag,
    check_name,
    check_seconds,
)
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.settings import OnRejected
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._wire.methods import MAX_NOTIFICATIONS, MAX_RECIPIENTS
from pushwoosh_async.errors import ConfigurationError

NotificationsPerRequest: TypeAlias = int | Literal["max"]

MAX_REQUEST_BYTES = 4_000_000
_HASH = re.compile("[0-9a-f]{32}")
_LEAST_BYTES, _MOST_BYTES = 10_000, 9_900_000


@frozen(kw_only=True)
class RunOptions:
    """See `FanOuts.fan_out`; the defaults are of what a plan does not ask for. Checked when made.

    Attributes:
        again: which settled chunks of earlier sessions are sent once more.
        path: of the journal.

    Raises:
        TypeError: of the wrong type.
        ConfigurationError: one breaks a rule; names it.
    """

    concurrency: int = 1
    chunk_size: int
    notifications_per_request: NotificationsPerRequest
    max_request_bytes: int
    journal: JournalPath | None = None
    send_id: str | None = None
    dedupe: bool
    invalid: InvalidPolicy
    on_rejected: OnRejected = "report"
    bisect_requests: int = 2
    deadline: float | None = None
    retry_rejected: bool = False
    resend_in_doubt: bool | Collection[str] = False
    store_ids: bool = False
    plan: str | None = None
    max_connections: int = 1
    again: Again = field(init=False)
    path: Path | None = field(init=False)

    @again.default
    def _again(self) -> Again:
        return check_again(self.retry_rejected, self.resend_in_doubt)

    @path.default
    def _path(self) -> Path | None:
        return check_journal(self.journal, store_ids=self.store_ids, again=self.again)

    def __attrs_post_init__(self) -> None:
        check_count("concurrency", self.concurrency, 1, self.max_connections, " (max_connections)")
        check_count("chunk_size", self.chunk_size, 1, MAX_RECIPIENTS)
        check_choice("invalid", self.invalid, "raise", "drop")
        check_choice("on_rejected", self.on_rejected, "report", "bisect", "stop")
        check_count("bisect_requests", self.bisect_requests, 2, 1_000_000)
        check_flag("dedupe", self.dedupe)
        if self.deadline is not None:
            check_seconds("deadline", self.deadline)
        check_name("send_id", self.send_id)
        check_name("plan", self.plan)
        if self.plan is not None and not _HASH.fullmatch(self.plan):
            raise ConfigurationError("plan: must be the hash of a SendPlan, 32 hexadecimal digits")
        check_packing(self.notifications_per_request, self.max_request_bytes)
        if self.on_rejected == "bisect" and self.packs:
            raise ConfigurationError(
                "on_rejected: 'bisect' needs notifications_per_request=1: what is refused in a pack is in "
                "doubt, and only a clean refusal can be taken apart"
            )

    @property
    def packs(self) -> bool:
        """Whether a request may carry more than one notification."""
        return self.notifications_per_request != 1

    def packing(self, room_around: int) -> Packing:
        """Return how full a request may be, told the bytes that stand around its notifications."""
        return packing_of(self.notifications_per_request, self.max_request_bytes, room_around)

    def checks_first(self, source: object) -> bool:
        """Tell whether all of a source is checked before the first is sent."""
        return self.invalid == "raise" and can_be_checked_first(source)


def check_packing(wanted: NotificationsPerRequest, max_request_bytes: int) -> None:
    """Check how full a request shall be.

    Raises:
        TypeError: of the wrong type.
        ConfigurationError: one breaks a rule; names it.
    """
    if wanted != "max":
        check_count("notifications_per_request", wanted, 1, MAX_NOTIFICATIONS, ' or "max"')
    check_count("max_request_bytes", max_request_bytes, _LEAST_BYTES, _MOST_BYTES)


def packing_of(
    wanted: NotificationsPerRequest, max_request_bytes: int, room_around: int
) -> Packing:
    """Return how full a request may be, told the bytes that stand around its notifications."""
    most = MAX_NOTIFICATIONS if isinstance(wanted, str) else wanted
    return Packing(most=most, max_bytes=max_request_bytes - room_around)
