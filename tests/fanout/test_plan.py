"""The plan: nobody lost, nobody twice, always the same chunks."""

import json
import tracemalloc
import uuid
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError
from pushwoosh_async._fanout.chunks import Chunk, Message, halves, successor
from pushwoosh_async._fanout.plan import MIN_WITH_CODE, Planner
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._wire.encode import Template
from pushwoosh_async._wire.identity import RunIdentity, ids_digest
from pushwoosh_async.targeting.recipients import id_fault

RUN = RunIdentity(
    run_id=uuid.UUID(int=1),
    base_url="https://api.pushwoosh.com",
    target="XXXXX-XXXXX",
)
MESSAGE = Message("users", Template("00" * 32, b'{"send_date":"now",'))

fine = st.sampled_from(["a", "b", "c", "é", "日本", "🙂", '"', "\\", "a b", "a\x00b"])
faulty = st.sampled_from(["", " ", "a ", "\ud800", "\u200b", "x" * 1025])
ids_to_send = st.integers(0, 90).flatmap(lambda size: st.lists(fine, min_size=size, max_size=size))
mixed = st.lists(fine | faulty, max_size=60)
sizes = st.integers(1, 40)


def planner(
    size: int = 10,
    *,
    invalid: InvalidPolicy = "raise",
    dedupe: bool = False,
    run: RunIdentity = RUN,
    message: Message = MESSAGE,
) -> Planner:
    """Make a planner, of users where nothing else is said."""
    return Planner(run, message, chunk_size=size, invalid=invalid, dedupe=dedupe)


def cut(plan: Planner, source: Sequence[str], page_size: int = 7) -> list[Chunk]:
    """Feed a source a page at a time."""
    chunks: list[Chunk] = []
    for start in range(0, len(source), page_size):
        chunks += plan.feed(source[start : start + page_size])
    return chunks + plan.finish()


def joined(chunks: list[Chunk]) -> list[str]:
    """Return everybody who is sent to, in order."""
    return [text for chunk in chunks for text in chunk.ids]


@given(ids_to_send, sizes, st.integers(1, 30))
def test_everybody_is_in_one_chunk_in_order(source: list[str], size: int, page: int) -> None:
    """The ids of all chunks, one after the other, are the input."""
    plan = planner(size)
    chunks = cut(plan, source, page)
    assert joined(chunks) == source
    assert (plan.sieve.taken, plan.sieve.kept, plan.sieve.invalid, plan.sieve.duplicates) == (
        len(source),
        len(source),
        0,
        0,
    )
    assert [(chunk.start, chunk.stop) for chunk in chunks] == [
        (start, start + len(chunk.ids)) for start, chunk in zip(starts(chunks), chunks, strict=True)
    ]


def starts(chunks: list[Chunk]) -> list[int]:
    """Return where each chunk begins if nothing was set aside."""
    return [sum(len(chunk.ids) for chunk in chunks[:index]) for index in range(len(chunks))]


@given(st.integers(0, 5000), st.integers(1, 1000))
@example(21, 12)
@example(19, 10)
@example(20, 11)
@example(17, 15)
@example(1009, 1000)
@example(2001, 1000)
def test_only_the_last_two_chunks_are_short(count: int, size: int) -> None:
    """Chunks are full; the last holds what is left, filled up to 10 from the one before it
    wherever the two have 20 or more between them.
    """  # noqa: D205 -- the rule is one sentence
    chunks = cut(planner(size), [f"u{index}" for index in range(count)], 500)
    lengths = [len(chunk.ids) for chunk in chunks]
    full, rest = divmod(count, size)
    expected = [size] * full + [rest] * (rest > 0)
    if full and 0 < rest < MIN_WITH_CODE and size + rest >= 2 * MIN_WITH_CODE:
        expected[-2:] = [size + rest - MIN_WITH_CODE, MIN_WITH_CODE]
    assert lengths == expected
    assert sum(lengths[-2:]) < 2 * MIN_WITH_CODE or min(lengths[-2:]) >= MIN_WITH_CODE


