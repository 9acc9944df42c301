"""Another event loop under the same send, on this Python: the same results."""

import asyncio
import selectors
import sys
from collections.abc import Callable
from importlib.metadata import metadata
from pathlib import Path
from typing import TypeAlias

import pytest
from fault_server import accept, answer, fault_server, processed, reset_after_body, reset_on_accept
from wire_clients import Way, each_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import SendReport

from .cancelling import HeldAnswer, entered, serves

Loop: TypeAlias = Callable[[], asyncio.AbstractEventLoop]
# What of a report hangs on nothing but what was done to the run.
TOLD = ("accepted", "in_doubt", "not_sent", "accepted_on_repeat", "not_sent_ranges", "stopped")


def other_loop(story: Story) -> tuple[str, Loop]:
    """Return a loop that is not asyncio's usual one."""
    try:
        import uvloop
    except ImportError:
        story.lacks("uvloop", instead="asyncio's loop on select() instead of epoll")
        return "asyncio on select()", lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    return "uvloop", uvloop.new_event_loop


def pythons() -> tuple[str, list[str]]:
    """Return which Python this is, and which others the library says it runs on."""
    this = ".".join(map(str, sys.version_info[:2]))
    named = metadata("pushwoosh-async").get_all("Classifier") or []
    versions = [each.rpartition(" :: ")[2] for each in named if ":: Python :: 3." in each]
    assert this in versions
    return this, [each for each in versions if each != this]


def of(report: SendReport) -> list[object]:
    """Return what two loops must agree on."""
    return [getattr(report, name) for name in TOLD]


async def live(folder: Path, story: Story, way: Way) -> list[object]:
    """Go through resets and a 503, be cancelled, and resume; return what the three reports say."""
    held = HeldAnswer()
    faults = (reset_on_accept, processed(reset_after_body), accept, processed(answer(503)), accept)
    async with fault_server(*faults, accept, held, default=accept) as server:
        trial = Trial(folder, server, story, way=way, concurrency=1)
        async with trial.begin() as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await held.taken.wait()
            job.cancel()
            await asyncio.sleep(0)
            held.let_go.set()
            await asyncio.wait([job])
            served = await serves(server, begun.client)
        first = of(trial.sessions[0].report)
        last = of((await trial.end_well()).report)
    assert (job.cancelled(), served) == (True, 10)
    return [*first, *last]


@each_way
@pytest.mark.row("P29")
def test_another_event_loop(tmp_path: Path, story: Story, way: Way) -> None:
    """What is accepted, repeated, left and resumed is the same to the last position."""
    name, loop = other_loop(story)
    for each in ("usual", "other"):
        (tmp_path / each).mkdir()
    with asyncio.Runner() as runner:
        usual = runner.run(live(tmp_path / "usual", Story("P29"), way))
    with asyncio.Runner(loop_factory=loop) as runner:
        assert type(runner.get_loop()).__module__.startswith(name.split()[0])
        other = runner.run(live(tmp_path / "other", Story("P29"), way))

    assert other == usual
    python, others = pythons()
    story.lacks(
        f"Python {', '.join(others)}", instead=f"Python {python}; `make matrix` runs them all"
    )
    story.saw(f"{name} on Python {python}: {other[len(TOLD)]} accepted, as on asyncio's own loop")
    story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")
