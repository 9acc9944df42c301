"""What is written in a journal that a run has left?"""

from pathlib import Path

from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal import read_journal


def records_of(journal: Path) -> list[Record]:
    """Return what the journal holds; nothing where no run got into it."""
    if not journal.exists():
        return []
    try:
        with read_journal(journal) as reader:
            return list(reader.records())
    except JournalError as error:
        assert "there is no run in it" in str(error), error  # noqa: PT017 -- see above
        return []
