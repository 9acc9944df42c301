"""Is it true what a run and its journal say? Held against the server's ledger, and each other.

G1, G2 and G3 of delivery.md 2.9; what is wrong is told to the witness. It rests on A1 to A8.
"""

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from pushwoosh_async import ChunkOutcome, JournalError, SendReport
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import REPLACED, State, replay
from simulation.episode import Told
from simulation.inputs import OWN
from simulation.world import World

_COUNTS = ("accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicates")
_NEVER_SENT = frozenset({State.PLANNED, State.REJECTED, State.SPLIT})

Ranges = set[tuple[int, int, str]]


def counts(report: SendReport) -> tuple[int, ...]:
    """Return the six counts."""
    return tuple(getattr(report, name) for name in _COUNTS)


@frozen
class Labels:
    """Positions by label, those that are sent to only.

    Attributes:
        accepted: whoever is in none of the others.
        rejected: of the rejected chunks.
        in_doubt: of the chunks in doubt.
        not_sent: of the ranges.
    """

    accepted: set[int]
    rejected: set[int]
    in_doubt: set[int]
    not_sent: set[int]


# -- an episode that ended ------------------------------------------------------------------------


def check_told(world: World, told: Told) -> None:
    """G2: the counts add up, the labels are true, and the journal says the same."""
    labels = _labels(world, told.report)
    _check_sums(world, told.report, labels)
    _check_truth(world, labels)
    _check_outcomes(world, told.outcomes)
    _check_causes(world, told)
    poisoned = isinstance(told.error, JournalError)
    if world.scenario.journalled and not poisoned:
        _check_agreement(world, told)


def _labels(world: World, report: SendReport) -> Labels:
    kept = world.inputs.kept
    covered: Counter[int] = Counter()

    def positions(ranges: Iterable[tuple[int, int]]) -> set[int]:
        found = [at for start, stop in ranges for at in range(start, stop)]
        covered.update(found)
        return kept.intersection(found)

    rejected = positions((each.start, each.stop) for each in report.rejected_chunks)
    in_doubt = positions((each.start, each.stop) for each in report.in_doubt_chunks)
    not_sent = positions(report.not_sent_ranges)
    if covered and max(covered.values()) > 1:
        world.witness.never("a position has two labels")
    read = {at for at in kept if at < report.total}
    return Labels(read - rejected - in_doubt - not_sent, rejected, in_doubt, not_sent)


def _check_sums(world: World, report: SendReport, labels: Labels) -> None:
    size = len(world.inputs.ids)
    if min(counts(report)) < 0 or sum(counts(report)) != report.total or report.total > size:
        world.witness.never(f"the counts do not add up: {report}")
    if report.input_complete and report.total != size:
        world.witness.never(f"the input has {size}, the report {report.total}: {report}")
    for name in ("accepted", "rejected", "in_doubt"):
        if len(getattr(labels, name)) != getattr(report, name):
            world.witness.never(f"{len(getattr(labels, name))} are {name}, says its list: {report}")
    # A blank that was read is invalid; one that was not is not known to be.
    most = sum(stop - start for start, stop in report.not_sent_ranges)
    if not len(labels.not_sent) <= report.not_sent <= most:
        world.witness.never(f"{len(labels.not_sent)} to {most} are not sent: {report}")


def _check_truth(world: World, labels: Labels) -> None:
    ids, people = world.inputs.ids, world.server.ledger.people()
    world.server.ledger.catch_up()
    for at in labels.accepted:
        if not world.server.ledger.delivered[ids[at]]:
            world.witness.never(f"{ids[at]} is accepted, and was not")
    for at in labels.rejected | labels.not_sent:
        if ids[at] in people:
            world.witness.never(f"{ids[at]} is rejected or not sent, and may have got it")