@given(mixed, sizes, st.booleans(), st.data())
@example(["\x00", "é"], 10, False, None)
def test_same_chunks_however_the_pages_fall(
    source: list[str], size: int, dedupe: bool, data: st.DataObject | None
) -> None:
    """Ids, ranges, digests and transaction ids do not depend on how the source came in."""
    page = data.draw(st.integers(1, 60)) if data else 2
    one, other = (planner(size, invalid="drop", dedupe=dedupe) for _ in range(2))
    assert cut(one, source, page) == cut(other, source, 1)
    assert (one.sieve.taken, one.sieve.kept, one.sieve.invalid, one.sieve.duplicates) == (
        other.sieve.taken,
        other.sieve.kept,
        other.sieve.invalid,
        other.sieve.duplicates,
    )


@given(mixed, sizes, st.booleans(), st.integers(1, 30))
def test_what_is_set_aside_is_counted_and_nothing_else_is(
    source: list[str], size: int, dedupe: bool, page: int
) -> None:
    """Faulty ids are dropped, repeated ones too if asked, and the counts add up to the input."""
    plan = planner(size, invalid="drop", dedupe=dedupe)
    chunks = cut(plan, source, page)
    valid = [text for text in source if id_fault(text) is None]
    kept = list(dict.fromkeys(valid)) if dedupe else valid
    assert joined(chunks) == kept
    assert plan.sieve.taken == len(source)
    assert plan.sieve.invalid == len(source) - len(valid)
    assert plan.sieve.duplicates == len(valid) - len(kept)
    assert plan.sieve.taken == plan.sieve.kept + plan.sieve.invalid + plan.sieve.duplicates


@given(mixed, sizes, st.booleans(), st.integers(1, 30))
def test_ranges_follow_each_other_and_hold_their_ids(
    source: list[str], size: int, dedupe: bool, page: int
) -> None:
    """Each range begins at its first id, ends where the next begins, the last at the input's end."""
    chunks = cut(planner(size, invalid="drop", dedupe=dedupe), source, page)
    seen: set[str] = set()
    for chunk in chunks:
        assert source[chunk.start] == chunk.ids[0]
        inside = [text for text in source[chunk.start : chunk.stop] if id_fault(text) is None]
        if dedupe:
            inside = [text for text in dict.fromkeys(inside) if text not in seen]
            seen.update(inside)
        assert list(chunk.ids) == inside
    assert [a.stop for a in chunks[:-1]] == [b.start for b in chunks[1:]]
    assert all(a.start < a.stop for a in chunks)
    if chunks:
        assert chunks[-1].stop == len(source)
        assert all(id_fault(text) for text in source[: chunks[0].start])


@given(ids_to_send, sizes)
def test_paths_count_and_digests_are_of_the_ids(source: list[str], size: int) -> None:
    """Paths are 0, 1, 2, ...; transaction ids are the identity's, from path and digest."""
    chunks = cut(planner(size), source)
    assert [chunk.path for chunk in chunks] == [str(index) for index in range(len(chunks))]
    for chunk in chunks:
        named = RUN.transaction_id(chunk.path, "users", "00" * 32, chunk.digest)
        assert chunk.transaction_id == named


def test_same_source_and_run_give_the_same_transaction_ids() -> None:
    """A second start of the same run repeats itself."""
    source = [f"u{index}" for index in range(95)]
    assert cut(planner(), source) == cut(planner(), source)


@pytest.mark.parametrize(
    "other",
    [
        planner(run=attrs.evolve(RUN, run_id=uuid.UUID(int=2))),
        planner(run=attrs.evolve(RUN, target="YYYYY-YYYYY")),
        planner(run=attrs.evolve(RUN, base_url="https://elsewhere.example")),
        planner(message=attrs.evolve(MESSAGE, kind="devices")),
        planner(message=attrs.evolve(MESSAGE, template=Template("11" * 32, b"{"))),
    ],
)
def test_another_run_shares_no_transaction_id(other: Planner) -> None:
    """Another run, application, address, kind or message has other ids for every chunk."""
    source = [f"u{index}" for index in range(95)]
    ids = {chunk.transaction_id for chunk in cut(planner(), source)}
    others = {chunk.transaction_id for chunk in cut(other, source)}
    assert len(ids) == len(others) == 10
    assert not ids & others


