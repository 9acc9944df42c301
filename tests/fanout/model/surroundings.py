"""What surrounds a run? Time, a server, a disk: each method is one step, whoever is at work."""

from attrs import frozen
from memory_journal import Disk

from model.model_clock import ModelClock
from model.server_model import Personality, ServerModel
from model.step_loop import StepLoop


@frozen(kw_only=True)
class Setting:
    """What stays the same for a life.

    Attributes:
        recipients: how many; each has a name of its own.
        chunk_size: of them in a chunk.
        refused: indexes of those whom the server answers with a 210.
        personality: how it answers a repeat.
        all_or_nothing: see `ServerModel`.
        bisect_requests: halves at most; 0 for no bisecting.
        counts_suspend: see `ModelClock`.
        honest_gateway: a 429 comes from before processing (assumption A7).
    """

    recipients: int = 4
    chunk_size: int = 2
    refused: frozenset[int] = frozenset()
    personality: Personality = "same"
    all_or_nothing: bool = False
    bisect_requests: int = 0
    counts_suspend: bool = True
    honest_gateway: bool = True


class Surroundings:
    """Everything but the processes.

    Attributes:
        setting: what it was made of.
        loop: in which processes run.
        steps: what was done, in words.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.loop = StepLoop()  # type: ignore[abstract]  # the rest is never asked for
        self.clock = ModelClock(self.loop, counts_suspend=setting.counts_suspend)
        self.source = tuple(f"u{index}" for index in range(setting.recipients))
        self.server = ServerModel(
            setting.personality,
            {self.source[index % setting.recipients] for index in setting.refused},
            all_or_nothing=setting.all_or_nothing,
            honest_gateway=setting.honest_gateway,
        )
        self.disk = Disk()
        self.steps: list[str] = []

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        self._time_passed(f"wait {seconds:g}")

    def suspend(self, seconds: float) -> None:
        """Suspend the machine."""
        self.clock.suspend(seconds)
        self._time_passed(f"suspend {seconds:g}")

    def _time_passed(self, how: str) -> None:
        self.steps.append(how)
        self.server.catch_up(self.clock.now)

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock."""
        self.clock.step_wall(seconds)
        self.steps.append(f"wall {seconds:+g}")

    def wake(self) -> None:
        """Let pauses end."""
        if self.clock.sleepers:
            self.clock.wake()
            self.steps.append("wake")

    def mend(self) -> None:
        """The server takes those whom it refused."""
        self.server.refused.clear()
        self.steps.append("mend")
