"""The guard of a chunk, and of a single call: what may leave, what may be repeated, what is kept."""

import uuid

import pytest
from guard_world import (
    LAST_START,
    WINDOW,
    World,
    accepted,
    doubt,
    limited,
    refusal,
    revoked,
    unsent,
)
from memory_journal import MemoryJournal

from pushwoosh_async import JournalError, TransportError
from pushwoosh_async._fanout.chunks import halves
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import Event, IllegalMoveError, Life, State
from pushwoosh_async._transport.retry import CallGuard
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.testing import FakeClock

ACCEPTED = accepted("CODE", unknown={"": ("u1", "stranger")})


class FullJournal(MemoryJournal):
    """A journal whose disk is full."""

    async def intend(self, *records: Record) -> None:
        """Fail."""
        raise JournalError("no space left", delivery="not_sent")


@pytest.fixture
def world() -> World:
    """A fresh world."""
    return World()


async def test_intent_is_in_the_journal_before_anything_leaves(world: World) -> None:
    """Before an attempt nothing may be handed over; after it the journal and the run know."""
    assert not world.guard.may_hand_over()
    await world.guard.before_attempt()
    assert world.guard.may_hand_over()
    assert world.lives() == [world.life]
    assert world.overseer.events == [(Event.INTENT, State.IN_FLIGHT)]
    assert world.life.attempts == 1


async def test_acceptance_settles(world: World) -> None:
    """The code and the chunk's own unknown ids are kept, strangers are not."""
    await world.attempt(ACCEPTED)
    assert world.state() is State.ACCEPTED
    assert world.life.message_code == "CODE"
    assert world.first.unknown == ("u1",)
    assert [life.state for life in world.lives()] == [State.ACCEPTED]
    assert world.events == [Event.INTENT, Event.ACCEPTED]


@pytest.mark.parametrize(
    ("outcome", "state", "event"),
    [
        (refusal(), State.REJECTED, Event.REJECTED),
        (doubt(), State.IN_DOUBT, Event.DOUBT),
        (unsent(), State.PLANNED, Event.UNSENT),
        (limited(), State.PLANNED, Event.LIMITED),
        (revoked(), State.PLANNED, Event.REFUSED),
        (limited("in_doubt"), State.IN_DOUBT, Event.DOUBT),
    ],
)
async def test_first_outcome(world: World, outcome: object, state: State, event: Event) -> None:
    """What the first attempt's outcome makes of a chunk, and what the run hears of it."""
    await world.attempt(outcome)
    assert world.state() is state
    assert world.events == [Event.INTENT, event]
    assert world.life.reason == str(outcome)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (refusal(), State.EXPIRED),
        (doubt(), State.IN_DOUBT),
        (unsent(), State.IN_DOUBT),
        (limited(), State.IN_DOUBT),
        (revoked(), State.IN_DOUBT),
        (ACCEPTED, State.ACCEPTED),
    ],
)
async def test_outcome_after_a_doubt(world: World, outcome: object, state: State) -> None:
    """After a doubt only an acceptance clears: no refusal, no failure labels it unsent or rejected."""
    await world.attempt(doubt())
    await world.attempt(outcome)
    assert world.state() is state
    assert world.guard.in_doubt


async def test_429_keeps_t0_then_renews_it_past_the_window(world: World) -> None:
    """While the window is open the first t0 counts; past it a fresh intent starts another."""
    await world.attempt(limited())
    first = world.life.exposure.t0
    assert first is not None
    world.clock.advance(LAST_START)
    await world.attempt(limited())
    assert world.life.exposure.t0 == first
    world.clock.advance(0.001)
    assert not world.guard.may_hand_over()
    assert world.guard.may_repeat(1000.0)
    await world.attempt(limited())
    assert world.life.exposure.t0 == world.clock.stamp()
    assert world.guard.may_hand_over()


async def test_unsent_attempts_drop_t0(world: World) -> None:
    """A server that cannot be reached for hours expires nothing (N1)."""
    for _ in range(50):
        await world.attempt(unsent())
        world.clock.advance(400)
        assert world.life.exposure.t0 is None
        assert world.guard.may_repeat(20.0)
    await world.attempt(ACCEPTED)
    assert world.state() is State.ACCEPTED
    assert world.life.attempts == 51


async def test_doubt_is_repeated_up_to_its_gate(world: World) -> None:
    """A repeat may start 150 seconds after the first attempt, and no later, waiting included."""
    await world.attempt(doubt())
    assert world.guard.may_repeat(LAST_START)
    world.clock.advance(LAST_START)
    assert world.guard.may_repeat(0.0)
    await world.guard.before_attempt()
    assert world.guard.may_hand_over()
    world.clock.advance(0.001)
    assert not world.guard.may_hand_over()