def test_equal_chunks_of_one_run_have_their_own_transaction_ids() -> None:
    """The same ids twice in one input are two chunks, and two sends."""
    first, second = cut(planner(20), ["u"] * 40)
    assert list(first.ids) == list(second.ids)
    assert first.transaction_id != second.transaction_id


@given(st.lists(fine | st.text(min_size=1, max_size=20), min_size=1, max_size=30), sizes)
def test_chunk_holds_its_ids_as_they_are_sent(source: list[str], size: int) -> None:
    """The encoded ids are their JSON array, and the digest is of them."""
    for chunk in cut(planner(size, invalid="drop"), source):
        assert json.loads(chunk.encoded) == list(chunk.ids)
        assert chunk.digest == ids_digest(chunk.encoded)


@pytest.mark.parametrize("bad", ["", " u", "u\n", "\u200b", "\ud800", "x" * 1025])
@pytest.mark.parametrize("before", [0, 1, 12])
@pytest.mark.parametrize("dedupe", [False, True])
def test_invalid_id_is_raised_by_position(bad: str, before: int, dedupe: bool) -> None:
    """The error names position and rule, not the id; what came before it stays counted."""
    plan = planner(dedupe=dedupe)
    source = [f"u{index}" for index in range(before)]
    with pytest.raises(ConfigurationError, match=rf"^users\[{before}\]: an id [^\n]*$"):
        cut(plan, [*source, bad, "after"])
    assert plan.sieve.taken == plan.sieve.kept + plan.sieve.invalid
    assert (plan.sieve.kept, plan.sieve.invalid) == (before, 1)


class Text(str):
    """A subclass, whose text could change."""

    __slots__ = ()


@pytest.mark.parametrize("value", [5, None, b"canary", ["canary"], Text("canary"), 1.5])
@pytest.mark.parametrize("invalid", ["raise", "drop"])
def test_wrong_type_is_raised_under_either_policy(value: object, invalid: InvalidPolicy) -> None:
    """Dropping is for texts: anything else is a mistake, named by position and type alone."""
    with pytest.raises(TypeError) as caught:
        cut(planner(invalid=invalid), ["a"] * 20 + [value, "b"], 8)  # type: ignore[list-item]
    assert str(caught.value) == f"users[20]: expected a str, got {type(value).__name__}"


@pytest.mark.parametrize("value", [5, Text("canary")])
@pytest.mark.parametrize("page", [1, 2, 3, 50])
@pytest.mark.parametrize("dedupe", [False, True])
def test_wrong_type_is_named_by_its_position_in_the_input(
    value: Any, page: int, dedupe: bool
) -> None:
    """What was set aside before it, and how the pages fall, do not change the position."""
    source = ["a", "", "b", " ", "c", value, "d"]
    with pytest.raises(TypeError, match=r"^users\[5\]: "):
        cut(planner(invalid="drop", dedupe=dedupe), source, page)


@given(st.integers(1, 50), st.integers(1, 50))
def test_little_is_held_back(size: int, page: int) -> None:
    """While the source lasts, at most one chunk and the filling of a tail wait in memory."""
    plan = planner(size)
    sent = 0
    for start in range(0, 400, page):
        sent += sum(len(c.ids) for c in plan.feed([f"u{i}" for i in range(start, start + page)]))
        assert plan.sieve.kept - sent < size + MIN_WITH_CODE


@pytest.mark.parametrize("kind", ["invalid", "duplicates"])
def test_long_stretches_set_aside_cost_no_memory(kind: str) -> None:
    """A source may hold any number of ids in a row that are not sent to."""
    plan = planner(1000, invalid="drop", dedupe=kind == "duplicates")
    page = [""] * 1000 if kind == "invalid" else ["u"] * 1000
    plan.feed(page)
    tracemalloc.start()
    for _ in range(50):
        plan.feed(page)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 200_000


