"""Notifications to chunks: each with its own content and audience, under which transaction id. Pure."""

import uuid
from collections import deque
from collections.abc import Sequence
from itertools import chain

from attrs import evolve, frozen

from pushwoosh_async._fanout.chunks import Chunk, Kind, Message
from pushwoosh_async._fanout.sieve import InvalidPolicy, Origin, Sieve, TellAside
from pushwoosh_async._wire.encode import template
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.targeting.recipients import check_ids

# What journals call the kind of such a run's ids: users and devices, each notification its own.
RECIPIENTS = "recipients"


class EachPlanner:
    """Cuts a stream of notifications. Holds one back: what is set aside behind it belongs to it.

    Attributes:
        identity: of the run; what every transactionId hangs on.
        sieve: what has become of the recipients so far.
    """

    def __init__(
        self,
        identity: RunIdentity,
        *,
        chunk_size: int,
        invalid: InvalidPolicy,
        dedupe: bool,
        tell_aside: TellAside | None = None,
    ) -> None:
        self.identity = identity
        self.sieve = Sieve(invalid=invalid, dedupe=dedupe, trusted=False, tell_aside=tell_aside)
        self._size = chunk_size
        self._count = 0
        self._own_ids: set[str] = set()
        self._line: deque[_Piece] = deque()

    def adopt(self, run_id: str) -> None:
        """Go on with a run that was begun before: to be called before the first chunk is cut."""
        self.identity = evolve(self.identity, run_id=uuid.UUID(run_id))

    def ids_of(self, page: Sequence[Notification]) -> Sequence[str]:
        """Return the ids of a page of the source."""
        return list(chain.from_iterable(map(ids_of, page)))

    def feed(self, page: Sequence[Notification]) -> list[Chunk]:
        """Take a page of notifications; return the chunks that are now certain.

        Raises:
            TypeError: one is not a Notification, or an id is not a str.
            ConfigurationError: one breaks a rule; its place and the rule are named. Those before it count
                as taken.
        """
        chunks = []
        for notification in page:
            self._take(notification)
            while len(self._line) > 1:
                chunks += self._next(self._line.popleft())
        return chunks

    def finish(self) -> list[Chunk]:
        """Return the chunks that remain when the source has ended."""
        return [chunk for piece in self._line for chunk in self._next(piece)]

    def _take(self, notification: Notification) -> None:
        where = f"notifications[{self._count}]"
        kind = _kind_of(notification, where)
        own_id = notification.transaction_id
        ids = ids_of(notification)
        if own_id is not None:
            self._check_own(own_id, len(ids), where)
        self._count += 1
        message = Message(kind, template(notification), own=True)
        origin = Origin(kind, f"{where}.{kind}", self.sieve.taken)
        before = self.sieve.kept
        self.sieve.take(ids, origin)
        if self.sieve.kept > before:
            self._line.append(_Piece(message, origin, self.sieve.kept - before, own_id))

    def _check_own(self, own_id: str, count: int, where: str) -> None:
        if count > self._size:
            raise ConfigurationError(
                f"{where}: {count} ids under one transaction_id, more than chunk_size: the API would drop "
                "all but the first request"
            )
        if own_id in self._own_ids:
            raise ConfigurationError(
                f"{where}: its transaction_id came before; the API would drop one of them"
            )
        self._own_ids.add(own_id)

    def _next(self, piece: "_Piece") -> list[Chunk]:
        chunks = []
        for start in range(0, piece.count, self._size):
            size = min(self._size, piece.count - start)
            chunks.append(
                self.sieve.cut(size, piece.message, piece.origin, self.identity, piece.own_id)
            )
        return chunks


@frozen
class _Piece:
    message: Message
    origin: Origin
    count: int
    own_id: str | None


def ids_of(notification: object) -> Sequence[str]:
    """Return the ids that a notification names; none if it names none, or is none."""
    if not isinstance(notification, Notification):
        return ()
    ids = notification.users if notification.users is not None else notification.devices
    return ids if ids is not None else ()


def recipients_in(page: Sequence[object]) -> int:
    """Return how many recipients a page of notifications has; what is none has none."""
    return sum(len(ids_of(each)) for each in page)


def check_notifications(page: Sequence[object], start: int) -> None:
    """Check a page of notifications, told the position of its first.

    Raises:
        TypeError: one is not a Notification, or an id is not a str.
        ConfigurationError: one breaks a rule; its place and the rule are named.
    """
    for number, each in enumerate(page, start):
        where = f"notifications[{number}]"
        kind = _kind_of(each, where)
        check_ids(getattr(each, kind), f"{where}.{kind}")


def _kind_of(notification: object, where: str) -> Kind:
    """Return which list of ids a notification names: one, and nothing beside it.

    Raises:
        TypeError: it is no Notification.
        ConfigurationError: it names another audience, or none: that would reach every subscriber.
    """
    if not isinstance(notification, Notification):
        raise TypeError(f"{where}: expected a Notification, got {type(notification).__name__}")
    named = [name for name in _AUDIENCES if getattr(notification, name) is not None]
    if named not in (["users"], ["devices"]):
        found = " and ".join(named) or "none"
        raise ConfigurationError(f"{where}: must name users or devices, and names {found}")
    if not ids_of(notification):
        raise ConfigurationError(
            f"{where}.{named[0]}: must not be empty: it could reach every subscriber"
        )
    return "users" if named == ["users"] else "devices"


_AUDIENCES = ("users", "devices", "filter", "conditions", "geozone")
