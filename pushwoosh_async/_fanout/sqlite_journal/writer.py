"""In which order, and when, things reach the disk: one thread, one queue, commits in groups.

Everything that touches the connection is done on the thread, in the order it was handed over. What is to
be written gathers in a group; a commit takes the oldest group whole, and so a prefix of the queue.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, TypeVar, cast

import anyio
import anyio.from_thread
import anyio.lowlevel
from attrs import define, field

from pushwoosh_async._fanout.journal import Record, Status
from pushwoosh_async._fanout.sqlite_journal.rows import Recall
from pushwoosh_async.errors import JournalError

T = TypeVar("T")

# Seconds that an intent waits for others to share its syncs, and what nobody waits for likewise.
_INTENT_WAITS = 0.025
_OUTCOME_WAITS = 0.5


@define(eq=False)
class Group:
    """What one commit takes.

    Attributes:
        records: in the order they were handed over.
        recalls: the same.
        statuses: the same.
        due: when it is to be written at the latest, on `time.monotonic`.
        intents: how many of the records somebody waits for.
        written: set once it is durable, or never will be.
        failed: whether it never will be.
    """

    records: list[Record] = field(factory=list)
    recalls: list[Recall] = field(factory=list)
    statuses: list[Status] = field(factory=list)
    due: float = inf
    intents: int = 0
    written: anyio.Event | None = None
    failed: bool = False


@define(eq=False)
class _Job:
    work: Callable[[], Any]
    last: bool
    done: anyio.Event = field(factory=anyio.Event)
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The thread and its queue. Made and called on the event loop; lives until its last job.

    A commit that fails is the last one: whoever waits is told, whoever comes later too, and nothing is
    tried again.

    Args:
        name: what messages call the journal.
        gather: so many intents start a commit at once.
        commit: writes a group; called on the thread.
        release: lets go of what belongs to the thread; called on it when it ends, however it does.
    """

    def __init__(
        self,
        name: str,
        *,
        gather: int,
        commit: Callable[[Group], None],
        release: Callable[[], None],
    ) -> None:
        self._name = name
        self._gather = gather
        self._commit = commit
        self._release = release
        self._token = anyio.lowlevel.current_token()
        self._process = os.getpid()
        self._queue: deque[Group | _Job] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._taken: Group | _Job | None = None
        self._failure = ""
        self._closing = False  # the last job was handed over
        self._ended = False  # the thread takes nothing more
        self._over = anyio.Event()  # it has let go of everything, and only has to return
        self._thread = threading.Thread(target=self._run, name="pushwoosh journal", daemon=True)

    @property
    def failed(self) -> bool:
        """Whether nothing can be written any more."""
        return bool(self._failure)

    @property
    def forked(self) -> bool:
        """Whether this process is a child of the one that opened the journal: hands off."""
        return os.getpid() != self._process

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: the system has none left.
        """
        self._thread.start()

    def error(self) -> JournalError:
        """Return why nothing is written any more. Whoever waited has handed nothing over."""
        if self.forked:
            why = "was opened before this process was forked: open another one here"
        else:
            why = self._failure or "is closed"
        return JournalError(f"{self._name}: {why}", delivery="not_sent")

    async def call(self, work: Callable[[], T], *, last: bool = False) -> T:
        """Do something on the thread, after all that was handed over before.

        Raises:
            JournalError: the thread is no more.
        """
        if self.forked:
            raise self.error()
        job = _Job(work, last)
        with self._changed:
            if self._ended or self._closing or (self._failure and not last):
                raise self.error()
            self._closing = last
            self._queue.append(job)
            self._changed.notify()
        await job.done.wait()
        if job.error is not None:
            raise job.error
        return cast(T, job.result)

    async def intend(self, *records: Record) -> None:
        """Write records in one transaction, and wait until they are durable.

        Raises:
            JournalError: they will not be.
        """
        if self.forked:
            raise self.error()
        with self._changed:
            group = self._group()
            if group is None:
                raise self.error()
            group.records += records
            group.intents += 1
            written = group.written = group.written or anyio.Event()
            self._hasten(group, 0 if group.intents >= self._gather else _INTENT_WAITS)
        await written.wait()
        if group.failed:
            raise self.error()

    def note(
        self,
        *,
        records: Sequence[Record] = (),
        recalls: Sequence[Recall] = (),
        statuses: Sequence[Status] = (),
    ) -> None:
        """Write all of it in one transaction, soon; forget it where nothing is written any more."""
        # A child's copy of the lock may be held for ever, by a thread that it does not have.
        if self.forked:
            return
        with self._changed:
            group = self._group()
            if group is not None:
                group.records += records
                group.recalls += recalls
                group.statuses += statuses
                self._hasten(group, _OUTCOME_WAITS)

    async def join(self) -> None:
        """Wait until the thread has ended."""
        # Not by a second thread that waits for it: the system may have none left.
        if self._thread.ident is not None:
            with anyio.CancelScope(shield=True):
                await self._over.wait()
            self._thread.join()

    def _group(self) -> Group | None:
        if self._failure or self._closing:
            return None
        last = self._queue[-1] if self._queue else None
        if not isinstance(last, Group):
            last = Group()
            self._queue.append(last)
        return last

    def _hasten(self, group: Group, seconds: float) -> None:
        due = time.monotonic() + seconds
        if due < group.due:
            group.due = due
            self._changed.notify()

    # From here on: the thread.

    def _run(self) -> None:
        try:
            while not self._ended:
                self._take()
                self._carry_out()
        except BaseException as error:  # noqa: BLE001 -- whoever waits is told, whatever it was
            self._fail(f"its writer thread died ({type(error).__name__})")
        finally:
            self._end()

    def _take(self) -> None:
        with self._changed:
            while (seconds := self._seconds_left()) > 0:
                self._changed.wait(None if seconds == inf else seconds)
            self._taken = self._queue[0]  # before it leaves the queue: it must be in one of the two
            self._queue.popleft()

    def _seconds_left(self) -> float:
        if not self._queue:
            return inf
        first = self._queue[0]
        if isinstance(first, _Job) or len(self._queue) > 1:
            return 0
        return first.due - time.monotonic()

    def _carry_out(self) -> None:
        taken = self._taken
        if isinstance(taken, Group):
            self._write(taken)
        elif taken is not None:
            self._do(taken)
        self._taken = None

    def _write(self, group: Group) -> None:
        try:
            if not self._failure:
                self._commit(group)
        except Exception as error:  # noqa: BLE001 -- any failure to write poisons the journal
            self._fail(f"cannot be written any more ({type(error).__name__}: {error})")
        group.failed = bool(self._failure)
        if group.written is not None:
            self._wake([group.written])

    def _do(self, job: _Job) -> None:
        try:
            job.result = job.work()
        except Exception as error:  # noqa: BLE001 -- it is raised where it is waited for
            job.error = error
        self._ended = job.last
        self._wake([job.done])

    def _fail(self, reason: str) -> None:
        with self._changed:
            self._failure = self._failure or reason

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            left = [self._taken, *self._queue]
        try:
            self._release()
        except Exception as error:  # noqa: BLE001 -- `close` says so
            self._fail(f"cannot be let go of ({type(error).__name__}: {error})")
        finally:
            waiting = [event for each in left for event in _told(each, self.error)]
            self._wake([*waiting, self._over])

    def _wake(self, events: Sequence[anyio.Event]) -> None:
        if not events:
            return
        try:
            anyio.from_thread.run_sync(_set, events, token=self._token)
        except RuntimeError:  # The loop is gone, and with it everybody who waited or could come.
            self._fail("its event loop is gone")
            self._ended = True


def _told(waited_for: Group | _Job | None, error: Callable[[], JournalError]) -> list[anyio.Event]:
    """Mark something that will never be done; return whom to wake."""
    if isinstance(waited_for, Group):
        waited_for.failed = True
        return [] if waited_for.written is None else [waited_for.written]
    if waited_for is None:
        return []
    waited_for.error = waited_for.error or error()
    return [waited_for.done]


def _set(events: Sequence[anyio.Event]) -> None:
    for event in events:
        event.set()
