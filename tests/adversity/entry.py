"""What does the book say of one row? The merged stories of its tests, as a line or as a row of a table."""

from collections.abc import Container, Iterable

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
        left_out: how many more tests of the row there are, which were not asked for.
        seconds: that all of them took.
    """

    row: str
    seen: list[str] = Factory(list)
    checked: list[str] = Factory(lambda: list(GUARANTEES))
    means: list[str] = Factory(list)
    lacking: list[str] = Factory(list)
    tests: list[str] = Factory(list)
    failed: list[str] = Factory(list)
    left_out: int = 0
    seconds: float = 0.0

    def add(self, test: str, story: Story | None) -> None:
        """Add a test and what it told; one that failed told nothing."""
        self.tests.append(test)
        if story is None:
            self.checked = []
        else:
            self._tell(story.checked, story.seen, story.means, story.lacking)

    def join(self, other: "Entry") -> None:
        """Add what other tests of the same row told, in another process."""
        self.tests += other.tests
        self.failed += other.failed
        self.left_out += other.left_out
        self.seconds += other.seconds
        self._tell(other.checked, other.seen, other.means, other.lacking)

    def _tell(self, checked: Container[str], *texts: list[str]) -> None:
        self.checked = [each for each in self.checked if each in checked]
        for mine, told in zip((self.seen, self.means, self.lacking), texts, strict=True):
            mine += [text for text in told if text not in mine]

    @property
    def verdict(self) -> str:
        """One word: whether the row holds, as far as it was tried."""
        if self.failed:
            return "FAILED"
        return "partly" if self.left_out else "held"

    def did(self) -> str:
        """What the library did, in one sentence."""
        told = "; ".join([*self.seen, *self.lacking]) or "nothing was told"
        if not self.failed:
            return told
        number = f"{len(self.failed)} of {len(self.tests)} tests failed"
        return f"{number}: {', '.join(self.failed)}; the others: {told}"

    def line(self) -> str:
        """The row in one line of text."""
        row = ROWS[self.row]
        held = f"{', '.join(self.checked)} held against {', '.join(self.means)}"
        parts = [
            f"{self.row:4}{self.verdict:7}{row.fault}",
            f"must: {row.expected}",
            f"did: {self.did()}",
            *([held] if self.checked else []),
            self._tests(),
        ]
        return " | ".join(parts)

    def _tests(self) -> str:
        number, all_of_them = len(self.tests), len(self.tests) + self.left_out
        of = f" of {all_of_them}" if self.left_out else ""
        return f"{number}{of} test{'s' * (all_of_them != 1)}"


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """Return one entry for each row, in the order of the book."""
    rows: dict[str, Entry] = {}
    for entry in entries:
        if entry.row in rows:
            rows[entry.row].join(entry)
        else:
            rows[entry.row] = entry
    return [rows[number] for number in ROWS if number in rows]
