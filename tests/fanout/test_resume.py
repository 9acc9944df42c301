"""A run that is taken up again: what is settled stays, what is in doubt goes first."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import anyio
import pytest
from attrs import evolve
from fanout_world import ACCEPTED, MESSAGE, Server, again, assert_adds_up, fan_out, names
from memory_journal import Disk, MemoryJournal

from pushwoosh_async import (
    AuthenticationError,
    ConfigurationError,
    InputChangedError,
    InvalidRequestError,
    JournalError,
    MessageResult,
    PushwooshError,
    RateLimit,
    RateLimitedError,
    RunStoppedError,
    SendReport,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.journal import EVERY_CHUNK, Opened, RunFacts, record_of
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.standing import standing_of
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._fanout.work_time import WorkTime
from pushwoosh_async.testing import FakeClock


def refusal() -> InvalidRequestError:
    """A 210."""
    return InvalidRequestError("no such user", http_status=200, delivery="rejected")


def doubt() -> PushwooshError:
    """A 500, after which the server of the tests tries again."""
    return again(ServerError("failed", http_status=500))


class Story:
    """Sessions of one run, one after the other, on one disk and one clock."""

    def __init__(self, count: int = 40) -> None:
        self.disk = Disk()
        self.server = Server()
        self.clock: FakeClock = self.server.clock
        self.source = names(count)
        self.journal = MemoryJournal(self.disk)

    async def go(self, answer: Any = None, **options: Any) -> SendReport:
        """Run one session to its end."""
        if answer is not None:
            self.server.answer = answer
        self.server.begun.clear()
        self.journal = MemoryJournal(self.disk)
        source = options.pop("source", self.source)
        run = fan_out(source, self.server.send, clock=self.clock, journal=self.journal, **options)
        report = await run
        assert self.journal.closed == 1
        return report

    async def crash(self, answer: Callable[[Chunk, int], object], keep: int = 0) -> None:
        """Run one session until `answer` is `None` for a chunk: there the process dies."""
        journal = self.journal = MemoryJournal(self.disk)
        dead = anyio.Event()

        def dying(chunk: Chunk, number: int) -> Any:
            outcome = answer(chunk, number)
            if outcome is None:
                journal.crash(keep)
                dead.set()
                return TransportError("gone", permanent=True)
            return outcome

        self.server.answer = dying
        run = fan_out(self.source, self.server.send, clock=self.clock, journal=journal)
        async with anyio.create_task_group() as group:

            async def session() -> None:
                with suppress(RunStoppedError, JournalError):
                    await run

            group.start_soon(session)
            await dead.wait()
            group.cancel_scope.cancel()

    def doubled(self) -> list[str]:
        """Who was sent to more than once."""
        return [name for name, count in self.server.delivered.items() if count > 1]


def dies_at(path: str) -> Callable[[Chunk, int], object]:
    """Accept everything before this chunk, and die when it is handed over."""
    return lambda chunk, number: None if chunk.path == path else ACCEPTED


def accept(chunk: Chunk, number: int) -> MessageResult:
    """Accept everything."""
    return ACCEPTED


@pytest.fixture
def story() -> Story:
    """A run of four chunks."""
    return Story()


async def test_finished_run_returns_its_report_without_a_request(story: Story) -> None:
    """The second call says what the first one said, and asks for nothing."""
    first = await story.go()
    second = await story.go()
    assert story.server.begun == []
    assert second == first
    assert first.accepted == 40


async def test_killed_run_goes_on_where_it_was(story: Story) -> None:
    """What was durable is not requested again; the chunk that was under way is, under its own id."""
    await story.crash(dies_at("2"), keep=99)
    died = dict(story.disk.states())
    report = await story.go(accept)
    assert died["0"] is State.ACCEPTED
    assert "0" not in story.server.chunks_begun
    assert story.server.chunks_begun[0] == "2"
    assert (report.accepted, report.in_doubt) == (40, 0)
    assert report.accepted_on_repeat >= 10
    assert_adds_up(report, 40)


async def test_doubts_go_first_oldest_first() -> None:
    """Their window runs: whatever is new waits."""
    story = Story(80)
    paths = {"0", "3", "5"}
    story.server.answer = lambda chunk, number: (
        again(ServerError("x", http_status=500)) if chunk.path in paths else ACCEPTED
    )
    journal = MemoryJournal(story.disk)
    run = fan_out(
        story.source, story.server.send, clock=story.clock, journal=journal, concurrency=8
    )
    async with run:
        async for outcome in run:
            if outcome.start == 70:
                break
    story.disk.rows = {
        path: evolve(row, life=evolve(row.life, state=State.IN_DOUBT)) if path in paths else row
        for path, row in story.disk.rows.items()
        if path not in {"1", "6"}
    }
    t0 = story.clock.stamp()
    for age, path in enumerate(("3", "0", "5")):
        row = story.disk.rows[path]
        exposure = evolve(
            row.life.exposure, t0=evolve(t0, wall=t0.wall + age, boottime=t0.boottime + age)
        )
        story.disk.rows[path] = evolve(row, life=evolve(row.life, exposure=exposure))
    story.disk.ending = None
    await story.go(accept, concurrency=1)
    assert story.server.chunks_begun == ["3", "0", "5", "1", "6"]


async def test_doubt_past_its_window_is_reported_and_never_repeated(story: Story) -> None:
    """After six minutes nobody can repeat it safely: it is in doubt, and the rest goes on."""
    await story.crash(dies_at("1"))
    story.clock.advance(360.0)
    report = await story.go(accept)
    assert "1" not in story.server.chunks_begun
    assert report.in_doubt >= 10
    assert {chunk.start for chunk in report.in_doubt_chunks} >= {10}
    assert report.accepted + report.in_doubt == 40
    assert not story.doubled()
    assert_adds_up(report, 40)


async def test_doubt_of_another_boot_is_reported_and_never_repeated(story: Story) -> None:
    """Two boots share no clock: the window counts as closed at once."""
    await story.crash(dies_at("1"))
    story.clock.reboot()
    report = await story.go(accept)
    assert "1" not in story.server.chunks_begun
    assert 10 in {chunk.start for chunk in report.in_doubt_chunks}


CHANGES: list[tuple[str, dict[str, Any]]] = [
    (
        r"what is sent \(content, title\)",
        {
            "facts": {
                "template_digest": "11",
                "notification": '{"send_date":"now","content":"Hi","title":"x"}',
            }
        },
    ),
    (
        "how the recipients are read",
        {"facts": {"source": '{"path": "/elsewhere.csv", "format": "csv", "column": "name"}'}},
    ),
    ("application", {"facts": {"application": "B"}}),
    ("base_url", {"facts": {"base_url": "https://y.example"}}),
    ("kind", {"facts": {"kind": "devices"}}),
    ("chunk_size", {"chunk_size": 20}),
    ("dedupe", {"dedupe": True}),
    ("invalid", {"invalid": "drop"}),
    ("store_ids", {"facts": {"store_ids": True}}),
    ("send_id", {"facts": {"send_id": "other"}}),
    ("number of recipients", {"source": names(41)}),
    ("number of recipients", {"source": names(39)}),
    ("recipients 0 to 10", {"source": ["changed", *names(40)[1:]]}),
    ("recipients 0 to 10", {"source": names(40)[::-1]}),
    (
        "recipients 0 to 10",
        {"source": iter(["", *names(39)]), "facts": {"invalid": "raise"}, "invalid": "drop"},
    ),
    ("recipients", {"source": iter(names(5))}),
]


@pytest.mark.parametrize(("field", "changes"), CHANGES)
@pytest.mark.parametrize("finished", [False, True])
async def test_changed_run_is_refused_before_any_request(
    field: str, changes: dict[str, Any], finished: bool
) -> None:
    """The error names what differs, nothing is sent, and the journal stays what it was."""
    story = Story()
    if finished:
        await story.go(lambda chunk, number: refusal() if chunk.path == "3" else ACCEPTED)
    else:
        await story.crash(dies_at("3"), keep=2)
    before = (dict(story.disk.rows), story.disk.ending, story.disk.facts)
    if finished:  # so that there is a reason to look at the source
        changes = {**changes, "again": Again(rejected=True)}
    with pytest.raises(InputChangedError, match=field) as caught:
        await story.go(accept, **changes)
    assert story.server.begun == []
    assert (dict(story.disk.rows), story.disk.ending, story.disk.facts) == before
    assert caught.value.delivery == "not_sent"
    assert caught.value.expected != caught.value.found
    report = caught.value.report
    assert isinstance(report, SendReport)
    assert report.accepted >= 10
    assert (await story.go(accept, again=Again(rejected=True))).accepted == 40


async def test_more_recipients_than_a_finished_source_had_are_refused() -> None:
    """A journal that saw the end of its source notices what was appended, before anything is sent."""
    story = Story(40)
    story.source = iter(names(40))  # type: ignore[assignment]  # says nothing of its length
    await story.go(lambda chunk, number: refusal() if chunk.path == "1" else ACCEPTED)
    for source in (iter(names(55)), iter(names(41)), iter(names(39))):
        with pytest.raises(InputChangedError):
            await story.go(accept, source=source, again=Again(rejected=True))
        assert story.server.begun == []


async def test_rejected_chunks_are_retried_on_demand_under_a_fresh_id(story: Story) -> None:
    """Only on demand, and what becomes of the new one counts instead of the old."""
    first = await story.go(lambda chunk, number: refusal() if chunk.path == "1" else ACCEPTED)
    assert (first.accepted, first.rejected) == (30, 10)
    assert (await story.go(accept)).rejected == 10
    assert story.server.begun == []
    third = await story.go(accept, again=Again(rejected=True))
    assert story.server.chunks_begun == ["1#1"]
    assert (third.accepted, third.rejected) == (40, 0)
    assert story.disk.states()["1"] is State.SUPERSEDED
    tids = {row.transaction_id for row in story.disk.rows.values()}
    assert len(tids) == 5


async def test_chunk_rejected_again_can_be_retried_again(story: Story) -> None:
    """Each retry is a new successor."""
    answer = lambda chunk, number: refusal() if chunk.path.startswith("1") else ACCEPTED  # noqa: E731
    await story.go(answer)
    await story.go(answer, again=Again(rejected=True))
    report = await story.go(accept, again=Again(rejected=True))
    assert story.server.chunks_begun == ["1#2"]
    assert report.accepted == 40


async def expired(story: Story) -> SendReport:
    """Let chunk 1 end in doubt for good."""
    report = await story.go(
        lambda chunk, number: (
            again(ServerError("x", http_status=500)) if chunk.path == "1" else ACCEPTED
        )
    )
    assert (report.accepted, report.in_doubt) == (30, 10)
    return report


async def test_doubts_are_resent_on_demand_once(story: Story) -> None:
    """Once by resend_in_doubt=True; a second time only by its transactionId."""
    await expired(story)
    answer = lambda chunk, number: again(ServerError("x", http_status=500))  # noqa: E731
    second = await story.go(answer, again=Again(doubts=True))
    assert story.server.chunks_begun == ["1#1"]
    assert second.in_doubt == 10
    await story.go(answer, again=Again(doubts=True))
    assert story.server.begun == []
    (left,) = second.in_doubt_chunks
    report = await story.go(accept, again=Again(doubts=[left.transaction_id]))
    assert story.server.chunks_begun == ["1#2"]
    assert (report.accepted, report.in_doubt) == (40, 0)


@pytest.mark.parametrize(
    "answer", [refusal, lambda: TransportError("refused", delivery="not_sent")]
)
async def test_resent_chunk_inherits_the_doubt(story: Story, answer: Callable[[], object]) -> None:
    """It ends accepted or in doubt, never rejected or not sent: the first one may have arrived."""
    await expired(story)
    report = await story.go(lambda chunk, number: answer(), again=Again(doubts=True))
    assert (report.accepted, report.in_doubt, report.rejected, report.not_sent) == (30, 10, 0, 0)
    assert_adds_up(report, 40)


async def test_resent_chunk_that_was_not_begun_stays_in_doubt(story: Story) -> None:
    """A drain before its turn leaves the label that it had, and the next resume sends it."""
    await expired(story)
    journal = MemoryJournal(story.disk)
    run = fan_out(
        story.source,
        story.server.send,
        clock=story.clock,
        journal=journal,
        again=Again(doubts=True),
    )
    async with run:
        run.pause()
        await anyio.wait_all_tasks_blocked()
        assert (run.progress.in_doubt, run.progress.paused) == (10, True)
    assert (run.report.in_doubt, run.report.not_sent) == (10, 0)
    report = await story.go(accept)
    assert story.server.chunks_begun == ["1#1"]
    assert report.accepted == 40


async def test_session_that_is_drained_is_taken_up_again(story: Story) -> None:
    """What was not begun is not sent, and is sent by the next session."""
    journal = MemoryJournal(story.disk)
    run = fan_out(story.source, story.server.send, clock=story.clock, journal=journal)
    async with run:
        async for _ in run:
            run.drain()
    assert 0 < run.report.not_sent < 40
    report = await story.go(accept)
    assert (report.accepted, report.stopped) == (40, "")
    assert not story.doubled()


async def test_crash_between_splitting_and_sending_loses_nobody(story: Story) -> None:
    """The halves are in the journal, and the next session delivers them."""

    def bad(chunk: Chunk) -> object:
        if chunk.path == "1.0":
            return None
        return refusal() if chunk.path == "1" else ACCEPTED

    journal = story.journal = MemoryJournal(story.disk)
    dead = anyio.Event()

    def dying(chunk: Chunk, number: int) -> Any:
        outcome = bad(chunk)
        if outcome is None:
            journal.crash(0)
            dead.set()
            return TransportError("gone", permanent=True)
        return outcome

    story.server.answer = dying
    run = fan_out(
        story.source,
        story.server.send,
        clock=story.clock,
        journal=journal,
        on_rejected="bisect",
        concurrency=1,
    )
    with pytest.raises((RunStoppedError, JournalError)):
        await run
    assert story.disk.states()["1"] is State.SPLIT
    report = await story.go(accept, on_rejected="bisect")
    assert {"1.0", "1.1"} <= set(story.server.chunks_begun)
    assert "1" not in story.server.chunks_begun
    assert report.accepted == 40
    assert_adds_up(report, 40)


async def test_lost_records_of_a_salvaged_journal_are_in_doubt(story: Story) -> None:
    """Up to the highest intent, no record means: it may have been sent. Nothing of it is sent."""
    await story.crash(dies_at("3"), keep=99)
    lost = story.disk.rows.pop("1")
    story.disk.salvaged_to = 2
    report = await story.go(accept)
    assert "1" not in story.server.chunks_begun
    assert 10 in {chunk.start for chunk in report.in_doubt_chunks}
    assert report.accepted + report.in_doubt == 40
    assert story.disk.rows["1"].transaction_id == lost.transaction_id
    again_resent = await story.go(accept, again=Again(doubts=True))
    assert again_resent.accepted == 40


async def test_finished_run_of_a_salvaged_journal_does_not_call_lost_records_not_sent(
    story: Story,
) -> None:
    """It is read again, since only its source knows who is in doubt; also where that is interrupted."""
    await story.go()
    del story.disk.rows["1"]
    story.disk.salvaged_to = 3

    async def broken() -> AsyncIterator[str]:
        for name in story.source[:15]:
            yield name
        raise OSError("the source is gone")

    run = fan_out(broken(), story.server.send, clock=story.clock, journal=MemoryJournal(story.disk))
    with pytest.raises(OSError, match="gone"):
        await run
    assert (run.report.accepted, run.report.in_doubt, run.report.not_sent) == (30, 10, 0)
    report = await story.go(accept)
    assert story.server.begun == []
    assert (report.accepted, report.in_doubt, report.not_sent) == (30, 10, 0)


async def test_finished_run_returns_its_report_after_its_date_too(story: Story) -> None:
    """A date that has passed forbids to send; it forbids nobody to look."""
    dated = {"notification": '{"send_date":"2023-11-14 22:30","ignore_user_timezone":true}'}
    await story.go(accept, facts=dated)
    story.clock.advance(3600.0)
    assert (await story.go(accept, facts=dated)).accepted == 40


async def test_full_disk_ends_the_run_and_keeps_the_labels(story: Story) -> None:
    """No intent, no request; what is reported is what was sent."""
    journal = MemoryJournal(story.disk)

    def filling(chunk: Chunk, number: int) -> MessageResult:
        journal.full = chunk.path == "1"
        return ACCEPTED

    story.server.answer = filling
    run = fan_out(
        story.source, story.server.send, clock=story.clock, journal=journal, concurrency=1
    )
    with pytest.raises(JournalError, match="no space") as caught:
        await run
    report = caught.value.report
    assert report is not None
    assert (report.accepted, report.not_sent) == (20, 20)
    story.clock.advance(1.0)
    resumed = await story.go(accept)
    assert resumed.accepted == 40
    assert story.server.chunks_begun == ["1", "2", "3"]


async def test_doubt_that_a_refused_token_cut_short_is_repeated_by_the_next_session(
    story: Story,
) -> None:
    """Its window is still open: the stop settles nothing, and the resume decides."""

    def revoked(chunk: Chunk, number: int) -> object:
        if chunk.path != "1":
            return ACCEPTED
        return doubt() if number == 1 else AuthenticationError("no", http_status=401)

    story.server.answer = revoked  # type: ignore[assignment]
    run = fan_out(
        story.source, story.server.send, clock=story.clock, journal=MemoryJournal(story.disk)
    )
    with pytest.raises(RunStoppedError):
        await run
    assert run.report.in_doubt == 10
    report = await story.go(accept)
    assert story.server.begun[0] == ("1", 1)
    assert (report.accepted, report.in_doubt) == (40, 0)


@pytest.mark.parametrize("known", [True, False])
async def test_nobody_is_called_not_sent_while_the_journal_cannot_be_read(known: bool) -> None:
    """Earlier sessions may have sent, unless it is certain that there was none."""

    class Unreadable(MemoryJournal):
        is_new = known

        async def open(self, facts: RunFacts) -> Opened:
            raise JournalError("damaged")

    server = Server()
    run = fan_out(names(40), server.send, clock=server.clock, journal=Unreadable())
    with pytest.raises(JournalError):
        await run
    expected = (0, 40) if known else (40, 0)
    assert (run.report.in_doubt, run.report.not_sent) == expected
    assert_adds_up(run.report, 40)


async def test_passed_date_is_refused_on_resume(story: Story) -> None:
    """What was meant for yesterday is not sent today."""
    dated = {"notification": '{"send_date":"2023-11-14 22:30","ignore_user_timezone":true}'}
    journal = MemoryJournal(story.disk)
    story.server.answer = accept
    run = fan_out(story.source, story.server.send, clock=story.clock, journal=journal, facts=dated)
    async with run:
        async for _ in run:
            break
    story.clock.advance(3600.0)
    with pytest.raises(ConfigurationError, match="send_date"):
        await story.go(accept, facts=dated)
    assert story.server.begun == []


# -- rejected chunks are taken apart -----------------------------------------------------------


def refuses(*bad: str) -> Callable[[Chunk, int], object]:
    """Refuse whoever asks for one of these."""
    return lambda chunk, number: refusal() if set(bad) & set(chunk.ids) else ACCEPTED


async def test_bisecting_isolates_the_bad_ids(story: Story) -> None:
    """Only they are rejected, each in a chunk of its own; everybody else is sent to once."""
    report = await story.go(refuses("u3", "u17", "u18"), on_rejected="bisect")
    assert (report.accepted, report.rejected) == (37, 3)
    rejected = [(chunk.start, chunk.stop) for chunk in report.rejected_chunks]
    assert sorted(rejected) == [(3, 4), (17, 18), (18, 19)]
    assert not story.doubled()
    assert_adds_up(report, 40)


async def test_what_is_beyond_the_budget_is_rejected_and_says_so(story: Story) -> None:
    """The first halving is paid for; what is still refused stays together."""
    report = await story.go(refuses("u3"), on_rejected="bisect", bisect_requests=2)
    assert (report.accepted, report.rejected) == (35, 5)
    (left,) = report.rejected_chunks
    assert "unsplit" in left.reason


async def test_budget_is_of_the_run_not_of_the_session() -> None:
    """A resume finds in its journal what was spent before."""
    story = Story()
    await story.go(refuses("u3"), on_rejected="bisect", bisect_requests=4)
    report = await story.go(
        refuses("u3"), on_rejected="bisect", bisect_requests=4, again=Again(rejected=True)
    )
    assert report.rejected > 1
    assert all(path.endswith("#1") for path in story.server.chunks_begun)


async def test_everything_refused_ends_a_bisecting_run_too() -> None:
    """When nothing is ever accepted the fault is not an id's."""
    story = Story(4000)
    with pytest.raises(RunStoppedError, match="everything refused") as caught:
        await story.go(lambda chunk, number: refusal(), on_rejected="bisect", concurrency=1)
    assert len(story.server.begun) <= 8
    report = caught.value.report
    assert isinstance(report, SendReport)
    assert report.accepted == 0
    assert_adds_up(report, 4000)


