"""What became of each notification of the request that is being processed, in their order?"""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

Verdict = Literal["accepted", "replay", "rejected", "unprocessed"]


@frozen
class Ruling:
    """What became of one notification.

    Attributes:
        verdict: what was decided.
        code: of the message that was sent for it, by this request or an earlier one; None for none.
    """

    verdict: Verdict
    code: str | None = None


class Rulings:
    """Those of one request, gathered where they are made: one for each notification, or none at all.

    None are made of a request that is refused before its notifications are looked at one by one.
    """

    def __init__(self) -> None:
        self._made: list[Ruling] = []

    def make(self, verdict: Verdict, code: str | None = None) -> None:
        """Rule on the next notification."""
        self._made.append(Ruling(verdict, code))

    def take(self) -> Sequence[Ruling]:
        """Return those that were made since the last time."""
        made, self._made = self._made, []
        return made
