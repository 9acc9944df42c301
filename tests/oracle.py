"""Is it true what a run says of itself? The server's ledger, the journal and the report, held against
each other (delivery.md 2.9).
"""  # noqa: D205 -- one question

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from math import inf
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from pushwoosh_async import SendReport
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import REPLACED, SETTLED, State, replay

Labels: TypeAlias = list[str]

_NEVER_SENT = ("rejected", "not_sent")
_COUNTS = ("accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicates")


@frozen(kw_only=True)
class Arrival:
    """A line of the sandbox's ledger file: see `Sandbox`."""

    order: int
    at: float
    method: str
    transaction_id: str | None
    kind: str
    ids: tuple[str, ...]
    verdict: str
    code: str | None


@frozen
class Settled:
    """What a journal called settled at one instant, between two processes.

    Attributes:
        order: of the last arrival before it.
        transaction_ids: none of these may arrive again.
        packs: transactionIds in doubt, those that were sent together in their order; others stand alone.
    """

    order: int
    transaction_ids: frozenset[str]
    packs: tuple[tuple[str, ...], ...] = ()


def read_ledger(path: Path) -> list[Arrival]:
    """Return the whole lines of a ledger file; half a line at its end was never answered."""
    text = path.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    return [
        Arrival(**{**line, "ids": tuple(line["ids"])})
        for line in map(json.loads, whole.splitlines())
    ]


def settled(arrivals: Sequence[Arrival], records: Iterable[Record]) -> Settled:
    """Take down what must not be requested again, and what must be together, if at all."""
    final = SETTLED | REPLACED
    ids: set[str] = set()
    packs: dict[str, list[str]] = {}
    for each in records:
        if each.life.state in final:
            ids.add(each.transaction_id)
        elif replay(each.life).state is State.IN_DOUBT:
            packs.setdefault(each.pack or f"alone {each.path}", []).append(each.transaction_id)
    order = arrivals[-1].order if arrivals else 0
    return Settled(order, frozenset(ids), tuple(map(tuple, packs.values())))


def check(
    arrivals: Sequence[Arrival],
    records: Iterable[Record],
    report: SendReport | None = None,
    *,
    ids: Sequence[str],
    snapshots: Sequence[Settled] = (),
    window: float = 300.0,
    poisoned: bool = False,
) -> list[str]:
    """Return what is wrong, in words; nothing if all is true.

    Args:
        arrivals: the whole ledger of a server that served this run alone.
        records: the whole journal, while nobody writes it.
        report: of its last session, if there is one.
        ids: the source, each id once.
        snapshots: what was settled between the sessions, in their order.
        window: seconds the server remembers a transactionId.
        poisoned: the journal could not be written to its end: it may call in doubt what the report knows.
    """
    rows = tuple(records)
    leaves = [each for each in rows if each.life.state not in REPLACED]
    served = _served(arrivals)
    labels, wrong = _labels_of_records(leaves, len(ids))
    wrong += _check_ledger(arrivals, ids)
    wrong += _check_intents(arrivals, rows, ids)
    wrong += _check_records(rows, arrivals)
    wrong += _check_labels("journal", labels, ids, served)
    wrong += _check_snapshots(arrivals, snapshots)
    wrong += _check_packs(arrivals, snapshots)
    wrong += _check_times(arrivals, rows, window)
    if report is not None:
        told, inconsistent = _labels_of_report(report, len(ids))
        wrong += inconsistent
        wrong += _check_labels("report", told, ids, served)
        wrong += _check_agreement(labels, told, poisoned=poisoned)
        wrong += _check_doubts(report, rows)
    return wrong


def _served(arrivals: Iterable[Arrival]) -> Counter[str]:
    """Return how often each id was accepted."""
    return Counter(i for each in arrivals if each.verdict == "accepted" for i in each.ids)


def _check_ledger(arrivals: Iterable[Arrival], ids: Sequence[str]) -> Iterator[str]:
    """Nobody got it twice, no stranger, and never everybody."""
    ours = set(ids)
    served = _served(arrivals)
    for text, times in served.items():
        if times > 1:
            yield f"{text} was accepted {times} times"
        if text not in ours:
            yield f"{text} is a stranger"
    for each in arrivals:
        if each.kind != "users":
            yield f"arrival {each.order} goes to {each.kind}"


def _check_intents(
    arrivals: Iterable[Arrival], records: Sequence[Record], ids: Sequence[str]
) -> Iterator[str]:
    """Whatever arrived was written down before, with the very recipients."""
    known = {each.transaction_id: each for each in records}
    for each in arrivals:
        record = known.get(each.transaction_id or "")
        if record is None:
            yield f"arrival {each.order} has no record"
        elif each.ids != tuple(ids[record.start : record.stop]):
            yield f"arrival {each.order} is not for {record.start} to {record.stop}"


