"""Who was told what? Kept in a file while a soak goes on, and held against the server's ledger then."""

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedRandom
from math import inf
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen
from oracle import Arrival, read_ledger

from pushwoosh_async import SendReport

Outcome: TypeAlias = Literal["accepted", "rejected", "in_doubt", "not_sent"]


@frozen
class Plan:
    """A run, as it is begun and gone on with.

    Attributes:
        name: of it, and of each of its recipients, before a colon.
        count: recipients.
        packed: whether it is one of different notifications, three recipients each.
        chunk_size: of one that is not.
        journal: its path.
    """

    name: str
    count: int
    packed: bool
    chunk_size: int
    journal: Path

    @property
    def ids(self) -> list[str]:
        """The recipients."""
        return [f"{self.name}:{number}" for number in range(self.count)]


@frozen
class Session:
    """What a run said of itself when it ended, however it did.

    Attributes:
        plan: the run.
        begun: when, in seconds since the epoch.
        report: what it said.
    """

    plan: Plan
    begun: float
    report: SendReport


@frozen
class Single:
    """What a call for one recipient said."""

    recipient: str
    outcome: Outcome


@frozen
class Account:
    """Whatever was said, on disk: what is kept in memory would look like a leak.

    Attributes:
        path: of the file.
    """

    path: Path
    _file: BufferedRandom = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_file", self.path.open("w+b"))

    def note(self, told: Session | Single) -> None:
        """Write it down."""
        pickle.dump(told, self._file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def told(self) -> Iterator[Session | Single]:
        """Yield all that was noted, in order."""
        self._file.flush()
        with self.path.open("rb") as file:
            while file.peek(1):
                yield pickle.load(file)  # noqa: S301 -- written by ourselves

    def plans(self) -> dict[str, list[Session]]:
        """Return the sessions of each run, by its name."""
        found: dict[str, list[Session]] = {}
        for each in self.told():
            if isinstance(each, Session):
                found.setdefault(each.plan.name, []).append(each)
        return found


def arrivals_by_sender(ledger: Path) -> dict[str, list[Arrival]]:
    """Return what arrived, numbered in order, by the name before the colon of its first recipient."""
    found: dict[str, list[Arrival]] = defaultdict(list)
    for order, each in enumerate(read_ledger(ledger), 1):
        found[each.ids[0].partition(":")[0]].append(evolve(each, order=order))
    return found


def singles_against(arrivals: Iterable[Arrival], told: Iterable[Single]) -> Iterator[str]:
    """Yield what is wrong with what was said of calls for one recipient."""
    served = _served(arrivals)
    yield from (f"{one} was accepted {times} times" for one, times in served.items() if times > 1)
    for each in told:
        got = each.recipient in served
        if each.outcome == "accepted" and not got:
            yield f"{each.recipient} is accepted, and was not"
        if each.outcome in {"rejected", "not_sent"} and got:
            yield f"{each.recipient} is {each.outcome}, and was accepted"


def sessions_against(arrivals: Sequence[Arrival], sessions: Sequence[Session]) -> Iterator[str]:
    """Yield what is wrong with what a run said at the end of each session, as things stood then."""
    ends = [*(each.begun for each in sessions[1:]), inf]
    for session, end in zip(sessions, ends, strict=True):
        served = _served(each for each in arrivals if each.at < end)
        labels = _labels(session.report)
        if session.report.total != len(labels):
            yield f"{session.plan.name}: its counts add up to {session.report.total}"
        for text, label in zip(session.plan.ids, labels, strict=False):
            if label == "accepted" and text not in served:
                yield f"{text} is accepted, and was not"
            if label in {"rejected", "not_sent"} and text in served:
                yield f"{text} is {label}, and was accepted"


def _served(arrivals: Iterable[Arrival]) -> Counter[str]:
    return Counter(one for each in arrivals if each.verdict == "accepted" for one in each.ids)


def _labels(report: SendReport) -> list[Outcome]:
    """Return the label of each position that was read.

    A run that ended before it had read its journal knows how many are in doubt, and not who.
    """
    named: dict[int, Outcome] = {}
    for chunk in (*report.rejected_chunks, *report.in_doubt_chunks):
        named |= dict.fromkeys(range(chunk.start, chunk.stop), chunk.outcome)
    for start, stop in report.not_sent_ranges:
        named |= dict.fromkeys(range(start, stop), "not_sent")
    size = max(report.total, max(named, default=-1) + 1)
    by_name = sum(chunk.recipients for chunk in report.in_doubt_chunks)
    others: Outcome = "accepted" if by_name == report.in_doubt else "in_doubt"
    return [named.get(position, others) for position in range(size)]
