"""How large were the requests that arrived? What a sender is held against the vendor's limits with."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, frozen

_LISTS = ("users", "devices")


@frozen(kw_only=True)
class Traffic:
    """What arrived at the methods that send, whatever became of it: refused and repeated ones, too.

    The vendor's limits on one request are 1000 notifications, 1000 ids in each, and 10 MB [api.md 3].

    Attributes:
        requests: those whose body arrived whole, or grew too large.
        notifications: in all of them together.
        most_notifications: in one request; these three are 0 before the first.
        most_ids: in one list of users or devices.
        largest_body: of one request, in bytes. A body beyond `max_body` is not read to its end: then
            it is what was read of it, which is over that limit, and its notifications are not known.
    """

    requests: int = 0
    notifications: int = 0
    most_notifications: int = 0
    most_ids: int = 0
    largest_body: int = 0


@define
class Meter:
    """Measures request by request."""

    traffic: Traffic = Traffic()

    def clear(self) -> None:
        """Begin again at zero."""
        self.traffic = Traffic()

    def add(self, size: int, notifications: Sequence[Mapping[str, Any]]) -> None:
        """Measure a request: the bytes of its body, and the notifications in it."""
        before, number = self.traffic, len(notifications)
        self.traffic = Traffic(
            requests=before.requests + 1,
            notifications=before.notifications + number,
            most_notifications=max(before.most_notifications, number),
            most_ids=max(before.most_ids, *map(_longest_list, notifications), 0),
            largest_body=max(before.largest_body, size),
        )


def _longest_list(notification: Mapping[str, Any]) -> int:
    lists = map(notification.get, _LISTS)
    return max([len(ids) for ids in lists if isinstance(ids, list)], default=0)
