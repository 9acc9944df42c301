"""The guard of one chunk: the window rule over a journal, and the chunk's life as it is lived."""

from typing import Protocol

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.journal import Journal
from pushwoosh_async._fanout.plan import Chunk
from pushwoosh_async._fanout.state import Event, Life, State, advance, event_of
from pushwoosh_async._window import Window
from pushwoosh_async.errors import PushwooshError, TransportError
from pushwoosh_async.models.results import MessageResult


class Overseer(Protocol):
    """What a chunk's guard needs to know of its run, and tells it."""

    def stopping(self) -> bool:
        """Whether nothing new may begin."""

    def heard(self, event: Event, life: Life) -> None:
        """Learn that an attempt began, or what became of it."""


class ChunkGuard:
    """See `_transport.retry.Guard`.

    Attributes:
        chunk: whose guard it is.
        life: how it stands.
        unknown: its ids that the application does not know.
    """

    def __init__(
        self,
        chunk: Chunk,
        *,
        journal: Journal,
        clock: Clock,
        window: Window,
        overseer: Overseer,
        refusals_are_clean: bool = True,
    ) -> None:
        self.chunk = chunk
        self.life = Life()
        self.unknown: tuple[str, ...] = ()
        self._journal = journal
        self._clock = clock
        self._window = window
        self._overseer = overseer
        self._refusals_are_clean = refusals_are_clean

    @property
    def in_doubt(self) -> bool:
        """Whether any attempt so far may have been delivered."""
        return self.life.in_doubt

    @property
    def waiting(self) -> bool:
        """Whether the chunk waits to be begun, and nothing of it is in doubt: it may be given up."""
        return self.life.state is State.PLANNED and not self.in_doubt

    async def before_attempt(self) -> None:
        """Record the intent, durably.

        Raises:
            TransportError: the run is stopping and nothing of this chunk is in doubt: not begun.
        """
        if self._overseer.stopping() and not self.in_doubt:
            raise TransportError("the run is stopping", delivery="not_sent", permanent=True)
        exposure = self.life.exposure.intend(self._clock.stamp(), self._window)
        self.life = advance(self.life, Event.INTENT, exposure=exposure)
        await self._journal.intend(self.chunk, self.life)
        self._overseer.heard(Event.INTENT, self.life)

    def may_repeat(self, after: float) -> bool:
        """A doubt goes on to its gate; anything else only while the run does."""
        if not self.in_doubt and self._overseer.stopping():
            return False
        return self.life.exposure.may_repeat(self._clock.stamp(), self._window, after=after)

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

    def expire(self) -> None:
        """The window has closed on a doubt: it is never repeated again."""
        if self.life.state is State.IN_DOUBT:
            self._move(Event.EXPIRED, self.life.reason)

    def _accept(self, result: MessageResult) -> None:
        own = set(self.chunk.ids) if result.unknown_devices else set()
        named = (i for group in result.unknown_devices.values() for i in group)
        self.unknown = tuple(dict.fromkeys(i for i in named if i in own))
        self.life = advance(self.life, Event.ACCEPTED, message_code=result.message_codes[0])
        self._note(Event.ACCEPTED)

    def _fail(self, event: Event, reason: str) -> None:
        if event is Event.REJECTED and not self._refusals_are_clean and not self.in_doubt:
            # Another run may have used this transaction id: the refusal may be of a repeat.
            doubted = advance(self.life, Event.DOUBT, reason=reason)
            self.life = advance(doubted, Event.EXPIRED, reason=reason)
            self._note(event)
        else:
            self._move(event, reason)

    def _move(self, event: Event, reason: str) -> None:
        self.life = advance(self.life, event, reason=reason)
        self._note(event)

    def _note(self, event: Event) -> None:
        self._journal.note(self.chunk, self.life)
        self._overseer.heard(event, self.life)
