"""How does a process run out of memory? By a limit on its address space, set at a moment of the run."""

import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

MORE_THAN_THERE_IS = 1 << 30
# For the rest of the process: less than the stack of a thread.
ROOM = 1 << 22


def address_space() -> int:
    """Return how many bytes of it this process has."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def want_too_much(ids: Sequence[str], number: int) -> Iterator[str]:
    """Yield ids; before the n-th, need more memory than there is, as a careless source might."""
    yield from ids[:number]
    limit = address_space() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    yield from (bytes(MORE_THAN_THERE_IS).hex(), *ids[number:])


def leave_memory(size: int) -> None:
    """Use up all memory but so many bytes: whoever needs more next, anywhere, gets a MemoryError."""
    limit = address_space()
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    spare = bytearray(size)
    for each in (1 << 16, 1 << 12, 1 << 9):
        with suppress(MemoryError):
            while True:
                _BALLAST.append(bytearray(each))
    del spare


def eat(size: int) -> None:
    """Fill so much memory."""
    _BALLAST.append(bytearray(b"x") * size)


_BALLAST: list[bytearray] = []


@contextmanager
def memory_group(limit: int) -> Iterator[Path | None]:
    """Make a group of processes that may have so many bytes together, else the kernel kills; None if we
    may not. Who joins it writes to its ``cgroup.procs``, and is gone before this is left.
    """  # noqa: D205 -- the exception belongs to the rule
    for folder in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup"):
        group = Path(folder, f"pushwoosh-tests-{os.getpid()}")
        with suppress(OSError):
            group.mkdir()
            try:
                if _limit(group, limit):
                    yield group
                    return
            finally:
                group.rmdir()
    yield None


def _limit(group: Path, limit: int) -> bool:
    """Set the limits of either version of cgroups; tell whether it has one for memory."""
    limits = {
        "memory.limit_in_bytes": limit,
        "memory.memsw.limit_in_bytes": limit,
        "memory.max": limit,
        "memory.swap.max": 0,
    }
    there = [name for name in limits if (group / name).exists()]
    for name in there:
        (group / name).write_text(str(limits[name]))
    return bool(there)
