"""A damaged journal is read as it was, or refused; salvage keeps only what was written, and says how far
the run had come.
"""  # noqa: D205 -- two promises

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import anyio
import pytest

from journal.journal_world import (
    ENDING,
    FACTS,
    SIDE_FILES,
    bare,
    journal_at,
    opened,
    read,
    record,
    write,
)
from pushwoosh_async import JournalError, JournalLockedError
from pushwoosh_async._fanout.journal import EVERY_CHUNK, Record, Status
from pushwoosh_async._fanout.sqlite_journal import purge, read_journal, salvage
from pushwoosh_async._fanout.state import State
from pushwoosh_async._fanout.timeline import Slice

BLOCK = 512
HIGHEST = 79

Damage: TypeAlias = Callable[[bytes, int], bytes]


def _zeroed(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes(BLOCK) + whole[at + BLOCK :]


def _flipped(whole: bytes, at: int) -> bytes:
    """One bit in eight of the block, another one each."""
    middle = bytearray(whole[at : at + BLOCK])
    for place in range(at % 7, BLOCK, 8):
        middle[place] ^= 1 << (place // 8 % 8)
    return whole[:at] + bytes(middle) + whole[at + BLOCK :]


def _one_bit(whole: bytes, at: int) -> bytes:
    place = at + at // BLOCK * 37 % BLOCK
    return whole[:place] + bytes([whole[place] ^ 1 << at // BLOCK % 8]) + whole[place + 1 :]


def _cut(whole: bytes, at: int) -> bytes:
    return whole[:at]


def _shifted(whole: bytes, at: int) -> bytes:
    """The neighbour's block, written twice."""
    other = at + BLOCK if at + 2 * BLOCK <= len(whole) else at - BLOCK
    return whole[:at] + whole[other : other + BLOCK] + whole[at + BLOCK :]


def _records() -> list[Record]:
    """A run of eighty chunks with every kind of family, the last ones in flight."""
    found = [record(root, State.ACCEPTED, unknown_ids=("u2",)) for root in range(60)]
    found[7] = record(7, State.SPLIT)
    found[8] = record(8, State.SUPERSEDED)
    found[9] = record(9, State.REJECTED)
    found[10] = record(10, State.EXPIRED)
    found[11] = record(11, State.PLANNED)
    found += [
        record("7.0", State.ACCEPTED, parent="7"),
        record("7.1", State.SPLIT, parent="7"),
        record("7.1.0", State.REJECTED, parent="7.1"),
        record("7.1.1", State.PLANNED, parent="7.1"),
        record("8#1", State.IN_DOUBT, parent="8"),
    ]
    found += [record(root, State.IN_FLIGHT) for root in range(60, HIGHEST + 1)]
    return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small journal with something in each of its tables."""
    path = tmp_path_factory.mktemp("original") / "run.db"

    async def session() -> None:
        async with opened(path) as journal:
            journal.note(*_records())
            journal.keep(Status(progress={}, slices=(Slice(start=10.0, requests=3),)))
            journal.note_recall("3", "cancelled", 5.0)

    anyio.run(session)
    return path


@pytest.fixture
def victim(original: Path, path: Path) -> Path:
    """A copy of it, with what lies beside it."""
    for suffix in ("", *SIDE_FILES):
        shutil.copy(f"{original}{suffix}", f"{path}{suffix}")
    return path


def everything(path: Path) -> Iterator[object]:
    """Yield each thing that can be read of a journal, or its refusal."""
    with read_journal(path) as reader:
        yield reader.facts
        yield reader.ending
        yield reader.highest
        yield reader.salvaged_to
        yield tuple(reader.records())
        for read_on in (lambda: tuple(reader.records(ids=True)), reader.slices, reader.recalls):
            try:
                yield read_on()
            except JournalError:
                yield JournalError


def read_or_refused(path: Path) -> list[object]:
    """Return what could be read; nothing of a journal that is refused."""
    try:
        return list(everything(path))
    except JournalError:
        return []


@pytest.mark.parametrize("damage", [_zeroed, _flipped, _one_bit, _cut, _shifted])
def test_a_damaged_journal_is_read_as_it_was_or_refused(
    victim: Path, original: Path, damage: Damage
) -> None:
    """At every block of the file: never with other records, facts, ids or recalls than were written."""
    whole = original.read_bytes()
    truth = list(everything(original))
    assert JournalError not in truth
    refused = 0
    for at in range(0, len(whole), BLOCK):
        victim.write_bytes(damage(whole, at))
        found = read_or_refused(victim)
        refused += not found
        for known, seen in zip(truth, found, strict=False):
            assert seen in (known, JournalError), f"block at {at}"
    assert refused > len(whole) / BLOCK / 4


@pytest.mark.parametrize("junk", [b"x", bytes(BLOCK), b"\xff" * 4096, b"SQLite format 3\0" * 300])
def test_what_was_appended_changes_nothing(victim: Path, original: Path, junk: bytes) -> None:
    """SQLite knows where its file ends: read as it was, or refused."""
    victim.write_bytes(original.read_bytes() + junk)
    assert read_or_refused(victim) in ([], list(everything(original)))


def test_a_run_refuses_what_a_reader_refuses(victim: Path) -> None:
    """The checks are those of a resume; the file stays as it was found."""
    whole = victim.read_bytes()
    damaged = _zeroed(whole, len(whole) - 4096)
    victim.write_bytes(damaged)
    with pytest.raises(JournalError, match="cannot be trusted") as caught:
        anyio.run(journal_at(victim).open, FACTS)
    assert "salvage" in str(caught.value)
    assert victim.read_bytes() == damaged


# Each salvage syncs a new file: so every block with one kind of damage, and every third with the others.
@pytest.mark.parametrize(
    ("damage", "step"),
    [(_zeroed, 1), (_flipped, 3), (_one_bit, 3), (_cut, 3), (_shifted, 3)],
)
def test_salvage_keeps_only_what_was_written(
    victim: Path, original: Path, damage: Damage, step: int, tmp_path: Path
) -> None:
    """Wherever it is: what is in the new journal was in the old one, and no chunk with an intent can pass
    for one that was never sent.
    """  # noqa: D205 -- two halves of one promise
    whole = original.read_bytes()
    truth = {each.path: each for each in _records()}
    victim.with_name("run.db.status").unlink()
    saved, kept = 0, 0
    for at in range(0, len(whole), step * BLOCK):
        victim.write_bytes(damage(whole, at))
        target = tmp_path / f"saved{at}.db"
        try:
            result = salvage(victim, target)
        except JournalError as error:
            assert "cannot be read any more" in str(error)  # noqa: PT017 -- one of two good ends
            continue
        found = read(target, ids=True)
        assert all(each in (truth[each.path], bare(truth[each.path])) for each in found), at
        assert (len(found), result.lost) in {
            (result.kept, len(truth) - result.kept),
            (result.kept, None),
        }
        assert result.salvaged_to >= HIGHEST
        assert_covered(target, result.salvaged_to, truth)
        saved, kept = saved + 1, kept + len(found)
    if damage is not _cut:
        assert saved > len(whole) / BLOCK / step * 0.8
        assert kept / saved > len(truth) * 0.7


def assert_covered(path: Path, salvaged_to: int, truth: dict[str, Record]) -> None:
    """Check that the new journal is sound, and that a family is there whole or not at all."""
    with read_journal(path) as reader:
        assert (reader.facts, reader.salvaged_to) == (FACTS, salvaged_to)
        found = {each.path for each in reader.records()}
    for root in {each.root for each in truth.values()}:
        family = {each.path for each in truth.values() if each.root == root}
        assert found & family in (set(), family)


def test_an_undamaged_journal_is_salvaged_whole(original: Path, tmp_path: Path) -> None:
    """Records with their ids, timeline, recalls and ending; it can then be resumed."""
    target = tmp_path / "saved.db"
    result = salvage(original, target)
    assert (result.kept, result.lost, result.salvaged_to) == (len(_records()), 0, HIGHEST)
    facts, ending, highest, _, *rest = everything(target)
    assert (facts, ending, highest) == (FACTS, ENDING, HIGHEST)
    assert rest == list(everything(original))[4:]
    anyio.run(write, target, [record(80)])


def test_the_damaged_journal_stays_as_it_is(victim: Path, tmp_path: Path) -> None:
    """To salvage is to read."""
    victim.write_bytes(_flipped(victim.read_bytes(), 8192))
    before = {each.name: each.read_bytes() for each in victim.parent.iterdir()}
    salvage(victim, tmp_path / "elsewhere.db")
    for name, content in before.items():
        if not name.endswith(".lock"):
            assert victim.with_name(name).read_bytes() == content


def test_a_planned_chunk_of_a_damaged_table_counts_as_lost(victim: Path, tmp_path: Path) -> None:
    """Its row may be an old one, from before it was sent: so it is not sent for, and no half is either."""
    whole = victim.read_bytes()
    at = whole.index(b"tid-0")  # of one row alone
    victim.write_bytes(whole[:at] + b"TID" + whole[at + 3 :])
    salvage(victim, tmp_path / "saved.db")
    found = {each.path for each in read(tmp_path / "saved.db")}
    assert "8#1" in found
    assert not found & {"7", "7.0", "7.1", "7.1.0", "7.1.1"}
    assert State.PLANNED not in {each.life.state for each in read(tmp_path / "saved.db")}


SPLIT_SINCE = [
    record(7, State.SPLIT),
    record("7.0", State.ACCEPTED, parent="7"),
    record("7.1", State.ACCEPTED, parent="7"),
]
RETRIED_SINCE = [record(7, State.SUPERSEDED), record("7#1", State.ACCEPTED, parent="7")]


def _with_old_rows(path: Path, since: list[Record]) -> bytes:
    """Write a journal in which chunk 7 was rejected, then more; return it with its first rows put back."""
    first = [record(root, State.ACCEPTED) for root in range(10)]
    first[7], first[8] = record(7, State.REJECTED), record(8, State.IN_FLIGHT)
    anyio.run(write, path, first)
    page = _root_page(path, "chunk")
    old = path.read_bytes()[page : page + 4096]
    anyio.run(write, path, since)
    new = path.read_bytes()
    return new[:page] + old + new[page + 4096 :]


@pytest.mark.parametrize("since", [SPLIT_SINCE, RETRIED_SINCE])
def test_a_rejected_chunk_of_a_damaged_table_counts_as_lost(
    path: Path, tmp_path: Path, since: list[Record]
) -> None:
    """Its row may be from before its ids were accepted under another one: a retry would send to them twice.

    What was in flight stays so: it is repeated under the same id, if at all.
    """
    path.write_bytes(_with_old_rows(path, since))
    result = salvage(path, tmp_path / "saved.db")
    states = {each.path: each.life.state for each in read(tmp_path / "saved.db")}
    assert states.keys() == {str(root) for root in range(10) if root != 7}
    assert states["8"] is State.IN_FLIGHT
    assert (result.lost, result.salvaged_to) == (len(since), 9)


def test_without_the_count_of_rows_they_may_be_old(path: Path, tmp_path: Path) -> None:
    """Each is sound, and nobody can tell that others came after them: no chunk without one is sent."""
    spoiled = _with_old_rows(path, [record(root, State.ACCEPTED) for root in range(10, 40)])
    tally = _root_page(path, "tally")
    path.write_bytes(spoiled[:tally] + bytes(4096) + spoiled[tally + 4096 :])
    path.with_name("run.db.status").unlink()
    result = salvage(path, tmp_path / "saved.db")
    assert (result.kept, result.lost, result.salvaged_to) == (9, None, EVERY_CHUNK)
    assert State.REJECTED not in {each.life.state for each in read(tmp_path / "saved.db")}


@pytest.mark.parametrize(
    ("later", "damaged"),
    [(record(10), b"tid-3"), (record("7.0", State.ACCEPTED, parent="7"), b"none")],
)
def test_an_old_count_of_rows_is_none(
    path: Path, tmp_path: Path, later: Record, damaged: bytes
) -> None:
    """There are more rows than it says, or higher ones: it does not say where they end."""
    anyio.run(write, path, [record(root, State.ACCEPTED) for root in range(10)])
    tally = _root_page(path, "tally")
    old = path.read_bytes()[tally : tally + 4096]
    anyio.run(write, path, [later])
    new = path.read_bytes()
    spoiled = new[:tally] + old + new[tally + 4096 :]
    path.write_bytes(spoiled.replace(damaged, damaged.upper()))
    result = salvage(path, tmp_path / "saved.db")
    assert (result.lost, result.salvaged_to) == (None, EVERY_CHUNK)


@pytest.mark.parametrize(
    ("shown", "bound", "lost"), [("500", 500, 7), ("9" * 400, EVERY_CHUNK, 7), ("x", HIGHEST, 0)]
)
def test_the_status_file_may_know_more_than_the_rows(
    victim: Path, tmp_path: Path, shown: str, bound: int, lost: int
) -> None:
    """An older copy of the file lies beside a newer status: the higher of the two is believed, and no row
    that was planned or rejected.
    """  # noqa: D205 -- two halves of one promise
    status = victim.with_name("run.db.status")
    status.write_text(status.read_text().replace(f'"highest": {HIGHEST}', f'"highest": {shown}'))
    result = salvage(victim, tmp_path / "saved.db")
    assert (result.salvaged_to, result.lost) == (bound, lost)
    assert len(read(tmp_path / "saved.db")) == len(_records()) - lost


def test_where_nobody_can_tell_how_far_it_came_every_chunk_is_in_doubt(
    path: Path, tmp_path: Path
) -> None:
    """The count of rows is lost, and so are the rows: nothing may be sent any more."""
    anyio.run(write, path, [record(root) for root in range(2000)])
    whole = path.read_bytes()
    zeroed = bytearray(whole)
    for page in range(4096, len(whole), 4096):
        if b"tid-" in whole[page : page + 4096]:
            zeroed[page : page + 4096] = bytes(4096)
    tally = _root_page(path, "tally")
    zeroed[tally : tally + 4096] = bytes(4096)
    path.write_bytes(zeroed)
    result = salvage(path, tmp_path / "saved.db")
    assert (result.kept, result.lost, result.salvaged_to) == (0, None, EVERY_CHUNK)


def test_rows_behind_a_damaged_page_are_found_without_their_count(
    path: Path, tmp_path: Path
) -> None:
    """Nobody says how far to look, and whoever reads from the front comes no further than the damage."""
    anyio.run(write, path, [record(root, State.ACCEPTED) for root in range(2000)])
    whole = bytearray(path.read_bytes())
    middle = whole.index(b"tid-1000") // 4096 * 4096
    for page in (middle, _root_page(path, "tally")):
        whole[page : page + 4096] = bytes(4096)
    path.write_bytes(whole)
    salvage(path, tmp_path / "saved.db")
    roots = {each.root for each in read(tmp_path / "saved.db")}
    assert {0, 1999} <= roots
    assert 1900 < len(roots) < 2000


def _root_page(path: Path, table: str) -> int:
    """Return where a table's first page lies; a small table has no other."""
    connection = sqlite3.connect(path)
    (page,) = connection.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)
    ).fetchone()
    connection.close()
    return int((page - 1) * 4096)


def test_salvage_into_something_that_is_there_is_refused(victim: Path, tmp_path: Path) -> None:
    """Nothing is written over, the damaged journal least of all."""
    other = tmp_path / "other.db"
    other.touch(0o600)
    for target in (victim, other):
        with pytest.raises(JournalError):
            salvage(victim, target)
    assert other.read_bytes() == b""
    with pytest.raises(JournalError, match="there is no such journal"):
        salvage(tmp_path / "missing.db", tmp_path / "saved.db")


async def test_a_journal_in_use_is_neither_salvaged_nor_purged(path: Path, tmp_path: Path) -> None:
    """Its lock says so."""
    async with opened(path) as journal:
        with pytest.raises(JournalLockedError):
            salvage(path, tmp_path / "saved.db")
        with pytest.raises(JournalLockedError):
            purge(path)
        await journal.intend(record(0))
    assert len(read(path)) == 1


def test_purge_removes_every_file(victim: Path) -> None:
    """Damaged or not, and what a crash may have left beside it; a second time there is nothing."""
    victim.write_bytes(b"no database")
    victim.with_name("run.db.status.new").touch()
    purge(victim)
    assert list(victim.parent.iterdir()) == []
    with pytest.raises(JournalError, match="there is no such journal"):
        purge(victim)


def test_purge_removes_what_is_left_of_a_journal(victim: Path) -> None:
    """The database was deleted by hand; a link is not followed."""
    victim.unlink()
    purge(victim)
    assert list(victim.parent.iterdir()) == []
    target = victim.with_name("precious.txt")
    target.write_text("keep")
    victim.symlink_to(target)
    with pytest.raises(JournalError, match="symbolic link"):
        purge(victim)
    assert target.read_text() == "keep"
    assert sorted(each.name for each in target.parent.iterdir()) == ["precious.txt", "run.db"]
