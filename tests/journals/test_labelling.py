"""Who got it, said of every input: against the run's own report, and against the server."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from random import Random
from typing import Any

import anyio
import pytest
from attrs import evolve
from fanout_world import names
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import (
    ChunkOutcome,
    ConfigurationError,
    InputChangedError,
    RecipientLabel,
    SendReport,
)
from pushwoosh_async._fanout.journal import EVERY_CHUNK
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async.testing import FakeClock

from .stories import BAD, INVALID, SESSIONS, SOURCES, Session, Story, counted, six

OPTIONS = st.fixed_dictionaries(
    {
        "chunk_size": st.sampled_from([1, 4, 10, 15, 40]),
        "dedupe": st.booleans(),
        "concurrency": st.integers(1, 4),
        "on_rejected": st.sampled_from(["report", "bisect"]),
        "bisect_requests": st.sampled_from([2, 6, 1000]),
        "invalid": st.just("drop"),
    }
)
ONCE = Session(None, None, Again(), frozenset())


def lived(story: Story, sessions: Sequence[Session], pause: float = 1.0) -> Story:
    """Go through its sessions."""

    async def live() -> None:
        clock = FakeClock()
        for session in sessions:
            await story.live(session, clock)
            clock.advance(pause)

    anyio.run(live)
    return story


def unhurried(report: SendReport) -> SendReport:
    """A report but for what depends on the order in which chunks ended, and on the sessions' times."""
    return evolve(
        report,
        seconds=0.0,
        rejected_chunks=by_place(report.rejected_chunks),
        in_doubt_chunks=by_place(report.in_doubt_chunks),
    )


def by_place(chunks: Sequence[ChunkOutcome]) -> tuple[ChunkOutcome, ...]:
    """In the order of the input."""
    return tuple(sorted(chunks, key=lambda chunk: (chunk.start, chunk.stop)))


@given(SOURCES, OPTIONS, st.lists(SESSIONS, min_size=1, max_size=3), st.sampled_from([1.0, 1000.0]))
def test_each_input_is_labelled_once_truly_and_as_the_report_counts(
    source: list[str], options: dict[str, object], sessions: list[Session], pause: float
) -> None:
    """Whatever was refused, split, doubted, drained or killed on the way, and sent again."""
    story = lived(Story(source, options, BAD), sessions, pause)
    found = anyio.run(story.labels)
    report = story.standing().report

    assert [(label.position, label.id) for label in found] == list(enumerate(source))
    labels, counts = counted(found), six(report)
    for settled in ("accepted", "rejected", "in_doubt"):
        assert labels[settled] == counts[settled]
    # What was never read is not sent in the report; whoever reads it all sees what is wrong with it.
    assert sum(labels.values()) == sum(counts.values()) == len(source)
    assert labels["invalid"] >= counts["invalid"]
    assert labels["duplicate"] >= counts["duplicate"]
    if story.disk.ending is not None and story.disk.ending.complete:
        assert labels == counts

    assert sum(chunk.recipients for chunk in report.rejected_chunks) == report.rejected
    assert sum(chunk.recipients for chunk in report.in_doubt_chunks) == report.in_doubt
    left_out = {at for start, stop in report.not_sent_ranges for at in range(start, stop)}
    assert {label.position for label in found if label.outcome == "not_sent"} <= left_out

    by_outcome = {
        outcome: {label.position for label in found if label.outcome == outcome}
        for outcome in labels
    }
    assert by_outcome["accepted"] <= story.accepted
    assert story.accepted <= by_outcome["accepted"] | by_outcome["in_doubt"]
    assert story.doubted <= by_outcome["accepted"] | by_outcome["in_doubt"]
    assert {found[at].id for at in by_outcome["invalid"]} <= set(INVALID)


@given(SOURCES, OPTIONS, st.lists(SESSIONS, min_size=1, max_size=3), st.sampled_from([1.0, 1000.0]))
def test_the_report_that_is_read_is_the_one_that_was_given(
    source: list[str], options: dict[str, object], sessions: list[Session], pause: float
) -> None:
    """The journal of a run whose last session did not die says what that session said."""
    story = lived(Story(source, options, BAD), sessions, pause)
    if story.reports:
        standing = story.standing()
        assert unhurried(standing.report) == unhurried(story.reports[-1])
        assert standing.progress.accepted == standing.report.accepted
        if story.disk.ending is not None and story.disk.ending.complete:
            assert standing.progress.taken == len(source)
        before = dict(story.disk.rows)
        lived(story, [ONCE])
        assert standing.finished == (story.disk.rows == before)


