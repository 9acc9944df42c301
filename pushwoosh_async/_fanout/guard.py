"""The life of one chunk as it is lived: told what became of its attempts, it says what to write down."""

from collections.abc import Collection, Sequence
from typing import Protocol

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.journal import Record, record_of
from pushwoosh_async._fanout.state import Event, Life, State, advance
from pushwoosh_async._window import Stamp, Window
from pushwoosh_async.errors import PushwooshError


class Overseer(Protocol):
    """What the guards of a run need to know of it, and tell it."""

    def stopping(self) -> bool:
        """Whether nothing new may begin."""

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Learn that a request began, or what became of it and after how many seconds.

        Args:
            event: the same for all of its chunks.
            life: of the first of them, after the event.
            seconds: since it began.
        """

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Return the halves that shall stand for a rejected chunk; or none, and perhaps a remark why."""


class ChunkGuard:
    """Keeps the books of a chunk. Each step returns the records to be written: all of a request's at once.

    Attributes:
        chunk: whose it is.
        life: how it stands.
        pack: path of the first chunk of the request that its intent stands for; empty if it went alone.
        unknown: its ids that the application does not know.
        halves: what stands in its place, once it was split.
        error: how its latest failed attempt failed; None before one.
        refused: the API has refused it, whether or not that proves anything.
    """

    def __init__(
        self,
        chunk: Chunk,
        *,
        clock: Clock,
        overseer: Overseer,
        life: Life | None = None,
        pack: str = "",
        refusals_are_clean: bool = True,
        store_ids: bool = False,
        keeps: bool = True,
    ) -> None:
        self.chunk = chunk
        self.life = life or Life()
        self.pack = pack
        self.unknown: tuple[str, ...] = ()
        self.halves: tuple[Chunk, ...] = ()
        self.error: PushwooshError | None = None
        self.refused = False
        self._clock = clock
        self._overseer = overseer
        self._refusals_are_clean = refusals_are_clean and not chunk.own_id
        self._store_ids = store_ids
        self._keeps = keeps  # whether anybody writes records down: making two costs 9 us a chunk
        # t0 of the intent that stands in the journal; None where it holds none that counts.
        self._standing: Stamp | None = self.life.exposure.t0 if self.in_doubt else None
        self._outlasted = False  # the next repeat would come after the window
        self._began_at = 0.0

    @property
    def in_doubt(self) -> bool:
        """Whether any attempt of its own so far may have been delivered."""
        return self.life.in_doubt

    @property
    def waiting(self) -> bool:
        """Whether the chunk waits to be begun, and nothing of it is in doubt: it may be given up."""
        return self.life.state is State.PLANNED and not self.in_doubt

    # -- an attempt -----------------------------------------------------------------------------

    def begin(self, now: Stamp, window: Window, pack: str) -> Sequence[Record]:
        """Begin an attempt. A repeat of what is in doubt needs no new intent: its t0 stays.

        Args:
            now: when.
            window: of the request that carries it.
            pack: path of the first chunk in it; empty if it goes alone.

        Returns:
            The intent, which must be durable before a byte leaves.
        """
        self._began_at = now.wall
        exposure = self.life.exposure.intend(now, window)
        self.life = advance(self.life, Event.INTENT, exposure=exposure)
        if exposure.t0 == self._standing:
            return ()
        self.pack = pack
        return self._record()

    def begun(self) -> None:
        """Its intent is durable."""
        self._standing = self.life.exposure.t0

    def may_repeat(self, window: Window, after: float) -> bool:
        """Tell whether the window allows another attempt `after` seconds from now."""
        may = self.life.exposure.may_repeat(self._clock.stamp(), window, after=after)
        self._outlasted = self._outlasted or not may
        return not self._outlasted  # what was given up once stays given up

    def may_hand_over(self, window: Window) -> bool:
        """Ask the window, now."""
        return self.life.exposure.may_hand_over(self._clock.stamp(), window)

    def awaits(self, event: Event) -> bool:
        """Tell whether an outcome still counts. To an attempt that is over only an acceptance does: it
        can clear a doubt, not make one.
        """  # noqa: D205 -- the exception belongs to the rule
        if self.life.state is State.IN_DOUBT:
            return event is Event.ACCEPTED
        return self.life.state is State.IN_FLIGHT

    # -- what became of it ----------------------------------------------------------------------

    def accept(self, message_code: str | None, unknown: Collection[str]) -> Sequence[Record]:
        """Its attempt was acknowledged; of these ids, whose-ever they are, the API knows nothing."""
        if unknown:
            self.unknown = tuple(dict.fromkeys(each for each in self.chunk.ids if each in unknown))
        self.life = advance(self.life, Event.ACCEPTED, message_code=message_code)
        return self._ended()

    def fail(self, event: Event, reason: str, error: PushwooshError | None) -> Sequence[Record]:
        """Its attempt came to something else."""
        self.error = error or self.error
        self.refused = event is Event.REJECTED
        never_in_doubt = not self.in_doubt and not self.life.inherited
        if event is not Event.REJECTED or not never_in_doubt:
            return self._move(event, reason)
        if self._refusals_are_clean:
            return self._reject(reason)
        # Another run may have used this transaction id: the refusal may be of a repeat.
        doubted = advance(self.life, Event.DOUBT, reason=reason)
        self.life = advance(doubted, Event.EXPIRED, reason=reason)
        return self._ended()

    def close(self, reason: str) -> Sequence[Record]:
        """End the books on this chunk: what is handed over and unanswered is in doubt."""
        if self.life.state is State.IN_FLIGHT:
            return self._move(Event.DOUBT, reason)
        if self.waiting and self._standing is not None:
            # A 429 left its intent standing, which after a crash means a doubt. This run ends by itself
            # and calls the chunk not sent: so shall its journal.
            self._standing = None
            return self._record()
        return ()

    def expire(self, window: Window) -> Sequence[Record]:
        """Give a doubt up for good once its window has closed, or would before it could be repeated.

        What ended otherwise, such as by a refused token, stays a doubt: a resume decides.
        """
        if self.life.state is State.IN_DOUBT and (
            self._outlasted or not self.may_hand_over(window)
        ):
            return self._move(Event.EXPIRED, self.life.reason)
        return ()

    def _reject(self, reason: str) -> Sequence[Record]:
        self.halves, remark = self._overseer.bisect(self.chunk)
        if remark:
            reason = f"{reason} ({remark})"
        self.life = advance(self.life, Event.REJECTED, reason=reason)
        if self.halves:
            self.life = advance(self.life, Event.SPLIT, reason=reason)
        halves = (record_of(half, Life(), store_ids=self._store_ids) for half in self.halves)
        return (*self._ended(), *halves)

    def _move(self, event: Event, reason: str) -> Sequence[Record]:
        was_in_doubt = self.in_doubt
        self.life = advance(self.life, event, reason=reason)
        if event is Event.LIMITED:
            return ()  # a crash makes it a doubt, so that less rests on a 429 meaning "not sent"
        if was_in_doubt and event in {Event.UNSENT, Event.REFUSED}:
            return ()  # a doubt it was and stays
        return self._ended()

    def _ended(self) -> Sequence[Record]:
        if self.life.state is State.PLANNED:
            self._standing = None  # this record takes its place, and after a crash means: not sent
        return self._record(ended=True)

    def _record(self, *, ended: bool = False) -> Sequence[Record]:
        if not self._keeps:
            return ()
        record = record_of(
            self.chunk,
            self.life,
            pack=self.pack,
            unknown=self.unknown,
            began=self._began_at,
            ended=self._clock.stamp().wall if ended else 0.0,
            store_ids=self._store_ids,
        )
        return (record,)
