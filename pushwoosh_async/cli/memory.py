"""How much memory did this process need at most?"""

import re
import sys
from pathlib import Path


def peak_memory() -> int | None:
    """Return bytes, or None on a system that does not say."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return _by_resource()
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else _by_resource()


def _by_resource() -> int | None:
    """Ask getrusage, which on Linux would count the process that started us as well."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
