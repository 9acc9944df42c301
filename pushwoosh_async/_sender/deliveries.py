"""Who waits for what, and when does it leave? Room, shelf, and the task that watches the shelf.

No task runs while nothing waits and nothing is under way. All are owned: whoever awaits may go.
"""

from collections.abc import Sequence
from contextvars import Context
from math import inf

import anyio

from pushwoosh_async._client_runs import Wiring
from pushwoosh_async._fanout.bell import Bell
from pushwoosh_async._sender.accepted import CLOSED, SILENT, Accepted, unsent
from pushwoosh_async._sender.carriage import DRAIN_TIMEOUT, Carriage
from pushwoosh_async._sender.room import Room
from pushwoosh_async._sender.shelf import Entry, Parcel, Shelf
from pushwoosh_async._transport.owned import OwnedTasks
from pushwoosh_async.errors import PushwooshError


class Deliveries:
    """All that one sender has taken on and not settled.

    Args:
        wiring: to the client.
        shelf: what waits to leave.
        room: how much may be pending.
        concurrency: requests in flight.
        packs: whether a request may carry more than one notification.
    """

    def __init__(
        self, wiring: Wiring, *, shelf: Shelf, room: Room, concurrency: int, packs: bool
    ) -> None:
        self._clock = wiring.session.clock
        self._shelf = shelf
        self._room = room
        self._bell = Bell(self._clock.sleep)
        self._tasks = OwnedTasks()
        self._carriage = Carriage(
            wiring,
            concurrency=concurrency,
            packs=packs,
            tasks=self._tasks,
            bell=self._bell,
            tell=self._tell,
        )
        self._watching = False
        self._given_up = False

    # -- awaits ---------------------------------------------------------------------------------

    def enter(self, entry: Entry, *, wait: bool) -> bool:
        """Take an await, or let it wait for room; tell whether that was possible."""
        if self._room.take(entry):
            self._put(entry)
        elif wait:
            self._room.line[entry] = None
        else:
            return False
        return True

    def withdraw(self, entry: Entry) -> None:
        """Whoever awaited has gone: take the recipient out, unless it has left."""
        if entry.parcel is None:
            self._room.line.pop(entry, None)
        elif not entry.parcel.left:
            self._shelf.withdraw(entry, entry.parcel)
            self._room.give(entry)
        self._move_up()
        self._bell.ring()

    def _put(self, entry: Entry) -> None:
        if self._given_up:
            self._settle(entry, unsent(CLOSED))
            return
        now = self._clock.monotonic()
        self._shelf.join(entry, now)
        if not self._watching:
            self._watching = True
            # In a context of its own: what it starts is for all who wait, not for the first.
            self._tasks.start(self._watch(), context=Context())
        elif self._shelf.wait(now) <= 0:
            self._bell.ring()

    def _tell(self, entries: Sequence[Entry], outcome: Accepted | PushwooshError) -> None:
        for entry in entries:
            self._settle(entry, outcome)
        self._move_up()

    def _settle(self, entry: Entry, outcome: Accepted | PushwooshError) -> None:
        self._room.give(entry)
        if not entry.answer.done():
            entry.answer.set_result(outcome)

    def _move_up(self) -> None:
        for entry in self._room.admit():
            self._put(entry)

    # -- what leaves ----------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Let parcels leave as their time comes, until none is there."""
        try:
            while self._shelf.parcels:
                if self._carriage.closing_in_silence:
                    self._return(SILENT)
                elif parcels := await self._next():
                    for parcel in parcels:
                        self._shelf.leave(parcel)
                    self._carriage.begin(parcels)
        except BaseException:
            self._watching = False
            self._return(CLOSED)
            raise
        self._watching = False

    async def _next(self) -> Sequence[Parcel]:
        """Return what may leave now; nothing where it has waited: look again."""
        now = self._clock.monotonic()
        free = self._carriage.free
        delay = self._shelf.wait(now) if free else inf
        if delay <= 0:
            parcels = self._shelf.next(now, free)
            if self._withdrawn(parcels):
                return ()
            room, delay = self._carriage.ask(len(parcels), sum(parcel.bytes for parcel in parcels))
            if room:
                return parcels[:room]
        await self._bell.wait(delay)
        return ()

    def _withdrawn(self, parcels: Sequence[Parcel]) -> bool:
        """Take out whose caller is cancelled and could not say so yet; tell whether there was any."""
        gone = [
            entry
            for parcel in parcels
            for entry in parcel.entries.values()
            if entry.answer.cancelled()
        ]
        for entry in gone:
            self.withdraw(entry)
        return bool(gone)

    def _return(self, reason: str) -> None:
        """Give up what has not left."""
        for parcel in list(self._shelf.parcels):
            self._shelf.leave(parcel)
            self._tell(parcel.clear(), unsent(reason))
        self._bell.ring()

    # -- its end --------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Let all that waits leave, and wait until it and what is under way is settled."""
        self._shelf.hasten(self._clock.monotonic())
        self._bell.ring()
        pending = [*self._shelf.parcels, *self._carriage.under_way.values()]
        while any(parcel.entries for parcel in pending):
            await self._bell.wait()

    async def aclose(self) -> None:
        """Deliver everything; where that is cancelled, wait a little for answers under way."""
        self._carriage.closing = True
        self._shelf.max_delay = 0.0
        self._shelf.hasten(self._clock.monotonic())
        self._bell.ring()
        try:
            while self._shelf.parcels or self._carriage.under_way:
                await self._bell.wait()
        except BaseException:
            await self.give_up()
            raise
        await self._tasks.join(DRAIN_TIMEOUT)

    async def give_up(self) -> None:
        """Send nothing more, and wait a little for answers under way."""
        with anyio.CancelScope(shield=True):
            self._given_up = True
            self._return(CLOSED)
            await self._carriage.give_up()
