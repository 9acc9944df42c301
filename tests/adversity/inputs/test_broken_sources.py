"""Sources that raise, wait, or never end (I12, I13)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count

import pytest
from fault_server import FaultServer
from wire_clients import open_client

from adversity.story import Story
from pushwoosh_async import InputChangedError, RunRecord, SendReport, read_journal

from .sending import HELLO, Sending

IDS = [f"u{number}" for number in range(120)]
AT = 97  # where it breaks


class Broken:
    """A source that breaks: raises, or waits for ever, after so many ids.

    Attributes:
        error: what it raises; None to wait.
        closed: how often it was closed.
        waits: set while it waits.
    """

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.closed = 0
        self.waits = asyncio.Event()

    def plain(self) -> Iterator[str]:
        """Give ids."""
        try:
            yield from IDS[:AT]
            assert self.error is not None
            raise self.error
        finally:
            self.closed += 1

    async def one_by_one(self) -> AsyncIterator[str]:
        """Give ids as they come."""
        try:
            for each in IDS[:AT]:
                yield each
            await self._break()
        finally:
            self.closed += 1

    async def in_pages(self) -> AsyncIterator[Sequence[str]]:
        """Give pages of seven."""
        try:
            for start in range(0, AT, 7):
                yield IDS[start : min(start + 7, AT)]
            await self._break()
        finally:
            self.closed += 1

    async def _break(self) -> None:
        if self.error is not None:
            raise self.error
        self.waits.set()
        await asyncio.Event().wait()


def told_truly(sending: Sending) -> SendReport:
    """Check that those labelled accepted are those that were reached; return the report."""
    report = sending.report
    assert report is not None
    assert sending.reached() == dict.fromkeys(IDS[: report.accepted], 1)
    assert (report.in_doubt, report.rejected, report.input_complete) == (0, 0, False)
    kept: RunRecord = read_journal(sending.journal)
    assert (kept.report.accepted, kept.report.input_complete) == (report.accepted, False)
    return report


@pytest.mark.row("I12")
@pytest.mark.parametrize("form", ["plain", "one_by_one", "in_pages"])
async def test_source_raises(sending: Sending, story: Story, form: str) -> None:
    """What had begun is finished, the error is the source's own, and a resume wants the whole source."""
    broken = Broken(OSError("the cursor is gone"))
    with pytest.raises(OSError, match="the cursor is gone") as caught:
        await sending.send(getattr(broken, form)())
    assert caught.value is broken.error
    report = told_truly(sending)
    assert (report.total, broken.closed) == (AT, 1)
    assert 0 < report.accepted < AT
    known = f"{report.in_doubt} in doubt, input complete: {report.input_complete}"
    story.saw(
        f"raised the source's {type(caught.value).__name__}; {known}; closed {broken.closed} x"
    )
    await short_source_is_refused(sending, story)
    await sending.put_right(iter(IDS), ids=IDS)


async def short_source_is_refused(sending: Sending, story: Story) -> None:
    """A source that ends before what was sent is another one."""
    reached = sending.reached()
    with pytest.raises(InputChangedError) as caught:
        await sending.send(iter(IDS[:5]))
    more = sending.reached() - reached
    assert not more
    story.saw(f"a shorter one at the resume: {type(caught.value).__name__}, {len(more)} sent to")


@pytest.mark.row("I13")
@pytest.mark.parametrize("form", ["one_by_one", "in_pages"])
@pytest.mark.parametrize("how", ["cancelled", "drained", "left"])
async def test_source_waits_for_ever(
    sending: Sending, server: FaultServer, story: Story, form: str, how: str
) -> None:
    """What it gave is sent meanwhile; whoever stops the run gets out, and it is closed."""
    broken = Broken(None)
    source = getattr(broken, form)()

    async def run_until_stopped() -> None:
        async with open_client("httpx", server.url) as client:
            run = client.fan_out(
                HELLO, users=source, journal=sending.journal, chunk_size=10, concurrency=2
            )
            try:
                async with run:
                    await broken.waits.wait()
                    await server.until(lambda: len(server.ledger.arrivals) >= 8)
                    if how == "cancelled":
                        await asyncio.Event().wait()
                    if how == "drained":
                        run.drain()
                        async for _ in run:
                            pass
            finally:
                sending.report = run.report

    task = asyncio.create_task(run_until_stopped())
    await broken.waits.wait()
    await server.until(lambda: len(server.ledger.arrivals) >= 8)
    if how == "cancelled":
        task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled() == (how == "cancelled")
    report = told_truly(sending)
    assert broken.closed == 1
    words = f"{report.accepted} accepted while it waited, closed {broken.closed} x"
    story.saw(f"{how} in __anext__: {words}")
    await sending.put_right(iter(IDS), ids=IDS)


