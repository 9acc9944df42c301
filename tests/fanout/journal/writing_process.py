"""A process that writes a journal until it is killed, or its disk fails. Prints what was promised to it.

Each line is a word and perhaps a path: ``open``, ``intended 7``, ``failed <message>``, ``closed`` or
``not closed <message>``.
"""

import argparse
import resource
from pathlib import Path

import anyio
from stracing import let_no_sync_succeed

from journal.journal_world import ENDING, FACTS, bare, journal_at, record
from pushwoosh_async import JournalError
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._fanout.state import State


def say(*words: object) -> None:
    """Tell the test, at once."""
    print(*words, flush=True)  # noqa: T201


async def work(journal: SqliteJournal, numbers: "list[int]") -> None:
    """Record intents and outcomes, until one cannot be recorded."""
    while numbers:
        number = numbers.pop()
        await journal.intend(bare(record(number)))
        say("intended", number)
        journal.note(bare(record(number, State.ACCEPTED)))


async def main(options: argparse.Namespace) -> None:
    """Open, write, close."""
    journal = journal_at(options.path, gather=2)
    await journal.open(FACTS)
    say("open")
    if options.no_sync:
        let_no_sync_succeed(Path(f"{options.path}-journal"))
    if options.limit is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.limit, hard))
    numbers = list(range(options.count - 1, -1, -1))
    try:
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(work, journal, numbers)
    except* JournalError as errors:
        say("failed", errors.exceptions[0])
    await end(journal)


async def end(journal: SqliteJournal) -> None:
    """Whatever happened: no intent is taken any more where one failed, and notes are silent."""
    journal.note(bare(record(999_999)))
    try:
        await journal.close(ENDING)
    except JournalError as error:
        say("not closed", error)
    else:
        say("closed")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", type=int, default=10**6)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--no-sync", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    anyio.run(main, options())
