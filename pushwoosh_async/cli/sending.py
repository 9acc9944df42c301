"""What is to be sent, to whom, with which settings? A checked send that has not begun."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pushwoosh_async import FanOut, IdFile, Notification, PushwooshClient, RateLimit
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.recipients import CountedIds, Kind
from pushwoosh_async.cli.text_input import STANDARD_INPUT

_RATE = re.compile(r"([0-9]{1,9})/min")

_ALL = "all"

# As `send` and `resume` name the arguments of a run, for errors.
RUN_NAMES = {
    "users": "--users",
    "devices": "--devices",
    "column": "--column",
    "field": "--field",
    "format": "--format",
    "max_connections": "--concurrency",
    "chunk_size": "--chunk-size",
    "dedupe": "--no-dedupe",
    "invalid": "--invalid",
    "on_rejected": "--on-rejected",
    "bisect_requests": "--bisect-requests",
    "deadline": "--deadline",
    "send_id": "--send-id",
    "store_ids": "--store-ids",
    "retry_rejected": "--retry-rejected",
    "resend_in_doubt": "--resend-in-doubt",
    "journal": "--journal",
    "transport": "--transport",
}


@dataclass(frozen=True)
class Sending:
    """Everything that a send needs.

    Attributes:
        notification: what is sent.
        kind: whether the ids are users or devices.
        ids: whom it is sent to.
        client: arguments of the client.
        run: arguments of its `fan_out`.
        names: the option by the library's argument, for its errors.
        total: how many ids there are, where an earlier session has gone through the same file; else None.
    """

    notification: Notification
    kind: Kind
    ids: IdFile
    client: Mapping[str, Any] = field(repr=False)
    run: Mapping[str, Any]
    names: Mapping[str, str]
    total: int | None = None

    def open_client(self) -> PushwooshClient:
        """Make the client; it connects when it is first used."""
        return PushwooshClient(**self.client)

    def fan_out(self, client: PushwooshClient) -> FanOut:
        """Make the run."""
        ids = self.ids if self.total is None else CountedIds(self.ids, self.total)
        audience: dict[str, Any] = {self.kind: ids}
        return client.fan_out(self.notification, **audience, **self.run)

    def with_changes(self, *, client: Mapping[str, Any], run: Mapping[str, Any]) -> "Sending":
        """Return the same with other arguments."""
        return replace(self, client={**self.client, **client}, run={**self.run, **run})

    def counted(self, total: int | None) -> "Sending":
        """Return the same of so many ids; None where that is not known."""
        return replace(self, total=total)

    @property
    def journal(self) -> str | None:
        """The path of the run's journal, if it has one."""
        path: str | None = self.run.get("journal")
        return path

    @property
    def repeatable(self) -> bool:
        """Whether the ids can be read twice: standard input and a fifo give them once."""
        return self.ids.path != STANDARD_INPUT and Path(self.ids.path).is_file()


def rate_of(text: str | None, *, lifted: bool) -> dict[str, RateLimit | None]:
    """Return the client's argument for the rate limit, if there is to be one.

    Raises:
        BadInputError: it is not written as a number a minute, or is limited and lifted at once.
    """
    if text is None:
        return {"rate_limit": None} if lifted else {}
    if lifted:
        raise BadInputError("--no-rate-limit: give it or --rate, not both")
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise BadInputError("--rate: must be a number of requests a minute, such as 300/min")
    requests = int(match[1])
    return {"rate_limit": RateLimit(requests=requests, burst=min(10, requests))}


def doubts_of(which: list[str] | None) -> bool | frozenset[str]:
    """Return which chunks in doubt are sent once more: all, none, or those of these transaction ids.

    Raises:
        BadInputError: ids stand beside "all", or one is blank.
    """
    if not which:
        return False
    if which == [_ALL]:
        return True
    if _ALL in which or not all(text.strip() for text in which):
        raise BadInputError("--resend-in-doubt: give 'all', or transaction ids")
    return frozenset(which)
