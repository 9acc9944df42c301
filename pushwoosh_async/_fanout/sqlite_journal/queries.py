"""How rows are found in a journal: pages of records, ids, timeline, recalls."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable

from attrs import evolve

from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal.rows import (
    DamagedError,
    Recall,
    place_in_family,
    recall_of,
    record_of,
    slice_of,
    unsealed,
)
from pushwoosh_async._fanout.timeline import Slice

PAGE = 1000


def page_of_records(connection: sqlite3.Connection, after: int) -> list[Record]:
    """Return about a thousand records past this root, all of a root together; none at the end.

    Raises:
        DamagedError: a row is not what was written.
    """
    rows = connection.execute(
        "SELECT * FROM chunk WHERE root > ? ORDER BY root, path LIMIT ?", (after, PAGE)
    ).fetchall()
    if len(rows) == PAGE:
        last = record_of(rows[-1])
        rows += connection.execute(
            "SELECT * FROM chunk WHERE root = ? AND path > ?", (last.root, last.path)
        ).fetchall()
    records = [record_of(row) for row in rows]
    return sorted(records, key=lambda record: (record.root, place_in_family(record.path)))


def with_ids(connection: sqlite3.Connection, record: Record) -> Record:
    """Return a record with its ids and those unknown, where they were stored.

    Raises:
        DamagedError: they are not those that were sent.
    """
    row = connection.execute(
        "SELECT ids, path, unknown, seal FROM recipients WHERE root = ? AND path = ?",
        (record.root, record.path),
    ).fetchone()
    if row is None:
        return record
    _, unknown = unsealed(row[1:])
    ids = str(row[0]).encode()
    if hashlib.sha256(ids).digest() != record.digest:
        raise DamagedError
    return evolve(record, ids=ids, unknown_ids=tuple(json.loads(unknown)))


def all_recalls(connection: sqlite3.Connection) -> dict[str, Recall]:
    """Return what became of recalling which path.

    Raises:
        DamagedError: a row is not what was written.
    """
    found = [recall_of(row) for row in connection.execute("SELECT * FROM recall")]
    return {each.path: each for each in found}


def all_slices(connection: sqlite3.Connection) -> list[Slice]:
    """Return every slice of every session.

    Raises:
        DamagedError: a row is not what was written.
    """
    return [slice_of(row) for row in connection.execute("SELECT * FROM slice")]


def timeline(slices: Iterable[Slice]) -> tuple[Slice, ...]:
    """Return slices in order of time; those of the same ten seconds together as one."""
    by_start: dict[float, list[Slice]] = {}
    for each in sorted(slices, key=lambda each: each.start):
        by_start.setdefault(each.start, []).append(each)
    return tuple(_together(start, same) for start, same in by_start.items())


def _together(start: float, slices: list[Slice]) -> Slice:
    latencies: Counter[int] = Counter()
    for each in slices:
        latencies.update(each.latencies)
    return Slice(
        start=start,
        requests=sum(each.requests for each in slices),
        retries=sum(each.retries for each in slices),
        limited=sum(each.limited for each in slices),
        doubts=sum(each.doubts for each in slices),
        accepted=sum(each.accepted for each in slices),
        rejected=sum(each.rejected for each in slices),
        in_doubt=sum(each.in_doubt for each in slices),
        latencies=dict(latencies),
    )
