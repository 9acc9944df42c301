"""The caller's own code keeps the event loop to itself: time passes, and nobody else can look."""

import asyncio
import time
from pathlib import Path

import pytest
from fault_server import accept, fault_server, processed, read_and_hang, reset_after_body
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import AttemptEvent, Hooks, RetryEvent, RetryPolicy

from .cancelling import entered

# A whole attempt and the margin leave half a second in which a doubt may be repeated.
SCALED = RetryPolicy(base_delay=0.001, max_delay=0.01, window=1.0, margin=0.2)
TIMEOUT = 0.3
TOO_LONG = 0.7
BY = "the ledger, the journal, and the report of each run"


class BlocksOnce(Hooks):
    """Blocks the event loop: behind the decision to repeat, or behind an intent of a repeat."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._attempts = 0

    def on_retry(self, event: RetryEvent) -> None:
        self._block("retry")

    def on_attempt(self, event: AttemptEvent) -> None:
        self._attempts += 1
        if event.number == 2:
            self._block("attempt")

    def _block(self, where: str) -> None:
        if where == self._where:
            self._where = ""
            time.sleep(TOO_LONG)


@pytest.mark.parametrize("way", ["httpx", pytest.param("aiohttp", marks=pytest.mark.slow)])
@pytest.mark.parametrize("where", ["retry", "attempt"])
@pytest.mark.row("P21")
async def test_past_the_window(tmp_path: Path, story: Story, way: Way, where: str) -> None:
    """A repeat that was decided on in time is not sent when its time is over."""
    async with fault_server(processed(reset_after_body), default=accept) as server:
        trial = Trial(
            tmp_path, server, Story("P21"), way=way, concurrency=1, retry=SCALED, timeout=TIMEOUT
        )
        told = await trial.send(hooks=BlocksOnce(where))

        assert (told.report.accepted, told.report.in_doubt) == (30, 10)
        (doubt,) = told.report.in_doubt_chunks
        arrived = [each.transaction_id for each in server.ledger.arrivals]
        times = arrived.count(doubt.transaction_id)
        assert times == 1
        assert (await trial.end_well()).report.in_doubt == 10
        assert len(server.ledger.arrivals) == len(arrived)
        report = told.report
        story.saw(
            f"blocked past the window: {report.accepted} accepted, {report.in_doubt} in doubt, "
            f"which arrived {times} time; a resume sent nothing"
        )
        story.check("G1", "G2", "G3", by=BY)


@pytest.mark.parametrize("way", ["httpx", pytest.param("aiohttp", marks=pytest.mark.slow)])
@pytest.mark.row("P21")
async def test_past_a_timeout(tmp_path: Path, story: Story, way: Way) -> None:
    """A timeout is noticed late, and still is one; the run says by its hooks how late it was."""
    noticed: list[float] = []

    class Stopwatch(Hooks):
        begun = 0.0

        def on_attempt(self, event: AttemptEvent) -> None:
            self.begun = time.monotonic()

        def on_retry(self, event: RetryEvent) -> None:
            noticed.append(time.monotonic() - self.begun)

    async with fault_server(accept, processed(read_and_hang), default=accept) as server:
        trial = Trial(tmp_path, server, story, way=way, concurrency=1, timeout=TIMEOUT)
        async with trial.begin(hooks=Stopwatch()) as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await server.until(lambda: len(server.ledger.arrivals) == 2)
            time.sleep(3 * TIMEOUT)  # noqa: ASYNC251 -- that is the fault
            await job
        assert (begun.run.report.accepted, begun.run.report.accepted_on_repeat) == (40, 10)
        assert len(noticed) == 1
        assert noticed[0] > 2 * TIMEOUT
        story.saw(f"a timeout of {TIMEOUT} s was noticed after {noticed[0]:.0f} s")
        await trial.end_well()


@each_own_way
@pytest.mark.row("P21")
async def test_the_answer_comes_meanwhile(tmp_path: Path, story: Story, way: Way) -> None:
    """An answer that lay there when the loop turned again is as good as any other, or its repeat is."""
    async with fault_server(default=accept) as server:
        trial = Trial(tmp_path, server, Story("P21"), way=way, concurrency=2, timeout=TIMEOUT)
        async with trial.begin() as begun, begun.run:
            async for _ in begun.run:
                time.sleep(TIMEOUT / 2)  # noqa: ASYNC251 -- that is the fault
        report = begun.run.report
        assert (report.accepted, report.in_doubt) == (40, 0)
        await trial.end_well()
        story.saw(f"blocked at each outcome: {report.accepted} accepted")
        story.check("G1", "G2", "G3", by=BY)
