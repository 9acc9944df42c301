"""A request carried to its end: taken apart by halves if it was a pack, everybody settled once."""

import asyncio
from collections.abc import Sequence

import anyio
import pytest
from guard_world import (
    WINDOW,
    Overseer,
    accepted,
    chunk_of,
    doubt,
    doubted,
    refusal,
    revoked,
    unsent,
)
from hypothesis import given
from hypothesis import strategies as st
from memory_journal import MemoryJournal
from pack_world import Fault, PackServer, nothing

from pushwoosh_async import ConfigurationError, PushwooshError, TransportError
from pushwoosh_async._fanout.carrier import CalledOffError, Carrier, Send
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.state import Event, Life, State
from pushwoosh_async._window import Window

PAUSE = 3.0


class Run(Overseer):
    """A run whose requests are carried, to a server that finds fault with some."""

    def __init__(self, fault: Fault = nothing, *, send: Send | None = None) -> None:
        super().__init__()
        self.server = PackServer(fault)
        self.journal = MemoryJournal()
        self.sizes: list[int] = []
        self.pause = PAUSE
        self.failures: list[Exception] = []
        self.settled_paths: list[str] = []
        self.apart_when_told: list[tuple[str, bool]] = []
        self.carrier = Carrier(
            self,
            send=send or self.server.send,
            journal=self.journal,
            clock=self.server.clock,
            window=self.window,
            pause=lambda _: self.pause,
        )

    def window(self, size: int) -> Window:
        """Note the size."""
        self.sizes.append(size)
        return WINDOW

    def heard(self, event: Event, life: Life, seconds: float) -> None:
        """Ask at once whether a pack is in pieces."""
        super().heard(event, life, seconds)
        self.apart_when_told.append((event.name, self.carrier.apart))

    def failed(self, guards: Sequence[ChunkGuard], error: Exception) -> None:
        """Note it."""
        assert guards
        self.failures.append(error)

    async def settled(self, guard: ChunkGuard) -> None:
        """Note whose life is over, and ask at once whether a pack is in pieces."""
        self.settled_paths.append(guard.chunk.path)
        self.apart_when_told.append((guard.chunk.path, self.carrier.apart))

    def guards(self, count: int, lives: Sequence[Life] = ()) -> list[ChunkGuard]:
        """Return guards of so many chunks."""
        return [
            ChunkGuard(
                chunk_of(str(n), (f"u{n}",)),
                clock=self.server.clock,
                overseer=self,
                life=lives[n] if lives else None,
            )
            for n in range(count)
        ]

    async def carry(self, count: int, lives: Sequence[Life] = ()) -> list[Life]:
        """Carry a request of so many chunks; return how each of them ends."""
        guards = self.guards(count, lives)
        await self.carrier.carry(guards)
        return [guard.life for guard in guards]


def spoilt(paths: set[str]) -> Fault:
    """Refuse every request that holds one of these."""

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        return refusal() if paths & {chunk.path for chunk in chunks} else None

    return fault


@given(st.integers(2, 20), st.data())
async def test_bad_ones_are_found_and_all_others_accepted(count: int, data: st.DataObject) -> None:
    """Each is settled once, under the id that it always had; the bad are in doubt, and say why."""
    paths = [str(number) for number in range(count)]
    bad = data.draw(st.sets(st.sampled_from(paths)))
    run = Run(spoilt(bad))
    lives = await run.carry(count)
    assert sorted(run.settled_paths) == sorted(paths)
    for path, life in zip(paths, lives, strict=True):
        assert life.state is (State.EXPIRED if path in bad else State.ACCEPTED)
        assert life.message_code == (None if path in bad else f"code-{path}")
        assert life.reason.startswith("rejected_in_pack: ") is (path in bad)
        assert len(run.server.transaction_ids[path]) == 1
    assert run.server.taken == {f"u{path}": 1 for path in paths if path not in bad}
    assert run.carrier.guards == {}
    assert not run.carrier.apart


