"""The journal that outlives its process: the `Journal` protocol over a writer thread and SQLite."""

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from functools import partial

import anyio

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.journal import Ending, Opened, Record, RunFacts, Status
from pushwoosh_async._fanout.sqlite_journal.place import place_of
from pushwoosh_async._fanout.sqlite_journal.rows import Recall
from pushwoosh_async._fanout.sqlite_journal.session import Session
from pushwoosh_async._fanout.sqlite_journal.writer import Writer
from pushwoosh_async.errors import JournalError


class SqliteJournal:
    """See `Journal`. One object is one use: opened once, closed once, on one event loop.

    What `records` yields holds no ids: they are read for a purpose, by `read_journal`.

    Args:
        path: of the file; its folder must exist. Beside it lie three more, named like it.
        gather: so many waiting intents start a commit at once; others wait 25 ms for company.
        clock: stamps the status file.
        store_ids: whether ids are written down: personal data.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, gather: int, clock: Clock, store_ids: bool
    ) -> None:
        self._place = place_of(path)
        self._gather = gather
        self._session = Session(self._place, clock, store_ids=store_ids)
        self._writer: Writer | None = None
        self._closed = False

    @property
    def is_new(self) -> bool:
        """Whether no session before this one can have sent anything: looked up until it is open."""
        return self._session.is_new

    async def open(self, facts: RunFacts | None) -> Opened:
        """Begin a run, durably; or find the one that is there.

        Args:
            facts: of the run to begin, ignored where there is one; None where there must be one.

        Raises:
            JournalLockedError: somebody else uses it.
            JournalError: it cannot be written, or what is there cannot be trusted.
        """
        session = self._session
        self._writer = Writer(
            str(self._place.path),
            gather=self._gather,
            commit=session.commit,
            release=session.release,
        )
        try:
            self._writer.start()
        except RuntimeError:
            self._writer = None
        if self._writer is None:
            raise self._place.refusal("this process can start no thread")
        try:
            return await self._writer.call(partial(session.open, facts))
        except BaseException:
            with anyio.CancelScope(shield=True), suppress(JournalError):
                await self.close(None)
            raise

    async def records(self) -> AsyncGenerator[Sequence[Record], None]:
        """Read every record in the order of the input, all of one chunk's descendants behind it, in pages.

        Raises:
            JournalError: one cannot be trusted.
        """
        after = -1
        while page := await self._opened.call(partial(self._session.page, after)):
            yield page
            after = page[-1].root

    async def recalls(self) -> Mapping[str, Recall]:
        """Read what became of cancelling which chunk's message, by path.

        Raises:
            JournalError: it cannot be trusted.
        """
        return await self._opened.call(self._session.recalls)

    async def intend(self, *records: Record) -> None:
        """Record that an attempt begins, in one transaction. Its bytes may leave once this has returned.

        Raises:
            JournalError: it could not be recorded: nothing may be sent.
        """
        await self._opened.intend(*records)

    def note(self, *records: Record) -> None:
        """Record what became of an attempt; several records in one transaction. Durable within a second."""
        if self._writer is not None:
            self._writer.note(records=records)

    def note_recall(self, path: str, result: str, at: float) -> None:
        """Record what became of cancelling a chunk's message. Durable within a second."""
        if self._writer is not None:
            self._writer.note(recalls=[Recall(path, result, at)])

    def keep(self, status: Status) -> None:
        """Let others see how far the run has come."""
        if self._writer is not None:
            self._writer.note(statuses=[status])

    async def close(self, ending: Ending | None) -> None:
        """Write everything down and let go of the file. A second call finds nothing to do.

        Raises:
            JournalError: something noted could not be written.
        """
        writer = self._writer
        if writer is None or self._closed:
            return
        if writer.forked:
            raise writer.error()
        self._closed = True
        try:
            await writer.call(partial(self._end, writer, ending), last=True)
        finally:
            await writer.join()
        if writer.failed:
            raise writer.error()

    def _end(self, writer: Writer, ending: Ending | None) -> None:
        if ending is not None and not writer.failed:
            self._session.end(ending)

    @property
    def _opened(self) -> Writer:
        if self._writer is None:
            raise self._place.refusal("is not open", delivery="not_sent")
        return self._writer