async def test_one_bad_first_id_does_not_end_a_bisecting_run_of_one_worker() -> None:
    """Down to the first id everything is refused; then comes what is accepted."""
    story = Story()
    report = await story.go(refuses("u0"), on_rejected="bisect", concurrency=1)
    assert (report.accepted, report.rejected) == (39, 1)


# -- the handle ----------------------------------------------------------------------------------


async def test_pause_holds_back_new_chunks_until_unpause() -> None:
    """What is in flight ends; nothing new begins; then it goes on."""
    server = Server()
    run = fan_out(names(100), server.send, clock=server.clock)
    async with run:
        run.pause()
        await anyio.wait_all_tasks_blocked()
        begun = len(server.begun)
        assert run.progress.paused
        run.unpause()
        async for _ in run:
            pass
    assert begun == 0
    assert run.report.accepted == 100


async def test_doubts_go_on_through_a_pause() -> None:
    """Their window would close: a pause holds back new chunks only."""
    server = Server(
        lambda chunk, number: ACCEPTED if number > 2 else again(ServerError("x", http_status=500))
    )
    run = fan_out(names(100), server.send, clock=server.clock, concurrency=1)
    async with run:
        async for outcome in run:
            if outcome.start == 0:
                run.pause()
                await anyio.wait_all_tasks_blocked()
                begun = server.chunks_begun
                run.unpause()
    assert begun[0] == "0"
    assert len(begun) <= 2
    assert all(count == 1 for count in server.delivered.values())