@given(st.integers(2, 20), st.data())
async def test_what_is_refused_goes_on_in_halves(count: int, data: st.DataObject) -> None:
    """Every request is the first, or half of one that was refused; so n take under 2n requests."""
    bad = data.draw(st.sets(st.integers(0, count - 1).map(str)))
    run = Run(spoilt(bad))
    await run.carry(count)
    expected = set()
    line = [tuple(str(number) for number in range(count))]
    while line:
        each = line.pop()
        expected.add(each)
        if len(each) > 1 and bad & set(each):
            middle = (len(each) + 1) // 2
            line += [each[:middle], each[middle:]]
    assert len(run.server.requests) == len(expected) < 2 * count
    assert set(run.server.requests) == expected


async def test_halves_do_not_wait_for_each_other() -> None:
    """Their windows run side by side: so do they."""
    both = anyio.Event()
    begun: list[int] = []

    async def send(chunks: Sequence[Chunk], guard: RequestGuard) -> object:
        await guard.before_attempt()
        if len(chunks) > 1:
            guard.record(refusal("in_doubt"))
            return None
        begun.append(1)
        if len(begun) == 2:
            both.set()
        with anyio.fail_after(5):
            await both.wait()
        guard.record(accepted("CODE"))
        return None

    lives = await Run(send=send).carry(2)
    assert [life.state for life in lives] == [State.ACCEPTED] * 2


async def test_a_pack_is_in_pieces_from_its_refusal_until_the_last_of_it_is_settled() -> None:
    """Whoever asks when told of either gets the same answer: nothing new slips in between."""
    run = Run(spoilt({"0"}))
    await run.carry(2)
    told = run.apart_when_told
    assert told[:2] == [("INTENT", False), ("DOUBT", True)]
    assert all(apart for _, apart in told[1:-1])
    assert told[-1] == (run.settled_paths[-1], False)


async def test_pieces_wait_as_long_as_they_were_asked_to() -> None:
    """A pause after each refusal, of the error's own length."""
    run = Run(spoilt({"0"}))
    await run.carry(4)
    assert run.server.clock.sleeps == [PAUSE] * 2


async def test_pause_past_the_window_ends_it_at_once() -> None:
    """What could not be repeated afterwards expires without another request."""
    run = Run(spoilt({"0"}))
    run.pause = 150.1
    lives = await run.carry(4)
    assert len(run.server.requests) == 1
    assert [life.state for life in lives] == [State.EXPIRED] * 4
    assert sorted(run.settled_paths) == ["0", "1", "2", "3"]
    assert run.server.clock.sleeps == []


async def test_recorded_pack_goes_whole_without_its_expired_chunks() -> None:
    """Those whose window has closed are settled first; the others share one request still."""
    run = Run()
    lives = await run.carry(4, [doubted(age) for age in (10.0, 151.0, 20.0, 200.0)])
    assert run.server.requests == [("0", "2")]
    assert [life.state for life in lives] == [
        State.ACCEPTED,
        State.EXPIRED,
        State.ACCEPTED,
        State.EXPIRED,
    ]
    assert sorted(run.settled_paths) == ["0", "1", "2", "3"]


async def test_doubts_all_past_their_window_need_no_request() -> None:
    """Nobody is left to send to."""
    run = Run()
    lives = await run.carry(2, [doubted(151.0), doubted(152.0)])
    assert run.server.requests == []
    assert [life.state for life in lives] == [State.EXPIRED] * 2


async def test_pieces_that_expire_on_the_way_are_left_out() -> None:
    """A pack of different ages comes apart, and its oldest are given up when their time is over."""
    run = Run(spoilt({"0"}))
    run.pause = 40.0
    lives = await run.carry(4, [doubted(age) for age in (0.0, 120.0, 60.0, 20.0)])
    assert run.server.requests[:2] == [("0", "1", "2", "3"), ("0", "2")]
    expected = [State.EXPIRED, State.EXPIRED, State.ACCEPTED, State.ACCEPTED]
    assert [life.state for life in lives] == expected


