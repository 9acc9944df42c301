"""The guard of one request over a journal: of one chunk, or of several that are packed into it.

What holds for a pack (delivery.md 2.4, 2.5): one answer is one transaction; only an acceptance with a code
for each is one; anything else after hand-over is a doubt for all of them; and the oldest t0 gates.
"""

import logging
from collections.abc import Callable, Sequence
from itertools import chain

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.guard import ChunkGuard, Overseer
from pushwoosh_async._fanout.journal import Journal, Record
from pushwoosh_async._fanout.state import Event, event_of
from pushwoosh_async._window import Exposure, Window
from pushwoosh_async.errors import (
    AuthenticationError,
    PushwooshError,
    RedirectError,
    TransportError,
)
from pushwoosh_async.models.results import MessageResult

_log = logging.getLogger("pushwoosh_async")


class RequestGuard:
    """See `_transport.retry.Guard`.

    Attributes:
        guards: of the chunks in it: first attempts only, or doubts only.
        window: of a request of its size.
        refused_pack: the failure after which it is repeated in parts, not as it is; None before one.
    """

    def __init__(
        self,
        guards: Sequence[ChunkGuard],
        *,
        journal: Journal,
        clock: Clock,
        window: Window,
        overseer: Overseer,
    ) -> None:
        self.guards = tuple(guards)
        self.window = window
        self.refused_pack: PushwooshError | None = None
        self._failure: PushwooshError | None = None
        self._journal = journal
        self._clock = clock
        self._overseer = overseer
        self._began = clock.monotonic()
        self._exposures: set[Exposure] | None = None  # what is the same for all of them, once

    @property
    def in_doubt(self) -> bool:
        """Whether an attempt at what it carries may have been delivered."""
        return any(guard.in_doubt for guard in self.guards)

    @property
    def waiting(self) -> bool:
        """Whether it waits to be begun, and nothing of it is in doubt: it may be given up."""
        return all(guard.waiting for guard in self.guards)

    async def before_attempt(self) -> None:
        """Record the intents, durably, in one transaction.

        Raises:
            TransportError: the run is stopping and nothing of this is in doubt: not begun.
            JournalError: the intents could not be recorded.
        """
        if self._overseer.stopping() and not self.in_doubt:
            raise TransportError("the run is stopping", delivery="not_sent", permanent=True)
        now = self._clock.stamp()
        self._began = self._clock.monotonic()
        first = self.guards[0].chunk.path
        pack = first if len(self.guards) > 1 else ""
        intents = [guard.begin(now, self.window, pack) for guard in self.guards]
        self._exposures = None
        if any(intents):
            await self._journal.intend(*chain.from_iterable(intents))
        for guard in self.guards:
            guard.begun()
        self._overseer.heard(Event.INTENT, self.guards[0].life, 0.0)

    def may_repeat(self, after: float) -> bool:
        """A doubt goes on to its gate; anything else only while the run does. A pack in doubt is not
        repeated as it is.
        """  # noqa: D205 -- the exception belongs to the rule
        if self.refused_pack is not None or (not self.in_doubt and self._overseer.stopping()):
            return False
        may = [guard.may_repeat(self.window, after) for guard in self.guards]
        if any(may) and not all(may):
            self.refused_pack = (
                self._failure
            )  # whose window is open still go on, without the others
        return all(may)

    def may_hand_over(self) -> bool:
        """Ask the window of each, now: the oldest t0 decides. Asked before each piece of a body, so that
        chunks that began together are asked together.
        """  # noqa: D205 -- the reason belongs to the rule
        if self._exposures is None:
            self._exposures = {guard.life.exposure for guard in self.guards}
        now = self._clock.stamp()
        return all(each.may_hand_over(now, self.window) for each in self._exposures)

    def record(self, outcome: object) -> None:
        """Let each chunk live on by what the attempt came to."""
        if isinstance(outcome, MessageResult):
            self._accept(outcome)
        elif isinstance(outcome, PushwooshError):
            self._fail(outcome)
        else:
            raise TypeError(f"not an outcome: {type(outcome).__name__}")
        self._exposures = None

    def close(self, reason: str) -> None:
        """End the books: what is handed over and unanswered is in doubt."""
        self._write_each(Event.DOUBT, lambda guard: guard.close(reason))

    def expire(self) -> None:
        """Give doubts up for good whose window has closed, or would before they could be repeated."""
        self._write_each(Event.EXPIRED, lambda guard: guard.expire(self.window))

    def _accept(self, result: MessageResult) -> None:
        unknown = {each for group in result.unknown_devices.values() for each in group}
        strangers = (
            unknown.difference(*(guard.chunk.ids for guard in self.guards)) if unknown else ()
        )
        if strangers:
            _log.warning(
                "createMessage: an answer names %d ids that were not asked for", len(strangers)
            )
        coded = zip(self.guards, result.message_codes, strict=True)
        open_ones = [each for each in coded if each[0].awaits(Event.ACCEPTED)]
        if open_ones:
            records = [guard.accept(code, unknown) for guard, code in open_ones]
            self._write(Event.ACCEPTED, list(chain.from_iterable(records)))

    def _fail(self, error: PushwooshError) -> None:
        self._failure = error
        event = event_of(error)
        failing = [guard for guard in self.guards if guard.awaits(event)]
        if not failing:
            return
        reason = str(error)
        if len(self.guards) > 1 and event is Event.DOUBT:
            reason = f"pack_refused: with {len(self.guards) - 1} other notifications: {reason}"
            self.refused_pack = None if stops_a_run(error) else error
        elif event is Event.REJECTED and self.in_doubt:
            name = "rejected_in_pack" if failing[0].pack else "rejected_after_doubt"
            reason = f"{name}: what was sent before it may have been taken: {reason}"
        records = [guard.fail(event, reason, error) for guard in failing]
        self._write(event, list(chain.from_iterable(records)))

    def _write(self, event: Event, records: Sequence[Record]) -> None:
        if records:
            self._journal.note(*records)
        seconds = self._clock.monotonic() - self._began
        self._overseer.heard(event, self.guards[0].life, seconds)

    def _write_each(self, event: Event, end: Callable[[ChunkGuard], Sequence[Record]]) -> None:
        before = [guard.life for guard in self.guards]
        records = list(chain.from_iterable(map(end, self.guards)))
        if records:
            self._journal.note(*records)
        lives = [guard.life for guard in self.guards]
        changed = [now for was, now in zip(before, lives, strict=True) if now is not was]
        if changed:
            self._overseer.heard(event, changed[0], self._clock.monotonic() - self._began)


def stops_a_run(error: PushwooshError) -> bool:
    """Tell whether every further request would meet this too (delivery.md 2.3, run-level refusals)."""
    if isinstance(error, TransportError):
        return error.permanent
    return isinstance(error, (AuthenticationError, RedirectError))
