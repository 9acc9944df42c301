"""Who was delivered to, and how often? The truth that a client's report is held against."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any


class Ledger:
    """Counts deliveries by recipient id; users, devices and phone numbers share one namespace.

    A scheduled message is entered when it is accepted and stays entered when it is cancelled:
    `Truth.recalled` says how many deliveries cancelling undid.

    An id twice in one list counts as two deliveries: what the vendor does with it is unknown
    [api.md 5, 29], and a sender that writes it is at fault.

    Args:
        keep_notifications: also keep each accepted notification object. Costs its whole memory.
    """

    def __init__(self, *, keep_notifications: bool = False) -> None:
        self._keep = keep_notifications
        self.clear()

    def clear(self) -> None:
        """Forget everything; a listing that is being streamed ends undisturbed."""
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._notifications: list[Mapping[str, Any]] = []

    def record(self, notification: Mapping[str, Any], delivered: Sequence[str]) -> None:
        """Enter one accepted notification and the ids it was delivered to."""
        self._counts.update(delivered)
        self._total += len(delivered)
        if self._keep:
            self._notifications.append(notification)

    def deliveries(self, recipient: str) -> int:
        """Return how often this id was delivered to."""
        return self._counts[recipient]

    def counts(self) -> Mapping[str, int]:
        """Return a live, read-only view: recipient id to number of deliveries."""
        return MappingProxyType(self._counts)

    @property
    def recipients(self) -> int:
        """How many different ids were delivered to."""
        return len(self._counts)

    @property
    def total(self) -> int:
        """How many deliveries there were."""
        return self._total

    @property
    def notifications(self) -> Sequence[Mapping[str, Any]]:
        """The accepted notification objects, in order of acceptance.

        Raises:
            RuntimeError: they were not kept; an empty answer would look like the truth.
        """
        if not self._keep:
            raise RuntimeError("notifications are kept only with Sandbox(keep_notifications=True)")
        return tuple(self._notifications)
