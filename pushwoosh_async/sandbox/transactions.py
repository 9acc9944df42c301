"""Was this transactionId accepted a short while ago? The vendor remembers 5 minutes [api.md 3]."""

from collections import OrderedDict
from collections.abc import Callable

from attrs import frozen


@frozen
class _Acceptance:
    at: float
    code: str


class Transactions:
    """Remembers each transactionId for `window` seconds from its first acceptance, per application.

    A repeat does not extend its time. At `window` seconds exactly it is forgotten.
    """

    def __init__(self, window: float, clock: Callable[[], float]) -> None:
        self._window = window
        self._clock = clock
        # In a dict the first entry is found behind the holes of all that were dropped before it.
        self._accepted: OrderedDict[tuple[str, str], _Acceptance] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accepted)

    def clear(self) -> None:
        """Forget all."""
        self._accepted.clear()

    def code(self, application: str, transaction_id: str | None) -> str | None:
        """Return the message code of an earlier acceptance inside the window, or None."""
        self._expire()
        if transaction_id is None:
            return None
        found = self._accepted.get((application, transaction_id))
        return None if found is None else found.code

    def remember(self, application: str, transaction_id: str | None, code: str) -> None:
        """Start the window of a transactionId; None has none."""
        if transaction_id is not None:
            self._accepted[application, transaction_id] = _Acceptance(self._clock(), code)

    def _expire(self) -> None:
        """Drop what is out of the window. The order is that of entry: the oldest is first."""
        now = self._clock()
        while self._accepted:
            oldest = next(iter(self._accepted))
            if now - self._accepted[oldest].at < self._window:
                return
            del self._accepted[oldest]
