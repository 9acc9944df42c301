"""How a part of the benchmark gets a process of its own, so that its CPU and memory are its own."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def start_module(module: str, *arguments: str, stderr: int | None = None) -> subprocess.Popen[str]:
    """Start `python -m module arguments`; input and output are pipes of text, errors as `Popen`."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own modules
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def _environment() -> dict[str, str]:
    """Ours without proxies: the plain script trusts it, and would leave the loopback."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
