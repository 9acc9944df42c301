"""The tables of a journal, as the user may query them: `CREATE` statements and the format's number."""

import sqlite3
from functools import cache

from pushwoosh_async._fanout.sqlite_journal.place import Place

FORMAT = 2
_BEFORE = 1  # without content and pack
# In the header of the file; "pwj1".
APPLICATION_ID = 0x70776A31

# `session` counts how often the journal was opened for writing; the end_ columns are null before the
# first session has ended; `seal` is a checksum over the rest of its row, here and below.
RUN = """CREATE TABLE run(
  format INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  send_id TEXT,
  base_url TEXT NOT NULL,
  application TEXT,
  applications_group TEXT,
  kind TEXT NOT NULL,
  template_digest TEXT NOT NULL,
  notification TEXT NOT NULL,
  chunk_size INTEGER NOT NULL,
  dedupe INTEGER NOT NULL,
  invalid TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  source TEXT NOT NULL,
  total INTEGER,
  window REAL NOT NULL,
  margin REAL NOT NULL,
  store_ids INTEGER NOT NULL,
  concurrency INTEGER NOT NULL,
  library TEXT NOT NULL,
  created_wall REAL NOT NULL,
  created_boottime REAL NOT NULL,
  created_boot_id TEXT NOT NULL,
  salvaged_to INTEGER NOT NULL,
  session INTEGER NOT NULL,
  end_complete INTEGER,
  end_taken INTEGER,
  end_invalid INTEGER,
  end_duplicates INTEGER,
  end_input_complete INTEGER,
  end_stopped TEXT,
  end_seconds REAL,
  end_wall REAL,
  end_requests INTEGER,
  end_retries INTEGER,
  seal INTEGER NOT NULL
)"""

# One row. Numbers first, then texts: the seal takes them apart there.
CHUNK = """CREATE TABLE chunk(
  root INTEGER NOT NULL,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  invalid INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  ever_in_doubt INTEGER NOT NULL,
  inherited INTEGER NOT NULL,
  t0_wall REAL NOT NULL,
  t0_boottime REAL NOT NULL,
  began REAL NOT NULL,
  ended REAL NOT NULL,
  path TEXT NOT NULL,
  parent TEXT NOT NULL,
  digest TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  content TEXT NOT NULL,
  pack TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  message_code TEXT,
  t0_boot_id TEXT,
  seal INTEGER NOT NULL,
  PRIMARY KEY(root, path)
) WITHOUT ROWID"""

# How many rows `chunk` must have, and its highest root; `mirror` is -1 less the highest, so that no
# zeroed or flipped number passes for one.
TALLY = """CREATE TABLE tally(
  chunks INTEGER NOT NULL,
  highest INTEGER NOT NULL,
  mirror INTEGER NOT NULL
)"""

# Kept by SQLite: it alone knows which rows of an upsert are new.
COUNTED = """CREATE TRIGGER counted AFTER INSERT ON chunk BEGIN
  UPDATE tally SET
    chunks = chunks + 1,
    highest = max(highest, new.root),
    mirror = -1 - max(highest, new.root);
END"""

# `ids` and `unknown` are JSON arrays. The seal leaves the ids out: the chunk's digest is over them.
RECIPIENTS = """CREATE TABLE recipients(
  root INTEGER NOT NULL,
  path TEXT NOT NULL,
  ids TEXT NOT NULL,
  unknown TEXT NOT NULL,
  seal INTEGER NOT NULL,
  PRIMARY KEY(root, path)
) WITHOUT ROWID"""

SLICE = """CREATE TABLE slice(
  session INTEGER NOT NULL,
  start REAL NOT NULL,
  requests INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  limited INTEGER NOT NULL,
  doubts INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  in_doubt INTEGER NOT NULL,
  latencies TEXT NOT NULL,
  seal INTEGER NOT NULL,
  PRIMARY KEY(session, start)
) WITHOUT ROWID"""

RECALL = """CREATE TABLE recall(
  path TEXT NOT NULL PRIMARY KEY,
  result TEXT NOT NULL,
  at REAL NOT NULL,
  seal INTEGER NOT NULL
) WITHOUT ROWID"""

_CHUNK_COLUMNS = tuple(line.split()[0] for line in CHUNK.splitlines()[1:-2])
_CHUNK_KEY = {"root", "path"}

_EVERYTHING = (RUN, CHUNK, TALLY, COUNTED, RECIPIENTS, SLICE, RECALL)


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, inside the caller's transaction."""
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    for statement in _EVERYTHING:
        connection.execute(statement)
    connection.execute("INSERT INTO tally VALUES(0, -1, 0)")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether the file has nothing in it, once an unfinished transaction is rolled back."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return bool(pages == 0)


def refuse_strangers(connection: sqlite3.Connection, place: Place) -> None:
    """Refuse a database of somebody else's, or of a later version of this library.

    Raises:
        JournalError: it is one.
    """
    (name,) = connection.execute("PRAGMA application_id").fetchone()
    if name != APPLICATION_ID:
        raise place.refusal("is a database, but not a journal of this library")
    row = connection.execute("SELECT format FROM run").fetchone()
    if row is None:
        raise place.refusal("there is no run in it, though it is not empty: it is damaged")
    if isinstance(row[0], int) and row[0] > FORMAT:
        raise place.refusal(
            f"has format {row[0]}, and this version reads {FORMAT} only: upgrade the library"
        )
    if row[0] == _BEFORE:
        raise place.refusal(
            f"has format {_BEFORE}, of a version before the first release: finish it with that one"
        )


def has_our_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether every table is the one that we make, to the letter."""
    rows = connection.execute("SELECT sql FROM sqlite_schema").fetchall()
    return sorted(str(sql) for (sql,) in rows) == sorted(_EVERYTHING)


@cache
def upsert(rows: int) -> str:
    """Return the statement that writes so many rows of `chunk`: new ones, and old ones in place."""
    columns = _CHUNK_COLUMNS
    row = f"({', '.join('?' * len(columns))})"
    changes = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in _CHUNK_KEY)
    return (
        f"INSERT INTO chunk VALUES {', '.join([row] * rows)} "  # noqa: S608 -- our own names only
        f"ON CONFLICT(root, path) DO UPDATE SET {changes}"
    )
