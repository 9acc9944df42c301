"""The Messages API: one coroutine for each of its methods."""

from collections.abc import Sequence

from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.audience import check_addressed, check_unaddressed
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import encode, envelope
from pushwoosh_async._wire.identity import random_transaction_id
from pushwoosh_async._wire.methods import CREATE_MESSAGE, MAX_NOTIFICATIONS
from pushwoosh_async.endpoints.base import Endpoint
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.results import MessageResult


class Messages(Endpoint):
    """Creates messages."""

    async def create_message(
        self, notification: Notification | Sequence[Notification]
    ) -> MessageResult:
        """Send one notification, or several in one request, to the audience each names.

        A notification without `transaction_id` gets a random one. After a failure the call is repeated
        under the same ids as long as that cannot send twice.

        Args:
            notification: each with users or devices (at most 1000), or with a filter, conditions or a
                geozone. At most 1000 of them.

        Returns:
            One message code per notification. With several, the API is taken to have accepted all or
            none: one failed request leaves all of them in doubt.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: what must not be sent as it stands; see `Notification`.
            TransportError: no answer.
            APIError: an answer that is not success. On each, `delivery` says what became of it.

        Vendor: createMessage, messages page of the Remote API [ES:7-513].
        """
        several = _as_sequence(notification)
        target = self._require_target()
        for item in several:
            check_addressed(item, target)
        return await self._create(several)

    async def broadcast(self, notification: Notification, *, confirm: str) -> MessageResult:
        """Send to **every subscriber** of the application.

        Args:
            notification: without any audience.
            confirm: the client's application (or group) code, once more, as a seat belt.

        Raises:
            ConfigurationError: `confirm` is another code, or the notification names an audience.
            TransportError: no answer.
            APIError: an answer that is not success.

        Vendor: createMessage without users, devices, filter, conditions and geozone.
        """
        target = self._require_target()
        check_unaddressed(notification, "broadcast")
        if not isinstance(confirm, str):
            raise TypeError(f"confirm: expected a str, got {type(confirm).__name__}")
        if confirm != target.code:
            raise ConfigurationError(
                f"confirm: a broadcast reaches every subscriber of {target.code}; pass that code"
            )
        return await self._create((notification,))

    async def _create(self, notifications: Sequence[Notification]) -> MessageResult:
        ids = tuple(item.transaction_id or random_transaction_id() for item in notifications)
        if len(set(ids)) != len(ids):
            raise ConfigurationError(
                "transaction_id: the same in two notifications; the API would drop one of them"
            )
        objects = [encode(item, tid) for item, tid in zip(notifications, ids, strict=True)]
        body = envelope(self._require_target(), objects)
        call = Call(CREATE_MESSAGE, body, ids, decode_messages)
        return await self._session.call(call, max_attempts=self._session.policy.max_attempts)


def _as_sequence(notification: Notification | Sequence[Notification]) -> Sequence[Notification]:
    if isinstance(notification, Notification):
        return (notification,)
    if not isinstance(notification, (list, tuple)):
        raise TypeError(
            "notification: expected a Notification or a list of them, "
            f"got {type(notification).__name__}"
        )
    if not 1 <= len(notification) <= MAX_NOTIFICATIONS:
        raise ConfigurationError(
            f"notification: 1 to {MAX_NOTIFICATIONS} in one request, got {len(notification)}"
        )
    return tuple(notification)