def test_empty_input_makes_no_chunk() -> None:
    """Nobody to send to is nothing to send."""
    assert cut(planner(), []) == []
    plan = planner(invalid="drop")
    assert cut(plan, ["", " "]) == []
    assert (plan.sieve.taken, plan.sieve.invalid) == (2, 2)


def test_chunk_does_not_show_its_ids() -> None:
    """A chunk in a log line or traceback names nobody."""
    (chunk,) = cut(planner(), ["canary-user"])
    assert "canary" not in repr(chunk)


@given(st.lists(fine, min_size=1, max_size=20))
def test_duplicates_are_exact(source: list[str]) -> None:
    """Only equal ids are duplicates: no case folding, no normalisation."""
    assume(len(source) == len(set(source)))
    variants = [*source, "A", "B", "É", "E\u0301", "e\u0301", "a-b", "\uff41"]
    plan = planner(dedupe=True)
    assert joined(cut(plan, variants)) == list(dict.fromkeys(variants))


# -- what stands in the place of a chunk --------------------------------------------------------


@given(mixed, sizes, st.booleans())
def test_what_is_set_aside_is_told_by_the_chunk_it_lies_in(
    source: list[str], size: int, dedupe: bool
) -> None:
    """From the first id on, every input is an id of a chunk or counted by the chunk it lies in."""
    plan = planner(size, invalid="drop", dedupe=dedupe)
    chunks = cut(plan, source)
    for chunk in chunks:
        assert chunk.stop - chunk.start == len(chunk.ids) + chunk.invalid + chunk.duplicates
        positions = [chunk.position(index) for index in range(len(chunk.ids))]
        assert [source[at] for at in positions] == chunk.ids
    before = chunks[0].start if chunks else len(source)
    assert before + sum(chunk.stop - chunk.start for chunk in chunks) == len(source)


@given(mixed, sizes, st.booleans())
def test_halves_are_the_whole(source: list[str], size: int, dedupe: bool) -> None:
    """Cut down to single ids, everybody is in one leaf, at the position where the input has them."""
    leaves: list[Chunk] = []
    line = cut(planner(size, invalid="drop", dedupe=dedupe), source)
    roots = list(line)
    while line:
        chunk = line.pop(0)
        if len(chunk.ids) == 1:
            leaves.append(chunk)
        else:
            left, right = halves(chunk, RUN)
            assert (left.start, left.stop, right.stop) == (chunk.start, right.start, chunk.stop)
            assert (left.parent, right.parent) == (chunk.path, chunk.path)
            line[:0] = [left, right]
    assert joined(leaves) == joined(roots)
    assert [source[leaf.start] for leaf in leaves] == joined(leaves)
    ids = [leaf.transaction_id for leaf in leaves]
    assert len(set(ids)) == len(ids)
    assert all(leaf.digest == ids_digest(leaf.encoded) for leaf in leaves)


def test_successor_has_the_ids_and_another_name() -> None:
    """The same people under a fresh transactionId, each time a new one."""
    (chunk,) = cut(planner(), ["a", "b"])
    first = successor(chunk, RUN)
    second = successor(first, RUN)
    half = halves(second, RUN)[1]
    third = successor(half, RUN)
    assert [each.path for each in (first, second, half, third)] == [
        "0#1",
        "0#2",
        "0#2.1",
        "0#2.1#1",
    ]
    assert [each.parent for each in (first, second, half, third)] == ["0", "0#1", "0#2", "0#2.1"]
    assert first.ids == second.ids == chunk.ids
    assert third.ids == ["b"]
    tids = {each.transaction_id for each in (chunk, first, second, half, third)}
    assert len(tids) == 5


def test_adopted_run_gives_its_own_transaction_ids() -> None:
    """A resumed run finds the ids of the run it goes on with."""
    fresh, other = planner(), planner(run=attrs.evolve(RUN, run_id=uuid.UUID(int=2)))
    other.adopt(str(RUN.run_id))
    assert cut(fresh, ["a"]) == cut(other, ["a"])
