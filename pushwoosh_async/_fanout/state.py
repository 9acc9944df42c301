"""The life of a chunk, as a table of every legal move (delivery.md 2.3).

To edit: a move is a row of `MOVES`, keyed by state, what doubt hangs over the chunk, and event. What is
not in the table cannot happen; `advance` refuses it and changes nothing. A chunk that was once in doubt
never becomes rejected or unsent again: only an acceptance clears it.
"""

from enum import Enum
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from pushwoosh_async._window import Exposure
from pushwoosh_async.errors import AuthenticationError, PushwooshError, RateLimitedError
from pushwoosh_async.models.results import MessageResult

Label: TypeAlias = Literal["accepted", "rejected", "in_doubt", "not_sent"]


class State(Enum):
    """Where a chunk stands. The values are written to journals."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    EXPIRED = "expired"
    SPLIT = "split"
    SUPERSEDED = "superseded"


SETTLED = frozenset({State.ACCEPTED, State.REJECTED, State.EXPIRED})
REPLACED = frozenset(
    {State.SPLIT, State.SUPERSEDED}
)  # others stand in their place, and are counted


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
    SPLIT = "two halves stand in its place"
    SUPERSEDED = "another chunk with the same ids stands in its place"


class Doubt(Enum):
    """Which doubt hangs over a chunk before an event."""

    NONE = "none"
    INHERITED = "the chunk that it stands for may have been delivered"
    OWN = "an attempt of its own may have been delivered"


_S, _E = State, Event
_NONE, _HEIR, _OWN = Doubt.NONE, Doubt.INHERITED, Doubt.OWN

MOVES: dict[tuple[State, Doubt, Event], State] = {
    (_S.PLANNED, _NONE, _E.INTENT): _S.IN_FLIGHT,
    (_S.IN_FLIGHT, _NONE, _E.UNSENT): _S.PLANNED,
    (_S.IN_FLIGHT, _NONE, _E.LIMITED): _S.PLANNED,
    (_S.IN_FLIGHT, _NONE, _E.ACCEPTED): _S.ACCEPTED,
    (_S.IN_FLIGHT, _NONE, _E.REJECTED): _S.REJECTED,
    (_S.IN_FLIGHT, _NONE, _E.REFUSED): _S.PLANNED,
    (_S.IN_FLIGHT, _NONE, _E.DOUBT): _S.IN_DOUBT,
    (_S.REJECTED, _NONE, _E.SPLIT): _S.SPLIT,
    (_S.REJECTED, _NONE, _E.SUPERSEDED): _S.SUPERSEDED,
    # What was resent on demand: its own id is fresh, but the first one may have been delivered.
    (_S.PLANNED, _HEIR, _E.INTENT): _S.IN_FLIGHT,
    (_S.IN_FLIGHT, _HEIR, _E.UNSENT): _S.PLANNED,
    (_S.IN_FLIGHT, _HEIR, _E.LIMITED): _S.PLANNED,
    (_S.IN_FLIGHT, _HEIR, _E.ACCEPTED): _S.ACCEPTED,
    (_S.IN_FLIGHT, _HEIR, _E.REJECTED): _S.EXPIRED,
    (_S.IN_FLIGHT, _HEIR, _E.REFUSED): _S.PLANNED,
    (_S.IN_FLIGHT, _HEIR, _E.DOUBT): _S.IN_DOUBT,
    (_S.EXPIRED, _HEIR, _E.SUPERSEDED): _S.SUPERSEDED,
    (_S.IN_FLIGHT, _OWN, _E.UNSENT): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _OWN, _E.LIMITED): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _OWN, _E.ACCEPTED): _S.ACCEPTED,
    # A refusal of a repeat may only mean that the first one was taken: it proves nothing (S9).
    (_S.IN_FLIGHT, _OWN, _E.REJECTED): _S.EXPIRED,
    (_S.IN_FLIGHT, _OWN, _E.REFUSED): _S.IN_DOUBT,
    (_S.IN_FLIGHT, _OWN, _E.DOUBT): _S.IN_DOUBT,
    (_S.IN_DOUBT, _OWN, _E.INTENT): _S.IN_FLIGHT,
    (_S.IN_DOUBT, _OWN, _E.EXPIRED): _S.EXPIRED,
    # A late answer to an attempt whose caller has gone.
    (_S.IN_DOUBT, _OWN, _E.ACCEPTED): _S.ACCEPTED,
    (_S.EXPIRED, _OWN, _E.SUPERSEDED): _S.SUPERSEDED,
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
        inherited: it stands for a chunk that may have been delivered.
    """

    state: State = State.PLANNED
    exposure: Exposure = field(factory=Exposure)
    attempts: int = 0
    message_code: str | None = None
    reason: str = ""
    inherited: bool = False

    @property
    def in_doubt(self) -> bool:
        """Whether any attempt of its own so far may have been delivered."""
        return self.exposure.in_doubt

    @property
    def doubt(self) -> Doubt:
        """Which doubt hangs over it."""
        if self.in_doubt:
            return Doubt.OWN
        return Doubt.INHERITED if self.inherited else Doubt.NONE

    @property
    def label(self) -> Label:
        """What it would be called if the run ended now.

        Raises:
            KeyError: it is in flight, or others stand in its place.
        """
        label = _LABELS[self.state]
        return "in_doubt" if label == "not_sent" and self.inherited else label


_LABELS: dict[State, Label] = {
    State.ACCEPTED: "accepted",
    State.REJECTED: "rejected",
    State.EXPIRED: "in_doubt",
    State.IN_DOUBT: "in_doubt",
    State.PLANNED: "not_sent",
}


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
        state = MOVES[life.state, life.doubt, event]
    except KeyError:
        raise IllegalMoveError(f"{event.name} in state {life.state.name}") from None
    return Life(
        state=state,
        exposure=_exposure_after(life.exposure, event, exposure),
        attempts=life.attempts + (event is Event.INTENT),
        message_code=message_code,
        reason=reason,
        inherited=life.inherited,
    )


def _exposure_after(before: Exposure, event: Event, intended: Exposure | None) -> Exposure:
    if event is Event.INTENT and intended is not None:
        return intended
    if event is Event.DOUBT:
        return before.doubted()
    if event is Event.LIMITED:
        return before.throttled()
    return before.unsent() if event in {Event.UNSENT, Event.REFUSED} else before


def replay(life: Life) -> Life:
    """Return the life that a journal's last record of a chunk means once its process is gone.

    An intent without an outcome is a doubt: nobody can tell how far its bytes had come.
    """
    if life.state is State.PLANNED and life.exposure.t0 is not None:
        return evolve(life, exposure=life.exposure.throttled())  # nothing else keeps a t0
    if life.state is not State.IN_FLIGHT:
        return life
    return advance(life, Event.DOUBT, reason=life.reason or "its process ended without an outcome")


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