async def test_doubt_that_was_given_up_once_stays_given_up(world: World) -> None:
    """A wait that would outlast the window ends it, whatever is asked afterwards."""
    await world.attempt(doubt())
    assert not world.guard.may_repeat(LAST_START + 0.001)
    assert not world.guard.may_repeat(0.0)
    world.guard.expire()
    assert world.state() is State.EXPIRED


async def test_a_later_attempt_does_not_move_the_gate(world: World) -> None:
    """However often a doubt is repeated, the first attempt's t0 counts."""
    for _ in range(3):
        await world.attempt(doubt())
        world.clock.advance(60)
    assert not world.guard.may_repeat(0.0)


@pytest.mark.parametrize("change", ["boot", "wall"])
async def test_another_boot_or_a_leap_of_the_wall_clock_closes_the_gate(
    world: World, change: str
) -> None:
    """What cannot be measured, or looks too long, is not repeated."""
    await world.attempt(doubt())
    if change == "boot":
        world.clock.reboot()
    else:
        world.clock.step_wall(LAST_START + 1)
    assert not world.guard.may_repeat(0.0)
    await world.guard.before_attempt()
    assert not world.guard.may_hand_over()


async def test_reboot_without_a_doubt_starts_afresh(world: World) -> None:
    """Nothing was sent, so a new intent on the new boot may go."""
    await world.attempt(limited())
    world.clock.reboot()
    assert world.guard.may_repeat(0.0)
    await world.guard.before_attempt()
    assert world.guard.may_hand_over()


async def test_first_attempt_is_gated_on_its_intent_too(world: World) -> None:
    """A process that was stopped between intent and bytes does not send late."""
    await world.guard.before_attempt()
    world.clock.advance(LAST_START + 1)
    assert not world.guard.may_hand_over()
    world.guard.record(unsent())
    assert world.state() is State.PLANNED
    await world.guard.before_attempt()
    assert world.guard.may_hand_over()


async def test_stopping_run_begins_nothing(world: World) -> None:
    """A chunk that is not in doubt is not begun, and not repeated; its failure says not_sent."""
    world.overseer.is_stopping = True
    with pytest.raises(TransportError) as caught:
        await world.guard.before_attempt()
    assert (caught.value.delivery, caught.value.permanent) == ("not_sent", True)
    assert not world.guard.may_repeat(0.0)
    assert world.state() is State.PLANNED
    assert world.overseer.events == []
    assert world.lives() == []


@pytest.mark.parametrize("outcome", [unsent(), limited(), revoked()])
async def test_run_that_stops_between_attempts_repeats_no_clean_chunk(
    world: World, outcome: object
) -> None:
    """What was certainly not sent stays so."""
    await world.attempt(outcome)
    world.overseer.is_stopping = True
    assert not world.guard.may_repeat(0.0)
    with pytest.raises(TransportError):
        await world.guard.before_attempt()
    assert world.state() is State.PLANNED


async def test_stopping_run_goes_on_with_its_doubts(world: World) -> None:
    """A doubt is repeated to its gate, stop or not."""
    await world.attempt(doubt())
    world.overseer.is_stopping = True
    assert world.guard.may_repeat(LAST_START)
    await world.attempt(ACCEPTED)
    assert world.state() is State.ACCEPTED


@pytest.mark.parametrize("late", [doubt(), unsent(), limited(), refusal(), revoked()])
async def test_late_failure_changes_nothing(world: World, late: object) -> None:
    """The answer to an attempt that was given up makes no doubt, no rejection, no plan."""
    await world.guard.before_attempt()
    world.guard.close("given up")
    before, heard = world.life, list(world.overseer.events)
    world.guard.record(late)
    assert world.life == before
    assert world.overseer.events == heard


async def test_late_acceptance_clears_a_doubt(world: World) -> None:
    """A 200 to an attempt that was given up is still a 200."""
    await world.guard.before_attempt()
    world.guard.close("given up")
    assert world.state() is State.IN_DOUBT
    assert world.life.reason == "given up"
    world.guard.record(ACCEPTED)
    assert world.state() is State.ACCEPTED
    assert world.life.reason == ""
    assert [life.state for life in world.lives()] == [State.ACCEPTED]


@pytest.mark.parametrize("settle", [ACCEPTED, refusal()])
@pytest.mark.parametrize("late", [doubt(), ACCEPTED, refusal(), unsent()])
async def test_nothing_late_changes_a_settled_chunk(
    world: World, settle: object, late: object
) -> None:
    """What is settled is settled."""
    await world.attempt(settle)
    before, heard = world.life, list(world.overseer.events)
    world.guard.record(late)
    assert world.life == before
    assert world.overseer.events == heard


