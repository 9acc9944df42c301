"""What is to be sent, to whom, with which settings? A checked send that has not begun."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pushwoosh_async import FanOut, IdFile, Notification, PushwooshClient, RateLimit
from pushwoosh_async.cli.complaints import BadInputError

Kind = Literal["users", "devices"]

_RATE = re.compile(r"([0-9]{1,9})/min")


class CountedIds(AsyncIterable[Sequence[str]], Sized):
    """Ids of which it is known how many there are: so the time left can be told, and who was left out."""

    def __init__(self, ids: IdFile, number: int) -> None:
        self._ids = ids
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __aiter__(self) -> AsyncIterator[Sequence[str]]:
        return aiter(self._ids)


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
    """

    notification: Notification
    kind: Kind
    ids: IdFile
    client: Mapping[str, Any] = field(repr=False)
    run: Mapping[str, Any]
    names: Mapping[str, str]

    def open_client(self) -> PushwooshClient:
        """Make the client; it connects when it is first used."""
        return PushwooshClient(**self.client)

    def fan_out(self, client: PushwooshClient, total: int | None = None) -> FanOut:
        """Make the run. `total` is how many ids there are, where that is known."""
        ids = self.ids if total is None else CountedIds(self.ids, total)
        audience: dict[str, Any] = {self.kind: ids}
        return client.fan_out(self.notification, **audience, **self.run)

    def with_changes(self, *, client: Mapping[str, Any], run: Mapping[str, Any]) -> "Sending":
        """Return the same with other arguments."""
        return replace(self, client={**self.client, **client}, run={**self.run, **run})

    @property
    def repeatable(self) -> bool:
        """Whether the ids can be read twice: standard input and a fifo give them once."""
        return self.ids.path != "-" and Path(self.ids.path).is_file()


def audience_of(users: str | None, devices: str | None) -> tuple[Kind, str]:
    """Return what the file holds, and the file.

    Raises:
        BadInputError: both are given, or neither.
    """
    if users is not None and devices is not None:
        raise BadInputError("--devices: give it or --users, not both")
    if users is not None:
        return "users", users
    if devices is not None:
        return "devices", devices
    raise BadInputError("--users: give a file of user ids, or --devices with a file of devices")


def column_of(text: str | None) -> str | int | None:
    """Return a column's name, or its index where the text is a number."""
    return int(text) if text is not None and re.fullmatch("[0-9]{1,4}", text) else text


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
