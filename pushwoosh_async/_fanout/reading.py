"""How is a journal read beside an event loop? In threads, a page of records at a time."""

import os
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import anyio
from anyio import to_thread

from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal import JournalReader, read_journal

_PAGE = 1000
_PAGE_WITH_IDS = 16  # of a thousand ids each


@asynccontextmanager
async def opened(path: str | os.PathLike[str]) -> AsyncGenerator[JournalReader, None]:
    """Open a journal that nobody uses, and keep others out while it is read.

    Raises:
        JournalLockedError: somebody uses it.
        JournalError: there is none, or it cannot be trusted.
    """
    opening = read_journal(path)
    reader = await to_thread.run_sync(opening.__enter__)
    try:
        yield reader
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(opening.__exit__, None, None, None)


async def pages(
    reader: JournalReader, *, with_ids: bool = False
) -> AsyncGenerator[Sequence[Record], None]:
    """Yield every record, as `JournalReader.records` does.

    Raises:
        JournalError: one cannot be trusted.
    """
    records = reader.records(ids=with_ids)
    size = _PAGE_WITH_IDS if with_ids else _PAGE
    while page := await to_thread.run_sync(_page, records, size):
        yield page


def _page(records: Iterator[Record], size: int) -> list[Record]:
    return list(islice(records, size))
