"""Can a journal that was written lose its name in a power cut? Its folder is synced before it is used."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from adversity.story import Story
from adversity.trial import Trial
from fault_server import accept, fault_server
from stracing import can_strace, tracing

from .world import World

SYNCED = ("made", "folder synced", "used by SQLite")
COUNT = 20


@pytest.mark.row("P2")
async def test_its_name_is_durable_first(
    tmp_path: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By this library: whether SQLite would do so as well is a matter of how it was built."""
    if can_strace():
        steps = steps_of_a_process(tmp_path)
    else:
        story.lacks("strace", instead="Python's own fsync tells what lies in the folder by then")
        steps = await steps_of_this_process(tmp_path, monkeypatch)

    assert tuple(steps[:3]) == SYNCED
    assert "connected" in steps
    story.saw(f"the journal: {', '.join(steps[: steps.index('connected') + 1])}")
    story.check("G1", "G2", "G3", by="the ledger, the journal, and the report")


def steps_of_a_process(folder: Path) -> Sequence[str]:
    """Send, and return what the kernel was asked to do, each thing once."""
    log = folder / "log"
    journals = folder / "journals"
    journals.mkdir()
    with World(folder, disk=journals, count=COUNT) as world:
        told = world.run(under=tracing("openat,fsync,fdatasync,connect", str(log)))
        world.assert_sound(told)
        assert told.report.accepted == COUNT == world.deliveries()
        steps = [step_of(line, world.journal) for line in log.read_text().splitlines()]
    return list(dict.fromkeys(filter(None, steps)))


def step_of(line: str, journal: Path) -> str:
    """Return what a system call is to a journal; nothing if it has nothing to do with it."""
    if f'"{journal}", ' in line and "O_EXCL" in line:
        return "made"
    if "sync(" in line and f"<{journal.parent}>" in line and line.endswith(" = 0"):
        return "folder synced"
    if f'"{journal}-journal", ' in line:
        return "used by SQLite"
    return "connected" if " connect(" in line and "AF_INET" in line else ""


async def steps_of_this_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Send, and return the same as far as a look at the folder tells."""
    sync, steps = os.fsync, list[str]()
    async with fault_server(default=accept) as server:
        trial = Trial(folder, server, Story("P2"), count=COUNT)

        def look() -> None:
            steps.extend(["made"] * trial.journal.exists())
            steps.extend(
                ["used by SQLite"] * trial.journal.with_name("run.journal-journal").exists()
            )
            steps.extend(["connected"] * (server.connections > 0))

        def watched(descriptor: int) -> None:
            sync(descriptor)
            if Path(f"/proc/self/fd/{descriptor}").resolve() == folder.resolve():
                look()
                steps.append("folder synced")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", watched)
            await trial.send()
        look()
        assert (await trial.end_well()).report.accepted == COUNT
    return list(dict.fromkeys(steps))
