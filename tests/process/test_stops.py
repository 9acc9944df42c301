"""SIGSTOP past the window, over and over, at steps that are drawn: what comes late is never sent twice."""

import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from adversity.effort import effort
from adversity.story import Story
from attrs import define

from .killing import forgotten_at, worlds
from .tale import BY, Told
from .wires import GATED
from .world import CHUNK_SIZE, CONCURRENCY, World, is_stopped

# A whole attempt and the margin leave 1.9 s in which a doubt may be repeated.
WINDOW = 3.0
SCALED = ("--window", str(WINDOW), "--margin", "0.5", "--timeout", "0.5")
# Doubts, so that repeats are stopped too: of what the server has taken, and of what it has not.
FAULTS = ("--faults", "reset_after:0.15,error_500_before:0.15", "--latency", "0.01")
CHUNKS_A_STOP = 8
TURN = 0.02
MINUTES = 60.0


@define
class Rider:
    """A sender that stops itself, and goes on once the server has forgotten what it began before."""

    world: World
    process: subprocess.Popen[str]
    due: float = 0.0

    def goes_on(self) -> bool:
        """Look at it; tell whether it has not come to its end."""
        if self.process.poll() is not None:
            return False
        if is_stopped(self.process):
            self.due = self.due or forgotten_at(self.world) + 0.1
            if time.time() >= self.due:
                self.due = 0.0
                self.process.send_signal(signal.SIGCONT)
        return True


def ride(made: list[World], stops: int) -> list[Told]:
    """Let a sender in each world stop so often; return what they say at their ends."""
    riders = [
        Rider(world, world.start(*SCALED, "--stops", f"{seed}:{stops}"))
        for seed, world in enumerate(made)
    ]
    end = time.monotonic() + 2 * stops * WINDOW + MINUTES
    left = riders
    while left:
        assert time.monotonic() < end, f"{len(left)} of {len(riders)} did not come to their end"
        left = [each for each in left if each.goes_on()]
        time.sleep(TURN)
    return [each.world.end(each.process) for each in riders]


@pytest.mark.row("P12")
@pytest.mark.slow
def test_over_and_over(tmp_path: Path, story: Story) -> None:
    """In full a thousand times, in runs side by side: nobody is sent to twice, nobody is lost."""
    senders, stops = effort(6, 25), effort(3, 40)
    count = stops * CHUNKS_A_STOP * CHUNK_SIZE
    with ExitStack() as stack:
        made = worlds(stack, tmp_path, *FAULTS, number=senders, window=WINDOW, count=count)
        tales = ride(made, stops)
        for world, told in zip(made, tales, strict=True):
            world.assert_sound(told)
            assert (told.error, told.report.not_sent) == ("", 0)
            assert len(told.report.in_doubt_chunks) <= stops * CONCURRENCY
        sent = sum(world.deliveries() for world in made)
        reached = sum(len({i for a in world.arrivals() for i in a.ids if a.code}) for world in made)

    stopped = Counter(step for told in tales for step in told.stops)
    assert sum(stopped.values()) == senders * stops
    assert set(stopped) == set(GATED)
    story.saw(
        f"{senders * stops} stops of {senders} runs at {len(stopped)} steps: {sent - reached} duplicates"
        f" in {sent} sent to, of {senders * count}"
    )
    story.check("G1", "G2", "G3", by=BY)
