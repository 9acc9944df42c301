"""Do the promises hold? Server, disk, guards and report, held against each other (delivery.md 2.9)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pushwoosh_async import SendReport
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import REPLACED, Life, State, replay

if TYPE_CHECKING:
    from model.world import World


def check(world: "World") -> None:
    """Hold everything against everything, between two steps.

    Raises:
        AssertionError: a promise is broken; it says which.
    """
    _nobody_twice(world)
    _no_doubt_given_up(world)
    durable = (world.disk.commits, world.server.requests)
    if durable != world.checked:  # nothing else changes what these two look at
        world.checked = durable
        _whole_families(world)
        if world.setting.honest_gateway:
            _disk_knows(world)
    if world.setting.honest_gateway:
        _guards_know(world)


def check_report(world: "World", report: SendReport, *, written: bool) -> None:
    """Hold a report against the server, and against the journal if that could be written.

    Raises:
        AssertionError: a label is false.
    """
    assert report.total == len(world.source), report
    labels = _labels_of(world, report)
    assert sorted(labels) == sorted(world.source), (labels, report)
    if written:
        assert labels == {**dict.fromkeys(world.source, "not_sent"), **_labels_on(world)}, report
    if world.setting.honest_gateway:
        _labels_true(world, labels)


def _nobody_twice(world: "World") -> None:
    """G1, and the id of a chunk is accepted once."""
    for tid, times in world.server.taken.items():
        assert times == 1, f"{tid} was accepted {times} times"
    for name, times in world.server.got.items():
        resent = sum(name in ids for ids in world.resent.values())
        assert times <= 1 + resent, f"{name} was sent to {times} times"
        assert resent <= 1 or world.named, f"{name} was resent {resent} times unasked"


def _whole_families(world: "World") -> None:
    """G3: what stands for a chunk covers it, at any instant at which the power may go."""
    roots = {row.path: row for row in world.disk.rows.values() if not row.parent}
    leaves: dict[int, list[Record]] = {row.root: [] for row in roots.values()}
    for row in world.disk.rows.values():
        if row.life.state not in REPLACED:
            leaves[row.root].append(row)
    for root in roots.values():
        at = root.start
        for leaf in sorted(leaves[root.root], key=lambda row: row.start):
            assert leaf.start == at, f"{root.path} is covered twice, or not at all, from {at}"
            at = leaf.stop
        assert at == root.stop, f"{root.path} is lost from {at}"


def _no_doubt_given_up(world: "World") -> None:
    """G3: what is in doubt is repeated until its window closes, where nobody stops the run."""
    given_up = world.process.given_up if world.process is not None else []
    assert not given_up, f"{given_up} may still be repeated, and are not"


def _disk_knows(world: "World") -> None:
    """G2, if the power went now: what may be sent is known to be, and what is accepted was."""
    rows = {row.transaction_id: row for row in world.disk.rows.values()}
    for tid in _may_be_sent(world):
        assert tid in rows, f"{tid} may be sent, and the journal does not know it"
        _tells_truth(world, tid, replay(rows[tid].life), "journal")
    for tid, row in rows.items():
        if row.life.state is State.ACCEPTED:
            assert world.server.taken[tid], f"{row.path} was never accepted (journal)"
        _t0_is_old_enough(world, tid, row.life)


def _guards_know(world: "World") -> None:
    """G2 in the memory of a process that lives."""
    maybe = _may_be_sent(world)
    for guard in world.process.carrier.guards.values() if world.process is not None else ():
        tid, life = guard.chunk.transaction_id, guard.life
        if tid in maybe:
            _tells_truth(world, tid, life, "process")
        if life.state is State.ACCEPTED:
            assert world.server.taken[tid], f"{tid} was never accepted (process)"
        _t0_is_old_enough(world, tid, life)


def _may_be_sent(world: "World") -> set[str]:
    return set(world.server.taken) | world.server.outstanding()


def _tells_truth(world: "World", tid: str, life: Life, who: str) -> None:
    knows = life.in_doubt or life.state in {State.ACCEPTED, State.IN_FLIGHT}
    assert knows, f"{tid} may be sent, and is called {life.state.value} ({who})"


def _t0_is_old_enough(world: "World", tid: str, life: Life) -> None:
    """The window is measured from the first request that may have been processed, or from before it."""
    first = world.server.handed_over.get(tid)
    if first is None or life.state not in {State.IN_FLIGHT, State.IN_DOUBT}:
        return
    t0 = life.exposure.t0
    assert t0 is not None, f"{tid} has no t0"
    assert world.clock.taken_at(t0) <= first, f"{tid} has a t0 that is too young"


def _labels_of(world: "World", report: SendReport) -> dict[str, str]:
    """Label everybody, by the ranges of a report."""
    labels: dict[str, str] = {}
    ranges: list[tuple[str, Iterable[tuple[int, int]]]] = [
        ("not_sent", report.not_sent_ranges),
        ("rejected", ((each.start, each.stop) for each in report.rejected_chunks)),
        ("in_doubt", ((each.start, each.stop) for each in report.in_doubt_chunks)),
    ]
    for label, pairs in ranges:
        for start, stop in pairs:
            labels.update(dict.fromkeys(world.source[start:stop], label))
    for name in world.source:
        labels.setdefault(name, "accepted")
    for label in ("accepted", "rejected", "in_doubt", "not_sent"):
        assert sum(each == label for each in labels.values()) == getattr(report, label), report
    return labels


def _labels_on(world: "World") -> dict[str, str]:
    """Label everybody of whom the disk knows."""
    return {
        name: replay(row.life).label
        for row in world.disk.rows.values()
        if row.life.state not in REPLACED
        for name in world.source[row.start : row.stop]
    }


def _labels_true(world: "World", labels: dict[str, str]) -> None:
    """G2: accepted was accepted; rejected and not sent were not, and will not be."""
    coming = world.server.waited_for()
    for name, label in labels.items():
        if label == "accepted":
            assert world.server.got[name], f"{name} was never accepted"
        elif label != "in_doubt":
            assert not world.server.got[name], f"{name} was sent to, and is called {label}"
            assert name not in coming, f"{name} may yet be sent to, and is called {label}"
