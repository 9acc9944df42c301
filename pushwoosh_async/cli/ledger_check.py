"""Is a report true? Held against the server's own ledger, recipient by recipient. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pushwoosh_async import ChunkOutcome, SendReport


class Labelled(NamedTuple):
    """A range of input positions, and how it ended. A `ChunkOutcome` without its ids."""

    start: int
    stop: int
    outcome: str


def labelled(outcome: ChunkOutcome) -> Labelled:
    """Return what the check needs of an outcome; a million ids would stay in memory otherwise."""
    return Labelled(outcome.start, outcome.stop, outcome.outcome)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a report. All zero and empty: nothing is.

    Attributes:
        duplicates: deliveries beyond an id's first.
        lost: ids reported as accepted that got nothing.
        contradicted: ids reported as rejected or not sent that got something.
        strangers: ids that got something and are not in the input.
        miscounted: sums that do not come out, in words.
    """

    duplicates: int
    lost: int
    contradicted: int
    strangers: int
    miscounted: tuple[str, ...]

    @property
    def is_true(self) -> bool:
        """Whether the report is true."""
        return self == Verdict(0, 0, 0, 0, ())


_LABELS = ("not_sent", "accepted", "rejected", "in_doubt")


def check(
    ids: Sequence[str],
    ranges: Sequence[Labelled],
    report: SendReport,
    deliveries: Mapping[str, int],
) -> Verdict:
    """Hold a report against a ledger.

    Args:
        ids: the whole input, each id once.
        ranges: how every chunk ended; what is in none was not sent.
        report: the sums of the same run.
        deliveries: how often each id was delivered to, by the ledger.
    """
    labels, overlaps = _labels(len(ids), ranges)
    lost = contradicted = known = 0
    for text, label in zip(ids, labels, strict=True):
        times = deliveries.get(text, 0)
        known += times > 0
        if times == 0:
            lost += _LABELS[label] == "accepted"
        else:
            contradicted += _LABELS[label] in {"rejected", "not_sent"}
    return Verdict(
        duplicates=sum(deliveries.values()) - len(deliveries),
        lost=lost,
        contradicted=contradicted,
        strangers=len(deliveries) - known,
        miscounted=(*overlaps, *_miscounted(labels, report)),
    )


_Labels: TypeAlias = bytearray


def _labels(size: int, ranges: Sequence[Labelled]) -> tuple[_Labels, list[str]]:
    """Return each position's label, and what is wrong with the ranges."""
    labels, wrong = bytearray(size), []
    for start, stop, outcome in ranges:
        if not 0 <= start < stop <= size:
            wrong.append(f"a chunk covers inputs {start} to {stop} of {size}")
            continue
        if any(labels[start:stop]):
            wrong.append(f"two chunks cover an input between {start} and {stop}")
        labels[start:stop] = bytes([_LABELS.index(outcome)]) * (stop - start)
    return labels, wrong


def _miscounted(labels: _Labels, report: SendReport) -> list[str]:
    seen = Counter(labels)
    wrong = []
    for code, label in enumerate(_LABELS):
        reported = getattr(report, label)
        if seen[code] != reported:
            wrong.append(f"{label}: {reported:,} reported, {seen[code]:,} by the chunks")
    if report.total != len(labels):
        wrong.append(f"the six counts add up to {report.total:,} of {len(labels):,} inputs")
    return wrong
