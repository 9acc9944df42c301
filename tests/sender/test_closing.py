"""How does a sender end? By a close, by leaving its block, by a cancellation of either; all are told."""

import asyncio
from typing import Any

import anyio
import pytest
from connecting import Connect

from pushwoosh_async import (
    Accepted,
    BatchingSender,
    ConfigurationError,
    Notification,
    PushwooshError,
)
from pushwoosh_async.sandbox import Sandbox

from .sender_world import World, settle, world

NOTE = Notification(content="Hello")


def begin(made: World, *users: str) -> "list[asyncio.Task[Accepted]]":
    """Begin a delivery to each."""
    return [asyncio.create_task(made.sender.send(NOTE, user=user)) for user in users]


async def words(*tasks: "asyncio.Future[Accepted]") -> list[str]:
    """Return a word for what each came to."""
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [
        outcome.delivery if isinstance(outcome, PushwooshError) else type(outcome).__name__
        for outcome in outcomes
    ]


async def test_closing_drains() -> None:
    """What waits leaves at once, who waits for room comes in, and all are told."""
    async with world("ok", max_pending=2) as made:
        tasks = begin(made, "u1", "u2", "u3", "u4", "u5")
        await settle()
        await asyncio.gather(made.sender.aclose(), made.sender.aclose())
        await made.sender.aclose()
        assert await words(*tasks) == ["Accepted"] * 5
        assert len(made.server.delivered) == 5
        with pytest.raises(ConfigurationError, match="sender: it was closed"):
            await made.sender.send(NOTE, user="u6")
        with pytest.raises(ConfigurationError, match="sender: it was closed"):
            await made.sender.flush()


async def test_leaving_by_an_exception_drains(connect: Connect, sandbox: Sandbox) -> None:
    """What went wrong in the block is no reason to lose what waits."""
    client = connect(sandbox)
    others: list[asyncio.Task[Accepted]] = []

    async def serve() -> None:
        async with BatchingSender(client, max_delay=100.0) as sender:
            others.append(asyncio.create_task(sender.send(NOTE, user="u1")))
            await asyncio.sleep(0)
            raise LookupError

    with pytest.raises(LookupError):
        await serve()
    assert await words(*others) == ["Accepted"]


async def serve(
    made: World, scope: anyio.CancelScope, **options: Any
) -> "tuple[World, asyncio.Task[None]]":
    """Keep another sender open in a task of its own, until that or its scope is cancelled."""
    opened: asyncio.Future[BatchingSender] = asyncio.Future()

    async def serve() -> None:
        with scope:
            async with BatchingSender(made.client, **options) as sender:
                opened.set_result(sender)
                await asyncio.sleep(100)

    serving = asyncio.create_task(serve())
    return World(made.clock, made.server, made.client, await opened), serving


@pytest.mark.parametrize("scoped", [False, True])
async def test_a_cancelled_task_gives_up_as_it_leaves(scoped: bool) -> None:
    """It hears answers under way and sends nothing more: who is stopped is not kept by what waits."""
    async with world() as made:
        scope = anyio.CancelScope()
        service, serving = await serve(made, scope, concurrency=1)
        tasks = begin(service, "u1")
        await settle()
        await made.passes(0.05)
        tasks += begin(service, "u2")
        await settle()
        if scoped:
            scope.cancel()
        else:
            serving.cancel()
        await settle()
        assert [task.done() for task in tasks] == [False, True]
        assert not serving.done()
        with pytest.raises(ConfigurationError, match="sender: it was closed"):
            await service.sender.send(NOTE, user="u3")
        await made.answers("ok")
        assert serving.done()
        assert await words(*tasks) == ["Accepted", "not_sent"]
        assert list(made.server.delivered) == [("Hello", "u1")]


async def test_a_cancelled_task_leaves_at_once_where_no_answer_is_to_come() -> None:
    """What would be repeated later is in doubt."""
    async with world("500") as made:
        service, serving = await serve(made, anyio.CancelScope())
        tasks = begin(service, "u1")
        await settle()
        await made.passes(0.05)
        serving.cancel()
        await settle()
        assert serving.cancelled()
        assert await words(*tasks) == ["in_doubt"]
        assert len(made.server.seen) == 1


