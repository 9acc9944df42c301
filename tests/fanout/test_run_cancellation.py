"""A run cancelled at every turn of its event loop: books true, nothing left behind."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import TaskGroup
from fanout_world import ACCEPTED, BACKENDS, assert_adds_up, fan_out, names, run_on

from pushwoosh_async import (
    FanOut,
    InvalidRequestError,
    MessageResult,
    PushwooshError,
    SendReport,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.request_guard import RequestGuard

COUNT = 45  # five chunks, the last of five ids
TURNS = 400  # more than any run below takes


class Attempt:
    """One attempt, owned by the server as a transport owns its own."""

    def __init__(self) -> None:
        self.handed_over = False
        self.revoked = False
        self.outcome: MessageResult | PushwooshError | None = None
        self.done = anyio.Event()


class OwningServer:
    """Serves attempts in its own tasks, which go on when their caller has gone.

    Chunk 1 is refused, the first attempt of chunk 2 is lost after processing, the others are accepted.
    """

    def __init__(self, tasks: TaskGroup, *, silent: bool = False) -> None:
        self.tasks = tasks
        self.silent = silent
        self.delivered: dict[str, int] = {}
        self.taken: set[str] = set()

    async def send(self, chunk: Chunk, guard: RequestGuard) -> object:
        """Try until accepted or refused."""
        while True:
            await guard.before_attempt()
            attempt = Attempt()
            self.tasks.start_soon(self.serve, chunk, guard, attempt)
            try:
                await attempt.done.wait()
            except anyio.get_cancelled_exc_class():
                attempt.revoked = True  # first revoke, then look
                if not attempt.handed_over:
                    guard.record(TransportError("cancelled", delivery="not_sent"))
                raise
            if isinstance(attempt.outcome, MessageResult):
                return attempt.outcome
            if isinstance(attempt.outcome, InvalidRequestError):
                raise attempt.outcome
            assert guard.may_repeat(1.0)
            await anyio.lowlevel.checkpoint()

    async def serve(self, chunk: Chunk, guard: RequestGuard, attempt: Attempt) -> None:
        """Connect, take the body, process, answer."""
        await anyio.lowlevel.checkpoint()
        if attempt.revoked or not guard.may_hand_over():
            return
        attempt.handed_over = True
        await anyio.lowlevel.checkpoint()
        attempt.outcome = self.process(chunk)
        await anyio.lowlevel.checkpoint()
        if not (self.silent and attempt.revoked):
            guard.record(attempt.outcome)
        attempt.done.set()

    def process(self, chunk: Chunk) -> MessageResult | PushwooshError:
        """Send, unless this transaction id was taken before."""
        if chunk.path == "1":
            return InvalidRequestError("bad", http_status=200, delivery="rejected")
        repeated = chunk.transaction_id in self.taken
        self.taken.add(chunk.transaction_id)
        for name in chunk.ids if not repeated else ():
            self.delivered[name] = self.delivered.get(name, 0) + 1
        if chunk.path == "2" and not repeated:
            return ServerError("lost", http_status=500)
        return ACCEPTED


def assert_true(report: SendReport, server: OwningServer) -> None:
    """Hold a report against what the server did."""
    assert_adds_up(report, COUNT)
    assert set(server.delivered.values()) <= {1}
    everybody = names(COUNT)
    unsure, refused = (
        {name for chunk in chunks for name in everybody[chunk.start : chunk.stop]}
        for chunks in (report.in_doubt_chunks, report.rejected_chunks)
    )
    left = {name for start, stop in report.not_sent_ranges for name in everybody[start:stop]}
    assert len(left) == report.not_sent
    assert not left & set(server.delivered)
    assert len(unsure) == report.in_doubt
    assert len(refused) == report.rejected
    assert not refused & set(server.delivered)
    assert len(set(server.delivered) - unsure) == report.accepted


async def awaited(run: FanOut) -> None:
    """Use a run in the one way."""
    await run


async def entered(run: FanOut) -> None:
    """Use a run in the other way."""
    async with run:
        async for _ in run:
            pass


Use = Callable[[FanOut], Awaitable[None]]
Cancel = Callable[[Callable[[], Awaitable[None]], int], Awaitable[bool]]


async def in_a_scope(job: Callable[[], Awaitable[None]], turn: int) -> bool:
    """Cancel a scope around a job at a turn; tell whether it was cancelled."""

    async def later() -> None:
        for _ in range(turn):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    async with anyio.create_task_group() as beside:
        with anyio.CancelScope() as scope:
            beside.start_soon(later)
            await job()
        beside.cancel_scope.cancel()
    return scope.cancelled_caught


async def as_a_task(job: Callable[[], Awaitable[None]], turn: int) -> bool:
    """Cancel a task of asyncio at a turn, as wait_for and asyncio.timeout do."""
    task = asyncio.ensure_future(job())
    for _ in range(turn + 1):  # a task that is cancelled before it starts never uses its run
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def lone_turn(
    use: Use, cancel: Cancel, turn: int, source: Callable[[], Any], *, silent: bool
) -> bool:
    """Cancel one run at one turn, and check what is left; tell whether it was still going."""
    async with anyio.create_task_group() as tasks:
        server = OwningServer(tasks, silent=silent)
        run = fan_out(source(), server.send)

        async def job() -> None:
            await use(run)

        cancelled = await cancel(job, turn)
        report = run.report
    assert_true(report, server)
    assert report == run.report, "a report changed after its run had ended"
    if not cancelled:
        assert (report.accepted, report.rejected, report.in_doubt) == (35, 10, 0)
    return cancelled


async def every_turn(use: Use, cancel: Cancel, source: Callable[[], Any], *, silent: bool) -> None:
    """Cancel run after run, each one turn later, until one is not cancelled any more."""
    for turn in range(TURNS):
        if not await lone_turn(use, cancel, turn, source, silent=silent):
            assert turn > 10
            break
    else:
        pytest.fail("the run never ended by itself")
    gc.collect()  # a stream or coroutine left open warns here, and warnings are errors


async def pages() -> Any:
    """Yield ids slowly."""
    for start in range(0, COUNT, 9):
        await anyio.lowlevel.checkpoint()
        yield names(COUNT)[start : start + 9]


SOURCES: dict[str, Callable[[], Any]] = {"list": lambda: names(COUNT)}


@pytest.mark.parametrize("use", [awaited, entered])
@pytest.mark.parametrize("backend", BACKENDS)
def test_scope_cancelled_at_every_turn(backend: str, use: Use) -> None:
    """Whenever it is, everybody is in exactly one class, and each label is true."""

    async def main() -> None:
        await every_turn(use, in_a_scope, SOURCES["list"], silent=False)

    run_on(backend, main)


@pytest.mark.parametrize("use", [awaited, entered])
async def test_task_cancelled_at_every_turn(use: Use) -> None:
    """The same for asyncio's own cancellation; no task is left."""
    before = asyncio.all_tasks()
    await every_turn(use, as_a_task, SOURCES["list"], silent=False)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("use", [awaited, entered])
