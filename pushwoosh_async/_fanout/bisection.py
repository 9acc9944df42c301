"""How far are rejected chunks taken apart, to find the ids that the server refuses?"""

from pushwoosh_async._fanout.chunks import Chunk, halves
from pushwoosh_async._fanout.planner import AnyPlanner

_USED_UP = "unsplit: bisect_requests is used up"


class Bisection:
    """Halves chunks, within a budget of requests.

    One bad id among a thousand costs twenty halves; many in one chunk cost up to two thousand.

    Attributes:
        spent: halves made so far, those of earlier sessions among them.
    """

    def __init__(self, planner: AnyPlanner, budget: int) -> None:
        self.spent = 0
        self._planner = planner
        self._budget = budget

    def halve(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """Return the halves that stand for a rejected chunk; or none, and a remark where it could be."""
        if not self._budget or chunk.count == 1:
            return (), ""
        if self.spent + 2 > self._budget:
            return (), _USED_UP
        self.spent += 2
        return halves(chunk, self._planner.identity), ""
