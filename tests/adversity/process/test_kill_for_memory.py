"""No memory left: the kernel kills, or an allocation fails, in the caller's source or anywhere at all."""

from pathlib import Path

import pytest
from process.killing import finish
from process.scarcity import memory_group
from process.world import World

from adversity.story import Story

MEGABYTE = 1 << 20


@pytest.mark.row("P26")
def test_the_source_wants_too_much(tmp_path: Path, story: Story) -> None:
    """What is in flight is finished, then its MemoryError is raised; the resume sends the rest."""
    with World(tmp_path, "--latency", "0.05", story=story) as world:
        told = world.run("--hungry-at", "100")

        assert told.error == "MemoryError"
        assert (told.report.in_doubt, told.report.rejected) == (0, 0)
        assert 0 < told.report.accepted == world.deliveries() <= 100
        finish(world)


@pytest.mark.row("P26")
@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 20_000, 200_000, MEGABYTE])
def test_an_allocation_fails_anywhere(tmp_path: Path, story: Story, left: int) -> None:
    """However the process ends, what it leaves is true, and a resume with memory ends well."""
    with World(tmp_path, "--latency", "0.01", story=story, count=1000) as world:
        for step in ("before_intend:7", "answered:7", "recorded:7"):
            process = world.start("--memory-at", f"{step}:{left}")
            world.succumb(process)

        finish(world)


@pytest.mark.row("P26")
@pytest.mark.slow
def test_the_kernel_kills_for_it(tmp_path: Path, story: Story) -> None:
    """Like any kill: what was under way is in doubt, and cleared by the resume."""
    with (
        memory_group(128 * MEGABYTE) as group,
        World(tmp_path, "--latency", "0.05", story=story) as world,
    ):
        if group is None:
            story.lacks("a memory cgroup", instead="SIGKILL, as the kernel would send it")
            process = world.start("--kill-at", "answered:9")
        else:
            process = world.start("--eat-at", f"answered:9:{1024 * MEGABYTE}")
            (group / "cgroup.procs").write_text(str(process.pid))
        assert world.die(process)

        finish(world)
