"""What the tests of the journal share: a run to write down, records of it, a journal in a folder."""

import hashlib
import json
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import anyio
import anyio.to_thread
from attrs import evolve
from hypothesis import strategies as st

from pushwoosh_async._fanout.journal import Ending, Opened, Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal, read_journal
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._fanout.timeline import Slice
from pushwoosh_async._window import Exposure, Stamp
from pushwoosh_async.testing import FakeClock

BACKENDS = ["asyncio", "trio"]

FACTS = RunFacts(
    run_id="5c1f7a52-0000-4000-8000-000000000001",
    send_id=None,
    base_url="https://api.example",
    application="AAAAA-BBBBB",
    applications_group=None,
    kind="users",
    template_digest="ab" * 32,
    notification='{"content":"Hello"}',
    chunk_size=10,
    dedupe=True,
    invalid="drop",
    total=None,
    window=300.0,
    margin=120.0,
    store_ids=True,
    concurrency=4,
    library="0.1.0",
    created=Stamp(1_700_000_000.5, 12.25, "boot-1"),
)

ENDING = Ending(
    complete=True,
    taken=100,
    invalid=2,
    duplicates=1,
    input_complete=True,
    stopped="",
    seconds=1.5,
    ended=1_700_000_009.0,
)

SIDE_FILES = ("-journal", ".lock", ".status")


def record(
    path: int | str,
    state: State = State.IN_FLIGHT,
    *,
    parent: str = "",
    ids: Sequence[str] = ("u1", "u2"),
    unknown_ids: tuple[str, ...] = (),
) -> Record:
    """Make a record that is like one of a run, where its path and state are all that matters."""
    encoded = json.dumps(list(ids)).encode()
    begun = state is not State.PLANNED
    life = Life(
        state=state,
        exposure=Exposure(Stamp(1_700_000_001.0, 13.5, "boot-1")) if begun else Exposure(),
        attempts=int(begun),
        message_code="CODE" if state is State.ACCEPTED else None,
        reason="refused" if state is State.REJECTED else "",
    )
    return Record(
        path=str(path),
        parent=parent,
        start=0,
        stop=len(ids),
        recipients=len(ids),
        digest=hashlib.sha256(encoded).digest(),
        transaction_id=f"tid-{path}",
        life=life,
        unknown=len(unknown_ids),
        began=1_700_000_001.0,
        ids=encoded,
        unknown_ids=unknown_ids,
    )


def bare(each: Record) -> Record:
    """Return a record as it is read without ids."""
    return evolve(each, ids=b"", unknown_ids=())


def journal_at(
    path: Path, *, gather: int = 1, clock: FakeClock | None = None, store_ids: bool = True
) -> SqliteJournal:
    """Make a journal that commits each intent at once."""
    return SqliteJournal(path, gather=gather, clock=clock or FakeClock(), store_ids=store_ids)


@asynccontextmanager
async def opened(
    path: Path, *, gather: int = 1, clock: FakeClock | None = None, ending: Ending | None = ENDING
) -> AsyncIterator[SqliteJournal]:
    """Open a journal, and close it as a run that came to its end."""
    journal = journal_at(path, gather=gather, clock=clock)
    await journal.open(FACTS)
    try:
        yield journal
    finally:
        await journal.close(ending)


async def write(path: Path, records: Sequence[Record], *, ending: Ending | None = ENDING) -> None:
    """Write a whole journal."""
    async with opened(path, ending=ending) as journal:
        journal.note(*records)


def open_and_close(
    path: Path, trouble: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Opened:
    """Open a journal, as a run does, and let go of it; what troubles it begins after the loop."""

    async def session() -> Opened:
        journal = journal_at(path)
        with trouble():
            found = await journal.open(FACTS)
            await journal.close(None)
        return found

    return anyio.run(session)


def read(path: Path, *, ids: bool = False) -> list[Record]:
    """Read every record of a journal that is closed."""
    with read_journal(path) as reader:
        return list(reader.records(ids=ids))


class Statements:
    """What SQLite is told, in order; made by the fixture `statements`."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._committing = threading.Event()

    def heard(self, text: str) -> None:
        """Write it down; called on the thread that says it."""
        self.texts.append(text)
        if text == "COMMIT":
            self._committing.set()

    @property
    def commits(self) -> int:
        """How many there were."""
        return self.texts.count("COMMIT")

    def forget(self) -> None:
        """Begin anew."""
        self.texts.clear()
        self._committing.clear()

    async def wait_for_commit(self) -> None:
        """Wait until there is one."""
        assert await anyio.to_thread.run_sync(self._committing.wait, 10), "no commit in ten seconds"


def copy_of(path: Path) -> Path:
    """Copy a file that is open, by another process: closing it in this one drops SQLite's lock."""
    copy = path.with_name(f"{path.name}.copy")
    subprocess.run(["cp", "--preserve=mode", path, copy], check=True)  # noqa: S603, S607
    return copy


# Times and durations: SQLite does not keep the sign of -0.0.
finite = st.floats(0, allow_infinity=False)
counts = st.integers(0, 2**40)
texts = st.text(st.characters(exclude_categories=["Cs"]))
stamps = st.builds(Stamp, finite, finite, texts)
lives = st.builds(
    Life,
    state=st.sampled_from(State),
    exposure=st.builds(Exposure, st.none() | stamps, in_doubt=st.booleans()),
    attempts=counts,
    message_code=st.none() | texts,
    reason=texts,
    inherited=st.booleans(),
)
paths = st.from_regex(r"(0|[1-9]\d{0,4})([.][01]|#[1-9]){0,3}", fullmatch=True)
records = st.builds(
    Record,
    path=paths,
    parent=texts,
    start=counts,
    stop=counts,
    recipients=counts,
    invalid=counts,
    duplicates=counts,
    digest=st.binary(min_size=32, max_size=32),
    transaction_id=texts,
    content=texts,
    pack=texts,
    life=lives,
    unknown=counts,
    began=finite,
    ended=finite,
)
slices = st.builds(
    Slice,
    start=finite,
    requests=counts,
    retries=counts,
    limited=counts,
    doubts=counts,
    accepted=counts,
    rejected=counts,
    in_doubt=counts,
    latencies=st.dictionaries(st.integers(0, 56), counts),
)
