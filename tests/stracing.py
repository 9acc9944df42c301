"""How are system calls made to fail? By strace, where it is there and allowed; syncs by a device too."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path


@cache
def can_strace() -> bool:
    """Tell whether strace is there, and allowed to trace: in a container it may not be."""
    strace, nothing = shutil.which("strace"), shutil.which("true")
    if strace is None or nothing is None:
        return False
    tried = subprocess.run([strace, "-f", "-o", "/dev/null", nothing], check=False)  # noqa: S603
    return tried.returncode == 0


def injecting(calls: str, fault: str, log: str = "/dev/null") -> tuple[str, ...]:
    """Return the command under which a program's system calls fail.

    Args:
        calls: their names, with commas.
        fault: such as ``error=EIO:when=3``, or ``signal=KILL:when=3``: at the third of them.
        log: where those calls are listed.
    """
    trace = ("-e", f"trace={calls}", "-e", f"inject={calls}:{fault}")
    # It spares the other calls, and forgets the signals that it should send.
    fast = () if "signal" in fault else ("--seccomp-bpf",)
    return ("strace", "-f", *fast, "-o", log, *trace)


def tracing(calls: str, log: str) -> tuple[str, ...]:
    """Return the command under which a program's system calls are listed, with the paths of its files."""
    return ("strace", "-f", "-y", "--seccomp-bpf", "-o", log, "-e", f"trace={calls}")


def let_no_sync_succeed(file: Path) -> None:
    """Put a device under a file that this process has open: it takes each write, and refuses each sync."""
    opened = [each for each in Path("/proc/self/fd").iterdir() if each.resolve() == file.resolve()]
    (descriptor,) = (int(each.name) for each in opened)
    device = os.open(os.devnull, os.O_RDWR)
    os.dup2(device, descriptor, inheritable=False)
    os.close(device)
