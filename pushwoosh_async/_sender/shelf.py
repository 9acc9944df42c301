"""What waits to be sent, and what leaves together when? Told the time; waits for nobody."""

from collections.abc import Sequence
from math import inf

from attrs import define, field

from pushwoosh_async._fanout.chunks import Message
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._sender.accepted import Accepted
from pushwoosh_async._transport.owned import Answer
from pushwoosh_async._wire.methods import MAX_RECIPIENTS
from pushwoosh_async.errors import PushwooshError

_PAIR = 2


@define(eq=False)
class Entry:
    """One await: one delivery to one recipient.

    Attributes:
        message: what is sent.
        recipient: to whom.
        own_bytes: what the recipient adds to a notification.
        bytes: of a notification to the recipient alone.
        answer: what becomes of it.
        parcel: what it was put into; None while there is no room for it, and once it is withdrawn.
    """

    message: Message
    recipient: str = field(repr=False)
    own_bytes: int
    bytes: int
    answer: Answer[Accepted | PushwooshError] = field(repr=False)
    parcel: "Parcel | None" = None


@define(eq=False)
class Parcel:
    """One notification to be, with all who get it.

    Attributes:
        message: what is sent.
        due: monotonic seconds at which it leaves at the latest.
        bytes: of the notification.
        entries: by recipient; those that are settled or withdrawn are gone.
        left: it is encoded: nobody can be withdrawn any more.
        parts_accepted: whether the API accepted it, or a part of it.
        cuts: how often it, or a part of it, was taken apart.
    """

    message: Message
    due: float
    bytes: int = 0
    entries: dict[str, Entry] = field(factory=dict, repr=lambda entries: f"<{len(entries)}>")
    left: bool = False
    parts_accepted: bool = False
    cuts: int = 0

    @property
    def merged(self) -> bool:
        """Whether it goes to more than one."""
        return len(self.entries) > 1

    def clear(self) -> Sequence[Entry]:
        """Take out all who wait."""
        entries = list(self.entries.values())
        self.entries.clear()
        return entries


class Shelf:
    """Parcels that have not left, in the order in which they were begun.

    A merged parcel leaves alone in its request, so that a refusal is clean and it can be taken apart.
    Those with one recipient share requests; and so do all that are not full, when more are merged than
    requests may begin.

    Attributes:
        parcels: as the keys of a dict.
        max_delay: seconds that a parcel waits for more recipients.

    Args:
        packing: how full a request may be.
        max_delay: see above.
    """

    def __init__(self, packing: Packing, *, max_delay: float) -> None:
        self.parcels: dict[Parcel, None] = {}
        self._most = packing.most
        self._max_bytes = packing.max_bytes
        self.max_delay = max_delay
        self._open: dict[Message, Parcel] = {}  # where the next recipient of a message goes
        self._full: dict[Parcel, None] = {}
        self._merged = 0
        self._bytes = 0

    def join(self, entry: Entry, now: float) -> None:
        """Put an await into the open parcel of its message, or into a new one."""
        parcel = self._open.get(entry.message)
        if parcel is not None and parcel.bytes + entry.own_bytes > self._max_bytes:
            self._full[parcel] = None
            parcel = None
        added = entry.own_bytes
        if parcel is None or entry.recipient in parcel.entries:
            added = entry.bytes
            parcel = Parcel(entry.message, now + self.max_delay)
            self.parcels[parcel] = None
            self._open[entry.message] = parcel
        entry.parcel = parcel
        parcel.entries[entry.recipient] = entry
        parcel.bytes += added
        self._bytes += added
        if len(parcel.entries) == _PAIR:
            self._merged += 1
        elif len(parcel.entries) == MAX_RECIPIENTS:
            self._full[parcel] = None
            del self._open[entry.message]

    def withdraw(self, entry: Entry, parcel: Parcel) -> None:
        """Take an await out of its parcel, which has not left."""
        del parcel.entries[entry.recipient]
        entry.parcel = None
        self._full.pop(parcel, None)
        if not parcel.entries:
            self._forget(parcel)
            return
        parcel.bytes -= entry.own_bytes
        self._bytes -= entry.own_bytes
        if len(parcel.entries) == _PAIR - 1:
            self._merged -= 1

    def hasten(self, now: float) -> None:
        """Let all that waits now wait no longer."""
        for parcel in self.parcels:
            parcel.due = min(parcel.due, now)

    def wait(self, now: float) -> float:
        """Return the seconds until something shall leave: 0.0 or less for now, inf where nothing waits."""
        if self._full or self._bytes >= self._max_bytes or len(self.parcels) >= self._most > 1:
            return 0.0
        return next(iter(self.parcels)).due - now if self.parcels else inf

    def next(self, now: float, requests: int) -> list[Parcel]:
        """Return what shall leave together: what was begun first, unless only a full parcel is due.

        Args:
            now: monotonic seconds.
            requests: how many may begin now, this one included.
        """
        first = next(iter(self.parcels))
        if first.due > now and self._full:
            first = next(iter(self._full))
        crowded = self._merged - len(self._full) > requests
        if self._most == 1 or self._leaves_alone(first, crowded=crowded):
            return [first]
        together, size = [first], first.bytes
        for parcel in self.parcels:
            if parcel is first or self._leaves_alone(parcel, crowded=crowded):
                continue
            if len(together) == self._most or size + parcel.bytes > self._max_bytes:
                break
            together.append(parcel)
            size += parcel.bytes
        return together

    def _leaves_alone(self, parcel: Parcel, *, crowded: bool) -> bool:
        return parcel in self._full or (parcel.merged and not crowded)

    def leave(self, parcel: Parcel) -> None:
        """Let a parcel go: from now on nobody is withdrawn."""
        parcel.left = True
        self._full.pop(parcel, None)
        if parcel.merged:
            self._merged -= 1
        self._forget(parcel)

    def _forget(self, parcel: Parcel) -> None:
        del self.parcels[parcel]
        self._bytes -= parcel.bytes
        if self._open.get(parcel.message) is parcel:
            del self._open[parcel.message]
