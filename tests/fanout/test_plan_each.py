"""The plan of many notifications: each to its own recipients, nobody lost, always the same chunks."""

import uuid
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError, InputChangedError, Notification
from pushwoosh_async._fanout.chunks import Chunk, halves, successor
from pushwoosh_async._fanout.journal import record_of
from pushwoosh_async._fanout.plan_each import EachPlanner, check_notifications
from pushwoosh_async._fanout.recut import check_chunk
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._fanout.state import Life
from pushwoosh_async._wire.encode import template
from pushwoosh_async._wire.identity import RunIdentity, encode_ids, ids_digest
from pushwoosh_async.targeting.recipients import id_fault

RUN = RunIdentity(uuid.UUID(int=1), "https://x.example", "XXXXX-XXXXX")
OWN = "11111111-1111-4111-8111-111111111111"

fine = st.sampled_from(["a", "b", "c", "é", "日本", '"', "a b"])
faulty = st.sampled_from(["", " ", "a ", "\u200b"])
contents = st.sampled_from(["Hi", "Hello", "Hé"])
sizes = st.integers(1, 6)


def notification(
    kind: str, content: str, ids: Sequence[str], own_id: str | None = None
) -> Notification:
    """A notification to these."""
    audience: dict[str, Any] = {kind: ids}
    return Notification(content=content, transaction_id=own_id, **audience)


def notifications(ids: st.SearchStrategy[str]) -> st.SearchStrategy[list[Notification]]:
    """Any number of notifications, to users and devices mixed."""
    kinds = st.sampled_from(["users", "devices"])
    audiences = st.lists(ids, min_size=1, max_size=9)
    return st.lists(st.builds(notification, kinds, contents, audiences), max_size=9)


def planner(
    size: int = 1000, *, invalid: InvalidPolicy = "drop", dedupe: bool = False
) -> EachPlanner:
    """Make a planner."""
    return EachPlanner(RUN, chunk_size=size, invalid=invalid, dedupe=dedupe)


def cut(plan: EachPlanner, source: Sequence[Notification], page_size: int = 3) -> list[Chunk]:
    """Feed a source a page at a time."""
    chunks: list[Chunk] = []
    for start in range(0, len(source), page_size):
        chunks += plan.feed(source[start : start + page_size])
    return chunks + plan.finish()


def kind_of(each: Notification) -> str:
    """Return which list it names."""
    return "users" if each.users is not None else "devices"


def ids_of(each: Notification) -> list[str]:
    """Return whom it names."""
    return list(each.users or each.devices or ())


def inputs_of(source: Sequence[Notification]) -> list[tuple[Notification, str]]:
    """Return every input position of a source."""
    return [(each, text) for each in source for text in ids_of(each)]


# -- who gets what ----------------------------------------------------------------------------------


@given(notifications(fine | faulty), sizes, st.booleans())
def test_everybody_gets_their_own_notification_once(
    source: list[Notification], size: int, dedupe: bool
) -> None:
    """Whoever is kept is in one chunk, at the position of the input, with what that notification says."""
    inputs = inputs_of(source)
    found: dict[int, str] = {}
    for chunk in cut(planner(size, dedupe=dedupe), source):
        for index, text in enumerate(chunk.ids):
            each, expected = inputs[chunk.position(index)]
            assert text == expected
            assert chunk.message.kind == kind_of(each)
            assert chunk.message.template == template(each)
            assert chunk.position(index) not in found
            found[chunk.position(index)] = text
    assert list(found) == sorted(found)
    assert set(found) == _kept(inputs, dedupe=dedupe)


def _kept(inputs: Sequence[tuple[Notification, str]], *, dedupe: bool) -> set[int]:
    """Return the positions that are sent to: a user and a device of one name are two."""
    kept: set[int] = set()
    seen: set[tuple[str, str]] = set()
    for position, (each, text) in enumerate(inputs):
        who = (kind_of(each), text)
        if id_fault(text) is None and not (dedupe and who in seen):
            kept.add(position)
            seen.add(who)
    return kept


@given(notifications(fine | faulty), sizes, st.booleans())
def test_what_is_set_aside_is_counted_by_the_chunk_that_it_lies_in(
    source: list[Notification], size: int, dedupe: bool
) -> None:
    """Between notifications too: ranges follow each other up to the end of the input."""
    plan = planner(size, dedupe=dedupe)
    chunks = cut(plan, source)
    inputs = inputs_of(source)
    for chunk in chunks:
        assert chunk.start == chunk.position(0)
        assert chunk.stop - chunk.start == len(chunk.ids) + chunk.invalid + chunk.duplicates
        inside = [text for _, text in inputs[chunk.start : chunk.stop]]
        assert chunk.invalid == sum(id_fault(text) is not None for text in inside)
    assert [one.stop for one in chunks[:-1]] == [other.start for other in chunks[1:]]
    assert not chunks or chunks[-1].stop == len(inputs)
    assert plan.sieve.taken == len(inputs)
    assert plan.sieve.kept == sum(len(chunk.ids) for chunk in chunks)
    assert plan.sieve.taken == plan.sieve.kept + plan.sieve.invalid + plan.sieve.duplicates