async def test_rate_of_the_run_spaces_new_chunks() -> None:
    """One in six seconds, until it is lifted: then all the rest at once."""
    server = Server()
    begun: list[float] = []

    def timed(chunk: Chunk, number: int) -> MessageResult:
        begun.append(server.clock.monotonic())
        if len(begun) == 10:
            run.set_rate(None)
        return ACCEPTED

    server.answer = timed
    run = fan_out(names(200), server.send, clock=server.clock, concurrency=1)
    async with run:
        run.set_rate(RateLimit(requests=10, per=60.0, burst=1))
        async for _ in run:
            pass
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    assert [round(gap, 6) for gap in gaps] == [6.0] * 9 + [0.0] * 10
    with pytest.raises(TypeError, match="limit"):
        run.set_rate(10)  # type: ignore[arg-type]


async def test_others_are_shown_progress_and_timeline(story: Story) -> None:
    """Once a second, and at the end: the counts, and what happened when."""

    def slow(chunk: Chunk, number: int) -> MessageResult:
        story.clock.advance(2.0)
        return ACCEPTED

    await story.go(slow)
    shown = story.journal.shown
    assert len(shown) >= 4
    assert shown[-1].progress["accepted"] == 40
    newest = {each.start: each for status in shown for each in status.slices}
    assert sum(each.requests for each in newest.values()) == 4
    assert sum(each.accepted for each in newest.values()) == 40


