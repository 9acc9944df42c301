"""A journalled fan-out that is cancelled at each turn of its event loop, over real sockets."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from fault_server import accept, fault_server, processed, reset_after_body, reset_on_accept
from wire_clients import Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial

from .cancelling import Turns, Use, awaited, entered, serves

MOST_TURNS = 2000  # ten times as many as it takes
COUNTS = ("accepted", "in_doubt", "not_sent")


class EveryTurn:
    """One run after the other, each cancelled some turns later.

    Attributes:
        left: of all that were cancelled: recipients in each class.
        served: by the pools afterwards, of ten calls each.
        resumed: how many the resumes said were accepted.
        turns: at how many it was cancelled.
    """

    def __init__(self, way: Way, use: Use, turns: Turns) -> None:
        self.left: Counter[str] = Counter()
        self.served: set[int] = set()
        self.resumed: set[int] = set()
        self.turns = 0
        self._way = way
        self._use = use
        self._turns = turns

    async def cancel_at(self, turn: int, folder: Path) -> bool:
        """Cancel at a turn, hold all against the ledger, resume; tell whether it was still going."""
        faults = (reset_on_accept, accept, processed(reset_after_body))
        async with fault_server(*faults, default=accept) as server:
            trial = Trial(folder, server, Story("P14"), way=self._way)
            async with trial.begin() as begun:
                job = asyncio.ensure_future(self._use(begun.run))
                await asyncio.sleep(0)  # cancelled before it starts, it never uses its run
                self._turns.arm(turn, job.cancel)
                await asyncio.wait([job])
                self._turns.disarm()
                self.served.add(await serves(server, begun.client))
            told = await trial.end_well()
        if job.cancelled():
            self.turns += 1
            self.left.update({name: getattr(begun.run.report, name) for name in COUNTS})
            self.resumed.add(told.report.accepted)
        else:
            await job
            assert begun.run.report.accepted == 40
        return job.cancelled()


@each_own_way
@pytest.mark.parametrize("use", [awaited, entered])
@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.row("P14")
def test_cancelled_at_every_turn(
    tmp_path: Path, story: Story, way: Way, use: Use, stride: int
) -> None:
    """Everybody is in one class, each label is true, the pool serves 10 of 10, a resume sends the rest."""
    turns = Turns()
    every = EveryTurn(way, use, turns)

    async def main() -> None:
        for turn in range(1, MOST_TURNS, stride):
            folder = tmp_path / str(turn)
            folder.mkdir()
            if not await every.cancel_at(turn, folder):
                return
        pytest.fail("the run never ended by itself")

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
        runner.run(main())

    assert every.turns * stride > 40
    assert every.served == {10}
    assert all(every.left[name] > 0 for name in COUNTS)
    assert every.resumed == {40}
    classes = " or ".join(name.replace("_", " ") for name in COUNTS if every.left[name])
    served, accepted = min(every.served), min(every.resumed)
    story.saw(f"each was {classes}; the pool served {served} of 10; resumed: {accepted} accepted")
    story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")
