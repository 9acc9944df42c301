"""How does what has left come to its end? Carried in requests, and taken apart where it is refused."""

from collections import deque
from collections.abc import Callable, Sequence
from math import inf

import anyio

from pushwoosh_async._client_runs import Wiring
from pushwoosh_async._fanout.admission import Admission
from pushwoosh_async._fanout.bell import Bell
from pushwoosh_async._fanout.carrier import Carrier
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.journal import NoJournal, root_of
from pushwoosh_async._fanout.request_guard import RequestGuard, stops_a_run
from pushwoosh_async._fanout.sieve import Origin, Sieve
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._sender.accepted import (
    CLOSED,
    UNANSWERED,
    Accepted,
    accepted,
    failure,
    unsent,
)
from pushwoosh_async._sender.parts import line_up, parts_of
from pushwoosh_async._sender.patience import Patience
from pushwoosh_async._sender.shelf import Entry, Parcel
from pushwoosh_async._transport.owned import OwnedTasks
from pushwoosh_async.errors import PushwooshError

# Seconds that a close which is cancelled waits for answers under way (delivery.md 2.8).
DRAIN_TIMEOUT = 5.0


class Carriage:
    """What has left and is not settled. Also the sender whose requests its carrier carries.

    Attributes:
        under_way: parcels, by the root of their chunks' paths.
        free: requests that may begin.
        closing: nothing more will come.

    Args:
        wiring: to the client.
        concurrency: requests in flight.
        packs: whether a request may carry more than one parcel.
        tasks: keeps those of the requests.
        bell: rung whenever anything changes.
        tell: tells awaits what they came to.
    """

    def __init__(
        self,
        wiring: Wiring,
        *,
        concurrency: int,
        packs: bool,
        tasks: OwnedTasks,
        bell: Bell,
        tell: Callable[[Sequence[Entry], Accepted | PushwooshError], None],
    ) -> None:
        self.under_way: dict[int, Parcel] = {}
        self.free = concurrency
        self.closing = False
        session = wiring.session
        self._wiring = wiring
        self._clock = session.clock
        self._tasks = tasks
        self._bell = bell
        self._tell = tell
        self._admission = Admission(concurrency, wiring.window(0), packs=packs)
        self._carrier = Carrier(
            self,
            send=self._send,
            journal=NoJournal(),
            clock=session.clock,
            window=wiring.window,
            pause=session.pause,
        )
        self._sieve = Sieve(invalid="raise", dedupe=False, trusted=True, tell_aside=None)
        self._raised: dict[str, Exception] = {}  # what a chunk's request came to, by path
        self._scopes: set[anyio.CancelScope] = set()  # of the requests
        self._given_up = False

    # -- a request ------------------------------------------------------------------------------

    def ask(self, wanted: int, size: int) -> tuple[int, float]:
        """Return how many may go in one request now; if none, after how many seconds to ask again.

        Args:
            wanted: notifications that are there for it.
            size: their bytes.
        """
        under_way = len(self._carrier.guards)
        room = self._admission.room(
            wanted,
            under_way=under_way,
            apart=self._carrier.apart,
            rate=self._wiring.session.rate,
            window=self._wiring.window(size),
        )
        now = self._clock.monotonic()
        # What would only wait for the end of a hold stays where it can be withdrawn.
        delay = self._wiring.session.held(now)
        delay = delay or (self._admission.wait(now, under_way=under_way) if room else inf)
        return (0, delay) if delay > 0 else (room, 0.0)

    def begin(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels that have left, in one request."""
        self.free -= 1
        guards = [self._take_up(parcel) for parcel in parcels]
        scope = anyio.CancelScope()
        self._scopes.add(scope)
        self._tasks.start(self._carry(guards, scope))

    def _take_up(self, parcel: Parcel) -> ChunkGuard:
        message = parcel.message
        ids = list(parcel.entries)
        origin = Origin(message.kind, message.kind)
        self._sieve.take(ids, origin)
        chunk = self._sieve.cut(len(ids), message, origin, self._wiring.identity)
        self.under_way[root_of(chunk.path)] = parcel
        guard = self._guard(chunk)
        self._carrier.guards[chunk.path] = guard  # it counts before its task has begun
        return guard

    def _guard(self, chunk: Chunk) -> ChunkGuard:
        return ChunkGuard(chunk, clock=self._clock, overseer=self, keeps=False)

    async def _carry(self, guards: Sequence[ChunkGuard], scope: anyio.CancelScope) -> None:
        """Carry one request to its end, unless it is given up."""
        roots = [root_of(guard.chunk.path) for guard in guards]
        # Given up by this scope: a cancelled task would look as if the token or a hook had cancelled it.
        with scope:
            try:
                if not self._given_up:
                    await self._deliver(guards)
            finally:
                self._scopes.discard(scope)
                self.free += 1
                for root in roots:
                    self._end(root)
                self._bell.ring()

    async def _deliver(self, guards: Sequence[ChunkGuard]) -> None:
        """Deliver what one request carries, and then each part of what was taken apart."""
        await self._carrier.carry(guards)
        line: deque[Chunk] = deque()
        for guard in guards:
            line_up(line, guard.halves)
        while line and await self._until_may_begin(line[0]):
            part = self._guard(line.popleft())
            await self._carrier.carry((part,))
            line_up(line, part.halves)

    async def _until_may_begin(self, part: Chunk) -> bool:
        """Wait until a part may begin; tell whether it ever will."""
        while not (self._given_up or self.closing_in_silence):
            room, delay = self.ask(1, part.size)
            if room:
                return True
            await self._bell.wait(delay)
        return False

    def _end(self, root: int) -> None:
        """Tell whoever was not told: it was given up."""
        parcel = self.under_way.pop(root)
        if not parcel.entries:
            return
        for path, guard in list(self._carrier.guards.items()):
            if root_of(path) == root:
                del self._carrier.guards[path]
                guard.close(UNANSWERED)
                self._settle(guard, parcel)
        self._tell(parcel.clear(), unsent(CLOSED))

    async def _send(self, chunks: Sequence[Chunk], guard: RequestGuard) -> object:
        most = self._wiring.session.policy.max_attempts
        return await self._wiring.send(chunks, Patience(guard, most))

    # -- what the carrier asks and tells --------------------------------------------------------

    def stopping(self) -> bool:
        """Whether nothing new may begin."""
        return self._given_up

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Learn whether the server answers."""
        del life, seconds
        self._admission.heard(event)
        self._bell.ring()

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Take a refused chunk apart."""
        return parts_of(chunk, self.under_way[root_of(chunk.path)], self._wiring.identity)

    def failed(self, guards: Sequence[ChunkGuard], error: Exception) -> None:
        """Remember it for those who wait; where all would meet it, try with one alone next time."""
        for guard in guards:
            self._raised[guard.chunk.path] = error
        if isinstance(error, PushwooshError) and stops_a_run(error):
            self._admission.proven = False

    async def settled(self, guard: ChunkGuard) -> None:
        """Tell those who wait for a chunk."""
        self._settle(guard, self.under_way[root_of(guard.chunk.path)])
        self._bell.ring()

    def _settle(self, guard: ChunkGuard, parcel: Parcel) -> None:
        raised = self._raised.pop(guard.chunk.path, None)
        if guard.life.state is State.SPLIT:
            return
        entries = [parcel.entries.pop(each) for each in guard.chunk.ids]
        if guard.life.state is not State.ACCEPTED:
            self._tell(entries, failure(guard, raised))
            return
        parcel.parts_accepted = True
        unknown = frozenset(guard.unknown)
        self._tell([each for each in entries if each.recipient not in unknown], accepted(guard))
        if unknown:
            strangers = [each for each in entries if each.recipient in unknown]
            self._tell(strangers, accepted(guard, unknown=True))

    # -- its end --------------------------------------------------------------------------------

    @property
    def closing_in_silence(self) -> bool:
        """Whether nothing more will come, and the server does not answer."""
        return self.closing and self._admission.breaker.is_open

    async def give_up(self) -> None:
        """Wait, for a bounded time, for answers under way, and then for nothing."""
        self._given_up = True
        self._carrier.give_up_waiting()
        self._bell.ring()
        try:
            with anyio.move_on_after(DRAIN_TIMEOUT):
                while self._carrier.in_flight:
                    await self._bell.wait()
        finally:  # also where whoever waits here is cancelled once more
            for scope in self._scopes:
                scope.cancel()
        await self._tasks.drain(0)
