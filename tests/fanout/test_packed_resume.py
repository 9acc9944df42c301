"""Resuming a packed run: what was sent together is repeated together, without what is too old."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import anyio
import pytest
from attrs import evolve
from fanout_world import assert_adds_up, fan_out, names
from guard_world import PROVES_NOTHING, refusal
from hypothesis import given
from hypothesis import strategies as st
from memory_journal import Disk, MemoryJournal
from pack_world import Fault, PackServer

from pushwoosh_async import (
    JournalError,
    PushwooshError,
    RunStoppedError,
    SendReport,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.state import State

Dies = Callable[[Sequence[Chunk]], bool]


def packs_of(most: int) -> Packing:
    """Pack so many."""
    return Packing(most=most, max_bytes=10_000_000)


class Story:
    """Sessions of one packed run, one after the other, on one disk, one clock and one server."""

    def __init__(self, count: int = 90) -> None:
        self.disk = Disk()
        self.server = PackServer()
        self.source = names(count)

    def run(self, journal: MemoryJournal, most: int, options: dict[str, Any]) -> Any:
        """Put the next session together."""
        self.server.requests.clear()
        return fan_out(
            self.source,
            None,  # type: ignore[arg-type]  # packs are sent
            send_packs=self.server.send,
            clock=self.server.clock,
            journal=journal,
            packing=packs_of(most),
            **{"concurrency": 1, **options},
        )

    async def go(self, most: int = 4, *, fault: Fault | None = None, **options: Any) -> SendReport:
        """Run one session to its end."""
        self.server.fault = fault or (lambda _: None)
        report = await self.run(MemoryJournal(self.disk), most, options)
        assert isinstance(report, SendReport)
        return report

    async def crash(
        self,
        dies: Dies,
        most: int = 4,
        *,
        keep: int = 99,
        taken: bool = False,
        fault: Fault | None = None,
    ) -> None:
        """Run one session until a request comes at which the process dies, or to its end.

        Args:
            dies: whether it does now.
            most: chunks in a request.
            keep: how many of the transactions that were not durable survive.
            taken: what becomes of that request.
            fault: what is wrong with those before.
        """
        journal = MemoryJournal(self.disk)
        with anyio.CancelScope() as scope:

            def dying(chunks: Sequence[Chunk]) -> PushwooshError | None:
                if not dies(chunks):
                    return fault(chunks) if fault else None
                journal.crash(keep)
                for chunk in chunks:
                    if taken:
                        self.server.take(chunk)
                scope.cancel()
                return TransportError("gone", permanent=True)

            self.server.fault = dying
            with suppress(RunStoppedError, JournalError):
                await self.run(journal, most, {})

    def grow_old(self, *paths: str) -> None:
        """Move the t0 of these before the last moment at which they may be repeated."""
        for path in paths:
            row = self.disk.rows[path]
            t0 = row.life.exposure.t0
            assert t0 is not None
            older = evolve(t0, wall=t0.wall - 200, boottime=t0.boottime - 200)
            exposure = evolve(row.life.exposure, t0=older)
            self.disk.rows[path] = evolve(row, life=evolve(row.life, exposure=exposure))


def of_path(path: str) -> Dies:
    """Die at the first request that holds this chunk."""
    return lambda chunks: path in {chunk.path for chunk in chunks}


@pytest.fixture
async def story() -> Story:
    """A run of nine chunks that died when a pack of three was handed over: chunks 1 to 3."""
    story = Story()
    await story.crash(of_path("1"))
    return story


async def test_pack_is_recorded_before_it_leaves(story: Story) -> None:
    """Each of its chunks names the first of them; the scout, which went alone, names none."""
    packs = {path: row.pack for path, row in story.disk.rows.items()}
    assert packs == {"0": "", "1": "1", "2": "1", "3": "1"}
    assert story.disk.states() == {
        "0": State.ACCEPTED,
        "1": State.IN_FLIGHT,
        "2": State.IN_FLIGHT,
        "3": State.IN_FLIGHT,
    }


@pytest.mark.parametrize("most", [1, 2, 4, 9])
async def test_pack_is_repeated_whole_whatever_this_session_packs(story: Story, most: int) -> None:
    """Under the ids that it had, before anything new, with nobody else."""
    report = await story.go(most)
    assert story.server.requests[0] == ("1", "2", "3")
    assert all(len(request) <= most for request in story.server.requests[1:])
    assert (report.accepted, report.accepted_on_repeat) == (90, 30)
    assert_adds_up(report, 90)
    assert all(len(ids) == 1 for ids in story.server.transaction_ids.values())


async def test_what_is_too_old_is_left_out(story: Story) -> None:
    """Reported in doubt, and never repeated; the rest of its pack is."""
    story.grow_old("2")
    report = await story.go()
    assert story.server.requests[0] == ("1", "3")
    assert (report.accepted, report.in_doubt) == (80, 10)
    assert_adds_up(report, 90)
    assert story.disk.states()["2"] is State.EXPIRED


async def test_pack_past_its_window_is_not_repeated(story: Story) -> None:
    """After six minutes nobody can repeat it safely; the run goes on with a scout."""
    story.server.clock.advance(360.0)
    report = await story.go()
    assert story.server.requests[0] == ("4",)
    assert (report.accepted, report.in_doubt) == (60, 30)


async def test_repeated_pack_that_is_refused_comes_apart(story: Story) -> None:
    """By halves, its bad one found, and the reason kept that it was in a pack."""

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        return refusal() if "2" in {chunk.path for chunk in chunks} else None

    report = await story.go(fault=fault)
    assert story.server.requests[:4] in (
        [("1", "2", "3"), ("1", "2"), ("3",), ("1",)],
        [("1", "2", "3"), ("3",), ("1", "2"), ("1",)],
        [("1", "2", "3"), ("1", "2"), ("3",), ("2",)],
    )
    assert (report.accepted, report.in_doubt) == (80, 10)
    assert report.in_doubt_chunks[0].reason == f"rejected_in_pack: {PROVES_NOTHING}: bad argument"


async def test_piece_that_was_under_way_is_still_of_its_pack() -> None:
    """Dead while a pack came apart: its open doubts go together again, and each knows it was in a pack."""
    story = Story()

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        return refusal() if "2" in {chunk.path for chunk in chunks} else None

    await story.crash(lambda chunks: [chunk.path for chunk in chunks] == ["2"], fault=fault)
    rows = story.disk.rows
    left = tuple(path for path in ("1", "2", "3") if rows[path].life.state is not State.ACCEPTED)
    assert {rows[path].pack for path in left} == {"1"}
    report = await story.go(fault=fault)
    assert story.server.requests[0] == left
    assert report.in_doubt_chunks[0].reason == f"rejected_in_pack: {PROVES_NOTHING}: bad argument"
    assert (report.accepted, report.in_doubt) == (80, 10)


async def test_doubts_of_two_packs_are_two_requests(story: Story) -> None:
    """Each is repeated with those that it was sent with, though they would fit into one."""
    for path in ("2", "3"):
        story.disk.rows[path] = evolve(story.disk.rows[path], pack="2")
    report = await story.go(9)
    assert story.server.requests[:2] == [("1",), ("2", "3")]
    assert report.accepted == 90


async def test_what_was_never_handed_over_is_packed_anew() -> None:
    """A pack that was planned and not sent is no pack: this session fills its requests by its own rule."""
    story = Story()

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        if len(chunks) > 1:
            return TransportError("certificate", delivery="not_sent", permanent=True)
        return None

    with pytest.raises(RunStoppedError):
        await story.go(fault=fault)
    assert {path: story.disk.states()[path] for path in ("1", "2", "3")} == dict.fromkeys(
        ("1", "2", "3"), State.PLANNED
    )
    report = await story.go(9)
    assert story.server.requests == [("1",), ("2", "3", "4", "5", "6", "7", "8")]
    assert report.accepted == 90


async def test_resent_doubts_are_first_attempts_of_their_own(story: Story) -> None:
    """What is sent once more on demand has a fresh id, and shares requests with what is new."""
    story.server.clock.advance(360.0)
    await story.go()
    report = await story.go(again=Again(doubts=True))
    assert story.server.requests == [("1#1",), ("2#1", "3#1")]
    assert (report.accepted, report.in_doubt) == (90, 0)


async def test_finished_run_returns_its_report_without_a_request() -> None:
    """Requests are counted once each, however many chunks they carried."""
    story = Story()
    first = await story.go()
    assert first.requests == len(story.server.requests) == 4
    second = await story.go()
    assert story.server.requests == []
    assert second == first


@given(
    st.integers(1, 300),
    st.lists(
        st.tuples(st.integers(1, 8), st.integers(1, 12), st.integers(0, 9), st.booleans()),
        max_size=4,
    ),
    st.integers(1, 8),
)
async def test_however_often_it_dies_everybody_gets_it_once(
    count: int, deaths: list[tuple[int, int, int, bool]], most: int
) -> None:
    """Dead at any request, which was taken or not, with any of its records lost; each time another N."""
    story = Story(count)
    for size, at, keep, taken in deaths:
        handed_over: list[int] = []

        def dies(_: Sequence[Chunk], at: int = at, seen: list[int] = handed_over) -> bool:
            seen.append(1)
            return len(seen) == at

        await story.crash(dies, size, keep=keep, taken=taken)
    report = await story.go(most)
    assert report.accepted == count == len(story.server.taken)
    assert_adds_up(report, count)
    assert set(story.server.taken.values()) == {1}
    assert all(len(ids) == 1 for ids in story.server.transaction_ids.values())
