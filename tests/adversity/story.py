"""What does a test tell of its row? What it saw the library do, and which guarantees it checked."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import Factory, asdict, define

Guarantee: TypeAlias = Literal["G1", "G2", "G3"]
# In the order in which they are shown.
GUARANTEES: tuple[Guarantee, ...] = ("G1", "G2", "G3")
# The parts of the book whose rows owe all three: network, server, process, input.
SENDING = "NSPI"


@define
class Story:
    """One test's part of a row's line; every word of it is made of what was observed.

    Attributes:
        row: the number of the row.
        seen: what the library did.
        checked: the guarantees that were held against a ledger.
        means: what they were held against: how many arrivals, or that nothing arrived at all.
        lacking: what this machine does not have, and what stood in for it.
    """

    row: str
    seen: list[str] = Factory(list)
    checked: set[Guarantee] = Factory(set)
    means: list[str] = Factory(list)
    lacking: list[str] = Factory(list)

    def saw(self, text: str) -> None:
        """Tell what the library did, in words made of observed values; the same again is one."""
        if text not in self.seen:
            self.seen.append(text)

    def check(self, *guarantees: Guarantee, by: str) -> None:
        """Tell which guarantees have just been asserted, and by what: call it behind the assertion."""
        self.checked.update(guarantees)
        if by not in self.means:
            self.means.append(by)

    def lacks(self, what: str, *, instead: str) -> None:
        """Tell what this machine lacks for the row as it is written, and what stands in for it."""
        text = f"lacks {what}; instead: {instead}"
        if text not in self.lacking:
            self.lacking.append(text)

    def plain(self) -> dict[str, str | list[str]]:
        """Return the same as values of JSON."""
        return {**asdict(self), "checked": sorted(self.checked)}

    @classmethod
    def of(cls, plain: dict[str, str | list[str]]) -> "Story":
        """Return the story that `plain` was made of."""
        return cls(**{**plain, "checked": set(plain["checked"])})  # type: ignore[arg-type]

    def owed(self) -> Sequence[str]:
        """Return what a test that passed should have told, and did not."""
        owed = [] if self.seen else ["what it saw (story.saw)"]
        unchecked = [each for each in GUARANTEES if each not in self.checked]
        if self.row[0] in SENDING and unchecked:
            owed.append(f"{', '.join(unchecked)} (story.check)")
        return owed