@given(notifications(fine), sizes)
def test_long_notifications_are_cut(source: list[Notification], size: int) -> None:
    """Each into full chunks and a rest; no chunk holds two notifications."""
    expected = [
        ids_of(each)[start : start + size]
        for each in source
        for start in range(0, len(ids_of(each)), size)
    ]
    chunks = cut(planner(size), source)
    assert [chunk.ids for chunk in chunks] == expected
    assert [chunk.path for chunk in chunks] == [str(number) for number in range(len(chunks))]


@given(notifications(fine | faulty), sizes, st.booleans(), st.integers(1, 9))
def test_same_chunks_however_the_pages_fall(
    source: list[Notification], size: int, dedupe: bool, page: int
) -> None:
    """Ids, ranges, digests, messages and transaction ids do not depend on how the source came in."""
    one, other = (planner(size, dedupe=dedupe) for _ in range(2))
    assert cut(one, source, page) == cut(other, source, 1)


@given(notifications(fine), sizes, st.integers(1, 9))
def test_little_is_held_back(source: list[Notification], size: int, page: int) -> None:
    """While the source lasts, at most one notification waits in memory."""
    plan = planner(size)
    sent = 0
    for start in range(0, len(source), page):
        part = source[start : start + page]
        sent += sum(len(chunk.ids) for chunk in plan.feed(part))
        assert plan.sieve.kept - sent == len(ids_of(part[-1]))


# -- under which id ---------------------------------------------------------------------------------


@given(notifications(fine), sizes)
def test_transaction_ids_are_of_the_run_the_place_and_all_that_is_sent(
    source: list[Notification], size: int
) -> None:
    """The identity's, from path, kind, content and ids: none comes twice."""
    chunks = cut(planner(size), source)
    for chunk in chunks:
        digest = ids_digest(encode_ids(chunk.ids))
        message = chunk.message
        named = RUN.transaction_id(chunk.path, message.kind, message.template.digest, digest)
        assert chunk.transaction_id == named
    assert len({chunk.transaction_id for chunk in chunks}) == len(chunks)


def test_transaction_id_of_the_callers_own_is_sent() -> None:
    """That chunk has it, its halves and its successor do not, and the journal is told its content."""
    source = [notification("users", "Hi", ["a", "b"], OWN), notification("users", "Hi", ["c"])]
    own, other = cut(planner(), source)
    assert own.transaction_id == OWN
    assert other.transaction_id != OWN
    instead = [*halves(own, RUN), successor(own, RUN)]
    assert len({OWN, *(each.transaction_id for each in instead)}) == 4
    assert {each.message.content for each in (own, other, *instead)} == {
        f"users {template(source[0]).digest}"
    }


def test_own_transaction_id_does_not_enter_the_content() -> None:
    """It is no part of what is sent: with it or without, the digest is the same."""
    one, other = (
        cut(planner(), [notification("users", "Hi", ["a"], own)])[0] for own in (OWN, None)
    )
    assert one.message == other.message


@pytest.mark.parametrize("between", [0, 2])
def test_own_transaction_id_that_comes_twice_is_refused(between: int) -> None:
    """The API would drop the second; whichever notification it stands in."""
    others = [notification("users", "Hi", ["x"])] * between
    source = [
        notification("users", "Hi", ["a"], OWN),
        *others,
        notification("devices", "Other", ["b"], OWN),
    ]
    where = rf"^notifications\[{between + 1}\]: its transaction_id came before"
    with pytest.raises(ConfigurationError, match=where):
        cut(planner(), source)


def test_own_transaction_id_of_more_than_a_chunk_is_refused() -> None:
    """Cut in two it would be sent under one id, and the API would drop the second part."""
    source = [notification("users", "Hi", ["x"]), notification("users", "Hi", ["a", "b", "c"], OWN)]
    with pytest.raises(ConfigurationError, match=r"^notifications\[1\]: 3 ids under one"):
        cut(planner(2), source)
    assert len(cut(planner(3), source)) == 2


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (notification("users", "Changed", ["a"], OWN), "content"),
        (notification("devices", "Hi", ["a"], OWN), "content"),
        (notification("users", "Hi", ["b"], OWN), "ids of digest"),
        (notification("users", "Hi", ["a"]), "transactionId"),
    ],
)
def test_journal_tells_what_else_is_sent_under_the_same_id(
    other: Notification, differs: str
) -> None:
    """The caller's own id says nothing of what is sent to whom: all of it is compared."""
    (begun,) = cut(planner(), [notification("users", "Hi", ["a"], OWN)])
    record = record_of(begun, Life())
    check_chunk(begun, record)
    with pytest.raises(InputChangedError, match=f"the journal was made for {differs}"):
        check_chunk(cut(planner(), [other])[0], record)


