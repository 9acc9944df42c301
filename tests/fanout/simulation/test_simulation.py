"""The real sender on virtual time, against a server and a computer that are not always well: nobody is
sent to twice, every label is true, and every run comes to its end (delivery.md 2.9: G1, G2, G3).

It rests on A1 to A8. `PUSHWOOSH_SIMULATION_SEEDS` says how many sends are lived through.
"""  # noqa: D205 -- one promise

import os
from collections import Counter
from functools import cache
from math import ceil, inf
from typing import Any

import pytest
from adversity.effort import effort
from adversity.story import Story
from attrs import evolve

from pushwoosh_async import RateLimit, RetryPolicy
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._wire.methods import MAX_NOTIFICATIONS
from simulation.dice import ALONE, Episode, Habits, Outage, Scenario, Trouble, Weather
from simulation.replay import Batch, Change, live_batch, live_seed
from simulation.world import World

SEEDS = int(os.environ.get("PUSHWOOSH_SIMULATION_SEEDS", effort(2000, 10_000)))
BATCHES = 20
QUICK = 4  # batches in the quick part
SLOW = pytest.mark.slow

REPEATS = ("same", "fewer", "210", "210, and nothing taken", "409")
ALWAYS_SEEN = (
    *("a process was killed", "records were lost in a crash", "a reboot"),
    *("a drain", "a cancellation", "a deadline", "a full disk", "a broken source", "a pause"),
    *("another input was given", "again: rejected", "again: doubts"),
    *("the computer: stop", "the computer: suspend", "the computer: wall clock"),
    *("stopped in mid-body", "a connection was cut", "an answer came too early"),
    *("fault: late", "fault: limited", "fault: lost before", "fault: lost after", "fault: slow"),
    *("fault: torn", "fault: unwell", "a window was renewed after a 429", "the breaker opened"),
    *(f"outage: {trouble}" for trouble in ("5xx", "limited", "refused", "revoked", "silence")),
    *(f"a repeat: {way}" for way in REPEATS),
    *(f"a pack of repeats: {way}" for way in REPEATS),
    *(f"one of several is bad: {way}" for way in ("all refused", "dropped", "dropped, and 210")),
    *("a pack was sent", "a pack was taken apart"),
    *("a pack was answered by 429", "a pack with a repeat in it"),
    *(f"a pack of another process was repeated {how}" for how in ("whole", "as far as in doubt")),
    *("a pack was repeated that is larger than new ones", "a chunk of a pack was accepted"),
    *("as many were under way as fit the window", "a chunk was refused when alone, after its pack"),
    *(f"a chunk was {end}" for end in ("accepted", "accepted on repeat", "rejected", "expired")),
    *("a chunk was split", "a chunk was superseded", "a budget of halves was used up"),
    *("a run was stopped", "a run was complete"),
)


def batch_size() -> int:
    """Return how many sends a batch is."""
    return ceil(SEEDS / BATCHES)


@cache
def lived(batch: int) -> Batch:
    """Live a share of the seeds, once."""
    size = batch_size()
    return live_batch(range(batch * size, (batch + 1) * size))


@pytest.mark.parametrize(
    "batch", [*range(QUICK), *(pytest.param(n, marks=SLOW) for n in range(QUICK, BATCHES))]
)
def test_the_three_guarantees(batch: int) -> None:
    """Whatever happens: sent once, labelled truly, nothing lost. A failure says how to see it again."""
    failures = lived(batch).failures

    assert not failures, "\n".join(["", *failures[:5]])


@pytest.mark.slow
@pytest.mark.row("M1")
def test_everything_happens(story: Story) -> None:
    """The dice reach every kind of event: else the guarantees were held against nothing."""
    seen = sum((lived(batch).seen for batch in range(BATCHES)), Counter[str]())
    failures = [text for batch in range(BATCHES) for text in lived(batch).failures]

    assert [event for event in ALWAYS_SEEN if not seen[event]] == []
    assert not failures, failures[0]
    story.saw(
        f"{len(failures)} broken promises in {BATCHES * batch_size():,} sends, with "
        f"{seen.total():,} events of {len(seen)} kinds"
    )
    story.check("G1", "G2", "G3", by="the simulated server's ledger")


