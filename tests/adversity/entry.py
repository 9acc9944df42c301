"""What does the book say of one row? The merged stories of its tests, as a line or as a row of a table."""

from attrs import Factory, define

from adversity.rows import ROWS
from adversity.story import GUARANTEES, Story


@define
class Entry:
    """A row, once its tests have run.

    Attributes:
        row: its number.
        seen: what the library did, each thing once.
        checked: the guarantees held in every test of the row.
        means: by what.
        lacking: what the machine lacked, with its stand-in.
        tests: their names.
        failed: those that did not pass, and how.
        seconds: that all of them took.
    """

    row: str
    seen: list[str] = Factory(list)
    checked: list[str] = Factory(lambda: list(GUARANTEES))
    means: list[str] = Factory(list)
    lacking: list[str] = Factory(list)
    tests: list[str] = Factory(list)
    failed: list[str] = Factory(list)
    seconds: float = 0.0

    def add(self, test: str, story: Story | None) -> None:
        """Add a test and what it told; one that failed told nothing."""
        self.tests.append(test)
        if story is None:
            return
        self.checked = [each for each in self.checked if each in story.checked]
        for mine, told in (
            (self.seen, story.seen),
            (self.means, story.means),
            (self.lacking, story.lacking),
        ):
            mine += [text for text in told if text not in mine]

    @property
    def verdict(self) -> str:
        """One word: whether the row holds."""
        return "FAILED" if self.failed else "held"

    def did(self) -> str:
        """What the library did, in one sentence."""
        return "; ".join([*self.seen, *self.lacking]) or "nothing was told"

    def line(self) -> str:
        """The row in one line of text."""
        row = ROWS[self.row]
        checked = f"{' '.join(self.checked)} by {', '.join(self.means)}" if self.checked else "-"
        tests = f"{len(self.tests)} test{'s' * (len(self.tests) != 1)}"
        return f"{self.row:4}{self.verdict}  {row.fault} -> {self.did()} | {checked} | {tests}"
