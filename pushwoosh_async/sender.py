"""How do many awaits in one process become few requests? The sender of a service."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Literal, Self, TypeAlias

from pushwoosh_async._client_run_options import (
    NotificationsPerRequest,
    check_packing,
    packing_of,
)
from pushwoosh_async._client_runs import wiring_of
from pushwoosh_async._fanout.chunks import Kind
from pushwoosh_async._fanout.options import check_choice, check_count, check_seconds
from pushwoosh_async._sender.accepted import Accepted, fresh
from pushwoosh_async._sender.contents import Contents
from pushwoosh_async._sender.deliveries import Deliveries
from pushwoosh_async._sender.room import Room
from pushwoosh_async._sender.shelf import Entry, Shelf
from pushwoosh_async._transport.owned import Home
from pushwoosh_async._wire.audience import check_listable
from pushwoosh_async._wire.encode import room_around
from pushwoosh_async._wire.identity import encode_ids
from pushwoosh_async.client import PushwooshClient
from pushwoosh_async.errors import ConfigurationError, PushwooshError, QueueFullError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.targeting.recipients import id_fault

WhenFull: TypeAlias = Literal["wait", "raise"]


class BatchingSender:
    """Sends what many tasks await, each for one recipient, in few requests.

    Make one per event loop and client, share it, and close it before the client::

        async with PushwooshClient() as client, BatchingSender(client) as sender:
            ...
            await sender.send(notification, user="user-1")

    Equal notifications are merged into one of up to 1000 recipients, different ones share a request. What
    waits leaves `max_delay` after the first of it came, or as soon as a notification has 1000 recipients
    or a request is full. What finds no request free waits on, and goes on being merged.

    A merged notification leaves alone in its request. Where the API refuses it, nobody got it, and it is
    taken apart until the recipients that the API refuses stand alone: theirs are rejected, all others are
    sent. But where 27 cuts bring forth no part that is accepted, not even a recipient alone, the
    notification itself is taken to be refused: all are rejected. Notifications to one recipient share
    requests; so do merged ones that are not full, when more of them wait than requests may begin. **What
    is refused in a shared request proves nothing**: it is repeated in halves, and who is refused even
    alone ends in doubt. ``notifications_per_request=1`` keeps every refusal clean. Until the API has
    accepted something, and again after it refused the token or left anything in doubt, one notification
    goes alone.

    What may have been delivered is repeated under the same transactionId until that could send
    twice, as in `fan_out`; what certainly was not, up to ``RetryPolicy.max_attempts``, since somebody
    waits. While the server is silent new requests are held back, so that an outage does not put
    everything in doubt. A refused token fails those who share its request; later ones are tried again.

    Nothing is written down: what is pending ends with the process. For that there is `fan_out` with a
    journal.

    Args:
        client: through which it sends, with its rate limit. It is not closed with the sender.
        max_delay: seconds that a notification waits for others.
        max_pending: awaits that are not settled, 1 to 1,000,000.
        max_pending_bytes: of their notifications, each counted as if it went alone; one that is larger is
            taken when no other is pending.
        when_full: ``"wait"`` for room, in order of arrival, or ``"raise"`` a `QueueFullError`.
        concurrency: requests in flight, 1 to the client's `max_connections`; more only while a shared
            one is taken apart.
        notifications_per_request: 1 to 1000, or ``"max"``: as many as fit.
        max_request_bytes: of a request with more than one notification, 10,000 to 9,900,000; also
            of one that is merged.

    Raises:
        TypeError: an argument of the wrong type.
        ConfigurationError: an argument that breaks a rule; or the client has no application, or is for
            a group of them, to which the API sends no lists [ES:120, ES:127].
    """

    def __init__(
        self,
        client: PushwooshClient,
        *,
        max_delay: float = 0.05,
        max_pending: int = 10_000,
        max_pending_bytes: int = 64_000_000,
        when_full: WhenFull = "wait",
        concurrency: int = 8,
        notifications_per_request: NotificationsPerRequest = "max",
        max_request_bytes: int = 4_000_000,
    ) -> None:
        if not isinstance(client, PushwooshClient):
            raise TypeError(f"client: expected a PushwooshClient, got {type(client).__name__}")
        wiring = wiring_of(client)
        check_listable("client", wiring.target)
        check_seconds("max_delay", max_delay)
        check_count("max_pending", max_pending, 1, 1_000_000)
        check_count("max_pending_bytes", max_pending_bytes, 1, 10_000_000_000)
        check_choice("when_full", when_full, "wait", "raise")
        check_count("concurrency", concurrency, 1, wiring.max_connections, " (max_connections)")
        check_packing(notifications_per_request, max_request_bytes)
        wiring.session.window(max_request_bytes)  # does an attempt of that size fit the window?
        around = room_around(wiring.target)
        self._packing = packing_of(notifications_per_request, max_request_bytes, around)
        self._window = wiring.window
        self._waits = when_full == "wait"
        self._bounds = f"max_pending is {max_pending}, max_pending_bytes {max_pending_bytes}"
        self._contents = Contents()
        self._deliveries = Deliveries(
            wiring,
            shelf=Shelf(self._packing, max_delay=max_delay),
            room=Room(most=max_pending, most_bytes=max_pending_bytes),
            concurrency=concurrency,
            packs=self._packing.most > 1,
        )
        self._home: Home | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        if self._home is not None or self._closed:
            raise ConfigurationError("sender: it is entered once; make another")
        self._home = Home("sender")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        wants_out = error is not None and not isinstance(error, Exception)
        await self._close(self._deliveries.give_up if wants_out else self._deliveries.aclose)

    async def send(
        self, notification: Notification, *, user: str | None = None, device: str | None = None
    ) -> Accepted:
        """Deliver a notification to one recipient, and wait until that is settled.

        Every call is one delivery: two calls for the same recipient are two. A call that is cancelled
        before its notification left is withdrawn, and nothing is sent for it; afterwards it goes on
        without its caller. So ``asyncio.timeout`` around it is safe; what it ends may have been sent.

        Args:
            notification: without audience and `transaction_id`. Do not change what it was made of: what it
                is on the wire is remembered with the object.
            user: a user id; or
            device: a push token or hwid.

        Returns:
            That the API accepted it, and whether the application knows the recipient.

        Raises:
            TypeError: a wrong type, no recipient or two.
            ConfigurationError: a value that breaks a rule; or the sender was not entered, was closed, or
                belongs to another event loop or process.
            QueueFullError: there is no room, and `when_full` is ``"raise"``.
            TransportError: no answer.
            APIError: an answer that is not success. Of each, `delivery` is true for this recipient:
                ``"rejected"``, ``"in_doubt"`` or ``"not_sent"``; and `transaction_ids` holds the one under
                which it was, or would have been, sent.
        """
        home = self._usable()
        kind, recipient = _recipient(user, device)
        content = self._contents.of(notification, kind)
        own = len(encode_ids((recipient,))) - 1  # a comma instead of its brackets
        size = content.bytes + own
        if size > self._packing.max_bytes:
            self._window(size)  # does an attempt of that size fit the window?
        entry = Entry(content.message, recipient, own, size, home.answer())
        if not self._deliveries.enter(entry, wait=self._waits):
            raise QueueFullError(
                f"send: no room: {self._bounds}; nothing was sent for this call. Send it again later, or "
                "let calls wait for room: when_full='wait'",
                delivery="not_sent",
            )
        try:
            outcome = await entry.answer
        finally:
            if entry.answer.cancelled():
                self._deliveries.withdraw(entry)
        if isinstance(outcome, PushwooshError):
            raise fresh(outcome)
        return outcome

    async def flush(self) -> None:
        """Let everything that is pending leave without delay, and wait until it is settled.

        What waits for room is not pending yet, and what is sent in the meantime is not waited for.

        Raises:
            ConfigurationError: the sender was not entered, was closed, or belongs elsewhere.
        """
        self._usable()
        await self._deliveries.flush()

    async def aclose(self) -> None:
        """Refuse new calls, and wait until all earlier ones are settled. Idempotent.

        While the server is silent, what has not left ends as not sent. Cancelled, it sends nothing more:
        it waits up to 5 seconds for answers under way; then what has left and is not answered is in
        doubt, and the rest not sent. A block that is left by a cancellation ends in the same way.

        Raises:
            ConfigurationError: the sender belongs to another event loop or process.
        """
        await self._close(self._deliveries.aclose)

    async def _close(self, end: Callable[[], Awaitable[None]]) -> None:
        if self._home is not None:
            self._home.check()  # first: who may not close it leaves it open to its owner
        self._closed = True
        if self._home is not None:
            await end()

    def _usable(self) -> Home:
        if self._home is None:
            raise ConfigurationError(
                "sender: enter it first: async with BatchingSender(...) as sender"
            )
        self._home.check()
        if self._closed:
            raise ConfigurationError("sender: it was closed")
        return self._home


def _recipient(user: str | None, device: str | None) -> tuple[Kind, str]:
    if (user is None) == (device is None):
        raise TypeError("send: give user= or device=, one of them and not None")
    name, recipient = ("user", user) if device is None else ("device", device)
    if type(recipient) is not str:  # a subclass could change its text under our hands
        raise TypeError(f"{name}: expected a str, got {type(recipient).__name__}")
    fault = id_fault(recipient)
    if fault is not None:
        raise ConfigurationError(f"{name}: {fault}")
    return "users" if device is None else "devices", recipient
