"""How does a test send from other processes, one after the other, and hold what they say to the truth?

The fault server stands in the test's own process, so that each request's fate can be told exactly.
"""

import asyncio
import json
import os
import sys
from math import inf
from pathlib import Path
from typing import Any, TypeAlias

from fault_server import FaultServer
from oracle import Settled, check, settled
from process.sender import ids, read_report

from pushwoosh_async import SendReport
from pushwoosh_async._fanout.sqlite_journal import read_journal

TESTS = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds; a bound for what normally takes one

Process: TypeAlias = asyncio.subprocess.Process


class Children:
    """One run in one journal, and the processes that go on with it.

    Attributes:
        ids: the audience.
        journal: path of the journal.
    """

    def __init__(
        self,
        folder: Path,
        server: FaultServer,
        *,
        count: int = 40,
        chunk_size: int = 10,
        concurrency: int = 1,
    ) -> None:
        self.ids = ids(count, 1)
        self.journal = folder / "run.journal"
        self._server = server
        self._snapshots: list[Settled] = []
        numbers = {
            "--count": count,
            "--id-length": 1,
            "--chunk-size": chunk_size,
            "--concurrency": concurrency,
        }
        self._source = [text for name, value in numbers.items() for text in (name, str(value))]

    async def start(self, *options: str, under: tuple[str, ...] = ()) -> Process:
        """Start `process.sender`.

        Args:
            options: more of it.
            under: a command that runs it.
        """
        where = ("--base-url", self._server.url, "--journal", str(self.journal))
        module = ("-m", "process.sender")
        return await self.start_python(*module, *where, *self._source, *options, under=under)

    async def start_python(self, *arguments: str, under: tuple[str, ...] = ()) -> Process:
        """Start another program."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PUSHWOOSH_")}
        return await asyncio.create_subprocess_exec(
            *(*under, sys.executable, *arguments),
            cwd=TESTS,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**environment, "PYTHONPATH": import_path()},
        )

    async def end(self, process: Process) -> tuple[SendReport, dict[str, Any]]:
        """Wait until one has ended by itself; return its report, and all that it said. All is true."""
        code, out, err = await over(process)
        assert (code, err) == (0, ""), err
        said = json.loads(out)
        report = read_report(said["report"])
        self.hold_against_ledger(report)
        return report, said

    async def die(self, process: Process) -> int:
        """Wait until one is gone; return its exit code. What it left is true."""
        code, _, err = await over(process)
        assert not err, err
        self.hold_against_ledger(None)
        return code

    async def await_stopped(self, process: Process) -> None:
        """Wait until one has stopped itself."""
        async with asyncio.timeout(PATIENCE):
            while not is_stopped(process):  # noqa: ASYNC110 -- the kernel sets no event
                await asyncio.sleep(0.002)

    def hold_against_ledger(self, report: SendReport | None) -> None:
        """Hold everything against everything, but for times: a process may see another than the server."""
        arrivals, records = self._server.ledger.arrivals, []
        if self.journal.exists():
            with read_journal(self.journal) as journal:
                records = list(journal.records())
        found = check(
            arrivals, records, report, ids=self.ids, snapshots=self._snapshots, window=inf
        )
        assert not found, "\n".join(found)
        self._snapshots.append(settled(arrivals, records))


def import_path() -> str:
    """Return where a child looks for modules: in the tests, and where this process was told to."""
    return os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))


def is_stopped(process: Process) -> bool:
    """Tell whether a process was stopped by a signal."""
    state = Path(f"/proc/{process.pid}/stat").read_text()
    return state.rpartition(")")[2].split()[0] == "T"


async def over(process: Process) -> tuple[int, str, str]:
    """Wait for the end of a process, for a bounded time; return its exit code and what it wrote."""
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"it hangs: {out.decode()} {err.decode()}") from None
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
