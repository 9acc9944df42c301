"""What went wrong with this seed? Lives it again, as often as you like, and tells everything."""

import asyncio
from collections import Counter
from collections.abc import Callable

from attrs import frozen

from simulation.computer import VirtualLoop
from simulation.dice import Scenario, scenario
from simulation.machine import live
from simulation.world import World

Change = Callable[[Scenario], Scenario]


def as_drawn(drawn: Scenario) -> Scenario:
    """Change nothing."""
    return drawn


def live_seed(
    seed: int, *, change: Change = as_drawn, tell: Callable[[str], None] | None = None
) -> World:
    """Live the scenario of a seed, on time that takes none."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(live(change(scenario(seed)), loop, tell))


@frozen
class Batch:
    """What came of many seeds.

    Attributes:
        seen: how often each kind of event happened.
        failures: what went wrong, one text for each seed with which something did.
    """

    seen: Counter[str]
    failures: list[str]


def live_batch(seeds: range, *, change: Change = as_drawn) -> Batch:
    """Live many seeds."""
    batch = Batch(Counter(), [])
    for seed in seeds:
        command = f"python -m tests.fanout.simulation {seed}"
        try:
            witness = live_seed(seed, change=change).witness
        except Exception as error:
            error.add_note(command)
            raise
        batch.seen.update(witness.seen)
        if witness.wrong:
            batch.failures.append(f"{witness.wrong[0]}\n  {command}")
    return batch