async def test_failure_before_any_attempt_is_none_of_the_chunks(world: World) -> None:
    """An outcome without an attempt leaves a planned chunk planned."""
    world.guard.record(unsent())
    world.guard.record(doubt())
    assert world.life == Life()


async def test_closing_leaves_what_is_not_in_flight(world: World) -> None:
    """Only an attempt without an answer becomes a doubt at the end of a run."""
    world.guard.close("end")
    assert world.life == Life()
    await world.attempt(unsent())
    world.guard.close("end")
    assert world.state() is State.PLANNED
    await world.guard.before_attempt()
    world.guard.close("end")
    assert (world.state(), world.life.reason) == (State.IN_DOUBT, "end")


async def test_only_a_doubt_expires(world: World) -> None:
    """Expiry settles a doubt with its last reason, and touches nothing else."""
    world.guard.expire()
    assert world.state() is State.PLANNED
    await world.attempt(doubt())
    world.guard.expire()
    assert world.state() is State.IN_DOUBT  # its window is open: a resume may repeat it
    world.clock.advance(LAST_START + 1.0)
    world.guard.expire()
    assert (world.state(), world.life.reason) == (State.EXPIRED, "failed")
    assert [life.state for life in world.lives()] == [State.EXPIRED]
    world.guard.expire()
    assert world.state() is State.EXPIRED


@pytest.mark.parametrize("before", [None, unsent(), limited()])
async def test_refusal_under_a_send_id_is_never_clean(before: object) -> None:
    """Another start may have used the same transaction id: the refusal may be of the repeat."""
    world = World(clean=False)
    if before is not None:
        await world.attempt(before)
    await world.attempt(refusal())
    assert world.state() is State.EXPIRED
    assert world.guard.in_doubt
    assert world.life.reason == "bad argument"
    assert State.REJECTED not in [state for _, state in world.overseer.events]


async def test_journal_that_fails_lets_nothing_leave() -> None:
    """Without a durable intent there is no attempt; the failure reaches the caller."""
    world = World(journal=FullJournal())
    with pytest.raises(JournalError):
        await world.guard.before_attempt()
    world.guard.record(unsent())
    assert world.state() is State.PLANNED
    assert Event.INTENT not in world.events


@pytest.mark.parametrize("nothing", [None, "accepted", ValueError("x"), 200])
async def test_only_an_outcome_is_recorded(world: World, nothing: object) -> None:
    """A mistake of the library is not taken for an acceptance."""
    await world.guard.before_attempt()
    with pytest.raises(TypeError):
        world.guard.record(nothing)
    assert world.state() is State.IN_FLIGHT


async def test_two_attempts_at_once_are_refused(world: World) -> None:
    """A chunk has one attempt at a time."""
    await world.guard.before_attempt()
    with pytest.raises(IllegalMoveError):
        await world.guard.before_attempt()


