"""What is written comes back as it was, and a row that was changed in any place is known for it."""

from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from journal.journal_world import ENDING, FACTS, finite, record, records, slices, texts
from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.sqlite_journal.rows import (
    DamagedError,
    Recall,
    Row,
    place_in_family,
    recall_of,
    recall_row,
    record_of,
    row_of,
    slice_of,
    slice_row,
)
from pushwoosh_async._fanout.sqlite_journal.run_row import RunRow, run_of, values_of
from pushwoosh_async._fanout.timeline import Slice
from pushwoosh_async._window import Stamp

facts = st.builds(
    RunFacts,
    run_id=texts,
    send_id=st.none() | texts,
    base_url=texts,
    application=st.none() | texts,
    applications_group=st.none() | texts,
    kind=texts,
    template_digest=texts,
    notification=texts,
    chunk_size=st.integers(1, 1000),
    dedupe=st.booleans(),
    invalid=texts,
    fingerprint=texts,
    source=texts,
    total=st.none() | st.integers(0, 2**40),
    window=finite,
    margin=finite,
    store_ids=st.booleans(),
    concurrency=st.integers(1, 1000),
    library=texts,
    created=st.builds(Stamp, finite, finite, texts),
)
endings = st.builds(
    Ending,
    complete=st.booleans(),
    taken=st.integers(0, 2**40),
    invalid=st.integers(0, 2**40),
    duplicates=st.integers(0, 2**40),
    input_complete=st.booleans(),
    stopped=texts,
    seconds=finite,
    ended=finite,
    requests=st.integers(0, 2**40),
    retries=st.integers(0, 2**40),
)


@given(records)
def test_a_record_comes_back_as_it_was(each: Record) -> None:
    """Every value of a record survives its row."""
    assert record_of(row_of(each)) == each


@given(slices, st.integers(1, 1000))
def test_a_slice_comes_back_as_it_was(each: Slice, session: int) -> None:
    """Every value of a slice survives its row."""
    assert slice_of(slice_row(session, each)) == each


@given(texts, texts, finite)
def test_a_recall_comes_back_as_it_was(path: str, result: str, at: float) -> None:
    """Every value of a recall survives its row."""
    assert recall_of(recall_row(Recall(path, result, at))) == Recall(path, result, at)


@given(facts, st.none() | endings, st.integers(-1, 2**40), st.integers(1, 1000))
def test_a_run_comes_back_as_it_was(
    found: RunFacts, ending: Ending | None, salvaged_to: int, session: int
) -> None:
    """Every fact of a run survives its row, and so does how it ended."""
    run = RunRow(facts=found, ending=ending, salvaged_to=salvaged_to, session=session)
    assert run_of(values_of(run)) == run


@given(records, st.data())
def test_a_changed_record_is_known_for_it(each: Record, data: st.DataObject) -> None:
    """No value of a row can become another, or be of another type, unnoticed."""
    row = row_of(each)
    with pytest.raises(DamagedError):
        record_of(_changed(row, data))


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (values_of(RunRow(facts=FACTS, ending=ENDING)), run_of),
        (slice_row(1, Slice(start=10.0, latencies={3: 1})), slice_of),
        (recall_row(Recall("1", "cancelled", 5.0)), recall_of),
    ],
    ids=["run", "slice", "recall"],
)
@given(data=st.data())
def test_any_other_changed_row_is_known_for_it(
    row: Row, read: Callable[[Row], object], data: st.DataObject
) -> None:
    """The same holds for the other tables."""
    with pytest.raises(DamagedError):
        read(_changed(row, data))


def _changed(row: Row, data: st.DataObject) -> Row:
    at = data.draw(st.integers(0, len(row) - 1))
    value = row[at]
    others = st.none() | st.integers(0, 2**31) | finite | texts | st.binary(max_size=9)
    other = data.draw(others.filter(lambda other: type(other) is not type(value) or other != value))
    # 0 and 0.0, 1 and True, are the same to SQLite and to us.
    if isinstance(other, (int, float)) and isinstance(value, (int, float)) and other == value:
        other = value + 1
    return (*row[:at], other, *row[at + 1 :])


def test_half_a_surrogate_pair_from_a_server_can_be_written() -> None:
    """A text that no file can hold becomes one that it can; the rest of the record stays."""
    odd = record("1")
    odd = evolve(odd, life=evolve(odd.life, reason="no \ud800", message_code="X\udfff"), ids=b"")
    found = record_of(row_of(odd))
    assert (found.life.reason, found.life.message_code) == ("no ?", "X?")
    assert evolve(found, life=odd.life) == odd


def test_families_are_sorted_as_they_descend() -> None:
    """A parent comes first, halves before later ones, and ten after nine."""
    family = [
        "7",
        "7.0",
        "7.0.0",
        "7.0.1",
        "7.0.1#1",
        "7.1",
        "7#1",
        "7#1.0",
        "7#1.1",
        "7#2",
        "7#10",
    ]
    assert sorted(sorted(family), key=place_in_family) == family
