"""How much memory did this process need at most?"""

import sys


def peak_memory() -> int | None:
    """Return bytes, or None on a system that does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
