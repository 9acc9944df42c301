"""What is there, in one simulated send? A server, a computer with a disk, the ids, and a witness."""

import random
from collections.abc import Callable

from memory_journal import Disk

from pushwoosh_async._fanout.state import State
from simulation.computer import Computer, VirtualLoop
from simulation.dice import Scenario
from simulation.inputs import Inputs
from simulation.server import Server
from simulation.witness import Witness


class World:
    """All that outlives a process.

    Attributes:
        scenario: what will happen.
        computer: where the sender runs.
        disk: its disk, with the journal.
        witness: sees everything.
        inputs: the ids.
        server: whom they are sent to.
        rng: of whoever breaks things.
    """

    def __init__(
        self, scenario: Scenario, loop: VirtualLoop, tell: Callable[[str], None] | None
    ) -> None:
        weather = scenario.weather
        self.scenario = scenario
        self.computer = Computer(loop, blind=weather.blind, same_boot=weather.same_boot)
        self.disk = Disk()
        self.witness = Witness(self.computer.true, tell)
        self.inputs = Inputs(scenario)
        self.rng = self.dice("machine")
        self.server = Server(
            scenario.habits,
            rng=self.dice("server"),
            now=self.computer.true,
            bad=self.inputs.bad,
            is_meant=self.inputs.has,
            witness=self.witness,
        )

    def dice(self, what: str) -> random.Random:
        """Return dice of their own, so that what one throws moves nothing else."""
        return random.Random(f"{self.scenario.seed} {what}")  # noqa: S311 -- a seed

    def in_doubt(self) -> int:
        """Return how many chunks the journal calls in doubt."""
        doubts = {State.IN_DOUBT, State.EXPIRED, State.IN_FLIGHT}
        return sum(row.life.state in doubts for row in self.disk.rows.values())
