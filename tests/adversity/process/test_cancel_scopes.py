"""The ways in which a program gives a fan-out up: each ends in true books and a pool that serves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TypeAlias

import pytest
from fault_server import accept, fault_server
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import ChunkOutcome, FanOut

from .cancelling import HeldAnswer, awaited, entered, serves

# Gives a run up once the event is set; returns what its caller saw.
Abort: TypeAlias = Callable[[FanOut, asyncio.Event], Awaitable[str]]


async def wait_for(run: FanOut, now: asyncio.Event) -> str:
    """Lose patience: the only way here that cannot be told when."""
    with pytest.raises(TimeoutError) as caught:
        await asyncio.wait_for(awaited(run), 0.25)
    await now.wait()
    return type(caught.value).__name__


async def timeout(run: FanOut, now: asyncio.Event) -> str:
    """Let a scope's time be over."""

    async def expire(scope: asyncio.Timeout) -> None:
        await now.wait()
        scope.reschedule(asyncio.get_running_loop().time())

    try:
        async with asyncio.timeout(None) as scope:
            expiring = asyncio.ensure_future(expire(scope))
            await entered(run)
    except TimeoutError as error:
        await expiring
        return type(error).__name__
    return "nothing"


async def task_group(run: FanOut, now: asyncio.Event) -> str:
    """Let a sibling fail."""

    async def sibling() -> None:
        await now.wait()
        raise LookupError("mine")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(entered(run))
            group.create_task(sibling())
    except ExceptionGroup as errors:
        (error,) = errors.exceptions
        return type(error).__name__
    return "nothing"


async def aclose(run: FanOut, now: asyncio.Event) -> str:
    """Close a generator over the run that nobody reads to its end."""

    async def outcomes() -> AsyncIterator[ChunkOutcome]:
        async with run:
            async for outcome in run:
                yield outcome

    async with aclosing(outcomes()) as iteration:  # type: ignore[type-var]  # it is a generator
        seen = await anext(iteration)
        await now.wait()
    return f"closed behind a chunk {seen.outcome}"


each_abort = pytest.mark.parametrize("abort", [wait_for, timeout, task_group, aclose])


@each_own_way
@each_abort
@pytest.mark.row("P15")
async def test_the_answer_comes_while_it_ends(
    tmp_path: Path, story: Story, way: Way, abort: Abort
) -> None:
    """What was handed over is waited for, and counts; nothing new begins."""
    held = HeldAnswer()
    async with fault_server(accept, held, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        async with trial.begin() as begun:

            async def answer_once_it_ends() -> None:
                while not begun.run.report.stopped:  # noqa: ASYNC110 -- a report is no event
                    await asyncio.sleep(0.001)
                held.let_go.set()

            answering = asyncio.ensure_future(answer_once_it_ends())
            said = await abort(begun.run, held.taken)
            await answering
            served = await serves(server, begun.client)

        report = trial.sessions[0].report
        assert (report.accepted, report.in_doubt, report.not_sent, served) == (20, 0, 20, 10)
        assert report.stopped
        assert said != "nothing"
        story.saw(f"{said}: the pool served {served} of 10")
        assert (await trial.end_well()).report.accepted == 40


@pytest.mark.parametrize("way", ["httpx", pytest.param("aiohttp", marks=pytest.mark.slow)])
@each_abort
@pytest.mark.row("P15")
async def test_the_answer_never_comes(tmp_path: Path, story: Story, way: Way, abort: Abort) -> None:
    """What was handed over is in doubt, and the resume clears that."""
    held = HeldAnswer()
    async with fault_server(accept, held, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1, timeout=0.3)
        async with trial.begin() as begun:
            said = await abort(begun.run, held.taken)
            served = await serves(server, begun.client)

        report = trial.sessions[0].report
        story.saw(f"{said}: the pool served {served} of 10")
        told = await trial.end_well(timeout=1.0)
        assert (report.accepted, report.in_doubt, report.not_sent, served) == (10, 10, 20, 10)
        assert (told.report.accepted, told.report.accepted_on_repeat) == (40, 10)


@each_own_way
@pytest.mark.row("P15")
async def test_cancelled_again_and_again(tmp_path: Path, story: Story, way: Way) -> None:
    """Whoever cancels while it ends does not end it sooner, nor leave it half closed."""
    held = HeldAnswer()
    async with fault_server(accept, held, default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1)
        async with trial.begin() as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await held.taken.wait()
            for _ in range(5):
                job.cancel()
                await asyncio.sleep(0)
            was_done = job.done()
            held.let_go.set()
            with suppress(asyncio.CancelledError):
                await job
            served = await serves(server, begun.client)
        assert (job.cancelled(), was_done, served) == (True, False, 10)
        assert trial.sessions[0].report.in_doubt in {0, 10}
        assert (await trial.end_well()).report.accepted == 40