# -- what holds new chunks back, and what does not ------------------------------------------------


async def test_doubts_of_an_earlier_session_do_not_wait_for_a_pause(story: Story) -> None:
    """Their window runs: only what is new is held back."""
    await story.crash(dies_at("1"))
    story.server.answer = accept
    story.server.begun.clear()
    run = fan_out(
        story.source, story.server.send, clock=story.clock, journal=MemoryJournal(story.disk)
    )
    async with run:
        run.pause()
        await anyio.wait_all_tasks_blocked()
        begun = story.server.chunks_begun
        run.unpause()
        async for _ in run:
            pass
    assert begun
    assert set(begun) <= {"0", "1"}
    assert run.report.accepted == 40


@pytest.mark.parametrize(
    ("answer", "closes"),
    [
        (TransportError("refused", delivery="not_sent"), False),
        (RateLimitedError("slow down", http_status=429, delivery="not_sent"), True),
        (ACCEPTED, True),
    ],
)
async def test_what_closes_the_breaker(answer: object, closes: bool) -> None:
    """A server that says anything at all is there; a connection that failed says nothing."""
    begun: dict[str, float] = {}
    server = Server()

    def answering(chunk: Chunk, number: int) -> Any:
        begun.setdefault(chunk.path, server.clock.monotonic())
        if chunk.path in {"0", "1"}:
            return ServerError("failed", http_status=500)
        return answer if chunk.path == "2" else ACCEPTED

    server.answer = answering
    await fan_out(names(60), server.send, clock=server.clock, concurrency=1)
    assert begun["2"] - begun["1"] >= 150.0
    assert (begun["3"] - begun["2"] < 1.0) is closes


