"""The real sender on virtual time, against a server and a computer that are not always well: nobody is
sent to twice, every label is true, and every run comes to its end (delivery.md 2.9: G1, G2, G3).

It rests on A1 to A7. `PUSHWOOSH_SIMULATION_SEEDS` says how many sends are lived through.
"""  # noqa: D205 -- one promise

import os
from collections import Counter
from functools import cache
from math import ceil
from typing import Any

import pytest
from attrs import evolve

from pushwoosh_async import RetryPolicy
from simulation.dice import Episode, Habits, Outage, Scenario, Trouble, Weather
from simulation.replay import Batch, Change, live_batch, live_seed

SEEDS = int(os.environ.get("PUSHWOOSH_SIMULATION_SEEDS", "2000"))
BATCHES = 20

ALWAYS_SEEN = (
    *("a process was killed", "records were lost in a crash", "a reboot"),
    *("a drain", "a cancellation", "a deadline", "a full disk", "a broken source", "a pause"),
    *("another input was given", "again: rejected", "again: doubts"),
    *("the computer: stop", "the computer: suspend", "the computer: wall clock"),
    *("stopped in mid-body", "a connection was cut", "an answer came too early"),
    *("fault: late", "fault: limited", "fault: lost before", "fault: lost after", "fault: slow"),
    *("fault: unwell", "outage: 5xx", "outage: limited", "outage: refused", "outage: revoked"),
    *("outage: silence", "a window was renewed after a 429", "the breaker opened"),
    *(f"repeat answered: {way}" for way in ("same", "empty", "210", "409")),
    *(f"a chunk was {end}" for end in ("accepted", "accepted on repeat", "rejected", "expired")),
    *("a chunk was split", "a chunk was superseded", "a budget of halves was used up"),
    *("a run was stopped", "a run was complete"),
)


@cache
def lived(batch: int) -> Batch:
    """Live a share of the seeds, once."""
    size = ceil(SEEDS / BATCHES)
    return live_batch(range(batch * size, (batch + 1) * size))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_three_guarantees(batch: int) -> None:
    """Whatever happens: sent once, labelled truly, nothing lost. A failure says how to see it again."""
    failures = lived(batch).failures

    assert not failures, "\n".join(["", *failures[:5]])


def test_everything_happens() -> None:
    """The dice reach every kind of event: else the guarantees were held against nothing."""
    seen = sum((lived(batch).seen for batch in range(BATCHES)), Counter[str]())

    assert [event for event in ALWAYS_SEEN if not seen[event]] == []


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


@pytest.mark.parametrize(
    "change",
    [
        habits(window=200.0),
        habits(latest_commit=250.0),
        habits(takes_limited=True),
        weather(lying_disk=True),
        weather(same_boot=True),
        lambda drawn: evolve(habits()(drawn), policy=RetryPolicy(margin=0.0)),
    ],
    ids=[
        "A1: the server forgets early (S18)",
        "A3: requests are committed too late",
        "A7: a 429 from behind the gateway",
        "A4: the disk lies",
        "A4: two boots look alike",
        "no margin",
    ],
)
def test_each_assumption_is_needed(change: Change) -> None:
    """Where it does not hold somebody is sent to twice, and the oracle sees it."""
    assert any(
        "was sent to" in text
        for seed in range(1000)
        for text in live_seed(seed, change=change).witness.wrong
    )


def plain(drawn: Scenario, *episodes: Episode, outages: tuple[Outage, ...] = ()) -> Scenario:
    """Return a scenario in which nothing goes wrong but what is named."""
    return evolve(
        drawn,
        journalled=True,
        bad=0.0,
        clean=True,
        habits=Habits(repeats="same", fault_rate=0.0, outages=outages),
        weather=Weather(rough=False, blind=False),
        episodes=episodes or (Episode(),),
    )


def test_a_restart_inside_the_window_leaves_nobody_in_doubt() -> None:
    """G3: killed again and again, and started again within seconds, it ends with everybody accepted."""

    def killed_often(drawn: Scenario) -> Scenario:
        kills = (Episode(end="crash", step=step, gap=2.0) for step in range(1, 40, 3))
        return plain(drawn, *kills)

    for seed in range(60):
        world = live_seed(seed, change=killed_often)
        assert world.witness.wrong == []
        assert world.in_doubt() == 0, seed
        assert set(world.server.delivered) == {world.inputs.ids[at] for at in world.inputs.kept}


@pytest.mark.parametrize("trouble", ["silence", "5xx", "refused", "limited"])
def test_an_outage_leaves_few_in_doubt(trouble: Trouble) -> None:
    """G3: of ten minutes, what is in flight while the breaker finds out, and a probe each 150 seconds.

    A 503 that asks for more time than the window has ends a doubt at once: so it finds out twice as late.
    """

    def ten_minutes(drawn: Scenario) -> Scenario:
        return plain(drawn, outages=(Outage(trouble, 1.0, 601.0),))

    for seed in range(60):
        world = live_seed(seed, change=ten_minutes)
        assert world.witness.wrong == []
        workers = world.scenario.concurrency
        most = {"silence": workers + 4, "5xx": 2 * workers + 4}.get(trouble, 0)
        assert world.in_doubt() <= most, seed
