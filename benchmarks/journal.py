"""What does the SQLite journal cost? `python -m benchmarks.journal`; exit 1 when a bar is missed.

64 workers record an intent, wait for it, and record its outcome; no request is made between. Beside it,
in the same process, the same records are made into the same rows and written by `executemany` in commits
of 64, with the same tables and settings. CPU is that of the whole process, threads and kernel included.
"""

import itertools
import os
import resource
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import anyio
from attrs import evolve, frozen

from benchmarks import report
from benchmarks.figures import Figure
from pushwoosh_async import SystemClock
from pushwoosh_async._fanout.journal import Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._fanout.sqlite_journal.rows import row_of
from pushwoosh_async._fanout.sqlite_journal.schema import create_tables, upsert
from pushwoosh_async._fanout.state import Event, Life, advance
from pushwoosh_async._window import Exposure

CHUNKS = 10_000
IN_FLIGHT = 64
ROUNDS = 7
_ROWS_A_COMMIT = 64
_MEGABYTE = 1_000_000


@frozen
class Measured:
    """One writing of the whole run: microseconds of CPU and commits a chunk, bytes of the file."""

    cpu: float
    commits: float
    size: int


def main() -> int:
    """Measure, print; the exit code."""
    pairs = [_pair(number) for number in range(CHUNKS)]
    ours, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            ours.append(anyio.run(by_the_journal, Path(folder) / f"ours{number}.db", pairs))
            plain.append(by_executemany(Path(folder) / f"plain{number}.db", pairs))
    figures = (
        Figure(
            f"commits per chunk, {IN_FLIGHT} in flight",
            median(each.commits for each in ours),
            "at most",
            0.04,
            seen=f"{CHUNKS} chunks, two records each",
        ),
        Figure(
            "CPU per chunk, journal / executemany",
            median(left.cpu / right.cpu for left, right in zip(ours, plain, strict=True)),
            "at most",
            1.5,
            unit="x",
            seen=f"{median(e.cpu for e in ours):.1f} us / {median(e.cpu for e in plain):.1f} us",
        ),
        Figure(
            f"journal of {CHUNKS:,} chunks",
            max(each.size for each in ours) / _MEGABYTE,
            "at most",
            10,
            unit=" MB",
            seen=f"{max(each.size for each in ours) / CHUNKS:.0f} bytes a chunk",
        ),
    )
    print(report.text_head())
    for figure in figures:
        print(report.text_line(figure))
    return 0 if all(figure.reached for figure in figures) else 1


async def by_the_journal(path: Path, pairs: Sequence[tuple[Record, Record]]) -> Measured:
    """Write it as a run does."""
    journal = SqliteJournal(path, gather=IN_FLIGHT // 2, clock=SystemClock(), store_ids=False)
    await journal.open(_facts())
    coming = iter(pairs)

    async def work() -> None:
        for intent, outcome in coming:
            await journal.intend(intent)
            journal.note(outcome)

    before = _cpu()
    async with anyio.create_task_group() as group:
        for _ in range(IN_FLIGHT):
            group.start_soon(work)
    await journal.close(None)
    return _measured(path, _cpu() - before)


def by_executemany(path: Path, pairs: Sequence[tuple[Record, Record]]) -> Measured:
    """Write it as a script would, in the same order."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in (
        "locking_mode=EXCLUSIVE",
        "journal_mode=TRUNCATE",
        "synchronous=FULL",
        "fullfsync=ON",
    ):
        connection.execute(f"PRAGMA {setting}").fetchall()
    connection.execute("BEGIN")
    create_tables(connection)
    connection.execute("COMMIT")
    batches = _batched(_in_order(pairs))
    before = _cpu()
    for records in batches:
        connection.execute("BEGIN")
        connection.executemany(upsert(1), [row_of(record) for record in records])
        connection.execute("COMMIT")
    seconds = _cpu() - before
    connection.close()
    return _measured(path, seconds)


def _in_order(pairs: Sequence[tuple[Record, Record]]) -> Iterator[Record]:
    """Intents of a group, then the outcomes of the group before them, as they come in a run."""
    before: Sequence[tuple[Record, Record]] = ()
    for start in range(0, len(pairs) + _ROWS_A_COMMIT // 2, _ROWS_A_COMMIT // 2):
        group = pairs[start : start + _ROWS_A_COMMIT // 2]
        yield from (outcome for _, outcome in before)
        yield from (intent for intent, _ in group)
        before = group


def _batched(records: Iterator[Record]) -> list[list[Record]]:
    return list(iter(lambda: list(itertools.islice(records, _ROWS_A_COMMIT)), []))


def _measured(path: Path, seconds: float) -> Measured:
    # SQLite counts the transactions that changed a file in bytes 24 to 27 of its header; the first
    # made the tables.
    commits = int.from_bytes(path.read_bytes()[24:28], "big") - 1
    return Measured(seconds / CHUNKS * 1e6, commits / CHUNKS, path.stat().st_size)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _pair(number: int) -> tuple[Record, Record]:
    now = SystemClock().stamp()
    life = advance(Life(), Event.INTENT, exposure=Exposure(now))
    intent = Record(
        path=str(number),
        start=number * 1000,
        stop=number * 1000 + 1000,
        recipients=1000,
        digest=os.urandom(32),
        transaction_id=str(uuid.uuid4()),
        life=life,
        began=now.wall,
    )
    accepted = advance(life, Event.ACCEPTED, message_code="ABCD-12345678-12345678")
    return intent, evolve(intent, life=accepted, ended=now.wall + 0.05)


def _facts() -> RunFacts:
    return RunFacts(
        run_id=str(uuid.uuid4()),
        send_id=None,
        base_url="https://api.pushwoosh.com",
        application="AAAAA-BBBBB",
        applications_group=None,
        kind="users",
        template_digest="0" * 64,
        notification='{"content": "Hello"}',
        chunk_size=1000,
        dedupe=False,
        invalid="raise",
        window=300.0,
        margin=120.0,
        store_ids=False,
        concurrency=IN_FLIGHT,
        library="0",
        created=SystemClock().stamp(),
    )


if __name__ == "__main__":
    sys.exit(main())