async def test_seconds_of_all_sessions_are_kept(story: Story) -> None:
    """The journal adds them up."""

    def slow(chunk: Chunk, number: int) -> object:
        story.clock.advance(10.0)
        return refusal() if chunk.path == "1" else ACCEPTED

    await story.go(slow)
    assert story.disk.ending is not None
    first = story.disk.ending.seconds
    await story.go(slow, again=Again(rejected=True))
    assert first >= 20.0
    assert story.disk.ending.seconds == first + 10.0


async def test_mistyped_id_of_a_doubt_is_refused(story: Story) -> None:
    """Nothing would be resent for it, without a word; an id that was resent before is known."""
    await expired(story)
    with pytest.raises(ConfigurationError, match=r"resend_in_doubt.*'mistyped'"):
        await story.go(accept, again=Again(doubts=["mistyped"]))
    assert story.server.begun == []
    tid = story.disk.rows["1"].transaction_id
    assert (await story.go(accept, again=Again(doubts=[tid]))).accepted == 40
    assert (await story.go(accept, again=Again(doubts=[tid]))).accepted == 40
    assert story.server.begun == []


async def test_cancellation_that_nobody_asked_for_ends_the_run_with_an_error() -> None:
    """A token callable whose own task was cancelled must not look like a run that is done."""
    server = Server()

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        if chunk.path == "1":
            raise asyncio.CancelledError
        return await server.send(chunk, guard)

    run = fan_out(names(100), send, clock=server.clock, concurrency=2)
    with pytest.raises(RunStoppedError, match="cancelled") as caught:
        await run
    assert isinstance(caught.value.report, SendReport)
    assert caught.value.report.not_sent >= 10
    assert_adds_up(caught.value.report, 100)


