"""How is a damaged journal made into one that can be resumed? What is left of it goes into a new one.

A chunk without a record, up to the highest intent seen, then counts as in doubt: nothing is sent for it.
"""

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen

from pushwoosh_async._fanout.journal import EVERY_CHUNK, Record
from pushwoosh_async._fanout.sqlite_journal.connection import (
    connect,
    connect_to_wreck,
    sqlite_errors,
)
from pushwoosh_async._fanout.sqlite_journal.lock import JournalLock
from pushwoosh_async._fanout.sqlite_journal.place import (
    Place,
    create,
    disk_errors,
    look,
    place_of,
)
from pushwoosh_async._fanout.sqlite_journal.queries import timeline
from pushwoosh_async._fanout.sqlite_journal.status import highest_shown
from pushwoosh_async._fanout.sqlite_journal.store import begin
from pushwoosh_async._fanout.sqlite_journal.wreck import Wreck
from pushwoosh_async._fanout.state import State

_BLOCK = 4096
_AT_ONCE = 256

# A lost page may show through as an older one. What was planned then may have been sent since, and what
# was rejected may have been split, or accepted under another id. The other states are final, or are
# repeated under the same id and within its window only, or are in doubt anyway.
_UNSAFE_IF_OLD = frozenset({State.PLANNED, State.REJECTED})


@frozen(kw_only=True)
class Salvaged:
    """What came of a salvage.

    Attributes:
        kept: records in the new journal.
        lost: records that were in the old one and are not in the new; None where nobody can tell.
        salvaged_to: up to this ordinal a chunk without a record counts as in doubt; `EVERY_CHUNK` where
            nobody can tell how far the run came.
    """

    kept: int
    lost: int | None
    salvaged_to: int


def salvage(path: str | os.PathLike[str], into: str | os.PathLike[str]) -> Salvaged:
    """Write what can be read of a damaged journal into a new one. Sends nothing; blocks on the disk.

    A record is kept if it is what was written, and all that belongs to the same chunk is there. Where
    records are missing, or nobody can tell, others may be old ones: chunks that were planned or rejected
    then count as lost. The damaged journal stays as it is.

    Args:
        path: of the damaged journal.
        into: of the new one; nothing may be there.

    Raises:
        JournalLockedError: somebody uses one of the two.
        JournalError: what the run was cannot be read, or the new journal cannot be written.
    """
    source, target = place_of(path), place_of(into)
    if look(source) is None:
        raise source.refusal("there is no such journal", delivery="not_sent")
    with _locked(source), _locked(target):
        if look(target) is not None:
            raise target.refusal("is there already: salvage into a new file", delivery="not_sent")
        with disk_errors(target), TemporaryDirectory(dir=target.path.parent) as folder:
            # Of a copy: to open the file may be to roll back a transaction in it.
            copy = Place(Path(folder) / "copy")
            _copy(source.path, copy.path)
            _copy(source.rollback, copy.rollback)
            with closing(connect_to_wreck(copy)) as connection, sqlite_errors(target):
                return _salvage(Wreck(connection, source), source, target)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    lock = JournalLock(place)
    lock.take()
    try:
        yield
    finally:
        lock.release()


def _copy(path: Path, copy: Path) -> None:
    """Copy what can be read of a file; zeros stand for the rest."""
    with (
        suppress(FileNotFoundError),
        path.open("rb", buffering=0) as source,
        copy.open("wb") as target,
    ):
        for at in range(0, path.stat().st_size, _BLOCK):
            target.write(_block(source, at))


def _block(source: io.FileIO, at: int) -> bytes:
    try:
        source.seek(at)
        return source.read(_BLOCK)
    except OSError:  # the disk itself fails here
        return bytes(_BLOCK)


def _salvage(wreck: Wreck, source: Place, target: Place) -> Salvaged:
    run = wreck.run()
    tally, shown = wreck.tally, highest_shown(source)
    reach = wreck.seen.highest if tally is None else tally.highest
    # A status that knows of more lies beside an old file: no row in it is damaged, yet each may be old.
    whole = wreck.is_whole() and shown <= reach
    bound = EVERY_CHUNK if tally is None else min(max(reach, shown, run.salvaged_to), EVERY_CHUNK)
    create(target)
    with closing(connect(target)) as connection:
        store = begin(connection, target, evolve(run, salvaged_to=bound))
        store.write((), timeline(wreck.slices()), list(wreck.recalls()), with_ids=False)
        kept = 0
        for records in _families(wreck, reach, whole=whole):
            store.write(records, (), (), with_ids=True)
            kept += len(records)
    lost = None if tally is None else tally.chunks - kept
    return Salvaged(kept=kept, lost=lost, salvaged_to=bound)


def _families(wreck: Wreck, reach: int, *, whole: bool) -> Iterator[list[Record]]:
    """Yield what may be kept, a few hundred records at a time."""
    page: list[Record] = []
    for root in range(reach + 1):
        family = wreck.family(root) or []
        if whole or all(record.life.state not in _UNSAFE_IF_OLD for record in family):
            page += family
        if len(page) >= _AT_ONCE:
            yield page
            page = []
    yield page
