"""What became of a world's processes, and of its recipients? The story of a row, once all was checked."""

from collections import Counter
from collections.abc import Sequence

from adversity.story import Story
from attrs import define, field, frozen
from oracle import Arrival

from pushwoosh_async import SendReport

CLASSES = (
    ("accepted", "accepted"),
    ("rejected", "rejected"),
    ("in_doubt", "in doubt"),
    ("not_sent", "not sent"),
)
BY = "the server's synced ledger, the journal, and the report of each process"


@frozen
class Told:
    """What a sender said of its run before it ended.

    Attributes:
        report: of the run.
        error: name of what it raised; empty if it came to its end.
        text: of that.
        stops: the steps at which it was stopped by itself, in order.
    """

    report: SendReport
    error: str
    text: str
    stops: tuple[str, ...] = ()


@define
class Tale:
    """What is seen of one world.

    Attributes:
        events: what was done to its processes, and how they ended.
        left_doubts: a dead process left chunks in doubt.
        last: what the last of them said that came to its end.
    """

    _story: Story | None
    events: Counter[str] = field(factory=Counter)
    left_doubts: bool = False
    last: Told | None = None

    def ended(self, told: Told) -> None:
        """Take down what a sender said."""
        self.last = told
        self.events.update([f"{told.error} ({_classes(told.report)})"] if told.error else [])

    def tell(self, count: int, deliveries: int, arrivals: Sequence[Arrival]) -> None:
        """Tell the row, whose guarantees were just held: G3 is that nobody was left at the last.

        Args:
            count: recipients.
            deliveries: that the server counts.
            arrivals: its ledger.
        """
        if self._story is None:
            return
        assert self.last is not None, "nobody ran it to its end"
        report = self.last.report
        assert (self.last.error, report.not_sent, report.total) == ("", 0, count), self.last
        seen = [f"{number} x {event}" for event, number in sorted(self.events.items())]
        seen += ["doubts left behind"] if self.left_doubts else []
        seen += ["repeats known"] if any(a.verdict == "replay" for a in arrivals) else []
        ended = [
            f"{getattr(report, name)} {words}" for name, words in CLASSES if getattr(report, name)
        ]
        self._story.saw(f"{', '.join(seen)}; then {', '.join(ended)}, {deliveries} sent to")
        self._story.check("G1", "G2", "G3", by=BY)


def _classes(report: SendReport) -> str:
    """Name those in which somebody is: their numbers are a matter of chance."""
    return ", ".join(words for name, words in CLASSES if getattr(report, name))
