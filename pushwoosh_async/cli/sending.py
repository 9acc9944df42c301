"""What is to be sent, to whom, with which settings? A checked send that has not begun."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pushwoosh_async import FanOut, Hooks, PushwooshClient, RateLimit, RunRecord, SendPlan
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.mailing import Mailing, Told
from pushwoosh_async.cli.text_input import STANDARD_INPUT

_RATE = re.compile(r"([0-9]{1,9})/min")

_ALL, _MOST = "all", "max"

# Arguments of a run that make its plan what it is.
_PLANNED = ("chunk_size", "notifications_per_request", "max_request_bytes", "dedupe", "invalid")

# As `send` and `resume` name the arguments of a run, for errors.
RUN_NAMES = {
    "users": "--users",
    "devices": "--devices",
    "column": "--column",
    "field": "--field",
    "format": "--format",
    "max_connections": "--concurrency",
    "chunk_size": "--chunk-size",
    "notifications_per_request": "--notifications-per-request",
    "max_request_bytes": "--max-request-bytes",
    "plan": "--plan",
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
        mailing: what is sent to whom.
        client: arguments of the client.
        run: arguments of its `fan_out`, or of `fan_out_each`.
        names: the option by the library's argument, for its errors.
        checked: whether somebody has gone through the same file to its end.
        total: how many ids are in it, where that is known.
    """

    mailing: Mailing
    client: Mapping[str, Any] = field(repr=False)
    run: Mapping[str, Any]
    names: Mapping[str, str]
    checked: bool = False
    total: int | None = None

    def open_client(self) -> PushwooshClient:
        """Make the client; it connects when it is first used."""
        return PushwooshClient(**self.client)

    def fan_out(self, client: PushwooshClient) -> FanOut:
        """Make the run."""
        return self.mailing.fan_out(client, self.run, self.total)

    async def plan(self, client: PushwooshClient, told: Told) -> SendPlan:
        """Go through the file, and return what the run would do.

        Args:
            client: that would send.
            told: after each page how many ids were read, and the page.

        Raises:
            ConfigurationError: it cannot be read to its end, or an id breaks a rule.
        """
        how = {name: self.run[name] for name in _PLANNED}
        return await self.mailing.plan(client, how, told)

    def told_by(self, hooks: Hooks) -> "Sending":
        """Return the same with other hooks."""
        return replace(self, client={**self.client, "hooks": hooks})

    def gone_through(self, total: int) -> "Sending":
        """Return the same, its file gone through to its end, and of so many ids."""
        return replace(self, checked=True, total=total)

    def goes_on_with(self, run: RunRecord) -> "Sending":
        """Return the same as a further session of a run.

        If that has a fingerprint of its file, an earlier session has gone through it. Any other file is
        refused by the run, before anything is sent, so that it need not be gone through again.
        """
        return replace(self, checked=True, total=run.total) if run.fingerprint else self

    @property
    def journal(self) -> str | None:
        """The path of the run's journal, if it has one."""
        path: str | None = self.run.get("journal")
        return path

    @property
    def repeatable(self) -> bool:
        """Whether the ids can be read twice: standard input and a fifo give them once."""
        path = self.mailing.path
        return path != STANDARD_INPUT and Path(path).is_file()

    def require_repeatable(self, option: str) -> None:
        """Refuse what is read once, for an option that needs it twice.

        Raises:
            BadInputError: it is standard input, a fifo, or something else that is no regular file.
        """
        if not self.repeatable:
            path = self.mailing.path
            found = "standard input" if path == STANDARD_INPUT else f"{path!r}, no regular file,"
            raise BadInputError(f"{option}: needs a file that can be read twice; {found} cannot")


def packing_of(text: str | None, mailing: Mailing) -> int | Literal["max"]:
    """Return how many notifications share a request; where nothing is said, as the mailing has it.

    Raises:
        BadInputError: it is neither a number nor "max".
    """
    if text is None or text == _MOST:
        return mailing.per_request if text is None else "max"
    if not re.fullmatch("[0-9]{1,9}", text):
        raise BadInputError(f"--notifications-per-request: must be a number, or '{_MOST}'")
    return int(text)


def rate_of(text: str | None, *, lifted: bool, adaptive: bool) -> dict[str, RateLimit | None]:
    """Return the client's argument for the rate limit, if there is to be one.

    Raises:
        BadInputError: it is not written as a number a minute, or is limited and lifted at once.
    """
    if lifted and (text is not None or adaptive):
        other = "--adaptive-rate" if text is None else "--rate"
        raise BadInputError(f"--no-rate-limit: give it or {other}, not both")
    if text is None:
        return {"rate_limit": None if lifted else RateLimit(adaptive=adaptive)}
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise BadInputError("--rate: must be a number of requests a minute, such as 300/min")
    requests = int(match[1])
    limit = RateLimit(requests=requests, burst=min(10, requests), adaptive=adaptive)
    return {"rate_limit": limit}


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
