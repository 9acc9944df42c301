"""Whole runs whose requests carry several chunks: scouts, pieces, probes, and what ends them."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from fanout_world import BACKENDS, WINDOW, assert_adds_up, fan_out, names, run_on
from guard_world import doubt, limited, refusal, revoked, unsent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pack_world import Fault, PackServer

from pushwoosh_async import ChunkOutcome, PushwooshError, RunStoppedError, SendReport
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.packing import Packing

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

packings = st.builds(
    lambda most, room: Packing(most=most, max_bytes=room), st.integers(2, 9), st.integers(200, 2000)
)


def packs_of(most: int) -> Packing:
    """Pack so many."""
    return Packing(most=most, max_bytes=10_000_000)


def outcomes_of(
    backend: str, count: int, server: PackServer, **options: Any
) -> tuple[SendReport, list[ChunkOutcome], BaseException | None]:
    """Watch one run of chunks of ten to its end; return its report, what it told and what it raised."""

    async def main() -> tuple[SendReport, list[ChunkOutcome], BaseException | None]:
        told: list[ChunkOutcome] = []
        error: BaseException | None = None
        run = fan_out(names(count), no_send, send_packs=server.send, clock=server.clock, **options)
        try:
            async with run:
                told += [outcome async for outcome in run]
        except (PushwooshError, RuntimeError) as raised:
            error = raised
        return run.report, told, error

    found = run_on(backend, main)
    report, told, error = found
    assert_adds_up(report, count)
    assert report.requests == len(server.requests)
    assert all(times == 1 for times in server.taken.values())
    return report, told, error


async def no_send(chunk: Chunk, guard: object) -> object:
    """Send nothing: packs are sent."""
    raise AssertionError(chunk, guard)


def spoilt(paths: set[str], error: Callable[[], PushwooshError] = refusal) -> Fault:
    """Find fault with every request that holds one of these."""
    return lambda chunks: error() if paths & {chunk.path for chunk in chunks} else None


def first_attempts(server: PackServer) -> list[tuple[str, ...]]:
    """Return the requests that held what had never been sent."""
    seen: set[str] = set()
    found = []
    for request in server.requests:
        if not seen & set(request):
            found.append(request)
        seen |= set(request)
    return found


# -- everybody, once --------------------------------------------------------------------------------


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 250), packings, st.integers(1, 4))
def test_everybody_is_sent_to_once(
    backend: str, count: int, packing: Packing, concurrency: int
) -> None:
    """However requests are filled: all are accepted, each chunk in one request, and nobody twice."""
    server = PackServer()
    report, told, error = outcomes_of(
        backend, count, server, packing=packing, concurrency=concurrency
    )
    assert error is None
    assert report.accepted == count == len(server.taken)
    assert all(len(request) <= packing.most for request in server.requests)
    paths = [path for request in server.requests for path in request]
    assert len(paths) == len(set(paths)) == len(told)
    codes = {outcome.message_code for outcome in told}
    assert codes == {f"code-{path}" for path in paths}
    assert all(len(ids) == 1 for ids in server.transaction_ids.values())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 15), st.data())
def test_bad_chunks_cost_nobody_else(backend: str, chunks: int, data: st.DataObject) -> None:
    """Whatever is refused in a pack is found and in doubt; alone it is rejected; all others get it."""
    bad = data.draw(st.sets(st.sampled_from([str(n) for n in range(chunks)])))
    packing = data.draw(packings)
    server = PackServer(spoilt(bad))
    report, told, _ = outcomes_of(backend, 10 * chunks, server, packing=packing, concurrency=20)
    labels = {str(each.start // 10): each for each in told}
    for path, outcome in labels.items():
        alone = [request for request in server.requests if path in request] == [(path,)]
        expected = ("rejected" if alone else "in_doubt") if path in bad else "accepted"
        assert outcome.outcome == expected
        assert outcome.reason.startswith("rejected_in_pack: ") is (expected == "in_doubt")
    assert report.accepted == 10 * (chunks - len(bad))
    assert all(len(ids) == 1 for ids in server.transaction_ids.values())


def test_one_bad_chunk_costs_few_requests(backend: str) -> None:
    """Halving: a pack of 16 with one bad chunk takes 9 requests, not 17; the scout is one more."""
    server = PackServer(spoilt({"5"}))
    report, _, _ = outcomes_of(backend, 170, server, packing=packs_of(17))
    assert len(server.requests) == 10
    assert (report.accepted, report.in_doubt) == (160, 10)


@pytest.mark.parametrize("error", [limited, doubt])
def test_passing_trouble_leaves_nobody_in_doubt(
    backend: str, error: Callable[[], PushwooshError]
) -> None:
    """A 429 or a 500 to a pack: its halves are taken, under the same ids."""
    server = PackServer(lambda chunks: error() if len(chunks) > 4 else None)
    report, _, _ = outcomes_of(backend, 170, server, packing=packs_of(17))
    assert (report.accepted, report.in_doubt) == (170, 0)
    assert report.accepted_on_repeat == 160
    assert all(len(ids) == 1 for ids in server.transaction_ids.values())


def test_lost_answers_send_nobody_twice(backend: str) -> None:
    """A pack that was taken and not answered is taken for a repeat in each of its pieces."""

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        if len(chunks) == 1:
            return None
        for chunk in chunks:
            server.take(chunk)
        return doubt()

    server = PackServer(fault)
    report, _, _ = outcomes_of(backend, 90, server, packing=packs_of(8))
    assert report.accepted == 90


def test_refused_connection_repeats_a_pack_as_it_is(backend: str) -> None:
    """Nothing was handed over: nothing is in doubt, and nothing is taken apart."""
    server = PackServer(lambda _: unsent() if len(server.requests) in {2, 3} else None)
    report, _, _ = outcomes_of(backend, 90, server, packing=packs_of(9), concurrency=1)
    assert server.requests == [("0",)] + [tuple(str(n) for n in range(1, 9))] * 3
    assert (report.accepted, report.accepted_on_repeat, report.retries) == (90, 0, 2)


# -- the scout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_scout_goes_first_and_alone(backend: str, concurrency: int) -> None:
    """One notification, and nothing beside it until it was accepted; then packs."""
    waiting: list[int] = []

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        waiting.append(len(chunks) if not server.taken else 0)
        return None

    server = PackServer(fault)
    outcomes_of(backend, 170, server, packing=packs_of(8), concurrency=concurrency)
    assert waiting[0] == 1
    assert not any(waiting[1:])
    assert max(len(request) for request in server.requests) == 8


def test_refused_token_leaves_nobody_in_doubt(backend: str) -> None:
    """It costs one request, cleanly: all of it is not sent."""
    server = PackServer(lambda _: revoked())
    report, _, error = outcomes_of(backend, 170, server, packing=packs_of(8), concurrency=4)
    assert isinstance(error, RunStoppedError)
    assert [len(request) for request in server.requests] == [1]
    assert (report.not_sent, report.in_doubt) == (170, 0)


def test_clean_refusals_go_on_alone(backend: str) -> None:
    """As long as nothing was accepted each goes alone, so that a refusal stays clean."""
    server = PackServer(spoilt({"0", "1", "2"}))
    report, _, error = outcomes_of(backend, 90, server, packing=packs_of(9), concurrency=4)
    assert error is None
    assert server.requests == [("0",), ("1",), ("2",), ("3",), ("4", "5", "6", "7", "8")]
    assert (report.rejected, report.accepted, report.in_doubt) == (30, 60, 0)


@pytest.mark.parametrize("count", [900, 170])
def test_message_that_is_refused_from_the_start_ends_the_run_cleanly(
    backend: str, count: int
) -> None:
    """As many refusals as there are workers, and nothing accepted: the rest is not sent, also where all of
    it is in the workers' hands.
    """  # noqa: D205 -- both belong to the rule
    server = PackServer(lambda _: refusal())
    report, _, error = outcomes_of(backend, count, server, packing=packs_of(8), concurrency=4)
    assert isinstance(error, RunStoppedError)
    assert [len(request) for request in server.requests] == [1] * 4
    assert (report.rejected, report.in_doubt, report.not_sent) == (40, 0, count - 40)


def test_a_scout_goes_again_after_a_pack_of_which_nothing_was_accepted(backend: str) -> None:
    """What refused a whole pack may refuse the next: that again costs one, and cleanly."""
    server = PackServer(spoilt({str(number) for number in range(1, 7)}))
    report, _, _ = outcomes_of(backend, 170, server, packing=packs_of(5), concurrency=1)
    fresh = first_attempts(server)
    assert fresh[:5] == [("0",), ("1", "2", "3", "4"), ("5",), ("6",), ("7",)]
    assert len(fresh[5]) > 1
    assert (report.rejected, report.in_doubt, report.accepted) == (20, 40, 110)


def test_scout_that_nobody_answers_is_repeated_alone(backend: str) -> None:
    """A doubt goes on to its gate; nothing new begins beside it."""
    server = PackServer(lambda _: doubt() if len(server.requests) < 4 else None)
    report, _, _ = outcomes_of(backend, 90, server, packing=packs_of(9), concurrency=4)
    assert server.requests == [("0",)] * 4 + [tuple(str(n) for n in range(1, 9))]
    assert report.accepted == 90


# -- trouble ----------------------------------------------------------------------------------------


def test_silent_server_is_probed_with_one(backend: str) -> None:
    """After as many packs as there are workers, what is new goes alone: an outage takes no pack more."""
    server = PackServer(lambda _: doubt() if server.taken else None)
    report, _, _ = outcomes_of(backend, 300, server, packing=packs_of(4), concurrency=2)
    sizes = [len(request) for request in first_attempts(server)]
    assert sizes[0] == 1
    assert sum(sizes[1:3]) <= 2 * 4
    assert set(sizes[3:]) == {1}
    assert (report.accepted, report.in_doubt) == (10, 290)


def test_answer_after_an_outage_brings_packs_back(backend: str) -> None:
    """One acceptance ends the probing."""
    server = PackServer(
        lambda _: doubt() if server.taken and len(first_attempts(server)) < 6 else None
    )
    outcomes_of(backend, 300, server, packing=packs_of(4), concurrency=2)
    sizes = [len(request) for request in first_attempts(server)]
    assert sizes[3:6] == [1, 1, 1]
    assert sizes[8:10] == [4, 4]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 5))
def test_nothing_new_begins_beside_a_pack_in_pieces(
    backend: str, data: st.DataObject, concurrency: int
) -> None:
    """From the answer that refused a pack to the last answer of its pieces, only these are sent."""
    bad = data.draw(st.sets(st.integers(1, 30).map(str), max_size=6))
    pieces: set[str] = set()
    seen: set[str] = set()

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        paths = {chunk.path for chunk in chunks}
        if paths & bad and len(paths) > 1:
            pieces.update(paths)
            return refusal()
        pieces.difference_update(paths)
        return refusal() if paths & bad else None

    class Watching(PackServer):
        async def send(self, chunks: Sequence[Chunk], guard: Any) -> object:
            paths = {chunk.path for chunk in chunks}
            assert paths <= seen or not pieces, "something new began"
            seen.update(paths)
            return await super().send(chunks, guard)

    outcomes_of(
        backend,
        310,
        Watching(fault),
        packing=packs_of(5),
        concurrency=concurrency,
        on_rejected="report",
    )
    assert not pieces


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([0.001, 0.02, 0.05, 0.1, 0.2, inf]), st.integers(1, 5), st.integers(2, 9))
def test_no_more_is_under_way_than_fits_in_pieces(
    backend: str, rate: float, concurrency: int, most: int
) -> None:
    """At a rate so low that few could be repeated one by one, few are sent at once."""
    left = WINDOW.length - WINDOW.margin - 2 * WINDOW.attempt
    bound = max(int(rate * left / 2), 1) if rate < inf else concurrency * most
    under_way: list[int] = []

    class Watching(PackServer):
        running = 0

        async def send(self, chunks: Sequence[Chunk], guard: Any) -> object:
            self.running += len(chunks)
            under_way.append(self.running)
            try:
                await anyio.lowlevel.checkpoint()
                return await super().send(chunks, guard)
            finally:
                self.running -= len(chunks)

    server = Watching()
    report, _, _ = outcomes_of(
        backend, 300, server, packing=packs_of(most), concurrency=concurrency, rate=rate
    )
    assert report.accepted == 300
    assert max(under_way) <= bound
    assert max(map(len, server.requests)) == min(most, bound)


# -- its end ----------------------------------------------------------------------------------------


def test_refusal_in_a_pack_stops_a_run_that_stops_at_refusals(backend: str) -> None:
    """Found by halving, in doubt, and a refusal all the same: nothing new begins after it."""
    server = PackServer(spoilt({"2"}))
    report, _, error = outcomes_of(
        backend, 300, server, packing=packs_of(4), concurrency=1, on_rejected="stop"
    )
    assert isinstance(error, RunStoppedError)
    assert str(error).startswith("the run was stopped: a chunk was rejected: rejected_in_pack: ")
    assert (report.accepted, report.in_doubt, report.not_sent) == (30, 10, 260)


def test_token_refused_in_mid_run_leaves_its_packs_in_doubt(backend: str) -> None:
    """A 401 to a pack proves nothing of it, and every other would meet it: the run stops."""
    server = PackServer(lambda chunks: revoked() if len(chunks) > 1 else None)
    report, _, error = outcomes_of(backend, 300, server, packing=packs_of(4), concurrency=1)
    assert isinstance(error, RunStoppedError)
    assert [len(request) for request in server.requests] == [1, 3]
    assert (report.accepted, report.in_doubt, report.not_sent) == (10, 30, 260)


def test_drain_lets_pieces_go_on(backend: str) -> None:
    """Nothing new begins, and what is in doubt is repeated all the same."""
    stops: list[Callable[[], None]] = []

    def fault(chunks: Sequence[Chunk]) -> PushwooshError | None:
        if "2" not in {chunk.path for chunk in chunks}:
            return None
        stops[0]()
        return refusal()

    server = PackServer(fault)

    async def main() -> SendReport:
        run = fan_out(
            names(300),
            no_send,
            send_packs=server.send,
            clock=server.clock,
            packing=packs_of(4),
            concurrency=1,
        )
        async with run:
            stops.append(run.drain)
            async for _ in run:
                pass
        return run.report

    report = run_on(backend, main)
    assert_adds_up(report, 300)
    assert (report.accepted, report.in_doubt, report.not_sent) == (30, 10, 260)


def test_error_around_a_pack_ends_the_run_with_true_books(backend: str) -> None:
    """A hook that raises after the bytes have left: raised as it is, the pack is in doubt."""

    class Raising(PackServer):
        async def send(self, chunks: Sequence[Chunk], guard: Any) -> object:
            if len(chunks) > 1:
                await guard.before_attempt()
                self.requests.append(tuple(chunk.path for chunk in chunks))
                raise RuntimeError("hook")
            return await super().send(chunks, guard)

    report, _, error = outcomes_of(backend, 300, Raising(), packing=packs_of(4), concurrency=1)
    assert isinstance(error, RuntimeError)
    assert (report.accepted, report.in_doubt, report.not_sent) == (10, 30, 260)


@pytest.mark.parametrize("turns", range(0, 60, 3))
def test_cancelled_run_labels_everybody_truly(backend: str, turns: int) -> None:
    """At whichever turn: accepted was, not sent was not, and only a doubt may be either."""
    server = PackServer(spoilt({"3", "9"}))
    reports: list[SendReport] = []

    async def main() -> None:
        run = fan_out(
            names(150), no_send, send_packs=server.send, clock=server.clock, packing=packs_of(4)
        )
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                try:
                    await run
                finally:
                    reports.append(run.report)

            tasks.start_soon(watch)
            for _ in range(turns):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()

    run_on(backend, main)
    (report,) = reports
    assert_adds_up(report, 150 if report.total else 0)
    sent = {int(name[1:]) for name in server.taken}
    unsent_ids = {at for start, stop in report.not_sent_ranges for at in range(start, stop)}
    assert not sent & unsent_ids
    assert report.accepted <= len(sent) <= report.accepted + report.in_doubt
