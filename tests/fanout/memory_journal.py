"""A journal on a disk that is a dict and can lose power: what the SQLite journal promises, in memory."""

from collections.abc import AsyncGenerator, Sequence

from attrs import define, field

from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Ending, Opened, Record, RunFacts, Status
from pushwoosh_async._fanout.state import State


@define
class Disk:
    """What survives.

    Attributes:
        facts: of the run, once one was begun.
        rows: the last record of each chunk.
        ending: of the last session that closed its journal.
        highest: the highest ordinal with an intent.
        salvaged_to: see `Opened`.
        recalled: see `Opened`.
        commits: how many there were.
    """

    facts: RunFacts | None = None
    rows: dict[str, Record] = field(factory=dict)
    ending: Ending | None = None
    highest: int = -1
    salvaged_to: int = -1
    recalled: bool = False
    commits: int = 0

    def records(self) -> list[Record]:
        """Every row in the order that the protocol asks for."""
        return sorted(self.rows.values(), key=lambda row: (row.root, len(row.path), row.path))

    def states(self) -> dict[str, State]:
        """Where every chunk stands."""
        return {path: row.life.state for path, row in self.rows.items()}


class MemoryJournal:
    """A session's journal over a disk.

    Attributes:
        pending: what is handed over and not durable yet: transactions, in order.
        shown: every status.
        closed: how often it was closed.
        full: whether the disk takes no more.
    """

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.pending: list[tuple[Record, ...]] = []
        self.shown: list[Status] = []
        self.closed = 0
        self.full = False
        self._dead = False
        self._resumed: bool | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was on the disk."""
        return self.disk.facts is None if self._resumed is None else not self._resumed

    async def open(self, facts: RunFacts) -> Opened:
        """Begin a run, or find one."""
        resumed = self._resumed = self.disk.facts is not None
        self.disk.facts = self.disk.facts or facts
        return Opened(
            facts=self.disk.facts,
            resumed=resumed,
            ending=self.disk.ending,
            highest=self.disk.highest,
            salvaged_to=self.disk.salvaged_to,
            recalled=self.disk.recalled,
        )

    async def records(self) -> AsyncGenerator[Sequence[Record], None]:
        """Read them, all of one chunk in one page."""
        for root in sorted({row.root for row in self.disk.rows.values()}):
            yield [row for row in self.disk.records() if row.root == root]

    async def intend(self, *records: Record) -> None:
        """Write the intents of a request in one transaction, and all before it."""
        self.pending.append(records)
        self.flush()

    def note(self, *records: Record) -> None:
        """Take a transaction; durable with the next intent."""
        self.pending.append(records)

    def keep(self, status: Status) -> None:
        """Show it."""
        self.shown.append(status)

    async def close(self, ending: Ending | None) -> None:
        """Write all down."""
        self.closed += 1
        if self._dead:
            return
        self.flush()
        if ending is not None:
            self.disk.ending = ending

    def flush(self, most: int | None = None) -> None:
        """Make the first so many transactions durable; by default all."""
        if self._dead:
            return
        if self.full:
            raise JournalError("no space left on device", delivery="not_sent")
        taken, self.pending = self.pending[:most], self.pending[len(self.pending[:most]) :]
        for row in (row for transaction in taken for row in transaction):
            self.disk.rows[row.path] = row
            if row.life.state is State.IN_FLIGHT:
                self.disk.highest = max(self.disk.highest, row.root)
        self.disk.commits += bool(taken)

    def crash(self, keep: int = 0) -> Disk:
        """Lose power: of what is pending, a prefix is durable. What comes later is lost."""
        self.flush(keep)
        self._dead = True
        return self.disk
