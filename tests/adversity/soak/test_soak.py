"""A long time of trouble: what is left behind, what it costs, and whether all of it was told truly.

`PUSHWOOSH_SOAK_SECONDS` (1200 for twenty minutes) and `PUSHWOOSH_SOAK_SEED` choose another soak.
"""

import asyncio
import os
import time
from pathlib import Path

import pytest

from adversity.effort import effort
from adversity.story import Story

from .account import Account, Session, Single
from .churn import EACH, WAYS, Course, soak
from .gauge import Holding, holding

SECONDS = int(os.environ.get("PUSHWOOSH_SOAK_SECONDS", effort(6, 600)))
SEED = int(os.environ.get("PUSHWOOSH_SOAK_SEED", "1"))
ALL = EACH * len(WAYS)  # connections

pytestmark = pytest.mark.slow


class Soaked:
    """A soak that is over, with what the process held around it."""

    def __init__(self, folder: Path) -> None:
        account = Account(folder / "account")
        try:
            self.before = holding()
            self.course: Course = asyncio.run(soak(SECONDS, SEED, folder, account))
            self.after = _at_rest(self.before)
            self.told = list(account.told())
        finally:
            account.close()

    @property
    def requests(self) -> int:
        """Requests between the two quiet moments."""
        return self.course.last.requests - self.course.first.requests

    def check(self, story: Story) -> None:
        """Hold every word against the ledger."""
        wrong = self.course.wrong
        assert not wrong, f"seed {SEED}: {len(wrong)} are wrong:\n" + "\n".join(wrong[:20])
        story.check("G1", "G2", "G3", by="the ledger, every report, and a resume of every journal")


def _at_rest(before: Holding) -> Holding:
    """Wait for threads that are about to end."""
    end = time.monotonic() + 10
    while (now := holding()).threads != before.threads and time.monotonic() < end:
        time.sleep(0.05)
    return now


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    """Soak once; each test looks at another side of it."""
    return Soaked(tmp_path_factory.mktemp("soak"))


@pytest.mark.row("K1")
def test_nothing_is_left_behind(soaked: Soaked, story: Story) -> None:
    """While it goes on there is never more than its users need; behind it there is nothing."""
    course = soaked.course
    closed, before, after = course.closed, course.before, soaked.after
    most = max(each.sockets for each in course.samples) - before.sockets

    assert most <= ALL + _IN_HAND, f"seed {SEED}"
    assert course.first.held.tasks == course.last.held.tasks == closed.tasks == before.tasks
    assert course.first.held.sockets == course.last.held.sockets == before.sockets + ALL
    assert (closed.sockets, closed.descriptors) == (before.sockets, before.descriptors)
    assert course.left_open == 0
    assert (after.threads, after.descriptors) == (soaked.before.threads, soaked.before.descriptors)
    assert course.restarts > 0
    story.saw(
        f"{SECONDS} s, seed {SEED}: left {closed.tasks - before.tasks} tasks, "
        f"{closed.sockets - before.sockets + course.left_open} connections, "
        f"{after.descriptors - soaked.before.descriptors} files, "
        f"{len(after.threads) - len(soaked.before.threads)} threads"
    )
    soaked.check(story)


# Sockets that are being closed while others are opened in their place.
_IN_HAND = 16


@pytest.mark.row("K2")
def test_memory_is_flat(soaked: Soaked, story: Story) -> None:
    """A block or some bytes a request, kept for good, would be seen."""
    first, last = soaked.course.first.held, soaked.course.last.held
    blocks, containers = last.blocks - first.blocks, last.containers - first.containers
    resident = (last.resident - first.resident) / 2**20

    assert soaked.requests > 100 * SECONDS
    assert blocks < 1500 + 0.02 * soaked.requests, f"{blocks} for {soaked.requests}"
    assert containers < 100_000 + soaked.requests, f"{containers} for {soaked.requests}"
    assert resident < 24, f"{resident:.1f} MiB for {soaked.requests}"
    story.saw(
        f"kept {max(blocks, 0) / soaked.requests:.1f} blocks and "
        f"{max(containers, 0) / soaked.requests / 100:.0f}00 bytes a request, "
        f"{max(resident, 0) / 10:.0f}0 MiB in all"
    )
    soaked.check(story)


@pytest.mark.row("K3")
def test_pool_serves_at_full_rate(soaked: Soaked, story: Story) -> None:
    """No slot and no connection is lost: all of them are used at once, as before."""
    first, last = soaked.course.first, soaked.course.last

    assert (first.peak, last.peak) == (ALL, ALL)
    assert last.rate > 0.6 * first.rate
    story.saw(f"{last.peak} of {ALL} at once, {_tenths(last.rate / first.rate)} of the rate before")
    soaked.check(story)


@pytest.mark.row("K4")
def test_everybody_is_accounted_for(soaked: Soaked, story: Story) -> None:
    """Whatever was cancelled, left, drained, refused or lost: what was said of it is true."""
    soaked.check(story)
    sessions = [each for each in soaked.told if isinstance(each, Session)]
    singles = [each for each in soaked.told if isinstance(each, Single)]
    ends = sorted({_kind(each.report.stopped) for each in sessions})

    assert {each.outcome for each in singles} >= {"accepted", "in_doubt"}
    assert len({each.plan.packed for each in sessions}) == 2
    story.saw(
        f"{_some(len(sessions))} sessions of runs ({', '.join(ends)}), "
        f"{_some(len(singles))} single sends; {len(soaked.course.wrong)} wrong words"
    )


def _kind(stopped: str) -> str:
    """Return the first words of why a session ended."""
    return " ".join(stopped.split()[:2]) or "whole"


def _some(count: int) -> str:
    """Return a number as coarsely as it matters."""
    digit = 10 ** (len(str(count)) - 1)
    return f"over {count // digit * digit:,}"


def _tenths(share: float) -> str:
    return f"{min(share, 1.0):.1f}"
