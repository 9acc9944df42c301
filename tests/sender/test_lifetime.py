"""How long does a sender live, and where? Entering, flushing; its loop, its process."""

import asyncio
import contextvars
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from connecting import Connect

from pushwoosh_async import (
    Accepted,
    AttemptEvent,
    BatchingSender,
    ConfigurationError,
    Hooks,
    Notification,
    PushwooshClient,
)
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_options

from .sender_world import World, settle, world

NOTE = Notification(content="Hello")


def begin(made: World, *users: str) -> "list[asyncio.Task[Accepted]]":
    """Begin a delivery to each."""
    return [asyncio.create_task(made.sender.send(NOTE, user=user)) for user in users]


async def test_no_task_runs_while_nothing_waits() -> None:
    """Neither before the first, nor after the last; so it can be kept in a fixture."""
    async with world("ok") as made:
        before = asyncio.all_tasks()
        tasks = begin(made, "u1")
        await settle()
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        await settle()
        assert asyncio.all_tasks() == before


# -- flush ------------------------------------------------------------------------------------------


async def test_a_flush_sends_at_once_and_waits_for_all_that_is_pending() -> None:
    """What was under way before, too; not what comes later."""
    async with world() as made:
        begin(made, "first")
        await settle()
        await made.passes(0.05)
        await made.answers("ok")
        tasks = begin(made, "u1")
        await settle()
        await made.passes(0.05)
        tasks += begin(made, "u2")
        await settle()
        flushing = asyncio.ensure_future(made.sender.flush())
        await settle()
        assert len(made.server.waiting) == 2
        tasks += begin(made, "u3")
        await settle()
        made.server.answer("ok", 1)
        await settle()
        assert [task.done() for task in tasks] == [False, True, False]
        assert not flushing.done()
        await made.answers("ok")
        assert flushing.done()
        assert [task.done() for task in tasks] == [True, True, False]
        await made.passes(0.05)
        await made.answers("ok")


async def test_a_flush_of_nothing_is_over_at_once() -> None:
    """And one whose last await is withdrawn ends."""
    async with world(concurrency=1) as made:
        await made.sender.flush()
        begin(made, "first")
        await settle()
        await made.passes(0.05)
        (task,) = begin(made, "u1")
        await settle()
        flushing = asyncio.ensure_future(made.sender.flush())
        await settle()
        task.cancel()
        await settle()
        await made.answers("ok")
        assert flushing.done()


# -- where it belongs -------------------------------------------------------------------------------


async def test_it_is_entered_first_and_once(connect: Connect, sandbox: Sandbox) -> None:
    """A sender that nobody closes would lose what waits."""
    sender = BatchingSender(connect(sandbox))
    with pytest.raises(ConfigurationError, match="enter it first"):
        await sender.send(NOTE, user="u1")
    async with sender:
        with pytest.raises(ConfigurationError, match="entered once"):
            await sender.__aenter__()
    with pytest.raises(ConfigurationError, match="entered once"):
        await sender.__aenter__()


async def test_closed_before_it_was_entered_it_stays_closed(
    connect: Connect, sandbox: Sandbox
) -> None:
    """And closing it is harmless."""
    sender = BatchingSender(connect(sandbox))
    await sender.aclose()
    with pytest.raises(ConfigurationError, match="entered once"):
        await sender.__aenter__()


def test_another_event_loop_is_refused() -> None:
    """With words that say what to do."""
    options: dict[str, Any] = {"api_token": "token", "application": "XXXXX-XXXXX"}
    sender = BatchingSender(PushwooshClient(**options))
    asyncio.run(sender.__aenter__())
    for use in (lambda: sender.send(NOTE, user="u1"), sender.flush, sender.aclose):
        with pytest.raises(ConfigurationError, match="another event loop; make one per loop"):
            asyncio.run(use())


# Python 3.12 warns of a fork beside threads; that one would be a mistake is what is shown here.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_a_forked_process_is_refused(connect: Connect, sandbox: Sandbox) -> None:
    """It would send what its parent sends too."""
    async with BatchingSender(connect(sandbox)) as sender:
        child = os.fork()
        if child == 0:
            sending = sender.send(NOTE, user="u1")
            try:
                sending.send(None)
            except ConfigurationError as error:
                os._exit(7 if "forked" in str(error) else 8)
            finally:
                os._exit(9)
        _, status = os.waitpid(child, 0)  # noqa: ASYNC222 -- it ends at once
        assert os.waitstatus_to_exitcode(status) == 7
        assert isinstance(await sender.send(NOTE, user="u1"), Accepted)


@pytest_asyncio.fixture
async def kept() -> AsyncIterator[BatchingSender]:
    """Keep a sender open around a test."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox())
        client = await stack.enter_async_context(PushwooshClient(**client_options(sandbox)))
        yield await stack.enter_async_context(BatchingSender(client))


async def test_it_may_be_kept_in_a_fixture(kept: BatchingSender) -> None:
    """Which is entered in one task and left in another."""
    assert isinstance(await kept.send(NOTE, user="u1"), Accepted)


async def test_a_batch_belongs_to_no_caller(connect: Connect, sandbox: Sandbox) -> None:
    """A context variable of the one who happened to be first does not reach the request of all."""
    caller = contextvars.ContextVar("caller", default="nobody")
    seen: list[str] = []

    class Watching(Hooks):
        def on_attempt(self, event: AttemptEvent) -> None:
            seen.append(caller.get())

    async with BatchingSender(connect(sandbox, hooks=Watching())) as sender:
        caller.set("the first")
        await sender.send(NOTE, user="u1")
    assert seen == ["nobody"]
