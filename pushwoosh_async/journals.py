"""What does the journal of a run say? Read it, see who got the message, rescue it, remove it.

Nothing here sends anything or needs a token. A journal that a run uses is locked: of it only `read_status`
tells.
"""

import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from math import isfinite
from typing import Any

from attrs import fields, frozen

from pushwoosh_async._clock import SystemClock
from pushwoosh_async._fanout import sqlite_journal
from pushwoosh_async._fanout.intake import Audience, Notifications, check_audience
from pushwoosh_async._fanout.journal import EVERY_CHUNK
from pushwoosh_async._fanout.labels import RecipientLabel, labels
from pushwoosh_async._fanout.reading import opened, pages
from pushwoosh_async._fanout.recall import recalled_of
from pushwoosh_async._fanout.report import Progress
from pushwoosh_async._fanout.run_record import RunRecord, run_record
from pushwoosh_async._fanout.sqlite_journal import JournalReader
from pushwoosh_async._fanout.standing import standing_of
from pushwoosh_async._window import Stamp
from pushwoosh_async.errors import ConfigurationError, JournalLockedError

JournalPath = str | os.PathLike[str]

_COUNTLESS = 1e18


@frozen(kw_only=True)
class RunStatus:
    """How far a run is, while it goes on or afterwards.

    Attributes:
        running: whether a process uses the journal now.
        process: id of the process that last told how far it was; None where none has.
        age: seconds since what is said was so; 0.0 where it was read from the journal itself.
        finished: nothing is left: a resume would send nothing, unless it is asked to send again.
        progress: its counts. In `progress.seconds` and `progress.rate`, of the session that goes on.
        stopped: why its latest session ended early; empty if it did not, and while one goes on.
        recalled: as in `RunRecord`; 0 while a process uses the journal.
    """

    running: bool
    process: int | None
    age: float
    finished: bool
    progress: Progress
    stopped: str
    recalled: int


@frozen(kw_only=True)
class Salvage:
    """What came of a salvage.

    Attributes:
        kept: chunks' records that are in the new journal.
        lost: those that were in the old one and are not in the new; None where nobody can tell.
        bounded: whether it is known how far the run had come. If not, a resume takes every chunk without a
            record as in doubt.
    """

    kept: int
    lost: int | None
    bounded: bool


def read_journal(path: JournalPath) -> RunRecord:
    """Read what a journal says of its run. Blocks on the disk; holds the journal's lock meanwhile.

    Args:
        path: of the journal.

    Raises:
        JournalLockedError: a run uses it: see `read_status`.
        JournalError: there is none, or it cannot be trusted.
    """
    with sqlite_journal.read_journal(path) as reader:
        return run_record(
            reader.facts,
            reader.ending,
            reader.records(),
            reader.slices(),
            salvaged_to=reader.salvaged_to,
            recalled=_recalled(reader),
        )


def _recalled(reader: JournalReader) -> int:
    cancelled = {path for path, each in reader.recalls().items() if each.result == "cancelled"}
    return recalled_of(reader.records(), cancelled)


def read_status(path: JournalPath) -> RunStatus:
    """Tell how far a run is: from its journal or, while a process uses that, as it last said itself.

    A running send says so about once a second. Blocks on the disk.

    Args:
        path: of the journal.

    Raises:
        JournalLockedError: a process uses the journal, and has not said anything yet.
        JournalError: there is no journal, or it cannot be trusted.
    """
    now = SystemClock().stamp()
    try:
        return _status_at_rest(path, now)
    except JournalLockedError as error:
        locked = str(error)
    seen = sqlite_journal.read_status(path, now)
    progress = None if seen is None else _progress(seen.progress)
    if seen is None or progress is None or not isfinite(seen.at.wall):
        raise JournalLockedError(locked)
    return RunStatus(
        running=True,
        process=seen.process,
        age=max(now.wall - seen.at.wall, 0.0),
        finished=False,
        progress=progress,
        stopped="",
        recalled=0,
    )


def _status_at_rest(path: JournalPath, now: Stamp) -> RunStatus:
    with sqlite_journal.read_journal(path) as reader:
        standing = standing_of(
            reader.facts, reader.ending, reader.records(), salvaged_to=reader.salvaged_to
        )
        recalled = _recalled(reader)
    seen = sqlite_journal.read_status(path, now)
    return RunStatus(
        running=False,
        process=None if seen is None else seen.process,
        age=0.0,
        finished=standing.finished,
        progress=standing.progress,
        stopped=standing.report.stopped,
        recalled=recalled,
    )