async def test_a_close_that_is_cancelled_gives_up_truly() -> None:
    """It hears answers under way; what has left and is not answered is in doubt; the rest is not sent."""
    async with world(concurrency=1, max_pending=2) as made:
        before = asyncio.all_tasks()
        tasks = begin(made, "u1")
        await settle()
        await made.passes(0.05)
        tasks += begin(made, "u2", "u3")
        await settle()
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        closing.cancel()
        await settle()
        assert [task.done() for task in tasks] == [False, True, True]
        await made.answers("lost")
        await asyncio.wait([closing])
        assert closing.cancelled()
        assert await words(*tasks) == ["in_doubt", "not_sent", "not_sent"]
        await settle()
        assert asyncio.all_tasks() == before


@pytest.mark.parametrize("apart", [False, True])
async def test_a_close_that_is_cancelled_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
    apart: bool,
) -> None:
    """What the server never answers is in doubt, and why is told truly."""
    monkeypatch.setattr("pushwoosh_async._sender.carriage.DRAIN_TIMEOUT", 0.01)
    async with world() as made:
        begin(made, "first")
        await settle()
        await made.passes(0.05)
        await made.answers("ok")
        tasks = [
            asyncio.create_task(made.sender.send(Notification(content=text), user="u"))
            for text in ("a", "b")
        ]
        await settle()
        await made.passes(0.05)
        if apart:
            await made.answers("500")
            await made.passes(20.0)
        assert len(made.server.waiting) == (2 if apart else 1)
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        closing.cancel()
        await asyncio.wait([closing])
        assert await words(*tasks) == ["in_doubt"] * 2
        assert all("closed before its answer came" in str(task.exception()) for task in tasks)


async def test_a_close_that_is_cancelled_twice_waits_for_nothing() -> None:
    """Not even for answers under way."""
    async with world() as made:
        before = asyncio.all_tasks()
        tasks = begin(made, "u1", "u2")
        await settle()
        await made.passes(0.05)
        closing = asyncio.ensure_future(made.sender.aclose())
        await settle()
        for _ in range(2):
            assert not closing.done()
            closing.cancel()
            await settle()
        assert closing.cancelled()
        assert all(task.done() for task in tasks)
        assert await words(*tasks) == ["in_doubt"] * 2
        await made.answers("ok")
        assert asyncio.all_tasks() == before


@pytest.mark.parametrize("turns", range(1, 24))
async def test_a_close_may_be_cancelled_at_any_moment(
    monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Even while a notification leaves: everybody is told, and why is told truly."""
    monkeypatch.setattr("pushwoosh_async._sender.carriage.DRAIN_TIMEOUT", 0.01)
    async with world() as made:
        tasks = begin(made, "u1", "u2")
        await settle()
        closing = asyncio.ensure_future(made.sender.aclose())
        for _ in range(turns):
            await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        await settle()
        assert all(task.done() for task in tasks)
        left = "in_doubt" if made.server.seen else "not_sent"
        assert set(await words(*tasks)) <= {left, "in_doubt"}
        assert all("the sender was closed before" in str(task.exception()) for task in tasks)


async def test_a_scope_that_is_cancelled_leaves_nobody_waiting(
    connect: Connect, sandbox: Sandbox
) -> None:
    """Where every await in the block is cancelled at once, closing too."""
    client = connect(sandbox)
    others: list[asyncio.Task[Accepted]] = []
    with anyio.CancelScope() as scope:
        async with BatchingSender(client, max_delay=100.0) as sender:
            others.append(asyncio.create_task(sender.send(NOTE, user="u1")))
            await asyncio.sleep(0)
            scope.cancel()
            await asyncio.sleep(0)
    assert await words(*others) == ["not_sent"]
    assert not sandbox.ledger.counts()


async def test_a_client_that_was_closed_first_is_told(connect: Connect, sandbox: Sandbox) -> None:
    """Every await ends all the same."""
    client = connect(sandbox)
    async with BatchingSender(client) as sender:
        await client.aclose()
        with pytest.raises(ConfigurationError, match="client: it was closed") as caught:
            await sender.send(NOTE, user="u1")
        assert caught.value.delivery == "not_sent"
