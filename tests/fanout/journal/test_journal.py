"""The journal as a run uses it: opened, written, read on resume."""

import random
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import anyio
import anyio.to_thread
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.journal_world import (
    BACKENDS,
    ENDING,
    FACTS,
    Statements,
    bare,
    copy_of,
    journal_at,
    opened,
    read,
    record,
    records,
    write,
)
from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Opened, Record, Status
from pushwoosh_async._fanout.sqlite_journal import Recall, SqliteJournal, read_journal
from pushwoosh_async._fanout.state import State
from pushwoosh_async._fanout.timeline import Slice


async def test_a_new_journal_holds_the_run(path: Path) -> None:
    """Opened for the first time it begins a run; for the second it finds it, and how it ended."""
    journal = journal_at(path)
    assert await journal.open(FACTS) == Opened(facts=FACTS)
    await journal.close(ENDING)

    again = journal_at(path)
    other = evolve(FACTS, run_id="another")
    assert await again.open(other) == Opened(facts=FACTS, resumed=True, ending=ENDING)
    await again.close(None)


async def test_a_session_that_never_began_leaves_the_ending_of_the_one_before(path: Path) -> None:
    """To close with nothing to say says nothing."""
    await write(path, [record(0)])
    await write(path, [], ending=None)
    with read_journal(path) as reader:
        assert reader.ending == ENDING


async def test_a_crash_of_the_first_session_leaves_no_ending(path: Path) -> None:
    """Only a session that was closed has an ending."""
    await write(path, [record(0)], ending=None)
    with read_journal(path) as reader:
        assert reader.ending is None


async def test_an_intent_is_in_the_file_when_it_returns(path: Path) -> None:
    """A copy, taken at that moment, holds it: nothing waits in memory."""
    async with opened(path) as journal:
        await journal.intend(record(3))
        copy = copy_of(path)
    assert read(copy) == [bare(record(3))]


async def test_an_intent_alone_does_not_wait_for_company_that_never_comes(path: Path) -> None:
    """Fewer intents than would start a commit are written all the same, at once enough."""
    async with opened(path, gather=64) as journal:
        start = time.monotonic()
        await journal.intend(record(0))
        assert time.monotonic() - start < 10


async def test_intents_share_a_commit(path: Path, statements: Statements) -> None:
    """As many as were asked for go into one transaction, and so do outcomes handed over before them."""
    async with opened(path, gather=16) as journal:
        statements.forget()
        for number in range(100, 108):
            journal.note(record(number, State.ACCEPTED))
        async with anyio.create_task_group() as group:
            for number in range(16):
                group.start_soon(journal.intend, record(number))
        assert statements.commits == 1


async def test_an_intent_waits_for_company(path: Path, statements: Statements) -> None:
    """One that comes a moment after another shares its commit, where two were asked for."""
    async with opened(path, gather=2) as journal:
        statements.forget()
        for number in range(0, 40, 2):
            async with anyio.create_task_group() as group:
                group.start_soon(journal.intend, record(number))
                await anyio.to_thread.run_sync(int)
                group.start_soon(journal.intend, record(number + 1))
        assert statements.commits < 30


async def test_enough_intents_do_not_wait(path: Path) -> None:
    """A commit begins with the last one that was asked for; one that lacks company takes 25 ms more."""
    async with opened(path, gather=2) as lonely:
        alone = await _seconds(lonely)
    async with opened(path, gather=1) as enough:
        assert await _seconds(enough) < alone - 0.01


async def _seconds(journal: SqliteJournal) -> float:
    """Return the median time of an intent."""
    taken = []
    for number in range(15):
        start = time.monotonic()
        await journal.intend(record(number))
        taken.append(time.monotonic() - start)
    return median(taken)


async def test_outcomes_are_durable_after_close(path: Path) -> None:
    """What was noted a moment before is there, the newest record of each path."""
    async with opened(path) as journal:
        await journal.intend(record(0))
        await journal.intend(record(1))
        journal.note(record(0, State.ACCEPTED))
        journal.note(record(1, State.IN_DOUBT))
        journal.note(record(1, State.EXPIRED))
    assert read(path) == [bare(record(0, State.ACCEPTED)), bare(record(1, State.EXPIRED))]


async def test_outcomes_reach_the_disk_without_an_intent_or_a_close(
    path: Path, statements: Statements
) -> None:
    """Nobody waits for an outcome: it is written soon by itself."""
    async with opened(path) as journal:
        statements.forget()
        journal.note(record(0, State.ACCEPTED))
        await statements.wait_for_commit()


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_works_on_every_event_loop(path: Path, backend: str) -> None:
    """Asyncio is not named anywhere in it."""

    async def session() -> None:
        async with opened(path, gather=4) as journal:
            async with anyio.create_task_group() as group:
                for number in range(10):
                    group.start_soon(journal.intend, record(number))
            journal.note(record(9, State.ACCEPTED))

    anyio.run(session, backend=backend)
    assert len(read(path)) == 10