def test_adopted_run_gives_its_own_transaction_ids() -> None:
    """A resumed run finds the ids of the run it goes on with."""
    source = [notification("users", "Hi", ["a"])]
    other = EachPlanner(
        attrs.evolve(RUN, run_id=uuid.UUID(int=2)), chunk_size=9, invalid="drop", dedupe=False
    )
    other.adopt(str(RUN.run_id))
    assert cut(other, source) == cut(planner(), source)


# -- what is refused --------------------------------------------------------------------------------

_UNADDRESSED = [
    (Notification(content="Hi"), "must name users or devices, and names none"),
    (
        Notification(content="Hi", users=["a"], devices=["b"]),
        "must name users or devices, and names users and devices",
    ),
    (
        Notification(content="Hi", filter="adults"),
        "must name users or devices, and names filter",
    ),
    (
        Notification(content="Hi", devices=["b"], filter="adults"),
        "must name users or devices, and names devices and filter",
    ),
]


@pytest.mark.parametrize(("bad", "why"), _UNADDRESSED)
def test_notification_to_everybody_or_two_audiences_is_refused(bad: Notification, why: str) -> None:
    """By its place; nothing is sent for it, and those before it count."""
    good = notification("users", "Hi", ["a", "b"])
    plan = planner()
    with pytest.raises(ConfigurationError) as caught:
        cut(plan, [good, bad])
    assert str(caught.value) == f"notifications[1]: {why}"
    assert (plan.sieve.taken, plan.sieve.kept) == (2, 2)
    with pytest.raises(ConfigurationError) as caught:
        check_notifications([good, bad], 0)
    assert str(caught.value) == f"notifications[1]: {why}"


@pytest.mark.parametrize("kind", ["users", "devices"])
def test_empty_audience_is_refused(kind: str) -> None:
    """On the wire a notification without recipients goes to every subscriber."""
    source = [notification("users", "Hi", ["a"]), notification(kind, "Hi", [])]
    for take in (lambda: cut(planner(), source), lambda: check_notifications(source, 0)):
        with pytest.raises(
            ConfigurationError, match=rf"^notifications\[1\]\.{kind}: must not be em"
        ):
            take()


@given(notifications(faulty))
def test_nobody_left_is_nothing_to_send(source: list[Notification]) -> None:
    """A notification whose ids are all dropped makes no chunk: never one to everybody."""
    plan = planner()
    assert cut(plan, source) == []
    assert plan.sieve.invalid == plan.sieve.taken == len(inputs_of(source))


@pytest.mark.parametrize("item", [None, "canary", {"content": "canary"}, ["canary"], 5])
def test_what_is_no_notification_is_refused(item: Any) -> None:
    """By its place and type, and not by what it holds."""
    source: list[Any] = [notification("users", "Hi", ["a"]), item]
    expected = rf"^notifications\[1\]: expected a Notification, got {type(item).__name__}$"
    with pytest.raises(TypeError, match=expected):
        cut(planner(), source)
    with pytest.raises(TypeError, match=expected):
        check_notifications(source, 0)


@pytest.mark.parametrize("page", [1, 2, 9])
def test_bad_id_is_named_by_its_place(page: int) -> None:
    """Which notification and which of its ids, whatever was taken before; not the id itself."""
    source = [
        notification("users", "Hi", ["a", "b"]),
        notification("devices", "Hi", ["c", "d", " canary"]),
    ]
    expected = r"^notifications\[1\]\.devices\[2\]: an id (?!.*canary)"
    plan = planner(invalid="raise")
    with pytest.raises(ConfigurationError, match=expected):
        cut(plan, source, page)
    assert (plan.sieve.taken, plan.sieve.kept, plan.sieve.invalid) == (5, 4, 1)
    with pytest.raises(ConfigurationError, match=expected):
        check_notifications(source, 0)


def test_check_counts_from_where_its_page_begins() -> None:
    """The third page of a source names the notification's place in the source."""
    with pytest.raises(ConfigurationError, match=r"^notifications\[1025\]\.users\[0\]: "):
        check_notifications(
            [notification("users", "Hi", ["a"]), notification("users", "Hi", [" "])], 1024
        )