def test_cancelled_while_the_server_keeps_silent(use: Use) -> None:
    """An answer that never comes is waited for, not for ever, and is a doubt."""

    async def main() -> None:
        await every_turn(use, in_a_scope, SOURCES["list"], silent=True)

    run_on("trio", main)


@pytest.mark.parametrize("backend", BACKENDS)
def test_cancelled_run_says_so(backend: str) -> None:
    """A run that was cancelled in flight does not look as if it had come to its end."""

    async def main() -> SendReport:
        async with anyio.create_task_group() as tasks:
            server = OwningServer(tasks)
            run = fan_out(names(10), server.send)
            assert await in_a_scope(lambda: awaited(run), 1)
        return run.report

    report = run_on(backend, main)
    assert report.not_sent == 10
    assert report.stopped == "cancelled"


@pytest.mark.parametrize("backend", BACKENDS)
def test_answer_that_comes_while_closing_counts(backend: str) -> None:
    """What was handed over when the run was cancelled may still become accepted."""

    async def main() -> SendReport:
        async with anyio.create_task_group() as tasks:

            async def answer_later(guard: RequestGuard) -> None:
                for _ in range(20):
                    await anyio.lowlevel.checkpoint()
                guard.record(ACCEPTED)

            async def send(chunk: Chunk, guard: RequestGuard) -> object:
                await guard.before_attempt()
                tasks.start_soon(answer_later, guard)
                scope.cancel()
                await anyio.sleep_forever()
                return None

            run = fan_out(names(10), send)
            with anyio.CancelScope() as scope:
                await run
        return run.report

    report = run_on(backend, main)
    assert (report.accepted, report.in_doubt) == (10, 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_cancelled_while_the_source_is_slow(backend: str) -> None:
    """Nothing of a source that was being waited for is lost or sent twice."""

    async def main() -> None:
        for turn in range(TURNS):
            async with anyio.create_task_group() as tasks:
                server = OwningServer(tasks)
                run = fan_out(pages(), server.send)
                cancelled = await in_a_scope(lambda run=run: awaited(run), turn)  # type: ignore[misc]
            report = run.report
            assert set(server.delivered.values()) <= {1}
            assert report.accepted <= len(server.delivered) <= report.accepted + report.in_doubt
            assert report.input_complete or cancelled
            if not cancelled:
                assert_true(report, server)
                return
        pytest.fail("the run never ended by itself")

    run_on(backend, main)
