"""The journal in a file: how a run writes it, how others read it, salvage it, remove it."""

from pushwoosh_async._fanout.sqlite_journal.journal import SqliteJournal
from pushwoosh_async._fanout.sqlite_journal.purge import purge
from pushwoosh_async._fanout.sqlite_journal.reading import JournalReader, read_journal
from pushwoosh_async._fanout.sqlite_journal.rows import Recall
from pushwoosh_async._fanout.sqlite_journal.salvage import Salvaged, salvage
from pushwoosh_async._fanout.sqlite_journal.status import SeenStatus, read_status

__all__ = [
    "JournalReader",
    "Recall",
    "Salvaged",
    "SeenStatus",
    "SqliteJournal",
    "purge",
    "read_journal",
    "read_status",
    "salvage",
]
