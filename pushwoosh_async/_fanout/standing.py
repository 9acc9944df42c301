"""How does a run stand, going by what its journal holds? Counted with the books that a run counts with."""

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.recut import LostRecords, planner_of
from pushwoosh_async._fanout.report import Progress, SendReport
from pushwoosh_async._fanout.state import State, replay
from pushwoosh_async._fanout.work_time import WorkTime

_OPEN = frozenset({State.PLANNED, State.IN_DOUBT})


@frozen(kw_only=True)
class Standing:
    """How a run stands that nobody is at.

    Attributes:
        progress: how far it has come; nothing of it is of a session that goes on.
        report: what became of whom.
        finished: a resume would find nothing to do.
    """

    progress: Progress
    report: SendReport
    finished: bool


def standing_of(
    facts: RunFacts, ending: Ending | None, records: Iterable[Record], *, salvaged_to: int
) -> Standing:
    """Add up the records of a run.

    Chunks whose records were lost with a damaged journal are in doubt. Where they lie is a guess if ids
    were set aside among them, and how many ids they had if they were the last of a source without a
    length: at most a full chunk. A resume, which has the source, knows.

    Args:
        facts: of the run.
        ending: how its latest session ended.
        records: all of them, in the order of the input.
        salvaged_to: see `Opened`.
    """
    books = Books(planner_of(facts).sieve, facts.total)
    taken, left, lost, latest = 0, False, False, 0.0
    work = WorkTime(ending)
    for record in _with_lost(records, LostRecords(facts, ending, salvaged_to)):
        life = replay(record.life)
        books.restore(record, life, open_again=False)
        taken = max(taken, record.stop)
        latest = max(latest, record.began)
        work.add(record)
        left = left or life.state in _OPEN
        lost = lost or not record.digest
    if ending is not None:
        taken = max(taken, ending.taken)
        books.restore_requests(ending)
        # What was set aside is counted among the lost already.
        books.restore_ending(evolve(ending, invalid=0, duplicates=0) if lost else ending)
    books.settle_left()
    complete = ending is not None and ending.complete
    progress = books.progress((), work.seconds)
    return Standing(
        progress=evolve(progress, taken=taken),
        report=books.report(
            progress,
            complete=complete,
            read=0,
            # A session that died since left no word of its own.
            stopped=ending.stopped if ending is not None and latest <= ending.ended else "",
        ),
        finished=complete and not left and not lost,
    )


def _with_lost(records: Iterable[Record], lost: LostRecords) -> Iterator[Record]:
    for record in records:
        yield from lost.before(record)
        yield record
    yield from lost.behind()
