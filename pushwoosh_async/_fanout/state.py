"""The life of a chunk, as a table of every legal move (delivery.md 2.3).

To edit: a move is a row of `MOVES`, keyed by state, whether the chunk was ever in doubt, and event. What
is not in the table cannot happen; `advance` refuses it and changes nothing. A chunk that was once in
doubt never becomes rejected or unsent again: only an acceptance clears it.
"""

from enum import Enum

from attrs import field, frozen

from pushwoosh_async._window import Exposure
from pushwoosh_async.errors import AuthenticationError, PushwooshError, RateLimitedError
from pushwoosh_async.models.results import MessageResult


class State(Enum):
    """Where a chunk stands."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    EXPIRED = "expired"


SETTLED = frozenset({State.ACCEPTED, State.REJECTED, State.EXPIRED})


class Event(Enum):
    """What can happen to a chunk."""

    INTENT = "an attempt begins"
    UNSENT = "the attempt was not handed over"
    LIMITED = "429, before processing"
    ACCEPTED = "acknowledged"
    REJECTED = "refused, before anything was sent"
    REFUSED = "the caller was refused, not the chunk"
    DOUBT = "handed over, fate unknown"
    EXPIRED = "the window closed on a doubt"


_S, _E = State, Event
_FIRST, _AGAIN = False, True  # was the chunk in doubt before this attempt?

MOVES: dict[tuple[State, bool, Event], State] = {
    (_S.PLANNED, _FIRST, _E.INTENT): _S.IN_FLIGHT,
    (_S.IN_FLIGHT, _FIRST, _E.UNSENT): _S.PLANNED,
    (_S.IN_FLIGHT, _FIRST, _E.LIMITED): _S.PLANNED,
    (_S.IN_FLIGHT, _FIRST, _E.ACCEPTED): _S.ACCEPTED,
    (_S.IN_FLIGHT, _FIRST, _E.REJECTED): _S.REJECTED,
    (_S.IN_FLIGHT, _FIRST, _E.REFUSED): _S.PLANNED,
    (_S.IN_FLIGHT, _FIRST, _E.DOUBT): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _AGAIN, _E.UNSENT): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _AGAIN, _E.LIMITED): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _AGAIN, _E.ACCEPTED): _S.ACCEPTED,
    # A refusal of a repeat may only mean that the first one was taken: it proves nothing (S9).
    (_S.IN_FLIGHT, _AGAIN, _E.REJECTED): _S.EXPIRED,
    (_S.IN_FLIGHT, _AGAIN, _E.REFUSED): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _AGAIN, _E.DOUBT): _S.IN_DOUBT,
    (_S.IN_DOUBT, _AGAIN, _E.INTENT): _S.IN_FLIGHT,
    (_S.IN_DOUBT, _AGAIN, _E.EXPIRED): _S.EXPIRED,
    # A late answer to an attempt whose caller has gone.
    (_S.IN_DOUBT, _AGAIN, _E.ACCEPTED): _S.ACCEPTED,
}


class IllegalMoveError(RuntimeError):
    """An event that cannot happen in this state: a fault of this library."""


@frozen
class Life:
    """Everything about a chunk that changes.

    Attributes:
        state: where it stands.
        exposure: its t0, and whether it was ever in doubt.
        attempts: how many were begun.
        message_code: as the API named it.
        reason: why it was not accepted, for people.
    """

    state: State = State.PLANNED
    exposure: Exposure = field(factory=Exposure)
    attempts: int = 0
    message_code: str | None = None
    reason: str = ""

    @property
    def in_doubt(self) -> bool:
        """Whether any attempt so far may have been delivered."""
        return self.exposure.in_doubt


def advance(
    life: Life,
    event: Event,
    *,
    exposure: Exposure | None = None,
    message_code: str | None = None,
    reason: str = "",
) -> Life:
    """Return the life after an event.

    Args:
        life: before.
        event: what happened.
        exposure: with INTENT, the exposure that `Exposure.intend` made.
        message_code: with ACCEPTED.
        reason: with what is not an acceptance.

    Raises:
        IllegalMoveError: the table has no such move.
    """
    try:
        state = MOVES[life.state, life.in_doubt, event]
    except KeyError:
        raise IllegalMoveError(f"{event.name} in state {life.state.name}") from None
    return Life(
        state=state,
        exposure=_exposure_after(life.exposure, event, exposure),
        attempts=life.attempts + (event is Event.INTENT),
        message_code=message_code,
        reason=reason,
    )


def _exposure_after(before: Exposure, event: Event, intended: Exposure | None) -> Exposure:
    if event is Event.INTENT and intended is not None:
        return intended
    if event is Event.DOUBT:
        return before.doubted()
    if event in {Event.UNSENT, Event.REFUSED}:
        return before.unsent()
    # A 429 keeps t0: nothing was processed only by assumption (A7).
    return before


def event_of(outcome: MessageResult | PushwooshError) -> Event:
    """Return the event that an attempt's outcome is."""
    if not isinstance(outcome, PushwooshError):
        return Event.ACCEPTED
    if outcome.delivery == "in_doubt":
        return Event.DOUBT
    if outcome.delivery == "rejected":
        return Event.REJECTED
    if isinstance(outcome, RateLimitedError):
        return Event.LIMITED
    if isinstance(outcome, AuthenticationError):
        return Event.REFUSED
    return Event.UNSENT
