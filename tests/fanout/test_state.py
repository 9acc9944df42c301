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
    REPLACED,
    SETTLED,
    Doubt,
    Event,
    IllegalMoveError,
    Life,
    State,
    advance,
    event_of,
    replay,
)
from pushwoosh_async._window import Exposure, Stamp

# (state, the doubt over it, event) to (state, own doubt afterwards, t0 afterwards). From the table of the
# design, not from the code's.
_NONE, _HEIR, _OWN = Doubt.NONE, Doubt.INHERITED, Doubt.OWN
LEGAL: dict[tuple[State, Doubt, Event], tuple[State, bool, str]] = {
    (State.PLANNED, _NONE, Event.INTENT): (State.IN_FLIGHT, False, "given"),
    (State.IN_FLIGHT, _NONE, Event.UNSENT): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, _NONE, Event.LIMITED): (State.PLANNED, False, "kept"),
    (State.IN_FLIGHT, _NONE, Event.ACCEPTED): (State.ACCEPTED, False, "kept"),
    (State.IN_FLIGHT, _NONE, Event.REJECTED): (State.REJECTED, False, "kept"),
    (State.IN_FLIGHT, _NONE, Event.REFUSED): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, _NONE, Event.DOUBT): (State.IN_DOUBT, True, "kept"),
    (State.REJECTED, _NONE, Event.SPLIT): (State.SPLIT, False, "kept"),
    (State.REJECTED, _NONE, Event.SUPERSEDED): (State.SUPERSEDED, False, "kept"),
    # Resent on demand: never rejected and never not sent, whatever is answered.
    (State.PLANNED, _HEIR, Event.INTENT): (State.IN_FLIGHT, False, "given"),
    (State.IN_FLIGHT, _HEIR, Event.UNSENT): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, _HEIR, Event.LIMITED): (State.PLANNED, False, "kept"),
    (State.IN_FLIGHT, _HEIR, Event.ACCEPTED): (State.ACCEPTED, False, "kept"),
    (State.IN_FLIGHT, _HEIR, Event.REJECTED): (State.EXPIRED, False, "kept"),
    (State.IN_FLIGHT, _HEIR, Event.REFUSED): (State.PLANNED, False, "dropped"),
    (State.IN_FLIGHT, _HEIR, Event.DOUBT): (State.IN_DOUBT, True, "kept"),
    (State.EXPIRED, _HEIR, Event.SUPERSEDED): (State.SUPERSEDED, False, "kept"),
    (State.IN_FLIGHT, _OWN, Event.UNSENT): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, _OWN, Event.LIMITED): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, _OWN, Event.ACCEPTED): (State.ACCEPTED, True, "kept"),
    (State.IN_FLIGHT, _OWN, Event.REJECTED): (State.EXPIRED, True, "kept"),
    (State.IN_FLIGHT, _OWN, Event.REFUSED): (State.IN_DOUBT, True, "kept"),
    (State.IN_FLIGHT, _OWN, Event.DOUBT): (State.IN_DOUBT, True, "kept"),
    (State.IN_DOUBT, _OWN, Event.INTENT): (State.IN_FLIGHT, True, "given"),
    (State.IN_DOUBT, _OWN, Event.EXPIRED): (State.EXPIRED, True, "kept"),
    (State.IN_DOUBT, _OWN, Event.ACCEPTED): (State.ACCEPTED, True, "kept"),
    (State.EXPIRED, _OWN, Event.SUPERSEDED): (State.SUPERSEDED, True, "kept"),
}
EVERY = list(product(State, Doubt, Event))
T0 = Stamp(wall=1.0, boottime=2.0, boot_id="boot")
LATER = Stamp(wall=5.0, boottime=6.0, boot_id="boot")


def life_in(state: State, doubt: Doubt) -> Life:
    """A life in the middle of things."""
    return Life(
        state,
        Exposure(T0, in_doubt=doubt is Doubt.OWN),
        attempts=3,
        reason="before",
        inherited=doubt is Doubt.INHERITED,
    )