def _check_outcomes(world: World, outcomes: Iterable[ChunkOutcome]) -> None:
    people = world.server.ledger.people()
    for each in outcomes:
        if each.outcome == "accepted" and not all(map(world.server.ledger.delivered.get, each.ids)):
            world.witness.never(f"{each} was told, and is not so")
        if each.outcome in {"rejected", "not_sent"} and not people.isdisjoint(each.ids):
            world.witness.never(f"{each} was told, and they may have got it")


def _check_causes(world: World, told: Told) -> None:
    """G3: each doubt is named, comes of an attempt without a clear end, and never had a clear one."""
    doubts = told.report.in_doubt_chunks
    for each in doubts:
        if each.transaction_id in told.told:
            world.witness.never(f"{each} is in doubt, and its process was told: accepted")
    if not world.scenario.clean:
        return  # a refusal that is not clean makes a doubt too
    for each in doubts:
        if not each.reason:
            world.witness.never(f"{each} is in doubt for no reason")
        if each.transaction_id.startswith(OWN):
            continue  # an id of the caller's own: a refusal may be of the repeat
        if each.transaction_id not in world.witness.excused:
            world.witness.never(f"{each} is in doubt, and every attempt had a clear end")


def _check_agreement(world: World, told: Told) -> None:
    """The journal that was closed says what the report says."""
    report = told.report
    leaves = [row for row in world.disk.rows.values() if row.life.state not in REPLACED]
    for row in leaves:
        if row.life.state is State.IN_FLIGHT and row != told.before.get(row.path):
            world.witness.never(f"{row.path} is in flight in a journal that was closed")
    for name, chunks in (
        ("rejected", report.rejected_chunks),
        ("in_doubt", report.in_doubt_chunks),
    ):
        kept = _ranges(row for row in leaves if replay(row.life).label == name)
        said = {(each.start, each.stop, each.transaction_id) for each in chunks}
        if kept != said:
            world.witness.never(f"{name}: {kept} in the journal, {said} in the report")
    accepted = sum(row.recipients for row in leaves if row.life.state is State.ACCEPTED)
    if accepted != report.accepted:
        world.witness.never(
            f"{accepted} are accepted in the journal, {report.accepted} in the report"
        )


def _ranges(rows: Iterable[Record]) -> Ranges:
    return {(row.start, row.stop, row.transaction_id) for row in rows}


# -- a journal, however its process ended ---------------------------------------------------------


def check_journal(world: World) -> None:
    """Each record is true of its own transactionId; what may have been sent has one."""
    world.server.ledger.catch_up()
    possible = set(world.server.ledger.may_be_sent())
    for row in world.disk.rows.values():
        life = replay(row.life)
        own = None if row.parent else world.inputs.own_id_at(row.start)
        if own not in {None, row.transaction_id}:
            world.witness.never(f"{row.path} has the id {own} of its own, and not that one")
        if life.state is State.ACCEPTED and row.transaction_id not in world.server.ledger.taken:
            world.witness.never(f"{row.path} is accepted in the journal, and was not")
        if life.state in _NEVER_SENT and row.transaction_id in possible:
            world.witness.never(f"{row.path} is {life.state.value} in the journal, and may be sent")
    unknown = possible - {row.transaction_id for row in world.disk.rows.values()}
    if unknown:
        world.witness.never(f"the journal does not know of {unknown}")


# -- the end ---------------------------------------------------------------------------------------


def check_end(world: World) -> None:
    """G1: with everything committed that ever will be, nobody was sent to more often than was asked for."""
    allowed = Counter(world.inputs.ids[at] for at in world.inputs.kept)
    for row in world.disk.rows.values():
        # Only an explicit resend of a doubt can make a duplicate.
        if row.life.state is State.SUPERSEDED and (row.life.in_doubt or row.life.inherited):
            allowed.update(world.inputs.ids[row.start : row.stop])
    for text, times in world.server.ledger.delivered.items():
        if times > allowed[text]:
            world.witness.never(f"{text} was sent to {times} times")
    for row in world.disk.rows.values():
        if row.life.state is State.ACCEPTED and row.life.in_doubt:
            world.witness.happened("a chunk was accepted on repeat", row.path)
