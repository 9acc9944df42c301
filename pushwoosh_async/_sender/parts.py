"""Shall a refused notification be taken apart, and which part goes next? Until the recipients that the API
refuses stand alone.
"""  # noqa: D205 -- the end belongs to both questions

from collections import deque
from collections.abc import Sequence

from pushwoosh_async._fanout.chunks import Chunk, halves
from pushwoosh_async._sender.shelf import Parcel
from pushwoosh_async._wire.identity import RunIdentity

# So many cuts, of two requests each, lead down to two recipients alone in three places of a thousand. Where
# nothing was accepted by then, the API refuses what is sent, and not some of those it is sent to.
_MOST_CUTS = 27
_UNSPLIT = "unsplit: no part of it was accepted"


def parts_of(chunk: Chunk, parcel: Parcel, identity: RunIdentity) -> tuple[tuple[Chunk, ...], str]:
    """Return the halves that stand for a refused chunk; or none, and a remark where it could be.

    One bad recipient among a thousand costs twenty requests; many cost two for each of the thousand at
    most.
    """
    if chunk.count == 1:
        return (), ""
    if parcel.cuts >= _MOST_CUTS and not parcel.parts_accepted:
        return (), _UNSPLIT
    parcel.cuts += 1
    return halves(chunk, identity), ""


def line_up(line: deque[Chunk], parts: Sequence[Chunk]) -> None:
    """Put parts in line: so that it goes down to a recipient alone in one place after the other."""
    for part in reversed(parts):
        if part is parts[0] or part.count == 1:
            line.appendleft(part)
        else:
            line.append(part)
