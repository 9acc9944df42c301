"""How often is a thing done? Enough to notice a fault, or as often as `make adversity` promises."""

import os

FULL = "PUSHWOOSH_ADVERSITY"


def effort(usual: int, full: int) -> int:
    """Return a number: the usual one, or the full one where the environment asks for all."""
    return full if os.environ.get(FULL) == "full" else usual
