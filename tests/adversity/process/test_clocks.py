"""Clocks that jump, and machines that start anew, under processes with a doubt in hand (A4)."""

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import frozen
from fault_server import Ledger, accept, fault_server, processed, reset_after_body
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import Hooks, RetryEvent
from pushwoosh_async.testing import FakeClock

from .cancelling import HeldAnswer, entered
from .children import Children
from .false_clocks import FalseWall, fake_library, may_change_boot, other_boot

HOUR = 3600.0
BY = "the ledger, the journal, and the report"
# A whole attempt and the margin leave 3.5 s in which a doubt may be repeated.
WINDOW = 5.0
SCALED = ("--window", str(WINDOW), "--margin", "0.5", "--timeout", "1")
FIRST, REPEAT = "post:1", "post:2"


@frozen
class Jump:
    """What a clock does while a process is stopped.

    Attributes:
        name: for people.
        offset: of the wall clock from then on, in faketime's words.
        at: the step at which the process stops.
        outlast: it stays stopped until the server has forgotten its first request.
        in_doubt: recipients, at the end.
    """

    name: str
    offset: str
    at: str = REPEAT
    outlast: bool = False
    in_doubt: int = 0


def to_summer_time() -> str:
    """Return the offset after which Berlin puts its clocks forward within a second."""
    now = datetime.now(UTC)
    last = datetime(now.year + 1, 3, 31, 1, tzinfo=UTC)
    change = last - timedelta(days=(last.weekday() + 1) % 7)
    return f"+{(change - now).total_seconds() - 0.5:.1f}"


JUMPS = (
    Jump("an hour forward", "+3600", in_doubt=10),
    Jump("an hour back, past the window", "-3600", outlast=True, in_doubt=10),
    Jump("an hour back", "-3600"),
    Jump("an hour forward before the first byte", "+3600", at=FIRST),
    Jump("slewed by a tenth", "+0 x1.1"),
    Jump("summer time", to_summer_time(), at=FIRST),
    Jump("a second twice", "-1"),
)


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: jump.name)
@pytest.mark.row("P13")
async def test_the_wall_clock_jumps(tmp_path: Path, story: Story, jump: Jump) -> None:
    """Forward, a doubt expires earlier; backward, the boot clock rules; a small jump changes nothing."""
    library = fake_library()
    if library is None:
        story.lacks("libfaketime", instead="FakeClock.step_wall in one process")
        step = float(jump.offset.split()[0]) if jump.at == REPEAT else 0.0
        await step_in_process(
            tmp_path, story, "httpx", step, HOUR * jump.outlast, jump.in_doubt, jump.name
        )
        return
    wall = FalseWall(tmp_path, library)
    ledger = Ledger(window=WINDOW)
    async with fault_server(processed(reset_after_body), default=accept, ledger=ledger) as server:
        children = Children(tmp_path, server)
        under = (*wall.under, "TZ=Europe/Berlin")
        process = await children.start(*SCALED, "--stop-at", jump.at, under=under)
        await children.await_stopped(process)
        begun = time.monotonic()
        wall.set(jump.offset)
        if jump.outlast:
            await asyncio.sleep(WINDOW + 0.2 - (time.monotonic() - begun))
        process.send_signal(signal.SIGCONT)
        report, _ = await children.end(process)

        assert (report.accepted, report.in_doubt) == (40 - jump.in_doubt, jump.in_doubt)
        arrived = [each.transaction_id for each in ledger.arrivals]
        assert all(arrived.count(each.transaction_id) == 1 for each in report.in_doubt_chunks)
        story.saw(f"{jump.name}: {report.accepted} accepted, {report.in_doubt} in doubt")
        story.check("G1", "G2", "G3", by=BY)


class StepOnRetry(Hooks):
    """Moves a clock while a doubt waits to be repeated, once."""

    def __init__(self, clock: FakeClock, wall: float, boot: float) -> None:
        self._clock = clock
        self._moves = [(wall, boot)]

    def on_retry(self, event: RetryEvent) -> None:
        for wall, boot in self._moves:
            self._clock.advance(boot)
            self._clock.step_wall(wall)
        self._moves.clear()


