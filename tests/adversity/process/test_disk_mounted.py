"""A disk of its own that is full: a small file system, which is made larger before the resume."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest
from process.world import World

from adversity.story import Story

MOUNT, UMOUNT = which("mount") or "", which("umount") or ""


def mounted(*options: str) -> bool:
    """Mount; tell whether we may."""
    return (
        bool(MOUNT)
        and not subprocess.run(  # noqa: S603
            [MOUNT, *options], check=False, stderr=subprocess.DEVNULL
        ).returncode
    )


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path | None]:
    """Mount a file system of so many kilobytes on a folder; None if we may not."""
    folder.mkdir()
    if not mounted("-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run([UMOUNT, str(folder)], check=True)  # noqa: S603


# In pages of 4 KB: no room for the run; for the run, and no intent; for some of them.
@pytest.mark.row("P18")
@pytest.mark.parametrize(
    "size", [56, *[pytest.param(each, marks=pytest.mark.slow) for each in (8, 32, 80)]]
)
def test_a_small_file_system(tmp_path: Path, story: Story, size: int) -> None:
    """Nothing is sent that could not be written down; with more room the same run goes on."""
    with (
        small_disk(tmp_path / "disk", size) as disk,
        World(tmp_path, story=story, disk=disk, count=4000) as world,
    ):
        if disk is None:
            story.lacks("a mount", instead="no file may grow beyond a limit")
            told = world.run("--full-at", f"begin:1:{size * 512}")
        else:
            told = world.run()
        assert told.error == "JournalError"
        assert told.report.in_doubt == 0
        assert told.report.accepted == world.deliveries()
        world.assert_sound(told, poisoned=True)

        assert disk is None or mounted("-o", "remount,size=4m", str(disk))
        told = world.run()

        assert (told.error, told.report.accepted) == ("", world.count)
