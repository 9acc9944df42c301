"""What can others see of a run while it goes on? Its counts and its timeline, once a second."""

from collections.abc import Callable

from attrs import asdict

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.journal import Journal, Status
from pushwoosh_async._fanout.report import ChunkOutcome, Progress
from pushwoosh_async._fanout.state import Event, Life
from pushwoosh_async._fanout.timeline import Timeline

_EVERY = 1.0  # seconds


class Chronicle:
    """Tells a journal how its run goes."""

    def __init__(self, journal: Journal, clock: Clock, progress: Callable[[], Progress]) -> None:
        self._journal = journal
        self._clock = clock
        self._progress = progress
        self._timeline = Timeline()
        self._shown = clock.monotonic()

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Take down an attempt that began, or what became of it and after how many seconds."""
        wall = self._clock.stamp().wall
        self._timeline.heard(event, wall, again=life.attempts > 1, seconds=seconds)
        if self._clock.monotonic() - self._shown >= _EVERY:
            self.show()

    def settled(self, outcome: ChunkOutcome) -> None:
        """Take down a chunk that ended."""
        self._timeline.settled(outcome.outcome, outcome.recipients, self._clock.stamp().wall)

    def show(self) -> None:
        """Let others see how far it has come."""
        self._shown = self._clock.monotonic()
        now = self._progress()
        seen = {**asdict(now), "rate": now.rate, "seconds_left": now.seconds_left}
        self._journal.keep(Status(progress=seen, slices=self._timeline.take()))
