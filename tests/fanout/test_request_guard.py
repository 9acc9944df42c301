"""The guard of a packed request: all or nothing, the oldest t0, outcomes to the right chunks."""

import pytest
from guard_world import (
    LAST_START,
    PROVES_NOTHING,
    World,
    accepted,
    doubt,
    doubted,
    limited,
    refusal,
    revoked,
    unsent,
)
from hypothesis import given
from hypothesis import strategies as st
from memory_journal import MemoryJournal

from pushwoosh_async import (
    APIError,
    JournalError,
    PushwooshError,
    RedirectError,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import Event, Life, State

sizes = st.integers(2, 6)


def refusals() -> list[APIError]:
    """What an API says to a pack that it does not take, as the decoder reads it: nothing is proven."""
    return [
        refusal("in_doubt"),
        limited("in_doubt"),
        doubt(),
        UnexpectedResponseError("2 message codes for 3 notifications", http_status=200),
    ]


@pytest.fixture
def world() -> World:
    """A request of three chunks."""
    return World(3)


# -- before the bytes -------------------------------------------------------------------------------


class Watched(MemoryJournal):
    """A journal that keeps each intent as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.intents: list[tuple[Record, ...]] = []

    async def intend(self, *records: Record) -> None:
        """Keep it."""
        self.intents.append(records)
        await super().intend(*records)


@given(st.integers(1, 6))
async def test_intents_of_all_are_one_transaction(count: int) -> None:
    """Durable before anything leaves, for everybody in the request; each names the pack."""
    journal = Watched()
    world = World(count, journal=journal)
    assert not world.guard.may_hand_over()
    await world.guard.before_attempt()
    (intent,) = journal.intents
    assert [row.path for row in intent] == [str(number) for number in range(count)]
    assert {row.life.state for row in intent} == {State.IN_FLIGHT}
    assert {row.life.exposure.t0 for row in intent} == {world.clock.stamp()}
    assert {row.pack for row in intent} == ({"0"} if count > 1 else {""})
    assert world.guard.may_hand_over()
    assert world.events == [Event.INTENT]


class Full(MemoryJournal):
    """A journal whose disk is full."""

    async def intend(self, *records: Record) -> None:
        """Fail."""
        raise JournalError("no space left", delivery="not_sent")


async def test_journal_that_fails_lets_nobody_leave() -> None:
    """All of them are planned again; nothing is recorded of them as in doubt."""
    world = World(3, journal=Full())
    with pytest.raises(JournalError):
        await world.guard.before_attempt()
    world.guard.record(unsent())
    assert world.states() == [State.PLANNED] * 3
    assert not world.guard.in_doubt


async def test_stopping_run_begins_no_pack_and_gives_up_its_waiting(world: World) -> None:
    """What is not in doubt is not begun."""
    world.overseer.is_stopping = True
    with pytest.raises(TransportError, match="the run is stopping"):
        await world.guard.before_attempt()
    assert world.guard.waiting
    assert not world.guard.may_repeat(0.0)
    assert world.lives() == []


async def test_stopping_run_goes_on_with_a_pack_of_doubts() -> None:
    """As with one that is alone."""
    world = World(2, lives=[doubted(10.0), doubted(20.0)])
    world.overseer.is_stopping = True
    assert not world.guard.waiting
    await world.attempt(accepted("A", "B"))
    assert world.states() == [State.ACCEPTED] * 2


@given(st.lists(st.floats(0.0, 149.0), min_size=1, max_size=6))
async def test_oldest_t0_decides(ages: list[float]) -> None:
    """A pack of doubts may leave, and be repeated, as long as the oldest of them may: not a moment more."""
    world = World(len(ages), lives=[doubted(age) for age in ages])
    left = LAST_START - max(ages)
    assert world.guard.may_repeat(left - 0.001)
    await world.guard.before_attempt()
    world.clock.advance(left - 0.001)
    assert world.guard.may_hand_over()
    world.clock.advance(0.002)
    assert not world.guard.may_hand_over()


# -- what became of it ------------------------------------------------------------------------------


@given(st.data(), st.lists(st.none() | st.text(min_size=1, max_size=3), min_size=1, max_size=6))
async def test_codes_and_unknown_ids_come_to_their_chunks(
    data: st.DataObject, codes: list[str | None]
) -> None:
    """In the order of the notifications; an unknown id is its chunk's, whatever key names it."""
    world = World(len(codes))
    everybody = [name for guard in world.guards for name in guard.chunk.ids]
    unknown = data.draw(st.sets(st.sampled_from([*everybody, "stranger"])))
    split = data.draw(st.integers(0, len(unknown)))
    named = (tuple(unknown)[:split], tuple(unknown)[split:])
    answer = accepted(*codes, unknown={"": named[0], "CODE": named[1]})
    await world.attempt(answer)
    assert world.states() == [State.ACCEPTED] * len(codes)
    assert [guard.life.message_code for guard in world.guards] == codes
    assert [guard.unknown for guard in world.guards] == [
        tuple(name for name in guard.chunk.ids if name in unknown) for guard in world.guards
    ]
    (transaction,) = world.journal.pending
    assert [row.life.message_code for row in transaction] == codes
    assert world.events == [Event.INTENT, Event.ACCEPTED]


async def test_unknown_id_that_stands_in_two_chunks_is_unknown_in_both() -> None:
    """The answer names it once, for the application that does not know it."""
    world = World(2, audiences=[("u1", "u2"), ("u2", "u3")])
    await world.attempt(accepted("A", "B", unknown={"": ("u2",)}))
    assert [guard.unknown for guard in world.guards] == [("u2",), ("u2",)]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("lives", [(), tuple(doubted(age) for age in (5.0, 10.0, 15.0))])
async def test_pack_that_is_not_taken_is_a_doubt_for_all(
    number: int, lives: tuple[Life, ...]
) -> None:
    """A 210, a 429, a 500, another count of codes: any of them may have been taken. Not repeated so."""
    world = World(3, lives=lives)
    error = refusals()[number]
    await world.attempt(error)
    assert world.states() == [State.IN_DOUBT] * 3
    assert {guard.life.reason for guard in world.guards} == {
        f"pack_refused: with 2 other notifications: {error}"
    }
    (transaction,) = world.journal.pending
    assert [row.life.state for row in transaction] == [State.IN_DOUBT] * 3
    assert world.events == [Event.INTENT, Event.DOUBT]
    assert world.guard.refused_pack is error
    assert not world.guard.may_repeat(0.0)


@pytest.mark.parametrize(
    "error",
    [
        revoked("in_doubt"),
        RedirectError("elsewhere", http_status=302),
        TransportError("certificate", delivery="in_doubt", permanent=True),
    ],
)
async def test_pack_that_ends_a_run_is_not_taken_apart(world: World, error: PushwooshError) -> None:
    """Every part would meet the same; what was handed over is in doubt."""
    await world.attempt(error)
    assert world.states() == [State.IN_DOUBT] * 3
    assert world.guard.refused_pack is None


@pytest.mark.parametrize("error", [unsent(), revoked()])
async def test_pack_that_was_not_handed_over_is_planned_again(
    world: World, error: PushwooshError
) -> None:
    """It goes once more as it is, with a fresh intent for all."""
    await world.attempt(error)
    assert world.states() == [State.PLANNED] * 3
    assert world.guard.refused_pack is None
    world.clock.advance(1000.0)
    assert world.guard.may_repeat(0.0)
    await world.attempt(accepted("A", "B", "C"))
    assert world.states() == [State.ACCEPTED] * 3
    assert {guard.life.attempts for guard in world.guards} == {2}


async def test_pack_of_doubts_that_was_not_handed_over_goes_on_as_it_is() -> None:
    """A refused connection says nothing of it: it stays one request, inside its window."""
    world = World(2, lives=[doubted(10.0), doubted(20.0)])
    await world.attempt(unsent())
    assert world.states() == [State.IN_DOUBT] * 2
    assert {guard.life.reason for guard in world.guards} == {"refused"}
    assert world.guard.refused_pack is None
    assert world.guard.may_repeat(LAST_START - 20.0)
    assert not world.guard.may_repeat(LAST_START - 9.9)


async def test_pack_goes_on_without_those_whose_window_closes() -> None:
    """Where the wait outlasts the window of one, the others are repeated apart from it."""
    world = World(2, lives=[doubted(10.0), doubted(20.0)])
    error = unsent()
    await world.attempt(error)
    assert not world.guard.may_repeat(LAST_START - 15.0)
    assert world.guard.refused_pack is error
    world.guard.expire()
    assert world.states() == [State.IN_DOUBT, State.EXPIRED]


# -- its parts --------------------------------------------------------------------------------------


@given(sizes, st.data())
async def test_part_of_a_pack_keeps_ids_and_t0(count: int, data: st.DataObject) -> None:
    """Repeated without a new intent: the journal still names the pack that was sent first."""
    world = World(count)
    t0 = world.clock.stamp()
    await world.attempt(refusal("in_doubt"))
    world.journal.flush()
    commits = world.journal.disk.commits
    world.clock.advance(30.0)
    start = data.draw(st.integers(0, count - 1))
    part = world.guards[start : data.draw(st.integers(start + 1, count))]
    await world.request(*part).before_attempt()
    assert world.journal.disk.commits == commits
    rows = {row.path: row for row in world.journal.disk.records()}
    for guard in part:
        assert guard.life.exposure.t0 == t0
        assert rows[guard.chunk.path].pack == "0"
        assert rows[guard.chunk.path].transaction_id == guard.chunk.transaction_id


async def test_refusal_alone_after_a_pack_is_in_doubt(world: World) -> None:
    """It may be that of a repeat: nobody of these is called rejected, and it says why."""
    await world.attempt(refusal("in_doubt"))
    alone = world.request(world.first)
    await alone.before_attempt()
    alone.record(refusal())
    assert world.states() == [State.EXPIRED, State.IN_DOUBT, State.IN_DOUBT]
    assert world.life.label == "in_doubt"
    assert world.life.reason == f"rejected_in_pack: {PROVES_NOTHING}: bad argument"
    assert world.first.refused


@pytest.mark.parametrize(
    ("pack", "reason"),
    [
        ("0", f"rejected_in_pack: {PROVES_NOTHING}: bad argument"),
        ("", f"rejected_after_doubt: {PROVES_NOTHING}: bad argument"),
    ],
)
async def test_refusal_after_a_resume_knows_the_pack(pack: str, reason: str) -> None:
    """What an earlier session sent in a pack is told from what it sent alone."""
    world = World(1, lives=[doubted(5.0)], packs=[pack])
    await world.attempt(refusal())
    assert (world.life.state, world.life.reason) == (State.EXPIRED, reason)


async def test_acceptance_alone_after_a_pack_clears_the_doubt(world: World) -> None:
    """Of the one that was accepted, and of nobody else."""
    await world.attempt(doubt())
    alone = world.request(world.guards[1])
    await alone.before_attempt()
    alone.record(accepted("CODE"))
    assert world.states() == [State.IN_DOUBT, State.ACCEPTED, State.IN_DOUBT]


async def test_clean_refusal_alone_is_a_rejection(world: World) -> None:
    """One that was never in a pack, such as a scout, is refused cleanly."""
    scout = world.request(world.first)
    await scout.before_attempt()
    scout.record(refusal())
    assert (world.life.state, world.life.reason) == (State.REJECTED, "bad argument")


# -- its end ----------------------------------------------------------------------------------------


async def test_closing_puts_all_in_doubt_at_once(world: World) -> None:
    """Handed over and unanswered: one transaction, one word to the run."""
    await world.guard.before_attempt()
    world.guard.close("over")
    (transaction,) = world.journal.pending
    assert [(row.life.state, row.life.reason) for row in transaction] == [
        (State.IN_DOUBT, "over")
    ] * 3
    assert world.events == [Event.INTENT, Event.DOUBT]
    world.guard.close("over")
    assert len(world.journal.pending) == 1


async def test_late_acceptance_clears_all(world: World) -> None:
    """An answer that comes after the run gave it up is one all the same."""
    await world.guard.before_attempt()
    world.guard.close("over")
    world.guard.record(refusal("in_doubt"))
    assert world.states() == [State.IN_DOUBT] * 3
    assert world.guard.refused_pack is None
    world.guard.record(accepted("A", "B", "C"))
    assert world.states() == [State.ACCEPTED] * 3


async def test_only_those_expire_whose_window_has_closed() -> None:
    """Each by its own t0, in one transaction."""
    world = World(3, lives=[doubted(age) for age in (10.0, 149.0, 100.0)])
    world.clock.advance(60.0)
    world.guard.expire()
    assert world.states() == [State.IN_DOUBT, State.EXPIRED, State.EXPIRED]
    (transaction,) = world.journal.pending
    assert [row.path for row in transaction] == ["1", "2"]
