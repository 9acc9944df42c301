"""What is sent, encoded once? A service sends the same few notification objects over and over."""

from attrs import frozen

from pushwoosh_async._fanout.chunks import Kind, Message
from pushwoosh_async._wire.audience import check_unaddressed
from pushwoosh_async._wire.encode import template
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification

_KEPT = 64
# As long as any that is derived: for the size of a notification before it has one.
_TRANSACTION_ID = "0" * 36


@frozen
class Content:
    """A message, and the bytes of a notification of it without recipients."""

    message: Message
    bytes: int


class Contents:
    """The messages of notifications; those used last are kept, by the object that each was given as."""

    def __init__(self) -> None:
        # The notification is kept with it, so that nothing else can have its id.
        self._kept: dict[tuple[int, Kind], tuple[object, Content]] = {}

    def of(self, notification: Notification, kind: Kind) -> Content:
        """Return what is sent.

        Raises:
            TypeError: no Notification.
            ConfigurationError: it names an audience, or has a transaction_id, or breaks another rule.
        """
        key = (id(notification), kind)
        found = self._kept.pop(key, None)
        if found is None:
            found = (notification, _content(notification, kind))
            if len(self._kept) == _KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[key] = found  # as the last
        return found[1]


def _content(notification: Notification, kind: Kind) -> Content:
    check_unaddressed(notification, "send")
    if notification.transaction_id is not None:
        raise ConfigurationError(
            "notification: send takes one without transaction_id: those who share a notification share "
            "its id"
        )
    encoded = template(notification)
    size = encoded.size(kind, b"[]", _TRANSACTION_ID) + len(b",")
    return Content(Message(kind, encoded, own=True), size)
