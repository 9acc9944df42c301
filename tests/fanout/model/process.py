"""One process at work on a run, a step at a time: what the runner decides between two steps.

Planner, takeover, packer, admission, carrier, guards, books and bisection are the real ones. What is
written here once more is only the order in which `_fanout.runner.Runner` asks them.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import inf

import anyio
from attrs import evolve
from fanout_world import FACTS
from memory_journal import Disk

from model.attempt import MESSAGE, Client, run_now
from model.model_clock import ModelClock
from model.start import Start, window_of
from model.step_journal import StepJournal
from model.step_loop import StepLoop
from pushwoosh_async import JournalError, PushwooshError, SendReport
from pushwoosh_async._fanout.admission import Admission
from pushwoosh_async._fanout.bisection import Bisection
from pushwoosh_async._fanout.books import Books
from pushwoosh_async._fanout.carrier import Carrier
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.journal import Ending, RunFacts
from pushwoosh_async._fanout.packing import Packer, Packing
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.request_guard import stops_a_run
from pushwoosh_async._fanout.resume import Work
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._fanout.takeover import Takeover
from pushwoosh_async._wire.identity import RunIdentity

_CONCURRENCY = 4
_BOUNDLESS = 10_000_000  # bytes: a request is full by count


class Process:
    """A run in progress. Also the sender whose requests its carrier carries.

    Attributes:
        due: everything that the takeover handed out.
        requests: what of it shares a request, and is not begun.
        carrier: of those that are.
        client: what sends them.
        journal: its side of the disk.
        given_up: chunks that were left in doubt, though nobody had stopped the run.
        stopped: nothing new begins.
        cancelled: nothing at all begins.
        taken_in: the source was read to its end.
        left: whether the journal had left anything to do.
    """

    def __init__(self, disk: Disk, clock: ModelClock, start: Start, loop: StepLoop) -> None:
        self.due: list[Work] = []
        self.requests: list[Sequence[Work]] = []
        self.journal = StepJournal(disk, loop)
        self.client = Client(loop)
        self.given_up: list[str] = []
        self.stopped = False
        self.cancelled = False
        self._start = start
        self._clock = clock
        self._loop = loop
        self._read = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._scopes: list[anyio.CancelScope] = []
        self._unread: list[asyncio.Future[None]] = []
        self.carrier = Carrier(
            self,
            send=self.client.send,
            journal=self.journal,
            clock=clock,
            window=window_of,
            pause=lambda _: 0.5,
        )
        self._packer = Packer(Packing(most=start.most, max_bytes=_BOUNDLESS))
        self._admission = Admission(_CONCURRENCY, window_of(0), packs=start.most > 1)
        identity = RunIdentity(start.run_id, FACTS.base_url, "A")
        self._planner = Planner(
            identity, MESSAGE, chunk_size=start.chunk_size, invalid="raise", dedupe=False
        )
        self._books = Books(self._planner.sieve, len(start.source))
        budget = start.bisect_requests if start.most == 1 else 0
        self._bisection = Bisection(self._planner, budget)
        self._takeover = Takeover(
            self.journal,
            facts=self._facts,
            again=start.again,
            planner=self._planner,
            books=self._books,
            clock=clock,
            window=window_of,
            store_ids=False,
        )
        self.left = run_now(self._takeover.begin())
        self._bisection.spent = self._takeover.halves
        self.taken_in = not self.left

    async def _facts(self) -> RunFacts:
        return evolve(
            FACTS,
            run_id=str(self._start.run_id),
            chunk_size=self._start.chunk_size,
            total=len(self._start.source),
            created=self._clock.stamp(),
        )

    # -- what its requests ask and tell ---------------------------------------------------------

    def stopping(self) -> bool:
        """See `Overseer`."""
        return self.stopped

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """See `Overseer`."""
        self._books.heard(event, life)
        self._admission.heard(event)

    def bisect(self, chunk: Chunk) -> tuple[tuple[Chunk, ...], str]:
        """See `Overseer`."""
        return self._bisection.halve(chunk)

    def failed(self, guards: Sequence[ChunkGuard], error: Exception) -> None:
        """See `Sender`."""
        if not isinstance(error, PushwooshError):
            raise error
        if isinstance(error, JournalError) or stops_a_run(error):
            self._stop()

    async def settled(self, guard: ChunkGuard) -> None:
        """See `Sender`."""
        if guard.life.state is State.SPLIT:
            return
        if guard.life.state is State.IN_DOUBT and not self.stopped:
            self.given_up.append(guard.chunk.path)
        self._books.enter(guard)
        if self._start.watched:
            read: asyncio.Future[None] = self._loop.create_future()
            self._unread.append(read)
            await read

    # -- from the source to a request -----------------------------------------------------------

    def read(self, size: int) -> None:
        """Pull a page; what was cut is compared, and what is due handed out and packed."""
        page = self._start.source[self._read : self._read + size]
        self._read += len(page)
        chunks = self._planner.feed(page) if page else self._planner.finish()
        self._pack(run_now(self._takeover.due(chunks)))
        if not page:
            self._pack(self._takeover.finish())
            self.requests += self._packer.finish()
            self.taken_in = True

    def _pack(self, works: list[Work]) -> None:
        self.due += works
        self.requests += self._packer.add(works)

    def take(self, index: int) -> bool:
        """Let a worker take a request, or as much of it as may begin; tell whether anything may."""
        works = self.requests[index]
        size = len(works) if works[0].life.in_doubt else self._room(works)
        if not size:
            return False
        self.requests[index : index + 1] = [works[size:]] if works[size:] else []
        guards = [self._take_up(work) for work in works[:size]]
        self._tasks.append(self._loop.create_task(self._carry(guards)))
        self.go_on()
        return True

    def _room(self, works: Sequence[Work]) -> int:
        if not self._start.cautious:
            return len(works)
        under_way = len(self.carrier.guards)
        room = self._admission.room(
            len(works),
            under_way=under_way,
            apart=self.carrier.apart,
            rate=inf,
            window=window_of(sum(work.chunk.size for work in works)),
        )
        delay = self._admission.wait(self._clock.monotonic(), under_way=under_way) if room else inf
        return 0 if delay > 0 else room

    def _take_up(self, work: Work) -> ChunkGuard:
        self._books.take_up(work.chunk.path)
        return ChunkGuard(
            work.chunk,
            clock=self._clock,
            overseer=self,
            life=work.life,
            pack=work.pack,
            refusals_are_clean=self._takeover.refusals_are_clean,
        )

    async def _carry(self, guards: Sequence[ChunkGuard]) -> None:
        with anyio.CancelScope() as scope:
            self._scopes.append(scope)
            await self.carrier.carry(guards)
            self.requests[:0] = [(Work(half),) for guard in guards for half in guard.halves]

    # -- it goes on -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """Let everybody do what can be done without the model."""
        self._loop.go_on()
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()

    def commit(self, most: int | None) -> None:
        """Write down what is pending, or its beginning; wake who waited for it."""
        with suppress(JournalError):  # who waits is told
            self.journal.flush(most)
        self.go_on()

    @property
    def waits_for_reader(self) -> bool:
        """Whether an outcome is there to be read."""
        return bool(self._unread)

    def be_read(self) -> None:
        """Somebody reads the outcomes."""
        for read in self._unread:
            if not read.done():
                read.set_result(None)
        self._unread.clear()
        self.go_on()

    # -- the end --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Begin nothing new; what waits and is not in doubt is given up."""
        self._loop.do(self._stop)
        self.go_on()

    def _stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self.carrier.give_up_waiting()

    def cancel(self) -> None:
        """The caller is gone: revoke what was not handed over."""
        self.stopped = self.cancelled = True
        self._cancel_tasks()
        self.go_on()

    def _cancel_tasks(self) -> None:
        for scope in self._scopes:
            self._loop.do(scope.cancel)

    @property
    def may_end(self) -> bool:
        """Whether nothing keeps the run from closing its books."""
        return not self._tasks and (self.stopped or (self.taken_in and not self.requests))

    def end(self) -> tuple[SendReport, bool]:
        """Close the books; return the report, and whether the journal took all of it."""
        self.carrier.close("the run ended before its answer came")
        for guard in self.carrier.guards.values():
            if guard.life.state is not State.SPLIT:
                self._books.enter(guard)
        self.carrier.guards.clear()
        self._books.settle_left()
        report = self._report()
        return report, self._close_journal(report)

    def _close_journal(self, report: SendReport) -> bool:
        run_now(self._takeover.aclose())
        ending = Ending(
            complete=self.taken_in and not report.not_sent,
            taken=max(self._planner.sieve.taken, report.total),
            invalid=report.invalid,
            duplicates=report.duplicates,
            input_complete=report.input_complete,
            stopped=report.stopped,
            seconds=0.0,
            ended=self._clock.stamp().wall,
        )
        try:
            run_now(self.journal.close(ending))
        except JournalError:
            return False
        return True

    def _report(self) -> SendReport:
        progress = self._books.progress((), 0.0)
        stopped = "stopped" if self.stopped else ""
        return self._books.report(
            progress, complete=self.taken_in, read=self._read, stopped=stopped
        )

    def die(self, keep: int) -> None:
        """Lose power. Of what is pending, so many transactions are durable."""
        self.journal.lose_power(keep)
        run_now(self._takeover.aclose())
        self._cancel_tasks()  # nothing that they say on their way out is written down
        self._loop.go_on()
