"""The Messages API: one coroutine for each of its methods."""

from collections.abc import AsyncGenerator, Sequence

from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.audience import check_addressed, check_unaddressed, checked_filter
from pushwoosh_async._wire.decode import decode_messages, decode_nothing, decode_targeted
from pushwoosh_async._wire.decode_details import decode_details
from pushwoosh_async._wire.decode_history import decode_history
from pushwoosh_async._wire.encode import encode, envelope, request, sendable_fields
from pushwoosh_async._wire.identity import random_transaction_id
from pushwoosh_async._wire.methods import (
    CANCEL_MESSAGE,
    CREATE_MESSAGE,
    CREATE_TARGETED_MESSAGE,
    DELETE_MESSAGE,
    GET_MESSAGE_DETAILS,
    GET_PUSH_HISTORY,
    MAX_NOTIFICATIONS,
    Method,
)
from pushwoosh_async.endpoints.base import Endpoint, require_text
from pushwoosh_async.endpoints.message_code import check_code
from pushwoosh_async.endpoints.paging import Cursor
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.message_details import MessageDetails
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.push_history import PushHistoryRow, SearchBy, Source
from pushwoosh_async.models.results import MessageResult, TargetedMessageResult
from pushwoosh_async.models.targeted import TargetedMessage


class Messages(Endpoint):
    """Creates messages, takes scheduled ones back, and tells what became of them."""

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

    async def create_targeted_message(
        self, message: TargetedMessage, *, all_applications: bool = False
    ) -> TargetedMessageResult:
        """Send one message to every device that its filter matches.

        Tags are shared by all applications of an account, so a filter of tags alone reaches the
        subscribers of every one of them [BLOG]. It is refused, as is a text that `parse_filter` cannot
        read: which applications it reaches is then unknown. A filter is sent in its canonical spelling,
        with all its parentheses, so that it means to the server what was checked here.

        A message without `transaction_id` gets a random one. After a failure the call is repeated
        under the same id as long as that cannot send twice. The client's own application plays no
        part: the filter names applications.

        Args:
            message: what to send, and to whom.
            all_applications: send even if the filter is not bounded to applications, or cannot be
                read, and as it was written.

        Raises:
            TypeError: a wrong type.
            FilterSyntaxError: the filter is a text that cannot be read.
            ConfigurationError: the filter is not bounded; or another rule is broken.
            FilterError: the API could not compile the filter; `errors` holds its reasons.
            TransportError: no answer.
            APIError: another answer that is not success.

        Vendor: createTargetedMessage [ES:721-939].
        """
        text = checked_filter(message, all_applications=all_applications)
        tid = message.transaction_id or random_transaction_id()
        own = {"devices_filter": text, "transactionId": tid}
        body = request(CREATE_TARGETED_MESSAGE, {**sendable_fields(message), **own})
        own_id = message.transaction_id is not None
        return await self._call(
            Call(CREATE_TARGETED_MESSAGE, body, (tid,), decode_targeted, own_id)
        )

    async def delete_message(self, message_code: str | None) -> None:
        """Delete a scheduled message.

        Repeated freely after a failure. Where an earlier attempt is in doubt, "not found" may mean that
        it was deleted by that one: `delivery` is ``"in_doubt"`` then.

        Args:
            message_code: as `create_message` returned it.

        Raises:
            ConfigurationError: the API gave the message no code (None, ``CODE_NOT_AVAILABLE``).
            InvalidRequestError: there is no such message; perhaps it was sent already.
            TransportError: no answer.
            APIError: another answer that is not success.

        Vendor: deleteMessage [ES:630-662].
        """
        await self._take_back(DELETE_MESSAGE, message_code)

    async def cancel_message(self, message_code: str | None) -> None:
        """Cancel a scheduled message. What it does beyond `delete_message` the vendor does not say.

        Args:
            message_code: as `create_message` returned it.

        Raises:
            ConfigurationError: the API gave the message no code (None, ``CODE_NOT_AVAILABLE``).
            InvalidRequestError: there is no such message; perhaps it was sent already.
            TransportError: no answer.
            APIError: another answer that is not success.

        Vendor: cancelMessage [ES:1090-1122].
        """
        await self._take_back(CANCEL_MESSAGE, message_code)

    async def get_message_details(self, message: str | int | None) -> MessageDetails:
        """Return what the API knows of one message.

        Args:
            message: its code as `create_message` returned it, or its id.

        Raises:
            ConfigurationError: the API gave the message no code (None, ``CODE_NOT_AVAILABLE``).
            InvalidRequestError: there is no such message.
            TransportError: no answer.
            APIError: another answer that is not success.

        Vendor: getMessageDetails [ES:680-719].
        """
        is_id = isinstance(message, int) and not isinstance(message, bool)
        # The type column says string [ES:690].
        code = str(message) if is_id else check_code("message", message)
        body = request(GET_MESSAGE_DETAILS, {"message": code})
        return await self._call(Call(GET_MESSAGE_DETAILS, body, (), decode_details))

    def get_push_history(
        self,
        *,
        search_by: SearchBy | None = None,
        value: str | int | None = None,
        source: Source | None = None,
        page_size: int = 1000,
    ) -> AsyncGenerator[PushHistoryRow, None]:
        """Iterate over the account's messages, newest first; pages are asked for as they are needed.

        Messages of the API to fewer than ten devices are missing from it [ES:512-520]. Rows
        that are added while it is read may be missed or not: the vendor does not say.

        Args:
            search_by: what `value` is: ``"notificationID"``, ``"notificationCode"``,
                ``"applicationCode"`` or ``"campaignCode"``; other texts are passed on.
            value: what to look for; goes with `search_by`.
            source: where the messages came from: ``"CP"``, ``"API"``, ``"GeoZone"``, ``"RSS"``,
                ``"AutoPush"``, ``"A/B Test"``; other texts are passed on.
            page_size: rows in one answer, 10 to 1000.

        Returns:
            An async generator. Leaving it early asks for no more pages.

        Raises:
            TypeError: a wrong type, or one of `search_by` and `value` without the other.
            ConfigurationError: a value that breaks a rule.
            TransportError: while iterating: no answer.
            UnexpectedResponseError: while iterating: the server gives the same rows again, or what is
                no list of rows.
            APIError: while iterating: another answer that is not success.

        Vendor: getPushHistory [ES:941-1088].
        """
        if isinstance(page_size, bool) or not isinstance(page_size, int):
            raise TypeError(f"page_size: expected an int, got {type(page_size).__name__}")
        if not 10 <= page_size <= 1000:
            raise ConfigurationError(f"page_size: must be 10 to 1000, got {page_size}")
        if (search_by is None) != (value is None):
            raise TypeError("get_push_history: search_by= and value= go together")
        asked: dict[str, object] = {"limitMessages": page_size}
        if source is not None:
            asked["source"] = require_text("source", source)
        if search_by is not None:
            asked["searchBy"] = require_text("search_by", search_by)
            is_id = isinstance(value, int) and not isinstance(value, bool)
            asked["value"] = str(value) if is_id else require_text("value", value)
        return self._rows(asked)

    async def _rows(self, asked: dict[str, object]) -> AsyncGenerator[PushHistoryRow, None]:
        cursor = Cursor()
        while rows := cursor.advance(await self._page(asked, cursor.place())):
            for row in rows:
                yield row
        cursor.place()  # says so where the end is none

    async def _page(self, asked: dict[str, object], last: int | None) -> Sequence[PushHistoryRow]:
        if last is not None:
            asked = {**asked, "lastNotificationID": last}
        body = request(GET_PUSH_HISTORY, asked)
        return await self._call(Call(GET_PUSH_HISTORY, body, (), decode_history))

    async def _take_back(self, method: Method, message_code: str | None) -> None:
        body = request(method, {"message": check_code("message_code", message_code)})
        await self._call(Call(method, body, (), decode_nothing))

    async def _create(self, notifications: Sequence[Notification]) -> MessageResult:
        ids = tuple(item.transaction_id or random_transaction_id() for item in notifications)
        if len(set(ids)) != len(ids):
            raise ConfigurationError(
                "transaction_id: the same in two notifications; the API would drop one of them"
            )
        objects = [encode(item, tid) for item, tid in zip(notifications, ids, strict=True)]
        body = envelope(self._require_target(), objects)
        own = any(item.transaction_id is not None for item in notifications)
        return await self._call(Call(CREATE_MESSAGE, body, ids, decode_messages, own))


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
