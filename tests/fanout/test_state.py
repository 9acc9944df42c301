"""The life of a chunk: the table of delivery.md 2.3, written down once more and walked at random."""

from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import (
    AuthenticationError,
    Delivery,
    InvalidRequestError,
    MessageResult,
    PushwooshError,
    RateLimitedError,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.state import (
    MOVES,
    SETTLED,
    Event,
    IllegalMoveError,
    Life,
    State,
    advance,
    event_of,
)
from pushwoosh_async._window import Exposure, Stamp

# (state, ever in doubt, event) to (state, in doubt afterwards, t0 afterwards). From the table of the
# design, not from the code's.
LEGAL: dict[tuple[State, bool, Event], tuple[State, bool, str]] = {
    (State.PLANNED, False, Event.INTENT): (State.IN_FLIGHT, False, "given"),
    (State.IN_FLIGHT, False, Event.UNSENT): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, False, Event.LIMITED): (State.PLANNED, False, "kept"),
    (State.IN_FLIGHT, False, Event.ACCEPTED): (State.ACCEPTED, False, "kept"),
    (State.IN_FLIGHT, False, Event.REJECTED): (State.REJECTED, False, "kept"),
    (State.IN_FLIGHT, False, Event.REFUSED): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, False, Event.DOUBT): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, True, Event.UNSENT): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, True, Event.LIMITED): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, True, Event.ACCEPTED): (State.ACCEPTED, True, "kept"),
    (State.IN_FLIGHT, True, Event.REJECTED): (State.EXPIRED, True, "kept"),
    (State.IN_FLIGHT, True, Event.REFUSED): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, True, Event.DOUBT): (State.IN_DOUBT, True, "kept"),
    (State.IN_DOUBT, True, Event.INTENT): (State.IN_FLIGHT, True, "given"),
    (State.IN_DOUBT, True, Event.EXPIRED): (State.EXPIRED, True, "kept"),
    (State.IN_DOUBT, True, Event.ACCEPTED): (State.ACCEPTED, True, "kept"),
}
EVERY = list(product(State, [False, True], Event))
T0 = Stamp(wall=1.0, boottime=2.0, boot_id="boot")
LATER = Stamp(wall=5.0, boottime=6.0, boot_id="boot")


def life_in(state: State, *, in_doubt: bool) -> Life:
    """A life in the middle of things."""
    return Life(state, Exposure(T0, in_doubt), attempts=3, message_code=None, reason="before")


@pytest.mark.parametrize("key", [key for key in EVERY if key in LEGAL], ids=str)
def test_every_legal_move(key: tuple[State, bool, Event]) -> None:
    """State, doubt, t0 and the count of attempts after each row of the table."""
    state, in_doubt, event = key
    expected, doubt_after, t0_after = LEGAL[key]
    before = life_in(state, in_doubt=in_doubt)
    after = advance(
        before,
        event,
        exposure=Exposure(LATER, in_doubt) if event is Event.INTENT else None,
        message_code="CODE" if event is Event.ACCEPTED else None,
        reason="" if event is Event.ACCEPTED else "why",
    )
    assert after.state is expected
    assert after.in_doubt is doubt_after
    assert after.exposure.t0 == {"given": LATER, "dropped": None, "kept": T0}[t0_after]
    assert after.attempts == 3 + (event is Event.INTENT)
    assert after.message_code == ("CODE" if event is Event.ACCEPTED else None)
    assert after.reason == ("" if event is Event.ACCEPTED else "why")
    assert before == life_in(state, in_doubt=in_doubt)


@pytest.mark.parametrize("key", [key for key in EVERY if key not in LEGAL], ids=str)
def test_every_illegal_move_is_refused_and_changes_nothing(
    key: tuple[State, bool, Event],
) -> None:
    """What is not in the table raises, names the move, and leaves the life as it was."""
    state, in_doubt, event = key
    life = life_in(state, in_doubt=in_doubt)
    with pytest.raises(IllegalMoveError, match=f"{event.name} in state {state.name}"):
        advance(life, event, exposure=Exposure(LATER, in_doubt), reason="why")
    assert life == life_in(state, in_doubt=in_doubt)
    assert isinstance(IllegalMoveError("x"), RuntimeError)


def test_table_is_the_designs() -> None:
    """No row more, no row less."""
    assert {key: state for key, (state, _, _) in LEGAL.items()} == MOVES


def test_nothing_follows_a_settled_state() -> None:
    """Accepted, rejected and expired are ends."""
    assert set(SETTLED) == {State.ACCEPTED, State.REJECTED, State.EXPIRED}
    assert not [key for key in MOVES if key[0] in SETTLED]


def test_life_cannot_be_changed_in_place() -> None:
    """A life is a value."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Life().attempts = 1  # type: ignore[misc]


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_doubt_is_never_unlearnt_on_any_walk(events: list[Event]) -> None:
    """Once in doubt a chunk never ends planned or rejected; attempts are its intents."""
    life = Life()
    intents = 0
    for event in events:
        try:
            after = advance(life, event)
        except IllegalMoveError:
            continue
        intents += event is Event.INTENT
        if life.in_doubt:
            assert after.in_doubt
            assert after.state not in {State.PLANNED, State.REJECTED}
        assert after.in_doubt or after.state not in {State.IN_DOUBT, State.EXPIRED}
        assert after.attempts == intents
        life = after


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (MessageResult(message_codes=(None,)), Event.ACCEPTED),
        (RateLimitedError("x", delivery="not_sent", http_status=200), Event.LIMITED),
        (AuthenticationError("x", delivery="not_sent", http_status=200), Event.REFUSED),
        (TransportError("x", delivery="not_sent"), Event.UNSENT),
        (ServerError("x", delivery="not_sent", http_status=200), Event.UNSENT),
        (InvalidRequestError("x", delivery="rejected", http_status=200), Event.REJECTED),
    ],
)
def test_event_of_each_outcome(outcome: MessageResult | PushwooshError, event: Event) -> None:
    """What an outcome means for the chunk."""
    assert event_of(outcome) is event


@pytest.mark.parametrize("kind", [RateLimitedError, AuthenticationError, InvalidRequestError])
@pytest.mark.parametrize(
    ("delivery", "event"), [("in_doubt", Event.DOUBT), ("rejected", Event.REJECTED)]
)
def test_delivery_decides_before_the_class(
    kind: type[RateLimitedError], delivery: Delivery, event: Event
) -> None:
    """In doubt is in doubt, whatever class says it."""
    assert event_of(kind("x", delivery=delivery, http_status=200)) is event