@pytest.mark.row("I13")
async def test_slow_source(sending: Sending, server: FaultServer, story: Story) -> None:
    """A chunk is on its way before the source gives more than what is held back for a short tail."""
    arrived: list[int] = []

    async def slow() -> AsyncIterator[str]:
        for number, each in enumerate(IDS[:60]):
            if number % 10 == 0 and number >= 20:
                await server.until(lambda n=number: len(server.ledger.arrivals) >= n // 10 - 1)  # type: ignore[misc]
                arrived.append(len(server.ledger.arrivals))
            yield each

    await sending.put_right(slow(), ids=IDS[:60])
    assert arrived == [1, 2, 3, 4]
    story.saw(f"slow: {len(arrived)} chunks arrived before the source went on")


class Endless:
    """A source without end.

    Attributes:
        closed: how often it was closed.
    """

    def __init__(self) -> None:
        self.closed = 0

    def plain(self) -> Iterator[str]:
        """Give ids, as fast as they are taken."""
        try:
            for number in count():
                yield f"u{number}"
        finally:
            self.closed += 1

    async def one_by_one(self) -> AsyncIterator[str]:
        """Give ids, one for each turn of the event loop."""
        try:
            for number in count():
                await asyncio.sleep(0)
                yield f"u{number}"
        finally:
            self.closed += 1


@pytest.mark.row("I13")
@pytest.mark.parametrize("form", ["plain", "one_by_one"])
async def test_endless_source(sending: Sending, story: Story, form: str) -> None:
    """A deadline ends it; whom it had begun with is accepted, and the next session goes on from there."""
    endless = Endless()
    source = getattr(endless, form)()  # held here, so that nobody but the run closes it
    report = await sending.send(source, deadline=0.2)
    assert "deadline" in report.stopped
    assert sending.reached() == {f"u{number}": 1 for number in range(report.accepted)}
    assert (report.in_doubt, report.input_complete, endless.closed) == (0, False, 1)
    doubts = report.in_doubt
    story.saw(f"endless: ended by its deadline, {doubts} in doubt, closed {endless.closed} x")
    ids = [f"u{number}" for number in range(report.total + 10)]
    await sending.put_right(iter(ids), ids=ids, deadline=None)


class Stuck:
    """A source whose closing never ends, unless it is cancelled.

    Attributes:
        waits: set while it waits for its next id.
        closing: set while it is being closed.
    """

    def __init__(self, size: int) -> None:
        self.waits = asyncio.Event()
        self.closing = asyncio.Event()
        self._size = size

    async def ids(self) -> AsyncIterator[str]:
        """Give so many ids, then wait for ever."""
        try:
            for each in IDS[: self._size]:
                yield each
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.closing.set()
            await asyncio.Event().wait()


@pytest.mark.row("I13")
async def test_source_that_holds_a_cancellation(
    sending: Sending, server: FaultServer, story: Story
) -> None:
    """It has the caller's task in its hands: like any code of the caller's, until the next cancel."""
    source = Stuck(AT)
    task = asyncio.create_task(sending.send(source.ids()))
    await source.waits.wait()
    await server.until(lambda: len(server.ledger.arrivals) >= 8)
    for cancels in (1, 2):
        task.cancel()
        await source.closing.wait()
        await asyncio.sleep(0)
        assert task.cancelling() == cancels
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled()
    told_truly(sending)
    story.saw(f"holds its cancellation: out after {task.cancelling()} of them")
    await sending.put_right(iter(IDS), ids=IDS)


@pytest.mark.slow
@pytest.mark.row("I13")
async def test_source_that_cannot_be_closed(
    sending: Sending, server: FaultServer, story: Story
) -> None:
    """Where it is the run that closes it, that costs five seconds, not the program."""
    source = Stuck(len(IDS))

    async def paused_run() -> None:
        async with open_client("httpx", server.url) as client:
            run = client.fan_out(
                HELLO, users=source.ids(), journal=sending.journal, chunk_size=10, concurrency=2
            )
            try:
                async with run:
                    async for _ in run:
                        run.pause()  # so that the source stands at a yield
            finally:
                sending.report = run.report

    task = asyncio.create_task(paused_run())
    await server.until(lambda: len(server.ledger.arrivals) >= 1)
    done, _ = await asyncio.wait([task], timeout=0.3)
    assert not done
    assert not source.waits.is_set()
    began = asyncio.get_running_loop().time()
    task.cancel()
    async with asyncio.timeout(15):
        await asyncio.wait([task])
    seconds = asyncio.get_running_loop().time() - began
    assert task.cancelled()
    assert source.closing.is_set()
    assert 4 < seconds < 10
    told_truly(sending)
    story.saw(f"cannot be closed: given up after {5 * round(seconds / 5)} s")
    await sending.put_right(iter(IDS), ids=IDS)