async def test_file_that_was_moved_is_the_same_source(story: Story) -> None:
    """Its column must be the same, its path need not be."""
    moved = {"source": '{"path": "/elsewhere.csv", "format": "csv", "column": "user_id"}'}
    await story.crash(dies_at("2"))
    assert (await story.go(accept, facts=moved)).accepted == 40


async def test_time_of_a_killed_session_is_counted(story: Story) -> None:
    """What its records show; the time between two sessions is not work."""

    def slow(chunk: Chunk, number: int) -> object:
        story.clock.advance(10.0)
        return None if chunk.path == "3" else ACCEPTED

    await story.crash(slow, keep=99)
    story.clock.advance(100.0)
    report = await story.go(accept)
    assert 10.0 <= report.seconds <= 40.0


async def test_run_that_was_recalled_is_not_gone_on_with(story: Story) -> None:
    """A line that is repeated must not undo a recall in part; what was finished still tells its report."""
    await story.crash(dies_at("3"), keep=99)
    story.disk.recalled = True
    with pytest.raises(ConfigurationError, match="recalled"):
        await story.go(accept)
    assert story.server.begun == []
    story.disk.recalled = False
    await story.go(accept)
    story.disk.recalled = True
    assert (await story.go(accept)).accepted == 40


def test_silence_between_killed_sessions_is_no_work() -> None:
    """Minutes without a record lie between two sessions."""
    chunk = Chunk("0", 0, 1, 1, b'["u"]', b"", "tid", MESSAGE)
    work = WorkTime(None)
    for began, ended in ((100.0, 105.0), (105.0, 130.0), (1000.0, 1010.0)):
        work.add(record_of(chunk, Life(), began=began, ended=ended))
    assert work.seconds == 40.0