class Call:
    """A single call's guard."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.guard = CallGuard(self.clock, WINDOW)

    async def attempt(self, outcome: object) -> None:
        """Make one attempt."""
        await self.guard.before_attempt()
        self.guard.record(outcome)


async def test_call_may_send_only_inside_its_window() -> None:
    """Nothing before the first intent, nothing past the gate."""
    call = Call()
    assert not call.guard.may_hand_over()
    await call.guard.before_attempt()
    assert call.guard.may_hand_over()
    call.clock.advance(LAST_START)
    assert call.guard.may_hand_over()
    call.clock.advance(0.001)
    assert not call.guard.may_hand_over()


async def test_call_in_doubt_keeps_its_t0() -> None:
    """The gate of a doubt does not move, whatever comes after it."""
    call = Call()
    await call.attempt(doubt())
    for outcome in (unsent(), limited(), doubt(), refusal()):
        call.clock.advance(30)
        await call.attempt(outcome)
        assert call.guard.in_doubt
    assert call.guard.may_repeat(30.0)
    assert not call.guard.may_repeat(30.001)
    call.clock.reboot()
    assert not call.guard.may_repeat(0.0)


async def test_call_that_was_not_sent_starts_afresh() -> None:
    """Hours of refused connections close no window."""
    call = Call()
    for _ in range(5):
        await call.attempt(unsent())
        call.clock.advance(3600)
        assert call.guard.may_repeat(1000.0)
    await call.guard.before_attempt()
    assert call.guard.may_hand_over()
    assert not call.guard.in_doubt


async def test_call_keeps_t0_over_a_429_and_renews_it_past_the_window() -> None:
    """As a chunk does."""
    call = Call()
    await call.attempt(limited())
    call.clock.advance(100)
    await call.attempt(limited())
    call.clock.advance(LAST_START - 100)
    assert call.guard.may_hand_over()
    call.clock.advance(0.001)
    assert not call.guard.may_hand_over()
    await call.guard.before_attempt()
    assert call.guard.may_hand_over()


async def test_call_that_was_accepted_is_not_in_doubt() -> None:
    """A result is no failure."""
    call = Call()
    await call.attempt(ACCEPTED)
    assert not call.guard.in_doubt


# -- the journal around an attempt -----------------------------------------------------------------


async def test_repeat_of_a_doubt_writes_no_new_intent(world: World) -> None:
    """Its intent stands, and its t0 stays: a repeat needs no commit, and none of the disk."""
    await world.attempt(doubt())
    commits = world.journal.disk.commits
    world.clock.advance(5.0)
    await world.guard.before_attempt()
    assert world.journal.disk.commits == commits
    assert world.life.attempts == 2


async def test_attempt_after_an_unsent_one_is_intended_afresh(world: World) -> None:
    """What was not handed over has no t0; the next attempt writes its own before a byte leaves."""
    await world.attempt(unsent())
    assert world.lives()[0].exposure.t0 is None
    world.clock.advance(400.0)
    await world.guard.before_attempt()
    assert world.lives()[0].exposure.t0 == world.clock.stamp()
    assert world.lives()[0].state is State.IN_FLIGHT


async def test_429_is_not_recorded_and_its_intent_stands(world: World) -> None:
    """After a crash it is a doubt; in the window it is repeated without a commit, past it with a new t0."""
    await world.attempt(limited())
    assert [life.state for life in world.lives()] == [State.IN_FLIGHT]
    commits = world.journal.disk.commits
    world.clock.advance(100.0)
    await world.attempt(limited())
    assert world.journal.disk.commits == commits
    world.clock.advance(100.0)
    await world.guard.before_attempt()
    assert world.journal.disk.commits == commits + 1
    assert world.lives()[0].exposure.t0 == world.clock.stamp()


async def test_run_that_ends_after_a_429_says_not_sent_in_its_journal_too(world: World) -> None:
    """What the report calls not sent, the journal does not call in doubt."""
    await world.attempt(limited())
    world.guard.close("over")
    assert [life.state for life in world.lives()] == [State.PLANNED]
    assert world.life.label == "not_sent"


@pytest.mark.parametrize("outcome", [unsent(), limited(), revoked()])
async def test_what_proves_nothing_about_a_doubt_is_not_recorded(
    world: World, outcome: object
) -> None:
    """A doubt stays the doubt that it was, with its reason."""
    await world.attempt(doubt())
    world.journal.flush()
    await world.attempt(outcome)
    assert world.journal.pending == []
    assert world.lives()[0].reason == "failed"


async def test_rejected_chunk_is_split_in_one_transaction(world: World) -> None:
    """The parent and both halves are written together, or not at all."""
    identity = RunIdentity(uuid.UUID(int=7), "https://x.example", "A")
    world.overseer.halves = halves(world.first.chunk, identity)
    await world.attempt(refusal())
    assert world.first.halves == world.overseer.halves
    (transaction,) = world.journal.pending
    assert [(row.path, row.parent, row.life.state) for row in transaction] == [
        ("0", "", State.SPLIT),
        ("0.0", "0", State.PLANNED),
        ("0.1", "0", State.PLANNED),
    ]
    assert len({row.transaction_id for row in transaction}) == 3


async def test_refusal_of_a_resent_chunk_is_in_doubt() -> None:
    """The chunk that it stands for may have been delivered: refused now proves nothing of that."""
    world = World(lives=[Life(inherited=True)])
    await world.attempt(refusal())
    assert (world.state(), world.life.label) == (State.EXPIRED, "in_doubt")


async def test_how_long_an_attempt_took_is_told(world: World) -> None:
    """Seconds from the intent to the outcome."""
    await world.guard.before_attempt()
    world.clock.advance(2.5)
    world.guard.record(ACCEPTED)
    assert world.overseer.seconds == [0.0, 2.5]


async def test_doubt_whose_next_repeat_would_come_too_late_expires(world: World) -> None:
    """A server that asks for more time than is left ends it at once."""
    await world.attempt(doubt())
    assert not world.guard.may_repeat(LAST_START + 1.0)
    world.guard.expire()
    assert world.state() is State.EXPIRED


async def test_t0_of_a_429_outlives_an_attempt_that_was_not_handed_over(world: World) -> None:
    """That the 429 came before processing is assumed; until its window is over nothing rests on that."""
    first = world.clock.stamp()
    await world.attempt(limited())
    world.clock.advance(100.0)
    await world.attempt(unsent())
    assert world.life.exposure.t0 == first
    assert [life.state for life in world.lives()] == [State.PLANNED]
    world.clock.advance(40.0)
    await world.guard.before_attempt()
    assert world.life.exposure.t0 == first
    assert [(life.state, life.exposure.t0) for life in world.lives()] == [(State.IN_FLIGHT, first)]
