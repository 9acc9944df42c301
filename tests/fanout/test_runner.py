"""Whole runs over a five-line server, on asyncio and on trio."""

import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from typing import Any, NoReturn

import anyio
import anyio.lowlevel
import pytest
from fanout_world import (
    ACCEPTED,
    BACKENDS,
    WINDOW,
    ManualClock,
    Server,
    again,
    assert_adds_up,
    fan_out,
    names,
    run_on,
)

from pushwoosh_async import (
    AuthenticationError,
    ChunkOutcome,
    ConfigurationError,
    FanOut,
    InvalidRequestError,
    JournalError,
    MessageResult,
    PushwooshError,
    RateLimitedError,
    RedirectError,
    RetryPolicy,
    RunStoppedError,
    SendReport,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._window import Window

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def throw(error: BaseException) -> NoReturn:
    """Raise."""
    raise error


def refusal() -> PushwooshError:
    """A 210."""
    return InvalidRequestError("bad argument", http_status=200, delivery="rejected")


def doubt() -> PushwooshError:
    """A 500, to be repeated."""
    return again(ServerError("failed", http_status=500))


def unsent() -> PushwooshError:
    """A refused connection, to be repeated."""
    return again(TransportError("refused", delivery="not_sent"))


def limited() -> PushwooshError:
    """A 429, to be repeated."""
    return again(RateLimitedError("too many", http_status=429, delivery="not_sent"))


def revoked() -> PushwooshError:
    """A 401."""
    return AuthenticationError("token refused", http_status=401, delivery="not_sent")


def report_of(backend: str, source: Any, server: Server, **options: Any) -> SendReport:
    """Await one run."""

    async def main() -> SendReport:
        return await fan_out(source, server.send, clock=server.clock, **options)

    report = run_on(backend, main)
    assert isinstance(report, SendReport)
    return report


def outcomes_of(backend: str, source: Any, server: Server, **options: Any) -> list[ChunkOutcome]:
    """Enter one run and collect what it tells."""

    async def main() -> list[ChunkOutcome]:
        async with fan_out(source, server.send, clock=server.clock, **options) as run:
            return [outcome async for outcome in run]

    outcomes = run_on(backend, main)
    assert isinstance(outcomes, list)
    return outcomes


def failure_of(
    backend: str, kind: type[BaseException], source: Any, server: Server, **options: Any
) -> tuple[Any, SendReport]:
    """Await one run that must raise, and return what it raised and its report."""

    async def main() -> tuple[BaseException, SendReport]:
        run = fan_out(source, server.send, clock=server.clock, **options)
        with pytest.raises(kind) as caught:
            await run
        return caught.value, run.report

    error, report = run_on(backend, main)
    assert type(error) is kind
    return error, report


# -- what a run does ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 95, 100, 101])
@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_everybody_gets_it_once(backend: str, count: int, concurrency: int) -> None:
    """A healthy server gets each id in exactly one request."""
    server = Server()
    report = report_of(backend, names(count), server, concurrency=concurrency)
    assert server.delivered == dict.fromkeys(names(count), 1)
    assert_adds_up(report, count)
    assert report.accepted == count
    assert report.requests == len(server.begun) == len(server.chunks_begun)
    assert (report.retries, report.accepted_on_repeat, report.stopped) == (0, 0, "")
    assert report.input_complete
    assert server.most_busy <= concurrency
    assert server.busy == 0


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_as_many_as_asked_are_in_flight(backend: str, concurrency: int) -> None:
    """Concurrency is used in full, and not passed."""

    async def main() -> int:
        server = SlowServer()
        async with fan_out(names(500), server.send, concurrency=concurrency) as run:
            await anyio.wait_all_tasks_blocked()
            begun = len(server.begun)
            run.drain()
            server.gate.set()
        return begun

    assert run_on(backend, main) == concurrency


@pytest.mark.parametrize("dedupe", [True, False])
def test_outcomes_name_whom_and_where(backend: str, dedupe: bool) -> None:
    """Each chunk is told once, with its ids, range and code; the ranges cover the input."""
    server = Server()
    source = [*names(25), "", *names(5)]
    outcomes = outcomes_of(backend, source, server, invalid="drop", dedupe=dedupe)
    assert {outcome.outcome for outcome in outcomes} == {"accepted"}
    outcomes.sort(key=lambda outcome: outcome.start)
    told = [name for outcome in outcomes for name in outcome.ids]
    assert told == names(25) + ([] if dedupe else names(5))
    assert [outcome.stop for outcome in outcomes] == [
        *(outcome.start for outcome in outcomes[1:]),
        31,
    ]
    assert all(outcome.recipients == len(outcome.ids) for outcome in outcomes)
    assert {(outcome.message_code, outcome.attempts) for outcome in outcomes} == {("CODE", 1)}
    assert len({outcome.transaction_id for outcome in outcomes}) == len(outcomes)


def test_six_counts_add_up(backend: str) -> None:
    """Accepted, rejected, in doubt, invalid and duplicate: each where it belongs."""
    fates: dict[str, MessageResult | PushwooshError] = {
        "0": ACCEPTED,
        "1": refusal(),
        "2": doubt(),
        "3": ACCEPTED,
    }
    server = Server(lambda chunk, _: fates[chunk.path])
    source = [*names(39), "", " x", "u0", "u1", "u39"]
    report = report_of(backend, source, server, invalid="drop", dedupe=True, concurrency=1)
    assert_adds_up(report, 44)
    assert (report.accepted, report.rejected, report.in_doubt) == (20, 10, 10)
    assert (report.not_sent, report.invalid, report.duplicates) == (0, 2, 2)
    (rejected,), (in_doubt,) = report.rejected_chunks, report.in_doubt_chunks
    assert (rejected.start, rejected.stop, rejected.reason) == (10, 20, "bad argument")
    assert (in_doubt.start, in_doubt.stop, in_doubt.reason) == (20, 30, "failed")
    assert not rejected.ids
    assert not in_doubt.ids
    assert in_doubt.attempts > 10


@pytest.mark.parametrize("failure", [unsent, limited])
def test_clean_failures_are_repeated_for_as_long_as_it_takes(
    backend: str, failure: Callable[[], PushwooshError]
) -> None:
    """Hours of refused connections or of 429 end as accepted, with nothing in doubt."""
    server = Server(lambda _, number: ACCEPTED if number > 100 else failure())
    report = report_of(backend, names(20), server)
    assert (report.accepted, report.in_doubt, report.accepted_on_repeat) == (20, 0, 0)
    assert (report.requests, report.retries) == (202, 200)


def test_doubt_is_repeated_and_cleared(backend: str) -> None:
    """A repeat inside the window may be accepted, and counts as resting on the server's promise."""
    server = Server(lambda chunk, number: doubt() if number < 3 and chunk.path == "1" else ACCEPTED)
    report = report_of(backend, names(30), server)
    assert (report.accepted, report.accepted_on_repeat, report.retries) == (30, 10, 2)


def test_doubt_is_not_repeated_past_its_window(backend: str) -> None:
    """After 150 seconds the chunk stays in doubt."""
    server = Server(lambda *_: doubt())
    report = report_of(backend, names(10), server)
    assert report.in_doubt == 10
    assert 140 <= server.clock.monotonic() <= 150
    assert report.stopped == ""


@pytest.mark.parametrize("final", [refusal, unsent, limited, revoked])
def test_nothing_but_acceptance_clears_a_doubt(
    backend: str, final: Callable[[], PushwooshError]
) -> None:
    """After a doubt a refusal, a 429 or a dead connection leaves the chunk in doubt."""
    server = Server(lambda _, number: doubt() if number == 1 else final())

    async def main() -> SendReport:
        run = fan_out(names(10), server.send, clock=server.clock)
        with pytest.raises(RunStoppedError) if final is revoked else nullcontext():
            await run
        return run.report

    report = run_on(backend, main)
    assert (report.in_doubt, report.rejected, report.not_sent) == (10, 0, 0)


def test_refusals_under_a_send_id_are_in_doubt(backend: str) -> None:
    """Where another start may have used the ids, nobody is labelled rejected."""
    report = report_of(backend, names(30), Server(lambda *_: refusal()), refusals_are_clean=False)
    assert (report.in_doubt, report.rejected) == (30, 0)


def test_refusal_under_a_send_id_shows_in_the_progress(backend: str) -> None:
    """The newest failed attempt is told in words, whatever it makes of its chunk."""

    async def main() -> str:
        server = Server(lambda *_: refusal())
        async with fan_out(names(10), server.send, refusals_are_clean=False) as run:
            async for _ in run:
                pass
            return run.progress.last_failure

    assert run_on(backend, main) == "bad argument"


def test_answer_that_was_never_recorded_is_a_doubt(backend: str) -> None:
    """A send that returns without an outcome proves nothing."""

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        await guard.before_attempt()
        return ACCEPTED

    async def main() -> SendReport:
        return await fan_out(names(10), send)

    report = run_on(backend, main)
    assert (report.in_doubt, report.accepted) == (10, 0)


def test_unknown_ids_are_counted_once(backend: str) -> None:
    """Ids the application does not know are attributed by id, strangers and repetitions not counted."""
    unknown = {"CODE": ("u1", "u2"), "": ("u1", "stranger")}
    server = Server(lambda *_: MessageResult(message_codes=("CODE",), unknown_devices=unknown))
    (outcome,) = outcomes_of(backend, names(10), server)
    assert sorted(outcome.unknown_devices) == ["u1", "u2"]
    report = report_of(backend, names(10), server)
    assert (report.accepted, report.unknown_devices) == (10, 2)


# -- what stops a run -----------------------------------------------------------------------------

REFUSALS = [
    AuthenticationError("no", http_status=401, delivery="not_sent"),
    AuthenticationError("Application not found", http_status=200, delivery="not_sent"),
    TransportError("untrusted certificate", permanent=True, delivery="not_sent"),
]


@pytest.mark.parametrize("error", REFUSALS, ids=str)
def test_run_level_refusal_stops_with_nobody_sent_to(backend: str, error: PushwooshError) -> None:
    """A refused token, application or connection: few calls, everybody not_sent (S15)."""
    server = Server(lambda *_: error)
    stopped, report = failure_of(backend, RunStoppedError, names(1000), server)
    assert (stopped.delivery, stopped.report) == ("not_sent", report)
    assert stopped.__cause__ is error
    assert str(error) in str(stopped)
    assert str(error) in report.stopped
    assert len(server.begun) <= 2
    assert_adds_up(report, 1000)
    assert report.not_sent == 1000


def test_redirect_stops_in_doubt(backend: str) -> None:
    """A 3xx stops the run; the chunk it answered is in doubt, the others are not sent (N24)."""
    error = RedirectError("elsewhere", http_status=307)
    server = Server(lambda *_: error)
    stopped, report = failure_of(backend, RunStoppedError, names(100), server, concurrency=1)
    assert stopped.__cause__ is error
    assert (report.in_doubt, report.not_sent) == (10, 90)


def test_token_revoked_in_mid_run(backend: str) -> None:
    """What was accepted stays so, the rest is not sent (S16)."""
    server = Server(lambda chunk, _: ACCEPTED if int(chunk.path) < 5 else revoked())
    stopped, report = failure_of(backend, RunStoppedError, names(1000), server)
    assert stopped.delivery == "in_doubt"
    assert report.accepted == len(server.delivered) == 50
    assert_adds_up(report, 1000)
    assert report.not_sent == 950


def test_rejection_stops_where_asked(backend: str) -> None:
    """on_rejected="stop" ends the run at the first rejected chunk, and says why."""
    server = Server(lambda chunk, _: refusal() if chunk.path == "3" else ACCEPTED)
    stopped, report = failure_of(backend, RunStoppedError, names(1000), server, on_rejected="stop")
    assert "bad argument" in str(stopped)
    assert report.rejected == 10
    assert report.accepted == len(server.delivered) <= 60
    assert_adds_up(report, 1000)
    assert report_of(backend, names(100), Server(server.answer)).rejected == 10


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_nothing_but_refusals_stops_the_run(backend: str, concurrency: int) -> None:
    """As many clean refusals in a row as there are workers, and never an acceptance."""
    server = Server(lambda *_: refusal())
    stopped, report = failure_of(
        backend, RunStoppedError, names(1000), server, concurrency=concurrency
    )
    assert stopped.delivery == "not_sent"
    assert 10 * concurrency <= report.rejected <= 20 * concurrency
    assert_adds_up(report, 1000)


def test_refusals_after_an_acceptance_do_not_stop(backend: str) -> None:
    """Once anything was accepted, the message itself is fine."""
    server = Server(lambda chunk, _: ACCEPTED if chunk.path == "0" else refusal())
    report = report_of(backend, names(200), server, concurrency=3)
    assert (report.accepted, report.rejected) == (10, 190)


def test_only_refusals_in_a_row_stop(backend: str) -> None:
    """Between two refusals another outcome starts the count anew."""
    server = Server()

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        while len(server.begun) < int(chunk.path):  # one after the other
            await anyio.lowlevel.checkpoint()
        await guard.before_attempt()
        outcome = doubt() if int(chunk.path) % 2 else refusal()
        guard.record(outcome)
        server.begun.append((chunk.path, 1))
        raise outcome

    async def main() -> SendReport:
        return await fan_out(names(200), send)

    report = run_on(backend, main)
    assert (report.rejected, report.in_doubt) == (100, 100)


class ForeignError(Exception):
    """Somebody else's error."""


@pytest.mark.parametrize(
    "error",
    [
        ForeignError("hook"),
        ConfigurationError("notification: too large"),
        JournalError("no space", delivery="not_sent"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("concurrency", [1, 3])
def test_error_around_an_attempt_ends_the_run(
    backend: str, error: Exception, concurrency: int
) -> None:
    """A hook, a token function or the journal that raises: drained, raised as it is, books true."""

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        if chunk.path == "4":
            raise error
        return await server.send(chunk, guard)

    server = Server()

    async def main() -> SendReport:
        run = fan_out(names(500), send, concurrency=concurrency)
        with pytest.raises(type(error)) as caught:
            await run
        assert caught.value is error
        return run.report

    report = run_on(backend, main)
    assert_adds_up(report, 500)
    assert report.accepted == len(server.delivered) >= 40
    assert report.in_doubt == 0
    assert type(error).__name__ in report.stopped or str(error) in report.stopped
    if isinstance(error, PushwooshError):
        assert error.report == report


def test_error_after_hand_over_leaves_a_doubt(backend: str) -> None:
    """An attempt that was begun and never recorded is in doubt when its send raises."""
    server = Server(lambda chunk, _: ForeignError("x") if chunk.path == "1" else ACCEPTED)
    _, report = failure_of(backend, ForeignError, names(30), server, concurrency=1)
    assert (report.accepted, report.in_doubt, report.not_sent) == (10, 10, 10)


def test_request_too_slow_for_its_window_ends_the_run_cleanly(backend: str) -> None:
    """A chunk so large that no repeat would fit is refused as a value, not as a group of errors."""
    policy = RetryPolicy()

    def window(size: int) -> Window:
        return policy.window_for(179.99, size)

    source = ["x" * 1000 + name for name in names(100)]
    error, report = failure_of(backend, ConfigurationError, source, Server(), window=window)
    assert str(error).startswith("timeout: ")
    assert error.report == report
    assert_adds_up(report, 100)
    assert report.not_sent == 100


def test_invalid_id_in_mid_run(backend: str) -> None:
    """A source that is not checked beforehand raises at its bad id, and the books add up."""
    server = Server()
    ids = iter([*names(55), " bad ", *names(30)])
    source = (name for name in ids)
    error, report = failure_of(backend, ConfigurationError, source, server)
    assert str(error).startswith("users[55]: ")
    assert error.report == report
    assert report.accepted == len(server.delivered)
    assert report.invalid == 1
    assert_adds_up(report, 86 - len(list(ids)))
    assert not report.input_complete


class Text(str):
    """A subclass, whose text could change under our hands."""

    __slots__ = ()


@pytest.mark.parametrize("wrap", [list, tuple])
@pytest.mark.parametrize("value", [5, Text("u")])
def test_type_in_a_list_is_checked_before_the_first_is_sent(
    backend: str, wrap: Callable[..., Any], value: object
) -> None:
    """A wrong type at the very end stops everything before it starts, a subclass of str too (I4)."""
    server = Server()
    error, _ = failure_of(backend, TypeError, wrap([*names(995), value]), server)
    assert str(error) == f"users[995]: expected a str, got {type(value).__name__}"
    assert server.begun == []


@pytest.mark.parametrize("wrap", [list, tuple])
def test_list_is_checked_before_the_first_is_sent(backend: str, wrap: Callable[..., Any]) -> None:
    """A bad id at the very end of a list stops everything before it starts."""
    server = Server()
    error, report = failure_of(backend, ConfigurationError, wrap([*names(995), ""]), server)
    assert str(error).startswith("users[995]: ")
    assert server.begun == []
    assert_adds_up(report, 996)


# -- the breaker ----------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_outage_leaves_few_in_doubt(backend: str, concurrency: int) -> None:
    """While nothing answers, new chunks begin one at a time, each after the last has expired."""
    server = Server(lambda *_: doubt())
    running: set[str] = set()
    most: list[int] = []

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        running.add(chunk.path)
        most.append(len(running))
        try:
            return await server.send(chunk, guard)
        finally:
            running.discard(chunk.path)

    async def main() -> SendReport:
        return await fan_out(names(300), send, clock=server.clock, concurrency=concurrency)

    report = run_on(backend, main)
    assert report.in_doubt == 300
    assert max(most[:concurrency]) <= concurrency
    assert most[concurrency:] == [1] * (30 - concurrency)


def test_breaker_closes_at_the_first_answer(backend: str) -> None:
    """When the server is back, everything goes at full speed again."""
    server = Server(lambda chunk, _: doubt() if chunk.path in {"0", "1"} and not back else ACCEPTED)
    back: list[bool] = []

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        if len(server.begun) >= 6:
            back.append(True)
        return await server.send(chunk, guard)

    async def main() -> SendReport:
        return await fan_out(names(200), send, clock=server.clock)

    report = run_on(backend, main)
    assert report.accepted + report.in_doubt == 200
    assert report.in_doubt <= 20
    assert server.most_busy == 2


@pytest.mark.parametrize("clean", [True, False])
def test_refusal_is_an_answer_too(backend: str, clean: bool) -> None:
    """A 210 says that the server is there, with or without a send_id: new chunks may begin."""
    patient: list[bool] = []

    async def send(chunk: Chunk, guard: RequestGuard) -> object:
        number = int(chunk.path)
        if number == 4:
            begun.set()
        if number == 2:
            await anyio.wait_all_tasks_blocked()
        await guard.before_attempt()
        outcome = refusal() if number == 2 else doubt() if number < 4 else ACCEPTED
        guard.record(outcome)
        if number < 2:  # two open doubts; the third worker gets a refusal, a doubt, and goes on
            with anyio.move_on_after(1) as patience:
                await begun.wait()
            patient.append(not patience.cancelled_caught)
        if isinstance(outcome, PushwooshError):
            raise outcome
        return outcome

    async def main() -> SendReport:
        return await fan_out(names(60), send, refusals_are_clean=clean, concurrency=3)

    begun = Flag()
    report = run_on(backend, main)
    assert patient == [True, True]
    assert report.accepted == 20


# -- stopping early -------------------------------------------------------------------------------


class Flag:
    """Something to wait for, made before its event loop."""

    def __init__(self) -> None:
        self._event: anyio.Event | None = None
        self._is_set = False

    def set(self) -> None:
        """Let everybody go on."""
        self._is_set = True
        if self._event is not None:
            self._event.set()

    async def wait(self) -> None:
        """Wait for it."""
        if not self._is_set:
            self._event = self._event or anyio.Event()
            await self._event.wait()


class SlowServer(Server):
    """A server that answers when its gate is opened."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.clock = ManualClock()
        self.gate = anyio.Event()

    async def attempt(
        self, chunk: Chunk, number: int
    ) -> MessageResult | PushwooshError | BaseException:
        """Wait for the gate, then answer."""
        await self.gate.wait()
        return await super().attempt(chunk, number)


@pytest.mark.parametrize("how", ["drain", "leave", "deadline"])
def test_stop_begins_nothing_new_and_finishes_what_is_in_flight(backend: str, how: str) -> None:
    """What had begun is accepted, what had not is not sent; no error for having stopped."""

    async def main() -> tuple[Server, SendReport]:
        server = SlowServer()
        deadline = 60.0 if how == "deadline" else None
        async with (
            anyio.create_task_group() as outside,
            fan_out(
                names(500), server.send, clock=server.clock, deadline=deadline, concurrency=3
            ) as run,
        ):
            await anyio.wait_all_tasks_blocked()
            assert len(server.begun) == 3
            if how == "drain":
                run.drain()
            elif how == "deadline":
                server.clock.advance(60.0)
            outside.start_soon(open_later, server)
            if how != "leave":
                assert [outcome.outcome async for outcome in run].count("accepted") == 3
        return server, run.report

    async def open_later(server: SlowServer) -> None:
        await anyio.wait_all_tasks_blocked()
        server.gate.set()

    server, report = run_on(backend, main)
    assert (report.accepted, report.not_sent, report.in_doubt) == (30, 470, 0)
    assert server.delivered == dict.fromkeys(names(30), 1)
    assert {"drain": "drained", "leave": "left", "deadline": "60 s"}[how] in report.stopped
    assert_adds_up(report, 500)


def test_doubts_go_on_after_a_stop(backend: str) -> None:
    """Past the deadline a doubt is repeated to its gate, a clean failure is not."""
    server = Server(
        lambda chunk, number: (
            (doubt() if number < 5 else ACCEPTED) if chunk.path == "0" else unsent()
        )
    )

    async def main() -> SendReport:
        async with fan_out(names(40), server.send, clock=server.clock) as run:
            with anyio.fail_after(5):
                while ("0", 2) not in server.begun:
                    await anyio.lowlevel.checkpoint()
            run.drain()
        return run.report

    report = run_on(backend, main)
    assert (report.accepted, report.not_sent) == (10, 30)
    assert ("0", 5) in server.begun


def test_drain_after_the_end_changes_nothing(backend: str) -> None:
    """A run that is over was not stopped."""

    async def main() -> SendReport:
        async with fan_out(names(20), Server().send) as run:
            async for _ in run:
                pass
            run.drain()
        return run.report

    assert run_on(backend, main) == report_of(backend, names(20), Server())


def test_deadline_that_is_not_reached_changes_nothing(backend: str) -> None:
    """A run that ends in time ends its watch."""

    async def main() -> SendReport:
        server = Server()
        return await fan_out(names(50), server.send, clock=ManualClock(), deadline=3600.0)

    report = run_on(backend, main)
    assert (report.accepted, report.stopped) == (50, "")


# -- sources --------------------------------------------------------------------------------------


class Source:
    """Generators of each kind over the same ids, that note whether they were closed."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.pulled = 0
        self.closed = 0

    def plain(self) -> Iterator[str]:
        """Yield ids."""
        try:
            for name in names(self.count):
                self.pulled += 1
                yield name
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1

    async def one_by_one(self) -> AsyncIterator[str]:
        """Yield ids; closing it takes a turn of the event loop."""
        try:
            for name in names(self.count):
                await anyio.lowlevel.checkpoint()
                self.pulled += 1
                yield name
            if self.error is not None:
                raise self.error
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            self.closed += 1

    async def in_pages(self) -> AsyncIterator[list[str]]:
        """Yield lists of ids."""
        try:
            every = names(self.count)
            for start in range(0, self.count, 7):
                page = every[start : start + 7]
                self.pulled += len(page)
                yield page
            if self.error is not None:
                raise self.error
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            self.closed += 1

    def open(self, kind: str) -> Any:
        """Make a generator of a kind."""
        return getattr(self, kind)()


kinds = pytest.mark.parametrize("kind", ["plain", "one_by_one", "in_pages"])


@kinds
@pytest.mark.parametrize("count", [0, 5, 95, 231])
def test_every_kind_of_source(backend: str, kind: str, count: int) -> None:
    """Iterables, async iterables and async pages are cut alike, and closed at their end."""
    source, server = Source(count), Server()
    outcomes = outcomes_of(backend, source.open(kind), server)
    listed = outcomes_of(backend, names(count), Server())
    assert {outcome.transaction_id for outcome in outcomes} == {
        outcome.transaction_id for outcome in listed
    }
    assert server.delivered == dict.fromkeys(names(count), 1)
    assert source.closed == 1


@kinds
def test_source_that_raises_in_mid_run(backend: str, kind: str) -> None:
    """Its error is raised, the same object; what was begun is finished, the rest not sent (I12)."""
    broken = ForeignError("disk")
    source, server = Source(95, broken), Server()

    async def main() -> SendReport:
        run = fan_out(source.open(kind), server.send)
        with pytest.raises(ForeignError) as caught:
            await run
        assert caught.value is broken
        return run.report

    report = run_on(backend, main)
    assert report.accepted == len(server.delivered) == 10 * len(server.chunks_begun) > 0
    assert (report.in_doubt, report.rejected, report.input_complete) == (0, 0, False)
    assert "ForeignError" in report.stopped
    assert source.closed == 1


@kinds
def test_every_id_that_was_read_is_counted_when_the_source_raises(backend: str, kind: str) -> None:
    """The six counts add up to the input that was read, the last page among it."""
    source = Source(95, ForeignError("disk"))
    _, report = failure_of(backend, ForeignError, source.open(kind), Server())
    assert_adds_up(report, source.pulled)


@kinds
def test_every_id_that_was_read_is_counted_when_drained(backend: str, kind: str) -> None:
    """The same where the run is stopped between two ids of a page."""

    async def main() -> tuple[Source, SendReport]:
        source = Source(10_000)
        async with fan_out(source.open(kind), Server().send) as run:
            with anyio.fail_after(5):
                while source.pulled < 35:
                    await anyio.lowlevel.checkpoint()
            run.drain()
        return source, run.report

    source, report = run_on(backend, main)
    assert_adds_up(report, source.pulled)


@kinds
@pytest.mark.parametrize("how", ["drain", "leave", "raise", "cancel", "refused"])
def test_source_is_closed_however_the_run_ends(backend: str, kind: str, how: str) -> None:
    """A generator that is left early is closed, exactly once, before the run is over."""

    async def main() -> Source:
        source = Source(10_000)
        generator = source.open(kind)  # held here, so that nobody but the run closes it
        server = Server(lambda *_: revoked() if how == "refused" else ACCEPTED)
        with anyio.CancelScope() as scope:
            try:
                async with fan_out(generator, server.send) as run:
                    async for _ in run:
                        if how == "leave":
                            break
                        if how == "drain":
                            run.drain()
                        if how == "raise":
                            throw(ForeignError("body"))
                        if how == "cancel":
                            scope.cancel()
            except (ForeignError, RunStoppedError):
                assert how in {"raise", "refused"}
        assert source.closed == 1
        return source

    source = run_on(backend, main)
    assert source.closed == 1
    assert source.pulled < 10_000


def test_source_that_never_yields_is_left_alone_on_a_stop(backend: str) -> None:
    """Draining does not wait for a source that waits for ever."""
    closed: list[bool] = []

    async def stuck() -> AsyncIterator[str]:
        try:
            for name in names(40):
                yield name
            await anyio.sleep_forever()
        finally:
            closed.append(True)

    async def main() -> SendReport:
        async with fan_out(stuck(), Server().send) as run:
            await anyio.wait_all_tasks_blocked()
            run.drain()
        return run.report

    report = run_on(backend, main)
    assert closed == [True]
    assert_adds_up(report, 40)
    assert not report.input_complete


@kinds
@pytest.mark.parametrize("concurrency", [1, 4])
def test_source_is_not_read_ahead(backend: str, kind: str, concurrency: int) -> None:
    """With every worker busy, at most two chunks beyond theirs have been pulled (I11)."""

    async def main() -> int:
        source, server = Source(10_000), SlowServer()
        async with fan_out(source.open(kind), server.send, concurrency=concurrency) as run:
            await anyio.wait_all_tasks_blocked()
            pulled = source.pulled
            run.drain()
            server.gate.set()
        return pulled

    assert run_on(backend, main) <= (concurrency + 2) * 10 + 10


# -- watching -------------------------------------------------------------------------------------


def test_slow_reader_slows_the_run_and_loses_nothing(backend: str) -> None:
    """Outcomes wait for a reader, who gets all of them; the run lags with him, and then ends."""

    async def main() -> int:
        server, seen, furthest = Server(), 0, 0
        with anyio.move_on_after(3) as patience:
            async with fan_out(names(400), server.send, chunk_size=1, concurrency=4) as run:
                async for _ in run:
                    seen += 1
                    if seen == 1:
                        await anyio.wait_all_tasks_blocked()
                        furthest = len(server.begun)
        assert not patience.cancelled_caught, f"stuck after {seen} outcomes"
        assert seen == 400
        return furthest

    assert run_on(backend, main) <= 64 + 1 + 2 * 4


def test_leaving_a_run_that_waits_for_its_reader(backend: str) -> None:
    """A reader who goes away lets the workers go on and the run end."""

    async def main() -> SendReport:
        server = Server()
        with anyio.fail_after(3):
            async with fan_out(names(400), server.send, chunk_size=1, concurrency=4) as run:
                async for _ in run:
                    await anyio.wait_all_tasks_blocked()
                    break
        return run.report

    report = run_on(backend, main)
    assert_adds_up(report, 400)
    assert report.accepted < 400


def test_run_that_nobody_reads_is_not_held_up(backend: str) -> None:
    """Watching progress alone is enough."""

    async def main() -> SendReport:
        async with fan_out(names(1000), Server().send) as run:
            with anyio.fail_after(5):
                while run.progress.accepted < 1000:
                    await anyio.lowlevel.checkpoint()
            assert run.progress.total == run.progress.taken == 1000
        return run.report

    assert run_on(backend, main).accepted == 1000


class Forgetful(Server):
    """A server that accepts everything and remembers nobody."""

    async def attempt(self, chunk: Chunk, number: int) -> MessageResult:
        """Accept."""
        await anyio.lowlevel.checkpoint()
        return ACCEPTED


def test_run_that_nobody_reads_costs_no_memory(backend: str) -> None:
    """Outcomes that nobody asks for do not pile up with the ids of everybody in them."""

    async def used_by(count: int) -> int:
        source = (f"user-{index:060}" for index in range(count))
        async with fan_out(source, Forgetful().send, chunk_size=100) as run:
            with anyio.fail_after(60):
                while run.progress.taken < count or run.progress.accepted < count - 1000:
                    await anyio.lowlevel.checkpoint()
            return tracemalloc.get_traced_memory()[0]

    async def main() -> None:
        tracemalloc.start()
        try:
            few, many = await used_by(10_000), await used_by(60_000)
        finally:
            tracemalloc.stop()
        assert many - few < 1_500_000

    run_on(backend, main)


def test_progress_tells_how_far(backend: str) -> None:
    """Counts of what is settled and what is open, and the newest failure."""

    async def main() -> None:
        server = SlowServer(
            answer=lambda chunk, number: doubt() if chunk.path == "1" and number < 3 else ACCEPTED
        )
        async with fan_out(names(40), server.send, clock=server.clock) as run:
            await anyio.wait_all_tasks_blocked()
            assert (run.progress.requests, run.progress.accepted) == (2, 0)
            assert run.progress.seconds_left is None
            server.clock.advance(5.0)
            server.gate.set()
            await anyio.wait_all_tasks_blocked()
            progress = run.progress
            assert (progress.accepted, progress.in_doubt, progress.retries) == (30, 10, 0)
            assert progress.last_failure == "failed"
            assert (progress.seconds, progress.rate) == (5.0, 6.0)
            assert progress.seconds_left == pytest.approx(10 / 6)
            server.clock.advance(10.0)
            await anyio.wait_all_tasks_blocked()
            server.clock.advance(10.0)
            async for _ in run:
                pass
            assert (run.progress.accepted, run.progress.in_doubt) == (40, 0)
            assert run.progress.seconds_left == 0.0

    run_on(backend, main)


def test_error_of_a_stopped_run_comes_after_its_last_outcome(backend: str) -> None:
    """Iterating tells every chunk first, then raises, once."""
    server = Server(lambda chunk, _: ACCEPTED if chunk.path in "01" else revoked())

    async def main() -> None:
        seen: list[str] = []
        with pytest.raises(RunStoppedError) as caught:  # noqa: PT012 -- the block is the subject
            async with fan_out(names(100), server.send, concurrency=1) as run:
                async for outcome in run:
                    seen.append(outcome.outcome)  # noqa: PERF401 -- what came before the error counts
        assert seen[:3] == ["accepted", "accepted", "not_sent"]
        assert caught.value.report == run.report

    run_on(backend, main)


def test_error_of_a_stopped_run_is_raised_once(backend: str) -> None:
    """Who caught it while iterating does not get it again when leaving."""

    async def main() -> SendReport:
        async with fan_out(names(100), Server(lambda *_: revoked()).send) as run:
            with pytest.raises(RunStoppedError):
                async for _ in run:
                    pass
            assert [outcome async for outcome in run] == []
        return run.report

    assert run_on(backend, main).not_sent == 100


def test_foreign_error_is_noted_once(backend: str) -> None:
    """Somebody else's error says once what became of the run, however often it is looked at."""
    broken = ForeignError("disk")

    async def main() -> None:
        async with fan_out(Source(35, broken).plain(), Server().send) as run:
            with pytest.raises(ForeignError):
                async for _ in run:
                    pass
            assert [outcome async for outcome in run] == []
        assert len(getattr(broken, "__notes__", [])) <= 1

    run_on(backend, main)


def test_error_of_a_stopped_run_is_raised_on_leaving(backend: str) -> None:
    """Who does not iterate learns it at the end of the block."""

    async def main() -> None:
        server = Server(lambda *_: revoked())
        with pytest.raises(RunStoppedError):
            async with fan_out(names(100), server.send):
                await anyio.wait_all_tasks_blocked()

    run_on(backend, main)


@pytest.mark.parametrize(
    "error", [ForeignError("body"), StopAsyncIteration(), PushwooshError("mine")], ids=repr
)
def test_error_of_the_block_is_raised_as_it_is(backend: str, error: Exception) -> None:
    """The body's own error comes out, the same object, after what was in flight has finished."""

    async def main() -> SendReport:
        server = SlowServer()
        run = fan_out(names(500), server.send)
        with pytest.raises(type(error)) as caught:  # noqa: PT012 -- the block is the subject
            async with run:
                await anyio.wait_all_tasks_blocked()
                server.gate.set()
                raise error
        assert caught.value is error
        return run.report

    report = run_on(backend, main)
    assert (report.accepted, report.in_doubt) == (20, 0)
    assert_adds_up(report, 500)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_exit_from_the_block_is_raised_as_it_is(backend: str, error: BaseException) -> None:
    """sys.exit() in a block ends the program with its own status, not with a group of errors."""

    async def main() -> None:
        run = fan_out(names(500), Server().send)
        try:
            async with run:
                await anyio.wait_all_tasks_blocked()
                throw(error)
        except BaseException as caught:  # noqa: BLE001 -- what comes out is the question
            came_out.append(caught)
        reports.append(run.report)

    came_out: list[BaseException] = []
    reports: list[SendReport] = []
    run_on(backend, main)
    assert came_out == [error]
    assert_adds_up(reports[0], 500)


def test_generator_around_a_run_can_be_closed(backend: str) -> None:
    """An async generator that yields from a block is closed like any other (P15)."""

    async def watched(run: FanOut) -> AsyncGenerator[ChunkOutcome, None]:
        async with run:
            async for outcome in run:
                yield outcome

    async def main() -> SendReport:
        run = fan_out(names(500), Server().send)
        generator = watched(run)
        await anext(generator)
        await generator.aclose()
        return run.report

    assert_adds_up(run_on(backend, main), 500)


# -- using it wrongly -----------------------------------------------------------------------------


def test_run_can_be_used_once(backend: str) -> None:
    """Awaiting twice, or awaiting and entering, is refused and sends nothing more."""

    async def main() -> Server:
        server = Server()
        run = fan_out(names(20), server.send)
        await run
        with pytest.raises(ConfigurationError, match="once"):
            await run
        with pytest.raises(ConfigurationError, match="once"):
            async with run:
                pass
        entered = fan_out(names(20), server.send)
        async with entered:
            pass
        with pytest.raises(ConfigurationError, match="once"):
            await entered
        return server

    assert max(run_on(backend, main).delivered.values()) <= 2


def test_run_must_be_entered_to_be_iterated(backend: str) -> None:
    """Iterating over a run that was not entered would wait for ever."""

    async def main() -> None:
        run = fan_out(names(20), Server().send)
        with pytest.raises(ConfigurationError, match="enter"):
            async for _ in run:
                pass
        await run

    run_on(backend, main)


def test_run_that_is_never_used_warns(backend: str) -> None:
    """Forgetting to await is said aloud: nothing was sent."""

    async def main() -> Server:
        server = Server()
        run = fan_out(names(20), server.send)
        with pytest.warns(RuntimeWarning, match="neither awaited nor entered"):
            del run
        return server

    assert run_on(backend, main).begun == []


def test_window_of_the_tests_is_the_designs(backend: str) -> None:
    """W 300, T 30, MARGIN 120: the numbers above rest on it."""
    assert RetryPolicy().window_for(30.0, 0) == WINDOW