async def test_guess_of_lost_chunks_gives_way_to_what_the_source_shows(story: Story) -> None:
    """Where ids were set aside, fewer chunks were lost than their number suggests."""
    story.source = [*names(20), *[""] * 20]
    await story.go(accept, invalid="drop")
    story.disk.rows.clear()
    story.disk.salvaged_to = EVERY_CHUNK
    report = await story.go(accept, invalid="drop")
    assert story.server.begun == []
    assert (report.in_doubt, report.invalid, report.not_sent) == (20, 20, 0)
    assert_adds_up(report, 40)


async def test_session_that_was_killed_has_not_the_last_words_of_the_one_before(
    story: Story,
) -> None:
    """Drained, gone on with, killed: the journal does not call it drained any more."""
    run = fan_out(
        story.source, story.server.send, clock=story.clock, journal=MemoryJournal(story.disk)
    )
    async with run:
        async for _ in run:
            run.drain()
    assert _stopped(story.disk) == "drained"
    story.clock.advance(5.0)
    await story.crash(dies_at("3"), keep=99)
    assert _stopped(story.disk) == ""


def _stopped(disk: Disk) -> str:
    assert disk.facts is not None
    return standing_of(disk.facts, disk.ending, disk.records(), salvaged_to=-1).report.stopped
