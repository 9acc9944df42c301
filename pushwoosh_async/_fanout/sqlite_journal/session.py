"""What the writer's thread does with a journal: open it, write groups, read pages, let go of it."""

import os
from collections.abc import Mapping

from attrs import evolve

from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.journal import Ending, Opened, Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal.lock import JournalLock
from pushwoosh_async._fanout.sqlite_journal.place import Place, create, look, warn_of_network
from pushwoosh_async._fanout.sqlite_journal.rows import Recall
from pushwoosh_async._fanout.sqlite_journal.status import StatusFile
from pushwoosh_async._fanout.sqlite_journal.store import Store, open_store
from pushwoosh_async._fanout.sqlite_journal.writer import Group
from pushwoosh_async.errors import JournalError, JournalLockedError


class Session:
    """One process's use of a journal. All of it happens on one thread."""

    def __init__(self, place: Place, clock: Clock, *, store_ids: bool) -> None:
        self._place = place
        self._lock = JournalLock(place)
        self._status = StatusFile(place, clock)
        self._store_ids = store_ids
        self._store: Store | None = None
        self._resumed: bool | None = None  # unknown until it is open

    @property
    def is_new(self) -> bool:
        """Whether no session before this one can have sent anything: looked up until it is open."""
        if self._resumed is None:
            return self._place.is_bare()
        return not self._resumed

    def open(self, facts: RunFacts | None) -> Opened:
        """Begin a run, or find the one that is there.

        Args:
            facts: of the run to begin; None where one must be there.

        Raises:
            JournalLockedError: somebody else uses the journal.
            JournalError: it cannot be written, or what is there cannot be trusted.
        """
        found = self._look(facts)  # before the lock: no file is left beside what is refused
        try:
            self._lock.take()
            found = self._look(facts)  # whoever had the lock may have begun a run since
            store = self._store = self._open_store(facts, made=found is None)
        except JournalLockedError:
            self._resumed = True  # whoever has the lock may be about to begin
            raise
        except JournalError as error:
            if self._is_unused(found):
                error.delivery, self._resumed = "not_sent", False
            raise
        opened = store.opened()
        self._resumed = opened.resumed
        # What a session before this one showed stays until there is more to show.
        if not opened.resumed:
            self._status.show(highest=store.highest)
        recalls = store.recalls().values()
        return evolve(opened, recalled=any(each.result == "cancelled" for each in recalls))

    def _open_store(self, facts: RunFacts | None, *, made: bool) -> Store:
        if made:
            create(self._place)
        warn_of_network(self._place)
        return open_store(self._place, facts, made=made)

    def _look(self, facts: RunFacts | None) -> os.stat_result | None:
        found = look(self._place)
        if found is None and facts is None:
            raise self._place.refusal("there is no such journal", delivery="not_sent")
        return found

    def _is_unused(self, found: os.stat_result | None) -> bool:
        """Tell whether no run can have been in what was found: then nothing was sent by it."""
        if found is None:
            return True
        # The status file is written after the run only: beside an empty file it tells of a lost one.
        return found.st_size == 0 and not self._place.status.exists()

    @property
    def _opened(self) -> Store:
        if self._store is None:
            raise self._place.refusal("is not open", delivery="not_sent")
        return self._store

    def commit(self, group: Group) -> None:
        """Write a group.

        Raises:
            sqlite3.Error: it failed.
        """
        store = self._opened
        slices = [each for status in group.statuses for each in status.slices]
        if group.records or group.recalls or slices:
            store.write(group.records, slices, group.recalls, with_ids=self._store_ids)
        progress = group.statuses[-1].progress if group.statuses else None
        self._status.show(highest=store.highest, progress=progress)

    def page(self, after: int) -> list[Record]:
        """See `Store.page`."""
        return self._opened.page(after)

    def recalls(self) -> Mapping[str, Recall]:
        """See `Store.recalls`."""
        return self._opened.recalls()

    def end(self, ending: Ending) -> None:
        """Write down how the session ended.

        Raises:
            JournalError: it cannot be written.
        """
        self._opened.end(ending)
        self._status.show(highest=self._opened.highest, finished=True, at_once=True)

    def release(self) -> None:
        """Let go of the file and the lock. Idempotent."""
        store, self._store = self._store, None
        try:
            if store is not None:
                store.close()
        finally:
            self._lock.release()
