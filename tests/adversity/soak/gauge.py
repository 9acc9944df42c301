"""What does this process hold? Tasks, threads, descriptors, sockets, memory."""

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path

from attrs import frozen

_DESCRIPTORS = Path("/proc/self/fd")


@frozen(kw_only=True)
class Holding:
    """What is held at one instant.

    Attributes:
        tasks: of this event loop; 0 outside one.
        threads: by name.
        descriptors: open files of any kind, what reads their list not counted.
        sockets: how many of them are sockets.
        blocks: of memory that Python has allocated: every small object is one, so none is too small to
            be seen.
        containers: bytes of all lists, dicts and other containers: what grows in one of them alone.
        resident: bytes of the process in memory.
    """

    tasks: int
    threads: tuple[str, ...]
    descriptors: int
    sockets: int
    blocks: int
    containers: int
    resident: int


def holding() -> Holding:
    """Collect what is garbage, and count what is left."""
    for _ in range(3):
        gc.collect()
    targets = [_target(each) for each in _DESCRIPTORS.iterdir()]
    found = [each for each in targets if each]
    return Holding(
        tasks=_tasks(),
        threads=tuple(sorted(each.name for each in threading.enumerate())),
        descriptors=len(found),
        sockets=sum(each.startswith("socket:") for each in found),
        blocks=sys.getallocatedblocks(),
        containers=sum(map(sys.getsizeof, gc.get_objects())),
        resident=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
    )


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # no loop runs
        return 0


def _target(link: Path) -> str:
    """Return where a descriptor leads; nothing where it is gone, as that of the list itself is."""
    try:
        return str(link.readlink())
    except OSError:
        return ""
