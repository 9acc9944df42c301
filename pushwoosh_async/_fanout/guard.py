"""The guard of one chunk: the window rule over a journal, and the chunk's life as it is lived."""

from typing import Protocol

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.journal import Journal, Record, record_of
from pushwoosh_async._fanout.plan import Chunk
from pushwoosh_async._fanout.state import Event, Life, State, advance, event_of
from pushwoosh_async._window import Stamp, Window
from pushwoosh_async.errors import PushwooshError, TransportError
from pushwoosh_async.models.results import MessageResult


class Overseer(Protocol):
    """What a chunk's guard needs to know of its run, and tells it."""

    def stopping(self) -> bool:
        """Whether nothing new may begin."""

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Learn that an attempt began, or what became of it and after how many seconds."""

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Return the halves that shall stand for a rejected chunk; or none, and perhaps a remark why."""


class ChunkGuard:
    """See `_transport.retry.Guard`.

    Attributes:
        chunk: whose guard it is.
        life: how it stands.
        unknown: its ids that the application does not know.
        halves: what stands in its place, once it was split.
    """

    def __init__(
        self,
        chunk: Chunk,
        *,
        journal: Journal,
        clock: Clock,
        window: Window,
        overseer: Overseer,
        life: Life | None = None,
        refusals_are_clean: bool = True,
        store_ids: bool = False,
    ) -> None:
        self.chunk = chunk
        self.life = life or Life()
        self.unknown: tuple[str, ...] = ()
        self.halves: tuple[Chunk, ...] = ()
        self._journal = journal
        self._clock = clock
        self._window = window
        self._overseer = overseer
        self._refusals_are_clean = refusals_are_clean
        self._store_ids = store_ids
        # t0 of the intent that stands in the journal; None where it holds none that counts.
        self._standing: Stamp | None = self.life.exposure.t0 if self.in_doubt else None
        self._outlasted = False  # the next repeat would come after the window
        self._began = 0.0
        self._began_at = 0.0

    @property
    def in_doubt(self) -> bool:
        """Whether any attempt of its own so far may have been delivered."""
        return self.life.in_doubt

    @property
    def waiting(self) -> bool:
        """Whether the chunk waits to be begun, and nothing of it is in doubt: it may be given up."""
        return self.life.state is State.PLANNED and not self.in_doubt

    async def before_attempt(self) -> None:
        """Record the intent, durably. A repeat of what is in doubt needs no new one: its t0 stays.

        Raises:
            TransportError: the run is stopping and nothing of this chunk is in doubt: not begun.
            JournalError: the intent could not be recorded.
        """
        if self._overseer.stopping() and not self.in_doubt:
            raise TransportError("the run is stopping", delivery="not_sent", permanent=True)
        now = self._clock.stamp()
        self._began, self._began_at = self._clock.monotonic(), now.wall
        exposure = self.life.exposure.intend(now, self._window)
        self.life = advance(self.life, Event.INTENT, exposure=exposure)
        if exposure.t0 != self._standing:
            await self._journal.intend(self._record())
            self._standing = exposure.t0
        self._overseer.heard(Event.INTENT, self.life, 0.0)

    def may_repeat(self, after: float) -> bool:
        """A doubt goes on to its gate; anything else only while the run does."""
        if not self.in_doubt and self._overseer.stopping():
            return False
        may = self.life.exposure.may_repeat(self._clock.stamp(), self._window, after=after)
        self._outlasted = self._outlasted or not may
        return may

    def may_hand_over(self) -> bool:
        """Ask the window, now."""
        return self.life.exposure.may_hand_over(self._clock.stamp(), self._window)

    def record(self, outcome: object) -> None:
        """Live on by what an attempt came to. An answer to an attempt that is over counts only if it
        is an acceptance: it can clear a doubt, not make one.
        """  # noqa: D205 -- the exception belongs to the rule
        if not isinstance(outcome, (MessageResult, PushwooshError)):
            raise TypeError(f"not an outcome: {type(outcome).__name__}")
        event = event_of(outcome)
        late = self.life.state is State.IN_DOUBT and event is Event.ACCEPTED
        if self.life.state is not State.IN_FLIGHT and not late:
            return
        if isinstance(outcome, MessageResult):
            self._accept(outcome)
        else:
            self._fail(event, str(outcome))

    def close(self, reason: str) -> None:
        """End the books on this chunk: what is handed over and unanswered is in doubt."""
        if self.life.state is State.IN_FLIGHT:
            self._move(Event.DOUBT, reason)
        elif self.waiting and self._standing is not None:
            # A 429 left its intent standing, which after a crash means a doubt. This run ends by itself
            # and calls the chunk not sent: so shall its journal.
            self._standing = None
            self._journal.note(self._record())

    def expire(self) -> None:
        """Give a doubt up for good once its window has closed, or would before it could be repeated.

        What ended otherwise, such as by a refused token, stays a doubt: a resume decides.
        """
        if self.life.state is State.IN_DOUBT and (self._outlasted or not self.may_hand_over()):
            self._move(Event.EXPIRED, self.life.reason)

    def _accept(self, result: MessageResult) -> None:
        own = set(self.chunk.ids) if result.unknown_devices else set()
        named = (i for group in result.unknown_devices.values() for i in group)
        self.unknown = tuple(dict.fromkeys(i for i in named if i in own))
        self.life = advance(self.life, Event.ACCEPTED, message_code=result.message_codes[0])
        self._note(Event.ACCEPTED)

    def _fail(self, event: Event, reason: str) -> None:
        never_in_doubt = not self.in_doubt and not self.life.inherited
        if event is not Event.REJECTED or not never_in_doubt:
            self._move(event, reason)
        elif self._refusals_are_clean:
            self._reject(reason)
        else:
            # Another run may have used this transaction id: the refusal may be of a repeat.
            doubted = advance(self.life, Event.DOUBT, reason=reason)
            self.life = advance(doubted, Event.EXPIRED, reason=reason)
            self._note(event)

    def _reject(self, reason: str) -> None:
        self.halves, remark = self._overseer.bisect(self.chunk)
        if remark:
            reason = f"{reason} ({remark})"
        self.life = advance(self.life, Event.REJECTED, reason=reason)
        if self.halves:
            self.life = advance(self.life, Event.SPLIT, reason=reason)
        self._note(
            Event.REJECTED,
            *(record_of(half, Life(), store_ids=self._store_ids) for half in self.halves),
        )

    def _move(self, event: Event, reason: str) -> None:
        was_in_doubt = self.in_doubt
        self.life = advance(self.life, event, reason=reason)
        if event is Event.LIMITED:
            # Not recorded: a crash makes it a doubt, so that less rests on a 429 meaning "not sent".
            self._overseer.heard(event, self.life, self._seconds())
        elif was_in_doubt and event in {Event.UNSENT, Event.REFUSED}:
            self._overseer.heard(event, self.life, self._seconds())  # a doubt it was and stays
        else:
            self._note(event)

    def _note(self, event: Event, *others: Record) -> None:
        if self.life.state is State.PLANNED:
            self._standing = None  # this record takes its place, and after a crash means: not sent
        self._journal.note(self._record(ended=self._clock.stamp().wall), *others)
        self._overseer.heard(event, self.life, self._seconds())

    def _seconds(self) -> float:
        return self._clock.monotonic() - self._began

    def _record(self, *, ended: float = 0.0) -> Record:
        return record_of(
            self.chunk,
            self.life,
            unknown=self.unknown,
            began=self._began_at,
            ended=ended,
            store_ids=self._store_ids,
        )
