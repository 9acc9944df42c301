"""No file descriptors left: what cannot connect is not sent, and a journal that cannot open sends none."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fault_server import Connection, FaultServer, fault_server
from oracle import check, settled
from process.sender import ids, read_report
from wire_clients import Way, each_own_way

from adversity.story import Story
from pushwoosh_async import SendReport
from pushwoosh_async._fanout.sqlite_journal import read_journal

from .children import PATIENCE, import_path

PROGRAM = Path(__file__).with_name("descriptors_program.py")
EVERYBODY = ids(200, 1)


class Once:
    """A script: send what is asked for, answer, and close, so that each request has to connect.

    Attributes:
        busy: how many requests were under way when each came.
    """

    def __init__(self) -> None:
        self.busy: list[int] = []
        self._now = 0

    async def __call__(self, connection: Connection) -> None:
        request = await connection.read_request()
        self._now += 1
        self.busy.append(self._now)
        await asyncio.sleep(0.005)  # so that two at a time would be seen
        self._now -= 1
        answer = connection.server.ledger.take(request)
        await connection.send(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        connection.close()


class Program:
    """The process, and what it said each time.

    Attributes:
        journal: of its run.
    """

    def __init__(self, folder: Path, server: FaultServer, way: Way) -> None:
        self.journal = folder / "run.journal"
        self._server = server
        self._way = way

    async def run(self, when: str) -> tuple[SendReport, dict[str, Any]]:
        """Run it to its end; what it says must be true."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), self._server.url, str(self.journal), self._way, when),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": import_path()},
        )
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        assert (process.returncode, err) == (0, b""), err.decode()
        said = json.loads(out)
        return read_report(said["report"]), said

    def hold_against_ledger(self, report: SendReport) -> None:
        """Check all that is told."""
        arrivals = self._server.ledger.arrivals
        with read_journal(self.journal) as journal:
            records = list(journal.records())
        assert not check(arrivals, records, report, ids=EVERYBODY)
        assert settled(arrivals, records).transaction_ids


@each_own_way
@pytest.mark.row("P17")
async def test_none_left_to_connect(tmp_path: Path, story: Story, way: Way) -> None:
    """Each attempt was not sent, and is repeated, one at a time, until there are descriptors again."""
    once = Once()
    async with fault_server(default=once) as server:
        program = Program(tmp_path, server, way)
        report, said = await program.run("connect")

        delivery, _, reason = "; ".join(said["retries"]).partition(": ")
        assert (delivery, reason.rpartition(": ")[2]) == ("not_sent", "Too many open files")
        assert (said["error"], report.accepted, report.accepted_on_repeat) == ("", 200, 0)
        assert {each.verdict for each in server.ledger.arrivals} == {"accepted"}
        program.hold_against_ledger(report)
        most, at_last = max(once.busy), max(once.busy[-10:])
        assert most > at_last >= 1
        story.saw(f"to connect: {delivery.replace('_', ' ')}, repeated, {report.accepted} accepted")
        story.saw(f"after that {at_last} request at a time instead of {most}")
        story.check("G1", "G2", "G3", by="the ledger, the journal, and the report")


@each_own_way
@pytest.mark.row("P17")
async def test_none_left_to_open_the_journal(tmp_path: Path, story: Story, way: Way) -> None:
    """Refused before anything is sent; and once there are some, it runs as if nothing had been."""
    async with fault_server(default=Once()) as server:
        program = Program(tmp_path, server, way)
        refused, said = await program.run("start")
        assert (said["error"], refused.not_sent, refused.total) == ("JournalError", 200, 200)
        assert (server.connections, program.journal.exists()) == (0, False)
        assert "Too many open files" in said["text"]

        report, again = await program.run("connect")
        assert (again["error"], report.accepted) == ("", 200)
        program.hold_against_ledger(report)
        story.saw(f"to open the journal: {said['error']}, {refused.not_sent} not sent")
        story.check("G1", "G2", "G3", by="the ledger, the journal, and the report")
