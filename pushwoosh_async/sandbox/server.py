"""Where does it all come together? The Sandbox: what a user starts, asks and stops."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from types import TracebackType
from typing import Self, get_args

from attrs import define, field

from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.api import API
from pushwoosh_async.sandbox.bad_notifications import BadNotification, BadNotifications
from pushwoosh_async.sandbox.devices import Devices
from pushwoosh_async.sandbox.exchange import Exchange
from pushwoosh_async.sandbox.faults import Fates, Fault
from pushwoosh_async.sandbox.inspection import Inspection
from pushwoosh_async.sandbox.ledger import Ledger
from pushwoosh_async.sandbox.ledger_file import LedgerFile
from pushwoosh_async.sandbox.listener import Listener
from pushwoosh_async.sandbox.messages import Messages
from pushwoosh_async.sandbox.methods.table import methods
from pushwoosh_async.sandbox.option_checks import not_negative, one_of, positive, several
from pushwoosh_async.sandbox.outbox import Outbox
from pushwoosh_async.sandbox.repeats import Repeat, Repeats
from pushwoosh_async.sandbox.rulings import Rulings
from pushwoosh_async.sandbox.throttle import Throttle
from pushwoosh_async.sandbox.traffic import Meter, Traffic
from pushwoosh_async.sandbox.transactions import Transactions
from pushwoosh_async.sandbox.truth import Tally, Truth


@define(kw_only=True, eq=False, repr=False)
class Sandbox:
    """A stand-in Pushwoosh API on a local port, that keeps account of every delivery.

    Use it with ``async with``, or call `start` and `aclose`. Its state can be asked for after it is
    closed, too. It serves

    * createMessage, createTargetedMessage, createSMSMessage, deleteMessage, cancelMessage,
      getMessageDetails and getPushHistory, with the API token in the request;
    * registerDevice, unregisterDevice, registerUser, setTags and getTags, with the device token in
      the ``Authorization`` header: filters, conditions and phone numbers find what these registered;
    * ``POST /api/v2/statistics/messages/totalsByIntervals``, with the API token in that header;
    * for other processes ``GET /sandbox/truth`` and ``GET /sandbox/traffic`` (JSON),
      ``GET /sandbox/recipients`` (lines of count, tab, id as JSON string) and ``POST /sandbox/reset``.

    A message with a date to come is pending, and can be deleted or cancelled, until the wall clock is
    there. Its deliveries are entered in the ledger at once, and are not taken out when it is
    cancelled: see `Truth.recalled`.

    Ids in ``users`` and ``devices`` are delivered to whether or not they were registered here, also
    after unregisterDevice; only those in `unknown` are not. createMessage gives no code to what goes
    out at once to 1 to 9 of them, or of the devices that its conditions choose [api.md 1.1]; a
    message to a stored filter or a geozone, and a targeted message, always gets one.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        token: the API token that is accepted.
        device_token: the token that is accepted for devices.
        applications: application codes that are accepted, those that a filter names among them.
        applications_groups: codes of application groups that are accepted.
        faults: what goes wrong, and how often; all rates together at most 1.
        seed: the fault that the n-th request meets depends on this and n alone. Requests are
            numbered as their headers arrive.
        repeat: how a transactionId that is still remembered is answered, since nobody knows what
            the vendor does: ``same_code`` (200, the first answer's code), ``empty`` (200, no code),
            ``210`` (body code 210) or ``409`` (HTTP 409). A repeat is not sent in any case. Where only
            some notifications of a request are repeats, the first two ways send the others, and
            answer with a code for each or for the others alone; the last two refuse the whole
            request, and send nothing of it. All are guesses.
        sends_beside_repeat: with the last two ways the others are sent all the same, although their
            request is refused. A guess, too.
        bad_notification: what becomes of the others in a createMessage request of which some
            notifications break a rule, or name one of `rejected_ids`; all are guesses.
            ``refuses_all``: body code 210, and nothing is sent. ``rest_sent``: body code 210, though
            the others are sent. ``dropped``: 200, and codes for the others alone. A request with none
            but bad ones is refused in any case. A bad one uses up no transactionId.
        window: seconds for which a transactionId is remembered, from its first acceptance.
        rate_limit: requests admitted in any minute by the methods that send, all together; None for
            no limit.
        latency: seconds before each answer of the API, after the request is processed.
        unknown: ids, of users or devices, that nobody has registered: accepted, not delivered to,
            and reported in ``UnknownDevices``.
        rejected_ids: ids, of users or devices, that createMessage takes offence at: a notification that
            names one of them is bad, and nobody in it is sent to. That one bad id refuses the others in
            its list, and the words, are a guess.
        ledger_file: a file in which every notification that arrives at a method that sends is written
            down and synced before its answer leaves, so that it outlives a kill of the sandbox; None
            for none. Appended to, and never read: a new sandbox remembers no transactionId of it, and
            `reset` leaves it alone. One JSON object a line: ``order``, from 1; ``at``, seconds since
            1970; ``method``; ``transaction_id``, or null; ``kind`` (``users``, ``devices``,
            ``filter``, ``conditions``, ``geozone``, ``devices_filter`` or ``broadcast``); ``ids`` of
            users or devices as they came; ``verdict``: ``accepted``, ``replay`` (not sent again),
            ``rejected``, or ``unprocessed`` (429, or a fault before the processing); ``code`` of its
            message, or null. It names ids, so it is created for its owner alone.
        clock: seconds that never go back: for the window and the rate limit.
        wall_clock: seconds since 1970: for the dates of messages.
        sleep: waits: for latency and delays.
        max_body: bytes of the largest body that is read; beyond, HTTP 413.
        keep_notifications: keep every accepted notification for `ledger`. Costs its whole memory.
        keep_messages: how many messages are remembered for details, history, statistics and cancelling,
            at least 1; the oldest are forgotten first. A message costs its text, never its ids.

    Raises:
        ValueError: a number out of range, or an unknown way to answer a repeat.
        TypeError: one string where several are wanted.
    """

    _host: str = "127.0.0.1"
    _port: int = 0
    _token: str = "sandbox-token"  # noqa: S105 -- opens nothing but the sandbox
    _device_token: str = "sandbox-device-token"  # noqa: S105 -- the same
    _applications: Collection[str] = field(default=("XXXXX-XXXXX",), validator=several)
    _applications_groups: Collection[str] = field(default=(), validator=several)
    _faults: Iterable[Fault] = field(default=(), validator=several)
    _seed: int = 0
    _repeat: Repeat = field(default="same_code", validator=one_of(get_args(Repeat)))
    _sends_beside_repeat: bool = False
    _bad_notification: BadNotification = field(
        default="refuses_all", validator=one_of(get_args(BadNotification))
    )
    _window: float = field(default=300.0, validator=not_negative)
    _rate_limit: int | None = field(default=None, validator=positive)
    _latency: float = field(default=0.0, validator=not_negative)
    _unknown: Collection[str] = field(default=(), validator=several)
    _rejected_ids: Collection[str] = field(default=(), validator=several)
    _ledger_file: str | os.PathLike[str] | None = None
    _clock: Callable[[], float] = time.monotonic
    _wall_clock: Callable[[], float] = time.time
    _sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _max_body: int = field(default=10_000_000, validator=not_negative)
    _keep_notifications: bool = False
    _keep_messages: int = field(default=10_000, validator=positive)

    _ledger: Ledger = field(init=False)
    _messages: Messages = field(init=False)
    _devices: Devices = field(init=False, factory=Devices)
    _transactions: Transactions = field(init=False)
    _throttle: Throttle = field(init=False)
    _fates: Fates = field(init=False)
    _rulings: Rulings = field(init=False, factory=Rulings)
    _record: LedgerFile | None = field(init=False, default=None)
    _tally: Tally = field(init=False, factory=Tally)
    _meter: Meter = field(init=False, factory=Meter)
    _exchange: Exchange = field(init=False)
    _listener: Listener | None = field(init=False, default=None)
    _url: str = field(init=False, default="")

    def __attrs_post_init__(self) -> None:
        self._ledger = Ledger(keep_notifications=self._keep_notifications)
        self._messages = Messages(self._keep_messages, self._wall_clock)
        self._transactions = Transactions(self._window, self._clock)
        self._throttle = Throttle(self._rate_limit, self._clock)
        self._fates = Fates(self._faults, self._seed)
        if self._ledger_file is not None:
            self._record = LedgerFile(self._ledger_file, self._wall_clock)
        self._exchange = Exchange(
            api=self._api(),
            inspection=Inspection(self._ledger, self.truth, self.traffic, self.reset),
            fates=self._fates,
            tally=self._tally,
            meter=self._meter,
            rulings=self._rulings,
            ledger_file=self._record,
            latency=self._latency,
            sleep=self._sleep,
            max_body=self._max_body,
        )

    def _api(self) -> API:
        account = Account(
            token=self._token,
            device_token=self._device_token,
            applications=frozenset(self._applications),
            applications_groups=frozenset(self._applications_groups),
        )
        table = methods(
            account,
            Outbox(self._ledger, self._messages, self._tally, self._rulings),
            self._devices,
            self._repeats(),
            BadNotifications(self._bad_notification, frozenset(self._rejected_ids)),
            frozenset(self._unknown),
        )
        return API(table, account, self._throttle, self._tally)

    def _repeats(self) -> Repeats:
        return Repeats(
            way=self._repeat,
            sends_beside=self._sends_beside_repeat,
            transactions=self._transactions,
            tally=self._tally,
            rulings=self._rulings,
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Open the port.

        Raises:
            RuntimeError: it was started before; a sandbox runs once.
            OSError: the address cannot be had, or the ledger file; the latter has a ``filename``.
        """
        if self._listener is not None:
            raise RuntimeError("a sandbox is started once")
        if self._record is not None:
            self._record.open()
        listener = Listener(self._exchange.serve, self._count_connection)
        try:
            self._url = await listener.listen(self._host, self._port)
        finally:
            if self._record is not None and not self._url:
                self._record.close()
        self._listener = listener

    async def aclose(self) -> None:
        """Cut what is running and close the port, at once; again is harmless."""
        if self._listener is not None:
            await self._listener.aclose()
        if self._record is not None:
            self._record.close()

    @property
    def url(self) -> str:
        """The origin to point a client at, such as ``http://127.0.0.1:40123``.

        Raises:
            RuntimeError: it was not started.
        """
        if not self._url:
            raise RuntimeError("the sandbox has no url before it is started")
        return self._url

    @property
    def ledger(self) -> Ledger:
        """Who was delivered to, one by one."""
        return self._ledger

    def truth(self) -> Truth:
        """Return what really happened up to now, in numbers."""
        return self._tally.truth(self._ledger)

    def traffic(self) -> Traffic:
        """Return how large the requests were that arrived up to now."""
        return self._meter.traffic

    def script(self, fates: Iterable[str | Fault | None]) -> None:
        """Decide what happens to the next requests, in order, before the random faults go on.

        Args:
            fates: fault names; None for none; a `Fault` where it needs seconds.

        Raises:
            ValueError: an unknown name; then nothing of it is scripted.
        """
        self._fates.script(fates)

    def reset(self) -> None:
        """Be as if just started: ledger, counters, messages, devices, ids, limit, script and fates."""
        state = (self._ledger, self._messages, self._devices, self._transactions, self._throttle)
        for part in (*state, self._tally, self._meter):
            part.clear()
        self._fates.restart()

    def _count_connection(self) -> None:
        self._tally.connections += 1