def test_a_seed_tells_the_same_story_again() -> None:
    """Down to the last line: else nobody could look into a failure."""
    first: list[str] = []
    second: list[str] = []
    for story in (first, second):
        for seed in range(40):
            live_seed(seed, tell=story.append)

    # Sorted: at one instant, anyio wakes those whom it cancels in an order that hangs on addresses.
    assert sorted(first) == sorted(second)
    assert len(first) > 1000


def habits(**changes: Any) -> Change:
    """Return what changes the server of a scenario, and makes it worse."""
    return lambda drawn: evolve(
        drawn, chunks=40, habits=evolve(drawn.habits, fault_rate=0.8, **changes)
    )


def weather(**changes: Any) -> Change:
    """Return what changes the computer of a scenario."""
    return lambda drawn: evolve(drawn, weather=evolve(drawn.weather, **changes))


def packs(change: Change) -> Change:
    """Return what makes requests of seven notifications, too."""

    def changed(drawn: Scenario) -> Scenario:
        return packed(evolve(change(drawn), on_rejected="report"), SEVEN)

    return changed


SEVEN = Packing(most=7, max_bytes=ALONE.max_bytes)
SENT_TWICE = "was sent to"
UNTRUE = "is accepted, and was not"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (habits(window=200.0), SENT_TWICE),
        (habits(latest_commit=250.0), SENT_TWICE),
        (habits(takes_limited=True), SENT_TWICE),
        (weather(lying_disk=True), SENT_TWICE),
        (weather(same_boot=True), SENT_TWICE),
        (lambda drawn: evolve(habits()(drawn), policy=RetryPolicy(margin=0.0)), SENT_TWICE),
        (packs(habits(knows_packs_only=True)), SENT_TWICE),
        (
            packs(lambda drawn: evolve(habits(bad_ones="dropped, and a code")(drawn), bad=0.1)),
            UNTRUE,
        ),
    ],
    ids=[
        "A1: the server forgets early (S18)",
        "A3: requests are committed too late",
        "A7: a 429 from behind the gateway",
        "A4: the disk lies",
        "A4: two boots look alike",
        "no margin",
        "A8: the server knows a request again, not a notification",
        "A8: a code for what was not taken",
    ],
)
def test_each_assumption_is_needed(change: Change, wrong: str) -> None:
    """Where it does not hold somebody is sent to twice, or labelled wrongly, and the oracle sees it."""
    assert any(
        wrong in text
        for seed in range(1000)
        for text in live_seed(seed, change=change).witness.wrong
    )


def packed(drawn: Scenario, packing: Packing) -> Scenario:
    """Return a scenario whose requests are as full as that."""
    episodes = (evolve(episode, packing=packing) for episode in drawn.episodes)
    return evolve(drawn, packing=packing, episodes=tuple(episodes))


def plain(
    drawn: Scenario,
    *episodes: Episode,
    packing: Packing,
    outages: tuple[Outage, ...] = (),
    **more: Any,
) -> Scenario:
    """Return a scenario in which nothing goes wrong but what is named."""
    changed = evolve(
        drawn,
        journalled=True,
        limit=drawn.limit if drawn.limit is None else RateLimit(),
        bad=0.0,
        clean=True,
        habits=Habits(repeats="same", fault_rate=0.0, outages=outages, **more),
        weather=Weather(rough=False, blind=False),
        episodes=episodes or (Episode(),),
    )
    return packed(changed, packing)


