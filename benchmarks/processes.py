"""How a part of the benchmark gets a process of its own, so that its CPU and memory are its own."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent

# The longest, a run against the ceiling, takes a minute and its start.
_LONGEST_RUN = 120.0

_NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


class RunFailedError(Exception):
    """A process died, hung or did not do what it was told to: there is no figure."""


def start_module(
    module: str,
    *arguments: str,
    stderr: int | None = None,
    environment: Mapping[str, str] = _NOTHING_MORE,
) -> subprocess.Popen[str]:
    """Start `python -m module arguments`; input and output are pipes of text, errors as `Popen`."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own modules
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT,
        env={**_environment(), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def measured_by(
    module: str, *arguments: str, environment: Mapping[str, str] = _NOTHING_MORE
) -> Any:
    """Run `python -m module arguments` to its end; the JSON that it printed.

    Raises:
        RunFailedError: it failed, with the last line of its complaint, or did not end.
    """
    who = " ".join([module, *arguments[:1]])
    with start_module(
        module, *arguments, stderr=subprocess.PIPE, environment=environment
    ) as process:
        try:
            printed, complaint = process.communicate(timeout=_LONGEST_RUN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RunFailedError(f"{who}: no end after {_LONGEST_RUN:.0f} s") from None
    if process.returncode:
        lines = complaint.strip().splitlines() or [f"exit code {process.returncode}"]
        raise RunFailedError(f"{who}: {lines[-1]}")
    return json.loads(printed)


def cpu_seconds() -> float:
    """User and system time of this process, all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _environment() -> dict[str, str]:
    """Ours without proxies: the plain script trusts it, and would leave the loopback."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
