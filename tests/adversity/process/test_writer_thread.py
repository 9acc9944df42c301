"""The journal's writer thread dies, or those who wait for it are cancelled: nobody is left waiting."""

import asyncio
import ctypes
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fault_server import accept, fault_server
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import JournalError

from .cancelling import Use, awaited, entered, serves

BOUND = 5.0  # seconds; of what normally takes a moment


def kill_the_writer() -> None:
    """Let the one journal's thread of this process die as if of a fault of ours."""
    (thread,) = (each for each in threading.enumerate() if each.name == "pushwoosh journal")
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )


@each_own_way
@pytest.mark.parametrize("outcomes", [0, 1, 2])
@pytest.mark.row("P20")
async def test_the_thread_dies(tmp_path: Path, story: Story, way: Way, outcomes: int) -> None:
    """Before the first chunk, or behind some: the run ends with the error, and nothing more is sent."""
    async with fault_server(default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, count=200)
        async with trial.begin() as begun, asyncio.timeout(BOUND):
            with pytest.raises(JournalError, match="its writer thread died") as caught:
                await kill_behind(begun.run, outcomes)
            begun.error = caught.value
            arrived = len(server.ledger.arrivals)
            served = await serves(server, begun.client)
        report = trial.sessions[0].report
        assert caught.value.report == report
        assert arrived == len(server.ledger.arrivals) < 20
        assert report.not_sent > 0
        server.default = accept
        resumed = await trial.send()
        assert (resumed.error, resumed.report.accepted) == (None, 200)
        story.saw(
            f"{type(caught.value).__name__}: its writer thread died; the pool served {served} of 10"
        )
        story.saw(f"resumed: {resumed.report.accepted} accepted")
        story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")


def has_writer() -> bool:
    """Tell whether the journal's thread runs."""
    return any(each.name == "pushwoosh journal" for each in threading.enumerate())


async def kill_behind(run: Any, outcomes: int) -> None:
    """Go through a run, and kill the thread behind so many outcomes."""
    async with run:
        seen = 0
        while not has_writer():  # noqa: ASYNC110 -- a thread starts without an event
            await asyncio.sleep(0)
        if not outcomes:
            kill_the_writer()
        async for _ in run:
            seen += 1
            if seen == outcomes:
                kill_the_writer()


class SlowCommit:
    """Connections whose n-th commit waits until it is let go.

    Attributes:
        reached: the commit has begun; set on the writer's thread.
        let_go: it may go on.
    """

    def __init__(self, number: int) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()
        self._left = number

    def factory(self) -> type[sqlite3.Connection]:
        """Return the class of such a connection."""
        slow = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                slow.passed(sql)
                return super().execute(sql, *arguments)

        return Connection

    def passed(self, sql: str) -> None:
        """Wait, if this is the one."""
        self._left -= sql == "COMMIT"
        if sql == "COMMIT" and self._left == 0:
            self.reached.set()
            assert self.let_go.wait(BOUND)


@each_own_way
@pytest.mark.parametrize("use", [awaited, entered])
@pytest.mark.parametrize("commit", [2, 3])
@pytest.mark.row("P20")
async def test_a_run_is_cancelled_during_a_group_commit(
    tmp_path: Path,
    story: Story,
    way: Way,
    use: Use,
    commit: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The intents become durable all the same, nothing is sent for them, and the closing is waited for."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    slow = SlowCommit(commit)
    async with fault_server(default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way)
        with monkeypatch.context() as patched:
            patched.setattr(sqlite3, "connect", partial(connect, factory=slow.factory()))
            async with trial.begin() as begun, asyncio.timeout(BOUND):
                job = asyncio.ensure_future(use(begun.run))
                await asyncio.to_thread(slow.reached.wait, BOUND)
                job.cancel()
                await asyncio.sleep(0)
                slow.let_go.set()
                with suppress(asyncio.CancelledError):
                    await job
                served = await serves(server, begun.client)
        assert (job.cancelled(), served) == (True, 10)
        report = trial.sessions[0].report
        assert (report.stopped, report.in_doubt) == ("cancelled", 0)
        assert (await trial.end_well()).report.accepted == 40