@pytest.mark.parametrize("packing", [ALONE, SEVEN], ids=["alone", "packed"])
def test_a_restart_inside_the_window_leaves_nobody_in_doubt(packing: Packing) -> None:
    """G3: killed again and again, and started again within seconds, it ends with everybody accepted."""

    def killed_often(drawn: Scenario) -> Scenario:
        kills = (Episode(end="crash", step=step, gap=2.0) for step in range(1, 40, 3))
        return plain(drawn, *kills, packing=packing)

    for seed in range(40):
        assert_everybody_accepted(live_seed(seed, change=killed_often))


def test_a_pack_that_is_taken_apart_fits_its_window() -> None:
    """G3: where all that holds several comes to nothing, after the first time, each is still accepted."""

    def failing(drawn: Scenario) -> Scenario:
        full = Packing(most=MAX_NOTIFICATIONS, max_bytes=ALONE.max_bytes)
        quick = plain(drawn, packing=full, fails_packs=0.2, latencies=(0.01, 0.2))
        slow = RateLimit(requests=(6, 12, 60, 600)[drawn.seed % 4], burst=1)
        return evolve(quick, limit=slow, chunks=40)

    for seed in range(40):
        assert_everybody_accepted(live_seed(seed, change=failing))


def test_the_parts_of_a_pack_go_side_by_side() -> None:
    """G3: where each attempt at several takes all its time, each is accepted alone inside its window."""

    def silent(drawn: Scenario) -> Scenario:
        scenario = plain(drawn, packing=SEVEN, fails_packs=inf, latencies=(0.01, 0.2))
        return evolve(scenario, limit=None, chunks=8, concurrency=8)

    for seed in range(20):
        assert_everybody_accepted(live_seed(seed, change=silent))


def test_a_pack_is_repeated_without_what_has_expired() -> None:
    """G3: what a 429 met has an older t0 than those that it is packed with later, and expires alone."""

    def aged(drawn: Scenario) -> Scenario:
        sessions = (
            Episode(end="drain", after=5.0, gap=90.0),
            Episode(end="crash", step=drawn.seed % 15 + 4, gap=60.0),
        )
        limited = plain(drawn, *sessions, packing=SEVEN, outages=(Outage("limited", 0.0, 20.0),))
        first, second = limited.episodes
        episodes = (evolve(first, packing=ALONE), second)
        return evolve(limited, episodes=episodes, chunks=10, concurrency=3)

    worlds = [live_seed(seed, change=aged) for seed in range(40)]
    assert [world.witness.wrong for world in worlds if world.witness.wrong] == []
    assert any(
        world.witness.seen["a pack was repeated without its expired ones"] for world in worlds
    )


def assert_everybody_accepted(world: World) -> None:
    """Check that it ended as well as it can."""
    assert world.witness.wrong == []
    assert world.in_doubt() == 0, world.scenario.seed
    assert set(world.server.ledger.delivered) == {world.inputs.ids[at] for at in world.inputs.kept}


@pytest.mark.parametrize("packing", [ALONE, SEVEN], ids=["alone", "packed"])
@pytest.mark.parametrize("trouble", ["silence", "5xx", "refused", "limited"])
def test_an_outage_leaves_few_in_doubt(trouble: Trouble, packing: Packing) -> None:
    """G3: of ten minutes, what is in flight while the breaker finds out, and a probe each 150 seconds.

    A 503 that asks for more time than the window has ends a doubt at once: so it finds out twice as late.
    To a pack a 429 is a doubt too.
    """

    def ten_minutes(drawn: Scenario) -> Scenario:
        return plain(drawn, packing=packing, outages=(Outage(trouble, 1.0, 601.0),))

    for seed in range(40):
        world = live_seed(seed, change=ten_minutes)
        assert world.witness.wrong == []
        at_once = world.scenario.concurrency * packing.most
        limited = 0 if packing is ALONE else at_once
        most = {"silence": at_once + 4, "5xx": 2 * at_once + 4, "limited": limited}
        assert world.in_doubt() <= most.get(trouble, 0), seed