def _check_records(records: Sequence[Record], arrivals: Sequence[Arrival]) -> Iterator[str]:
    """Each record's own words are true of its own transactionId, the replaced ones' too."""
    accepted = {each.transaction_id: each for each in arrivals if each.verdict == "accepted"}
    counts = Counter(each.path for each in records)
    yield from (f"{path} has {times} records" for path, times in counts.items() if times > 1)
    for record in records:
        life = replay(record.life)
        arrival = accepted.get(record.transaction_id)
        if life.state is State.ACCEPTED and arrival is None:
            yield f"{record.path} is accepted, and was not"
        if (
            life.state is State.ACCEPTED
            and arrival
            and life.message_code not in {arrival.code, None}
        ):
            yield f"{record.path} has the code of another message"
        if arrival is not None and not life.in_doubt and life.state is not State.ACCEPTED:
            yield f"{record.path} is {life.state.value}, and was accepted"


def _labels_of_records(leaves: Iterable[Record], size: int) -> tuple[Labels, list[str]]:
    """Return each position's label, and what is wrong with the ranges. Whom no record has got nothing."""
    labels: Labels = [""] * size
    wrong: list[str] = []
    for record in leaves:
        if record.stop - record.start != record.recipients:
            wrong.append(
                f"{record.path} has {record.recipients} of {record.start} to {record.stop}"
            )
        wrong += _cover(labels, record.start, record.stop, replay(record.life).label, record.path)
    return [each or "not_sent" for each in labels], wrong


def _labels_of_report(report: SendReport, size: int) -> tuple[Labels, list[str]]:
    """Return each position's label by its lists, and where its counts disagree with them."""
    labels: Labels = [""] * size
    wrong: list[str] = []
    for chunk in (*report.rejected_chunks, *report.in_doubt_chunks):
        wrong += _cover(labels, chunk.start, chunk.stop, chunk.outcome, "report")
    for start, stop in report.not_sent_ranges:
        wrong += _cover(labels, start, stop, "not_sent", "report")
    labels = [each or "accepted" for each in labels]
    seen = Counter(labels)
    for name in _COUNTS:
        if getattr(report, name) != seen[name]:
            wrong.append(f"report: {getattr(report, name)} {name}, {seen[name]} by its lists")
    if report.total != size:
        wrong.append(f"report: its counts add up to {report.total} of {size}")
    return labels, wrong


def _check_doubts(report: SendReport, records: Iterable[Record]) -> Iterator[str]:
    """Each doubt is named: by its range, the transactionId that it was sent under, and a reason."""
    known = {(each.start, each.stop, each.transaction_id) for each in records}
    for chunk in report.in_doubt_chunks:
        if (chunk.start, chunk.stop, chunk.transaction_id) not in known:
            yield f"report: no record has the transactionId of the doubt at {chunk.start}"
        if not chunk.reason:
            yield f"report: the doubt at {chunk.start} has no reason"


def _cover(labels: Labels, start: int, stop: int, label: str, who: str) -> Iterator[str]:
    if not 0 <= start < stop <= len(labels):
        yield f"{who} covers {start} to {stop} of {len(labels)}"
    elif any(labels[start:stop]):
        yield f"{who} covers {start} to {stop}, which another covers"
    else:
        labels[start:stop] = [label] * (stop - start)


def _check_labels(
    who: str, labels: Labels, ids: Sequence[str], served: Mapping[str, int]
) -> Iterator[str]:
    for text, label in zip(ids, labels, strict=True):
        if label == "accepted" and text not in served:
            yield f"{who}: {text} is accepted, and was not"
        if label in _NEVER_SENT and text in served:
            yield f"{who}: {text} is {label}, and was accepted"


def _check_snapshots(arrivals: Iterable[Arrival], snapshots: Iterable[Settled]) -> Iterator[str]:
    for each in arrivals:
        if any(
            each.order > s.order and each.transaction_id in s.transaction_ids for s in snapshots
        ):
            yield f"arrival {each.order} repeats what was settled"


def _check_packs(arrivals: Iterable[Arrival], snapshots: Sequence[Settled]) -> Iterator[str]:
    """A resume repeats a pack whole and as it was, before parts of it; and with nothing else in it."""
    requests = [tuple(request) for _, request in groupby(arrivals, key=lambda each: each.at)]
    for before, behind in pairwise([*snapshots, None]):
        assert before is not None
        end = inf if behind is None else behind.order
        session = [each for each in requests if before.order < each[0].order <= end]
        for pack in before.packs:
            sent = [tuple(each.transaction_id for each in request) for request in session]
            touching = [request for request in sent if not set(pack).isdisjoint(request)]
            if touching and touching[0] != pack:
                yield f"the pack of {pack[0]} is not repeated as it was"
            if any(not set(pack).issuperset(request) for request in touching):
                yield f"the pack of {pack[0]} is mixed with others"


def _check_times(
    arrivals: Iterable[Arrival], records: Iterable[Record], window: float
) -> Iterator[str]:
    """Nothing arrives when the server may have forgotten its transactionId."""
    begun = {each.transaction_id: each.life.exposure.t0 for each in records}
    for each in arrivals:
        t0 = begun.get(each.transaction_id or "")
        if t0 is not None and each.at - t0.wall > window:
            yield f"arrival {each.order} came {each.at - t0.wall:.1f} s after its first attempt"


def _check_agreement(journal: Labels, report: Labels, *, poisoned: bool) -> Iterator[str]:
    for position, (kept, told) in enumerate(zip(journal, report, strict=True)):
        if kept != told and not (poisoned and kept == "in_doubt"):
            yield f"position {position} is {kept} in the journal and {told} in the report"