async def test_what_was_given_up_once_is_not_begun_again() -> None:
    """A delay past the window of the oldest ends it, though a shorter one would have been allowed."""
    failed = iter([unsent()])
    run = Run(lambda _: next(failed, None))
    run.pause = 3.0  # the session asks for ten seconds more
    lives = await run.carry(2, [doubted(145.0), doubted(10.0)])
    assert [life.state for life in lives] == [State.EXPIRED, State.ACCEPTED]
    assert [type(error) for error in run.failures] == [TransportError]
    assert sorted(run.settled_paths) == ["0", "1"]


@given(st.integers(1, 9))
async def test_window_is_of_what_the_request_carries(count: int) -> None:
    """One attempt takes longer the larger the body: each request asks for its own size."""
    run = Run()
    guards = run.guards(count)
    await run.carrier.carry(guards)
    assert run.sizes == [sum(guard.chunk.size for guard in guards)]


async def test_request_too_large_for_its_window_is_not_begun() -> None:
    """The run is told, and the chunks are what they were."""

    class Slow(Run):
        def window(self, size: int) -> Window:
            raise ConfigurationError("timeout: too long")

    run = Slow()
    lives = await run.carry(3)
    assert [type(each) for each in run.failures] == [ConfigurationError]
    assert lives == [Life()] * 3
    assert run.server.requests == []
    assert sorted(run.settled_paths) == ["0", "1", "2"]


async def test_refused_token_leaves_its_pack_whole_and_in_doubt() -> None:
    """A 401 to a pack proves nothing, and every part would meet it too: a resume decides."""
    run = Run(lambda _: revoked())
    lives = await run.carry(3)
    assert len(run.server.requests) == 1
    assert [life.state for life in lives] == [State.IN_DOUBT] * 3
    assert len(run.failures) == 1
    assert not run.carrier.apart


async def test_doubt_alone_is_repeated_as_it_is() -> None:
    """A single notification is not taken apart."""
    run = Run(lambda _: doubt() if len(run.server.requests) < 3 else None)
    (life,) = await run.carry(1)
    assert run.server.requests == [("0",)] * 3
    assert (life.state, life.attempts) == (State.ACCEPTED, 3)


async def test_request_that_was_called_off_tells_the_run_and_is_in_doubt() -> None:
    """A token callable that was cancelled, though nobody cancelled the run."""

    async def send(_: Sequence[Chunk], guard: RequestGuard) -> object:
        await guard.before_attempt()
        raise asyncio.CancelledError

    run = Run(send=send)
    lives = await run.carry(2)
    assert [type(each) for each in run.failures] == [CalledOffError]
    assert [life.state for life in lives] == [State.IN_DOUBT] * 2


@pytest.mark.parametrize("answer", ["late", "never"])
async def test_cancelled_pack_is_closed_and_may_still_be_answered(answer: str) -> None:
    """Handed over when everything ended: in doubt for all, unless the answer comes after all."""
    guards_of: list[RequestGuard] = []

    async def send(_: Sequence[Chunk], guard: RequestGuard) -> object:
        await guard.before_attempt()
        guards_of.append(guard)
        await anyio.sleep_forever()
        return None

    run = Run(send=send)
    guards = run.guards(3)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.carrier.carry, guards)
        await anyio.wait_all_tasks_blocked()
        assert run.carrier.in_flight
        tasks.cancel_scope.cancel()
    run.carrier.close("over")
    assert not run.carrier.in_flight
    assert {guard.life.reason for guard in guards} == {"over"}
    if answer == "late":
        guards_of[0].record(accepted("A", "B", "C"))
    expected = State.ACCEPTED if answer == "late" else State.IN_DOUBT
    assert [guard.life.state for guard in guards] == [expected] * 3