async def test_records_come_in_the_order_of_the_input_and_families_stay_together(
    path: Path,
) -> None:
    """However they were written: by root, a parent before its descendants, a family on one page."""
    families = [
        [str(root), f"{root}.0", f"{root}.0#1", f"{root}.0#1.0", f"{root}.0#1.1", f"{root}.1"]
        for root in range(400)
    ]
    expected = [name for family in families for name in family]
    mixed = random.Random(7).sample(expected, len(expected))  # noqa: S311 -- any order
    await write(path, [record(name) for name in mixed])

    journal = journal_at(path)
    opening = await journal.open(FACTS)
    pages = [[each.path for each in page] async for page in journal.records()]
    await journal.close(None)

    assert opening.highest == 399
    assert [name for page in pages for name in page] == expected
    assert max(len(page) for page in pages) <= 1010
    roots = [{name.split(".")[0].split("#")[0] for name in page} for page in pages]
    assert all(not (one & other) for one, other in pairwise(roots))
    assert [each.path for each in read(path)] == expected


async def test_a_family_larger_than_a_page_is_one_page(path: Path) -> None:
    """A chunk that was bisected down to its ids has more rows than a page."""
    names = ["0", *(f"0#{number}" for number in range(1, 1200)), "1"]
    await write(path, [record(name) for name in names])
    journal = journal_at(path)
    await journal.open(FACTS)
    pages = [[each.path for each in page] async for page in journal.records()]
    await journal.close(None)
    assert pages == [names[:-1], ["1"]]


@settings(max_examples=25)
@given(st.lists(records, max_size=200))
async def test_whatever_was_written_last_of_each_path_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[Record]
) -> None:
    """Any records in any order: the journal is a dict from path to record, and loses nothing."""
    path = tmp_path_factory.mktemp("any") / "run.db"
    await write(path, written)
    last = {each.path: each for each in written}
    assert {each.path: each for each in read(path)} == last
    with read_journal(path) as reader:
        assert reader.highest == max((each.root for each in written), default=-1)


async def test_ids_are_kept_on_request_and_read_on_request(path: Path) -> None:
    """With `store_ids` the file has the ids and the unknown ones; records alone never show them."""
    journal = journal_at(path, store_ids=True)
    await journal.open(FACTS)
    await journal.intend(record(0))
    journal.note(record(0, State.ACCEPTED, unknown_ids=("u2",)))
    await journal.close(ENDING)

    assert read(path) == [bare(record(0, State.ACCEPTED, unknown_ids=("u2",)))]
    assert read(path, ids=True) == [record(0, State.ACCEPTED, unknown_ids=("u2",))]


async def test_ids_outlive_a_later_record_without_them(path: Path) -> None:
    """A record read on resume has no ids; to write it again does not take them away."""
    full = record(0, State.ACCEPTED, unknown_ids=("u2",))
    await write(path, [full])
    await write(path, [bare(full)])
    assert read(path, ids=True) == [full]


async def test_unknown_ids_are_those_of_the_newest_record(path: Path) -> None:
    """An outcome replaces what the intent said, and one outcome another."""
    for unknown in ((), ("u2",), ("u1",)):
        await write(path, [record(0, State.ACCEPTED, unknown_ids=unknown)])
        assert read(path, ids=True)[0].unknown_ids == unknown


async def test_no_id_is_written_unless_asked_for(path: Path) -> None:
    """Without `store_ids` no file has an id in it, though the records have."""
    journal = journal_at(path, store_ids=False)
    await journal.open(evolve(FACTS, store_ids=False))
    await journal.intend(record(0, ids=("canary-id",)))
    journal.note(record(0, State.ACCEPTED, ids=("canary-id",), unknown_ids=("canary-id",)))
    await journal.close(ENDING)
    for file in path.parent.iterdir():
        assert b"canary-id" not in file.read_bytes()
    assert read(path, ids=True)[0].ids == b""


async def test_ten_seconds_of_two_sessions_add_up(path: Path) -> None:
    """A session writes its own slices over, and those of none before it."""
    early, late = Slice(start=10.0, requests=1), Slice(start=10.0, requests=2, latencies={3: 1})
    for _ in range(2):
        async with opened(path) as journal:
            journal.keep(Status(progress={}, slices=(early,)))
            journal.keep(Status(progress={}, slices=(late, Slice(start=0.0, accepted=5))))
    with read_journal(path) as reader:
        assert reader.slices() == (
            Slice(start=0.0, accepted=10),
            Slice(start=10.0, requests=4, latencies={3: 2}),
        )


async def test_a_recall_is_written_into_a_run_that_exists(path: Path) -> None:
    """Opened without facts it adds to the run that is there, and reads what it added."""
    await write(path, [record(0, State.ACCEPTED)])
    journal = journal_at(path)
    assert (await journal.open(None)).resumed
    assert await journal.recalls() == {}
    journal.note_recall("0", "too_late", 5.0)
    journal.note_recall("0", "cancelled", 6.0)
    assert await journal.recalls() == {"0": Recall("0", "cancelled", 6.0)}
    await journal.close(None)
    with read_journal(path) as reader:
        assert reader.recalls() == {"0": Recall("0", "cancelled", 6.0)}


async def test_a_run_that_must_exist_and_does_not_is_refused(path: Path) -> None:
    """Without facts nothing is begun, and no file made."""
    with pytest.raises(JournalError, match="there is no such journal"):
        await journal_at(path).open(None)
    assert list(path.parent.iterdir()) == []