async def step_in_process(
    folder: Path, story: Story, way: Way, wall: float, boot: float, in_doubt: int, name: str
) -> None:
    """Do to a fake clock what a machine's does, while a doubt waits."""
    clock = FakeClock()
    ledger = Ledger(wall=lambda: clock.stamp().wall)
    async with fault_server(processed(reset_after_body), default=accept, ledger=ledger) as server:
        trial = Trial(folder, server, Story("P13"), way=way, concurrency=1, clock=clock)
        told = await trial.send(hooks=StepOnRetry(clock, wall, boot))
        assert (told.report.accepted, told.report.in_doubt) == (40 - in_doubt, in_doubt)
        assert len(ledger.arrivals) == 5 - bool(in_doubt)
        assert (await trial.end_well()).report.in_doubt == in_doubt
    story.saw(f"{name}: {told.report.accepted} accepted, {told.report.in_doubt} in doubt")
    story.check("G1", "G2", "G3", by=BY)


@each_own_way
@pytest.mark.parametrize(
    ("name", "wall", "boot", "in_doubt"),
    [
        ("an hour forward", HOUR, 0.0, 10),
        ("an hour back", -HOUR, 0.0, 0),
        ("an hour back, past the window", -HOUR, 200.0, 10),
        ("a second twice", -1.0, 0.0, 0),
    ],
)
@pytest.mark.row("P13")
async def test_a_fake_wall_clock_jumps(
    tmp_path: Path, story: Story, way: Way, name: str, wall: float, boot: float, in_doubt: int
) -> None:
    """The same in one process, with the window as it is."""
    await step_in_process(tmp_path, story, way, wall, boot, in_doubt, name)


@pytest.mark.slow
@pytest.mark.row("P10")
async def test_another_boot(tmp_path: Path, story: Story) -> None:
    """Killed with an answer unrecorded, and gone on with at once: nobody can tell how long that took."""
    library = fake_library()
    if library is None or not may_change_boot():
        story.lacks("root, unshare or libfaketime", instead="FakeClock.reboot in one process")
        await reboot_in_process(tmp_path, story, "httpx")
        return
    wall = FalseWall(tmp_path, library)
    async with fault_server(default=accept) as server:
        children = Children(tmp_path, server)
        killed = await children.start("--kill-at", "answered:3", under=wall.under)
        assert await children.die(killed) == -signal.SIGKILL
        wall.set("-3600")

        process = await children.start(under=(*other_boot(tmp_path), *wall.under))
        report, _ = await children.end(process)

        assert (report.accepted, report.in_doubt) == (30, 10)
        assert len(report.in_doubt_chunks) == 1
        assert len(server.ledger.arrivals) == 4
        story.saw(f"{report.accepted} accepted, {report.in_doubt} in doubt, none repeated")
        story.check("G1", "G2", "G3", by=BY)


async def reboot_in_process(folder: Path, story: Story, way: Way) -> None:
    """Leave a doubt behind, and go on with another boot of the same clock."""
    clock = FakeClock()
    held = HeldAnswer()
    ledger = Ledger(wall=lambda: clock.stamp().wall)
    async with fault_server(accept, accept, held, default=accept, ledger=ledger) as server:
        trial = Trial(
            folder, server, Story("P10"), way=way, concurrency=1, timeout=0.2, clock=clock
        )
        async with trial.begin() as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await held.taken.wait()
            job.cancel()
            await asyncio.wait([job])
        clock.reboot()
        clock.step_wall(-HOUR)
        report = (await trial.end_well()).report
        assert (report.accepted, report.in_doubt) == (30, 10)
        assert len(ledger.arrivals) == 4
    story.saw(f"{report.accepted} accepted, {report.in_doubt} in doubt, none repeated")
    story.check("G1", "G2", "G3", by=BY)


@each_own_way
@pytest.mark.row("P10")
async def test_another_boot_of_a_fake_clock(tmp_path: Path, story: Story, way: Way) -> None:
    """The same in one process, over each transport."""
    await reboot_in_process(tmp_path, story, way)
