"""Can system calls be made to fail here? Tests that have strace do so say it with `needs_strace`."""

import shutil
import subprocess

import pytest


def _works() -> bool:
    strace, nothing = shutil.which("strace"), shutil.which("true")
    if strace is None or nothing is None:
        return False
    tried = subprocess.run([strace, "-f", "-o", "/dev/null", nothing], check=False)  # noqa: S603
    return tried.returncode == 0  # not so in a container that forbids to trace


needs_strace = pytest.mark.skipif(not _works(), reason="needs strace, and the right to use it")