def test_a_source_that_is_another_is_refused_where_it_differs() -> None:
    """What comes before the difference is labelled, and truly; nothing of the chunk that differs."""
    story = lived(Story(names(40), {}), [ONCE])
    for at in range(40):
        changed = [*names(at), "another", *names(40)[at + 1 :]]
        seen, error = anyio.run(seen_before_the_end, story, changed)
        assert isinstance(error, InputChangedError)
        assert "digest" in error.expected
        assert [label.position for label in seen] == list(range(at // 10 * 10))
        assert {label.outcome for label in seen} <= {"accepted"}


async def seen_before_the_end(
    story: Story, source: Any
) -> tuple[list[RecipientLabel], Exception | None]:
    """Label until it ends, well or not."""
    seen: list[RecipientLabel] = []
    try:
        async with aclosing(story.labelling(source)) as found:
            async for label in found:
                seen.append(label)  # noqa: PERF401 -- what came before an error is wanted
    except (InputChangedError, ConfigurationError, TypeError) as error:
        return seen, error
    return seen, None


@pytest.mark.parametrize("count", [0, 1, 10, 39, 41, 50])
async def test_more_or_fewer_inputs_are_another_source(count: int) -> None:
    """Told at once of what has a length; else when it ends too early, or goes on."""
    story = Story(names(40), {})
    await story.live(ONCE, FakeClock())
    seen, error = await seen_before_the_end(story, names(count))
    assert (seen, type(error)) == ([], InputChangedError)
    for ids in (iter(names(count)), paged(names(count))):
        seen, error = await seen_before_the_end(story, ids)
        assert isinstance(error, InputChangedError)
        assert len(seen) <= min(count, 40)


async def test_what_the_journal_says_of_halves_is_compared_too() -> None:
    """They are labelled by their own records: those must be of these ids."""
    story = Story(names(40), {"on_rejected": "bisect"}, frozenset({"u13"}))
    await story.live(ONCE, FakeClock())
    half = story.disk.rows["1.1"]
    story.disk.rows["1.1"] = evolve(half, digest=bytes(32))
    seen, error = await seen_before_the_end(story, story.source)
    assert isinstance(error, InputChangedError)
    assert [label.position for label in seen] == list(range(10))


@pytest.mark.parametrize("count", [20, 39])
async def test_source_that_ends_before_the_journal_of_a_killed_run(count: int) -> None:
    """Nobody knows how long it was, but it was not so short."""
    story = Story(iter(names(60)), {})
    await story.live(Session(5, 0, Again(), frozenset()), FakeClock())
    assert story.disk.ending is None
    assert story.disk.highest >= 3
    _, error = await seen_before_the_end(story, iter(names(count)))
    assert isinstance(error, InputChangedError)


async def test_length_of_a_source_counts_where_no_chunk_tells_it() -> None:
    """Of a run that had nothing to send, and of one that was stopped early."""
    empty = Story(iter([""] * 5), {"invalid": "drop"})
    await empty.live(ONCE, FakeClock())
    assert [label.outcome for label in await empty.labels([""] * 5)] == ["invalid"] * 5
    _, error = await seen_before_the_end(empty, iter([""] * 6))
    assert isinstance(error, InputChangedError)

    stopped = Story(names(100), {})
    await stopped.live(Session(1, None, Again(), frozenset()), FakeClock())
    for count in (80, 120):
        _, error = await seen_before_the_end(stopped, iter(names(count)))
        assert isinstance(error, InputChangedError)


async def paged(ids: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    """Yield pages of seven."""
    for at in range(0, len(ids), 7):
        yield ids[at : at + 7]


async def test_any_form_of_the_source_is_labelled_alike() -> None:
    """A list, a generator, an async iterable of ids or of pages: as fan_out takes them."""
    story = Story([*names(25), "", *names(25)], {"invalid": "drop", "dedupe": True})
    await story.live(ONCE, FakeClock())
    expected = await story.labels()
    for ids in (iter(story.source), tuple(story.source), paged(story.source)):
        assert await story.labels(ids) == expected
    assert [label.outcome for label in expected[24:27]] == ["accepted", "invalid", "duplicate"]
    assert expected[25].reason == "an id must not be empty"


async def test_an_invalid_id_ends_it_where_it_ended_the_run() -> None:
    """With the error of the run; what was cut before it is labelled."""
    ids = [*names(25), "", *names(25)]
    story = Story(iter(ids), {})
    await story.live(ONCE, FakeClock())
    seen, error = await seen_before_the_end(story, ids)
    assert isinstance(error, ConfigurationError)
    assert str(error) == "users[25]: an id must not be empty"
    assert [label.id for label in seen] == names(10)
    assert {label.position for label in seen if label.outcome == "accepted"} == story.accepted


async def test_what_is_no_id_ends_it() -> None:
    """As it ends a run: with a TypeError that names the position."""
    story = Story(names(40), {})
    await story.live(ONCE, FakeClock())
    _, error = await seen_before_the_end(story, iter([*names(30), 7, *names(9)]))
    assert (type(error), str(error)) == (TypeError, "users[30]: expected a str, got int")


async def test_no_more_is_read_than_is_labelled_next() -> None:
    """A chunk is held back until it is cut, and nothing beyond: ten million ids lie nowhere."""
    story = Story(names(4000), {})
    await story.live(ONCE, FakeClock())
    read = 0

    def counting() -> Iterator[str]:
        nonlocal read
        for read, name in enumerate(story.source, 1):  # noqa: B007 -- the count is what is wanted
            yield name

    async with aclosing(story.labelling(counting())) as found:
        async for label in found:
            assert read - label.position <= 40


def test_a_label_does_not_show_the_id() -> None:
    """It goes to logs by accident."""
    assert "secret" not in repr(RecipientLabel(id="secret", position=0, outcome="accepted"))


# -- salvaged ---------------------------------------------------------------------------------------


@given(
    st.integers(1, 120),
    st.integers(0, 2**32),
    SESSIONS,
    st.sampled_from(["known", "unknown"]),
    st.booleans(),
)
def test_what_lost_its_record_is_in_doubt(
    count: int, seed: int, session: Session, extent: str, sized: bool
) -> None:
    """Each chunk without one, as far as it may have been sent; in the report as in the labels."""
    source = names(count)
    story = lived(Story(source if sized else iter(source), {}), [session])
    dice = Random(seed)  # noqa: S311 -- nothing secret hangs on it
    highest = max((row.root for row in story.disk.rows.values()), default=-1)
    gone = {root for root in range(highest + 1) if dice.random() < 0.3}
    story.disk.rows = {p: row for p, row in story.disk.rows.items() if row.root not in gone}
    story.disk.salvaged_to = highest if extent == "known" else EVERY_CHUNK
    found = anyio.run(story.labels, source)

    labels, counts = counted(found), six(story.standing().report)
    lost = [
        label for label in found if label.reason == "its record was lost with a damaged journal"
    ]
    assert {label.outcome for label in lost} <= {"in_doubt"}
    positions = {label.position for label in lost}
    assert positions >= {at for at in range(count) if at // 10 in gone and (at + 10) < count}
    assert story.accepted <= {
        label.position for label in found if label.outcome in {"accepted", "in_doubt"}
    }
    assert story.standing().finished <= (not lost)
    ended = story.disk.ending is not None and story.disk.ending.complete
    if sized or ended:
        assert labels == counts
    elif extent == "known":  # then nobody can tell how many there were
        assert counts["in_doubt"] >= labels["in_doubt"]


@given(SOURCES, st.booleans(), st.integers(0, 2**32))
def test_counts_of_a_salvaged_run_add_up(source: list[str], dedupe: bool, seed: int) -> None:
    """Where ids were set aside, the report's places are a guess; nobody is counted twice or left out."""
    story = lived(Story(source, {"invalid": "drop", "dedupe": dedupe}), [ONCE])
    dice = Random(seed)  # noqa: S311 -- nothing secret hangs on it
    roots = {row.root for row in story.disk.rows.values()}
    gone = {root for root in roots if dice.random() < 0.5}
    story.disk.rows = {p: row for p, row in story.disk.rows.items() if row.root not in gone}
    story.disk.salvaged_to = max(roots, default=-1)
    labels, counts = counted(anyio.run(story.labels)), six(story.standing().report)
    assert min(counts.values()) >= 0
    assert sum(counts.values()) == len(source)
    assert counts["accepted"] == labels["accepted"]
    assert counts["in_doubt"] >= labels["in_doubt"]
