"""How does a run begin? With an empty journal, or with what earlier sessions left in it."""

from collections.abc import Awaitable, Callable, Iterable

from attrs import evolve

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.journal import Journal, Opened, Record, RunFacts, record_of
from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.recut import LostRecords
from pushwoosh_async._fanout.report import chunk_outcome
from pushwoosh_async._fanout.resume import (
    Again,
    Comparison,
    Work,
    check_date,
    check_same,
    supersede,
)
from pushwoosh_async._fanout.state import SETTLED, Doubt, Event, Life, State, advance, replay
from pushwoosh_async._fanout.work_time import WorkTime
from pushwoosh_async._window import Window
from pushwoosh_async.errors import ConfigurationError, InputChangedError


class Takeover:
    """Opens the journal, restores the books, and hands out what is due: all of it once the source has
    been held against the journal, nothing before.

    Attributes:
        done: whether this session is the run's next one: the journal's run is the one that was asked for,
            and all that was begun has been compared. Before that it leaves no trace in the journal.
        halves: chunks that came of splitting others, in earlier sessions.
        refusals_are_clean: False where another run may have used the same transaction ids.
    """  # noqa: D205 -- the rule belongs to the sentence

    def __init__(
        self,
        journal: Journal,
        *,
        facts: Callable[[], Awaitable[RunFacts]],
        again: Again,
        planner: AnyPlanner,
        books: Books,
        clock: Clock,
        window: Callable[[int], Window],
        store_ids: bool,
    ) -> None:
        self.done = False
        self.halves = 0
        self.refusals_are_clean = True
        self._journal = journal
        self._facts = facts
        self._again = again
        self._planner = planner
        self._books = books
        self._clock = clock
        self._window = window
        self._store_ids = store_ids
        self._late = False  # each notification may have a date of its own that has passed
        self._comparison: Comparison | None = None
        self._doubts: list[str] = []  # transactionIds of all that is, or was, in doubt
        self._guessed: list[str] = []  # paths of chunks whose records are lost
        self._known_end: int | None = None  # ids in the source, where it was once read to its end
        self._open_left = 0  # chunks that are open, or are to be opened again

    async def begin(self) -> bool:
        """Open the journal. Return whether anything is left to do.

        Raises:
            JournalError: it cannot be used.
            InputChangedError: it belongs to another run.
            ConfigurationError: its run was recalled, or its date has passed.
        """
        try:
            given = await self._facts()
            opened = await self._journal.open(given)
        finally:
            # Who fails here or is cancelled, where no run was before, knows that nobody was sent to.
            self._books.known = self._journal.is_new
        if opened.resumed:
            await self._restore(opened)
        self._books.known = True
        if opened.resumed:
            check_same(opened.facts, given)
            self._again.check_known(self._doubts)
        self.refusals_are_clean = opened.facts.send_id is None
        self._planner.adopt(opened.facts.run_id)
        if self._known_end is not None and not self._open_left:
            return False
        if opened.recalled:
            raise ConfigurationError(
                "journal: its run was recalled, and is not gone on with: what is left would undo that in "
                "part. To send all the same, begin a new one"
            )
        if opened.resumed:
            check_date(given.notification, given.created.wall)
            self._late = given.kind == RECIPIENTS
        comparison = Comparison(
            self._journal.records(),
            identity=self._planner.identity,
            again=self._again,
            salvaged_to=opened.salvaged_to,
        )
        if await comparison.begin():
            self._comparison = comparison
        else:
            self.done = True
        return True

    async def _restore(self, opened: Opened) -> None:
        work = WorkTime(opened.ending)
        lost = LostRecords(opened.facts, opened.ending, opened.salvaged_to)
        async for page in self._journal.records():
            for record in page:
                self._guess(lost.before(record))
                work.add(record)
                life = replay(record.life)
                again = self._again.wants(life, record.transaction_id)
                self._books.restore(record, life, open_again=again)
                self._open_left += again or life.state in {State.PLANNED, State.IN_DOUBT}
                if life.doubt is not Doubt.NONE:
                    self._doubts.append(record.transaction_id)
                self.halves += record.path[-2:] in {".0", ".1"}
        self._guess(lost.behind())
        self._books.seconds_before = work.seconds
        ending = opened.ending
        if ending is not None:
            self._books.restore_requests(ending)
        if ending is not None and ending.complete:
            self._known_end = ending.taken
            # What was set aside is counted among the guessed already.
            none = evolve(ending, invalid=0, duplicates=0)
            self._books.restore_ending(none if self._guessed else ending)

    def _guess(self, records: Iterable[Record]) -> None:
        """Enter chunks whose records are lost, until the source shows where they really lie."""
        for record in records:
            self._open_left += 1
            self._guessed.append(record.path)
            self._books.restore(record, record.life, open_again=True)

    async def due(self, chunks: Iterable[Chunk]) -> list[Work]:
        """Return what may be sent, now that these chunks have been cut.

        Raises:
            InputChangedError: one is not the one that the journal knows.
            ConfigurationError: one has a date of its own, which has passed.
        """
        works: list[Work] = []
        for chunk in chunks:
            if self._comparison is None:
                works.append(Work(chunk))
                continue
            await self._comparison.compare(chunk)
            if self._known_end is not None and chunk.stop > self._known_end:
                raise self._wrong_number(f"at least {chunk.stop}")
            # Where the end is known, it is compared too before anything leaves.
            if self._known_end is None and self._comparison.over:
                works += self._take_up(self._comparison)
        return self._in_time(works)

    def _in_time(self, works: list[Work]) -> list[Work]:
        """Return them, unless one of a resumed run has a date of its own that has passed."""
        if self._late:
            now = self._clock.stamp().wall
            for work in works:
                if not work.life.in_doubt:
                    check_date(work.chunk.message.template.text, now)
        return works

    def finish(self) -> list[Work]:
        """Return what may be sent now that the source has ended.

        Raises:
            InputChangedError: the journal knows of more recipients, or of another number.
        """
        taken = self._planner.sieve.taken
        if self._comparison is not None:
            self._comparison.finish()
        if self._known_end is not None and self._known_end != taken:
            raise self._wrong_number(str(taken))
        return [] if self._comparison is None else self._in_time(self._take_up(self._comparison))

    def _wrong_number(self, found: str) -> InputChangedError:
        return InputChangedError("number of recipients", self._known_end, found)

    async def aclose(self) -> None:
        """Stop reading the journal."""
        if self._comparison is not None:
            await self._comparison.aclose()

    def _take_up(self, compared: Comparison) -> list[Work]:
        """Return what is to be delivered: doubts first, oldest first, since their window runs."""
        self._comparison = None
        self.done = True
        for path in self._guessed:
            self._books.take_up(path)
        due = [each for work in compared.work if (each := self._take_up_one(work)) is not None]
        return sorted(due, key=_urgency)

    def _take_up_one(self, work: Work) -> Work | None:
        chunk, life = work.chunk, work.life
        if life.state is State.IN_DOUBT and not self._is_open(work):
            life = advance(life, Event.EXPIRED, reason=life.reason)
        if life.state is not work.life.state or work.lost:
            self._journal.note(record_of(chunk, life, pack=work.pack, store_ids=self._store_ids))
            self._leave(chunk, life)
        if self._again.wants(life, chunk.transaction_id):
            return self._supersede(chunk, life)
        return None if life.state in SETTLED else work

    def _is_open(self, work: Work) -> bool:
        window = self._window(work.chunk.size)
        return work.life.exposure.may_hand_over(self._clock.stamp(), window)

    def _supersede(self, chunk: Chunk, life: Life) -> Work:
        work, records = supersede(chunk, life, self._planner.identity, store_ids=self._store_ids)
        self._journal.note(*records)
        self._books.take_up(chunk.path)
        if work.life.inherited:
            self._leave(work.chunk, work.life)
        return work

    def _leave(self, chunk: Chunk, life: Life) -> None:
        outcome = chunk_outcome(chunk, life, ())
        self._books.leave(chunk.path, outcome, was_in_doubt=life.in_doubt)


def _urgency(work: Work) -> tuple[bool, float]:
    t0 = work.life.exposure.t0
    return not work.life.in_doubt, t0.wall if work.life.in_doubt and t0 is not None else 0.0