def _progress(shown: Mapping[str, Any]) -> Progress | None:
    """Read what a run shows: that of another version may lack a count, or have one more.

    Returns:
        None where it shows nothing, or something else than counts.
    """
    known = {
        each.name: shown.get(each.name, "" if each.type is str else 0) for each in fields(Progress)
    }
    fits = all(_fits(known[each.name], each.type) for each in fields(Progress))
    return Progress(**known) if shown and fits else None


def _fits(value: object, kind: Any) -> bool:
    if isinstance(value, int | float):
        return kind is not str and abs(value) < _COUNTLESS  # NaN is not
    return isinstance(value, kind)


def label_recipients(
    path: JournalPath, ids: Audience | Notifications
) -> AsyncGenerator[RecipientLabel, None]:
    """Read the source of a run once more, and tell what became of each of its inputs.

    The source is cut as the run cut it, and each chunk compared with the journal before the first of its
    ids is labelled: where one differs, what was labelled before stands. In memory lie a chunk's inputs, and
    what was set aside among them; `dedupe` costs about 100 bytes more for each id, as it did in the run.
    The journal is locked until the last label, or until the generator is closed: use `contextlib.aclosing`
    where you may leave early.

    Args:
        path: of the journal.
        ids: what `fan_out` was given as its `users` or `devices`, or `fan_out_each` as its notifications.

    Returns:
        an async generator of one label for each input, in its order.

    Raises:
        TypeError: here: `ids` is no audience. Iterating: an id is not a str.
        JournalLockedError: iterating, as all that follows: a run uses the journal.
        JournalError: there is no journal, or it cannot be trusted.
        InputChangedError: these are not the ids that the run was given.
        ConfigurationError: an id breaks a rule, and the run was to end at the first such.
    """
    check_audience(ids, "ids")
    return _labels(path, ids)


async def _labels(
    path: JournalPath, ids: Audience | Notifications
) -> AsyncGenerator[RecipientLabel, None]:
    async with opened(path) as reader:
        found = labels(
            ids,
            reader.facts,
            pages(reader, with_ids=reader.facts.store_ids),
            ending=reader.ending,
            salvaged_to=reader.salvaged_to,
        )
        async with aclosing(found):
            async for label in found:
                yield label


def unknown_recipients(path: JournalPath) -> Iterator[str]:
    """Yield the ids that the application does not know, in the order of the input: to clean a list by.

    The API names them for chunks that it accepts. An id that stands twice in the input may be named
    twice. The journal is locked until the last, or until the iterator is closed. Blocks on the disk.

    Args:
        path: of the journal.

    Raises:
        ConfigurationError: at the first id, as what follows: the run did not store ids.
        JournalLockedError: a run uses the journal.
        JournalError: there is no journal, or it cannot be trusted.
    """
    with sqlite_journal.read_journal(path) as reader:
        if not reader.facts.store_ids:
            raise ConfigurationError(
                "store_ids: the run was made without it, so that its journal holds no ids"
            )
        for record in reader.records(ids=True):
            yield from record.unknown_ids


def salvage_journal(path: JournalPath, into: JournalPath) -> Salvage:
    """Write what can be read of a damaged journal into a new one, which can be resumed. Sends nothing.

    What may have been sent and has no record any more is in doubt from then on, and is sent to only by
    `resend_in_doubt`. The damaged journal stays as it is. Blocks on the disk.

    Args:
        path: of the damaged journal.
        into: of the new one; nothing may be there.

    Raises:
        JournalLockedError: a run uses one of the two.
        JournalError: what the run was cannot be read any more, or the new journal cannot be written.
    """
    found = sqlite_journal.salvage(path, into)
    return Salvage(kept=found.kept, lost=found.lost, bounded=found.salvaged_to < EVERY_CHUNK)


def purge_journal(path: JournalPath) -> None:
    """Remove a journal and the files beside it. Blocks on the disk.

    Nothing remembers then who got the message: the same send would begin anew.

    Args:
        path: of the journal, damaged or not.

    Raises:
        JournalLockedError: a run uses it.
        JournalError: there is none, or the file is nothing that may be removed.
    """
    sqlite_journal.purge(path)
