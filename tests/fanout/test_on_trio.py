"""The fan-out alone, with its journal, on trio: cancelled and gone on with, the same as on asyncio."""

from pathlib import Path
from time import time

import anyio
import anyio.lowlevel
import pytest
from adversity.story import Story
from fanout_world import ACCEPTED, BACKENDS, fan_out, names
from oracle import Arrival, Settled, check, settled

from pushwoosh_async import FanOut, SendReport, ServerError, TransportError
from pushwoosh_async._clock import SystemClock
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal, read_journal

COUNT = 60


class LedgerServer:
    """Sends once for each transactionId, loses the first answer to every third chunk, and writes it down.

    Attributes:
        arrivals: all requests, in order.
        busy: set with the n-th of them, which is then never answered.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.busy = anyio.Event()
        self.silent_at = 0

    async def send(self, chunk: Chunk, guard: RequestGuard) -> object:
        """Try until it is accepted; a request that is cut off was handed over."""
        while True:
            try:
                await guard.before_attempt()
            except BaseException:
                guard.record(TransportError("not begun", delivery="not_sent"))
                raise
            assert guard.may_hand_over()
            again = self.take(chunk)
            if len(self.arrivals) == self.silent_at:
                self.busy.set()
                await anyio.sleep_forever()
            if again or chunk.start % 30:
                guard.record(ACCEPTED)
                return ACCEPTED
            guard.record(ServerError("lost", http_status=500))
            assert guard.may_repeat(0.0)
            await anyio.lowlevel.checkpoint()

    def take(self, chunk: Chunk) -> bool:
        """Send, unless that was done before; return whether it was."""
        again = any(each.transaction_id == chunk.transaction_id for each in self.arrivals)
        self.arrivals.append(
            Arrival(
                order=len(self.arrivals) + 1,
                at=time(),
                method="createMessage",
                transaction_id=chunk.transaction_id,
                kind="users",
                ids=tuple(chunk.ids),
                verdict="replay" if again else "accepted",
                code="CODE",
            )
        )
        return again


def held_against_ledger(
    path: Path, server: LedgerServer, report: SendReport, before: list[Settled]
) -> Settled:
    """Check that all is true; return what must not be asked for again."""
    with read_journal(path) as journal:
        records = list(journal.records())
    assert not check(server.arrivals, records, report, ids=names(COUNT), snapshots=before)
    return settled(server.arrivals, records)


def journalled(path: Path, server: LedgerServer) -> FanOut:
    """Make a run with a journal."""
    clock = SystemClock()
    journal = SqliteJournal(path, gather=1, clock=clock, store_ids=False)
    return fan_out(names(COUNT), server.send, journal=journal, clock=clock, concurrency=1)


async def cancelled_and_resumed(path: Path) -> tuple[SendReport, SendReport]:
    """Cancel a run while an answer is missing, go on with it, and return what both say."""
    server = LedgerServer()
    server.silent_at = 5
    cut = journalled(path, server)
    async with anyio.create_task_group() as group:

        async def go() -> None:
            await cut

        group.start_soon(go)
        await server.busy.wait()
        group.cancel_scope.cancel()
    seen = held_against_ledger(path, server, cut.report, [])
    report = await journalled(path, server)
    held_against_ledger(path, server, report, [seen])
    return cut.report, report


@pytest.mark.slow  # an answer that never comes is waited for as long as a drain may take
@pytest.mark.row("P29")
def test_cancelled_and_resumed_on_both(tmp_path: Path, story: Story) -> None:
    """Two counts of each report, and each range, are the same on asyncio and on trio."""
    told = []
    for backend in BACKENDS:
        first, last = anyio.run(cancelled_and_resumed, tmp_path / backend, backend=backend)
        assert (first.stopped, first.in_doubt, last.accepted) == ("cancelled", 10, COUNT)
        told.append((first.accepted, first.not_sent_ranges, last.accepted, last.accepted_on_repeat))
    assert told[0] == told[1]
    story.saw(f"the fan-out alone on {' and '.join(BACKENDS)}: resumed, {told[1][2]} accepted")
    story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")
