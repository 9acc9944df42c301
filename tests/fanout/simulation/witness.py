"""What was seen of a simulated send: how often each thing happened, what was wrong, and the trace."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from attrs import define


@define
class Attempt:
    """An attempt whose body the server has.

    Attributes:
        clear: the sender was told what became of it.
    """

    clear: bool = False


class Witness:
    """Sees everything.

    Attributes:
        seen: how often each kind of event happened.
        wrong: what must never happen, and did. A list, since an exception would land in the sender.
        excused: transactionIds of which an attempt had no clear end, so that they may be in doubt.
    """

    def __init__(self, now: Callable[[], float], tell: Callable[[str], None] | None) -> None:
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.excused: set[str] = set()
        self._open: Counter[str] = Counter()
        self._now = now
        self._tell = tell

    def happened(self, event: str, detail: str = "") -> None:
        """Count an event."""
        self.seen[event] += 1
        self.note(f"{event} {detail}")

    def note(self, text: str) -> None:
        """Write a line of the trace."""
        if self._tell is not None:
            self._tell(f"{self._now():10.3f}  {text}")

    def never(self, text: str) -> None:
        """See what must never happen."""
        self.wrong.append(text)
        self.note(f"WRONG: {text}")

    def committed(self, tid: str, at: float, *, fresh: bool) -> None:
        """See the server accept a request, or drop it as a repeat."""
        self.note(f"server, at {at:.3f}: {'sends' if fresh else 'drops'} {tid[:8]}")

    # -- who may be in doubt --------------------------------------------------------------------

    def excuse(self, *tids: str) -> None:
        """Let these be in doubt."""
        self.excused.update(tids)

    @contextmanager
    def attempt(self, tids: Sequence[str]) -> Iterator[Attempt]:
        """See an attempt to its end; without a clear one it is an excuse for all that is in it."""
        attempt = Attempt()
        self._open.update(tids)
        try:
            yield attempt
        finally:
            self._open.subtract(tids)
            if not attempt.clear:
                self.excuse(*tids)

    def excuse_all_open(self) -> None:
        """The sender no longer waits for the answers under way."""
        self.excuse(*(tid for tid, count in self._open.items() if count))