@pytest.mark.parametrize("key", [key for key in EVERY if key in LEGAL], ids=str)
def test_every_legal_move(key: tuple[State, Doubt, Event]) -> None:
    """State, doubt, t0 and the count of attempts after each row of the table."""
    state, doubt, event = key
    expected, doubt_after, t0_after = LEGAL[key]
    before = life_in(state, doubt)
    after = advance(
        before,
        event,
        exposure=Exposure(LATER, doubt is Doubt.OWN) if event is Event.INTENT else None,
        message_code="CODE" if event is Event.ACCEPTED else None,
        reason="" if event is Event.ACCEPTED else "why",
    )
    assert after.state is expected
    assert after.in_doubt is doubt_after
    assert after.exposure.t0 == {"given": LATER, "dropped": None, "kept": T0}[t0_after]
    assert after.attempts == 3 + (event is Event.INTENT)
    assert after.message_code == ("CODE" if event is Event.ACCEPTED else None)
    assert after.reason == ("" if event is Event.ACCEPTED else "why")
    assert before == life_in(state, doubt)


@pytest.mark.parametrize("key", [key for key in EVERY if key not in LEGAL], ids=str)
def test_every_illegal_move_is_refused_and_changes_nothing(
    key: tuple[State, Doubt, Event],
) -> None:
    """What is not in the table raises, names the move, and leaves the life as it was."""
    state, doubt, event = key
    life = life_in(state, doubt)
    with pytest.raises(IllegalMoveError, match=f"{event.name} in state {state.name}"):
        advance(life, event, exposure=Exposure(LATER, doubt is Doubt.OWN), reason="why")
    assert life == life_in(state, doubt)
    assert isinstance(IllegalMoveError("x"), RuntimeError)


def test_table_is_the_designs() -> None:
    """No row more, no row less."""
    assert {key: state for key, (state, _, _) in LEGAL.items()} == MOVES


def test_what_is_settled_is_only_ever_replaced() -> None:
    """Accepted is an end; what was refused or given up can be replaced, and what is replaced is an end."""
    assert set(SETTLED) == {State.ACCEPTED, State.REJECTED, State.EXPIRED}
    after = {key[0]: {MOVES[other] for other in MOVES if other[0] is key[0]} for key in MOVES}
    assert State.ACCEPTED not in after
    assert after[State.REJECTED] == {State.SPLIT, State.SUPERSEDED}
    assert after[State.EXPIRED] == {State.SUPERSEDED}
    assert not after.keys() & REPLACED


def test_label_of_each_state() -> None:
    """What is counted has a label; what is in flight or replaced has none, and must not be counted."""
    labels = {state: _label(Life(state)) for state in State}
    assert labels == {
        State.PLANNED: "not_sent",
        State.IN_FLIGHT: None,
        State.ACCEPTED: "accepted",
        State.REJECTED: "rejected",
        State.IN_DOUBT: "in_doubt",
        State.EXPIRED: "in_doubt",
        State.SPLIT: None,
        State.SUPERSEDED: None,
    }
    assert Life(State.PLANNED, inherited=True).label == "in_doubt"
    assert Life(State.ACCEPTED, inherited=True).label == "accepted"


def _label(life: Life) -> str | None:
    try:
        return life.label
    except KeyError:
        return None


@pytest.mark.parametrize("doubt", Doubt, ids=str)
@pytest.mark.parametrize("state", State, ids=str)
def test_replay_makes_a_doubt_of_an_intent_without_outcome(state: State, doubt: Doubt) -> None:
    """An intent whose process died is a doubt from its own t0; every other record means what it says."""
    life = life_in(state, doubt)
    after = replay(life)
    if state is State.IN_FLIGHT:
        assert (after.state, after.in_doubt, after.exposure.t0) == (State.IN_DOUBT, True, T0)
        assert after.attempts == life.attempts
    elif state is State.PLANNED:  # only a 429 leaves a t0 to what is planned
        assert after == attrs.evolve(life, exposure=attrs.evolve(life.exposure, limited=True))
    else:
        assert after == life


def test_life_cannot_be_changed_in_place() -> None:
    """A life is a value."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Life().attempts = 1  # type: ignore[misc]


@given(st.lists(st.sampled_from(Event), max_size=40), st.booleans())
def test_doubt_is_never_unlearnt_on_any_walk(events: list[Event], inherited: bool) -> None:
    """Once in doubt a chunk never ends planned or rejected; attempts are its intents."""
    life = Life(inherited=inherited)
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
        assert not (inherited and after.state is State.REJECTED)
        assert after.inherited is inherited
        assert after.in_doubt or after.state is not State.IN_DOUBT
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
