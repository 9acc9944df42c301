"""What do these tests do to processes? They start a server and a sender, wait for what happens, kill."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from adversity.story import Story
from oracle import Arrival, Settled, check, read_ledger, settled

from pushwoosh_async import JournalError
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.sqlite_journal import read_journal

from .sender import ids, read_report
from .tale import Tale, Told

TESTS = Path(__file__).parent.parent
# For a machine under load; nothing waits this long unless something is broken.
PATIENCE = 60.0
CHUNK_SIZE = 10
CONCURRENCY = 4
TURN = 0.002
SOON = 3.0
# How a kill is named: SIGXFSZ is the kernel's, in a write.
KILLS: dict[int, str] = {signal.SIGKILL: "killed", signal.SIGXFSZ: "killed in a write"}


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another process does, for a bounded time."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(TURN)


def read_told(out: str) -> Told:
    """Read what a sender said."""
    said = json.loads(out)
    return Told(read_report(said["report"]), said["error"], said["text"], tuple(said["stops"]))


def is_stopped(process: subprocess.Popen[str]) -> bool:
    """Tell whether a process that was not waited for is stopped."""
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


class World:
    """One run in one journal, the server that it talks to, and what was seen between its processes.

    Attributes:
        journal: path of the journal.
        count: recipients.
        window: seconds for which the server remembers a transactionId.
        tale: what was done to its processes.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        story: Story | None = None,
        disk: Path | None = None,
        count: int = 200,
        id_length: int = 1,
        window: float = 300.0,
    ) -> None:
        """Make a world; enter it to start its server. Whoever leaves it has held everything once more.

        Args:
            folder: for journal and ledger.
            options: of ``pushwoosh-async sandbox``.
            story: is told what happened, at the end.
            disk: for the journal alone.
            count: recipients.
            id_length: characters of each id, at least.
            window: seconds for which the server remembers a transactionId.
        """
        self.journal = (disk or folder) / "run.journal"
        self.count = count
        self.window = window
        self.tale = Tale(story)
        self._ledger = folder / "ledger"
        self._options = ("--window", str(window), "--ledger", str(self._ledger), *options)
        self._ids = ids(count, id_length)
        numbers = {
            "--count": count,
            "--id-length": id_length,
            "--chunk-size": CHUNK_SIZE,
            "--concurrency": CONCURRENCY,
        }
        self._source = [text for name, value in numbers.items() for text in (name, str(value))]
        self._server: subprocess.Popen[str] | None = None
        self._url = ""
        self._snapshots: list[Settled] = []
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        command = ["-m", "pushwoosh_async", "sandbox", "--port", "0", "--json", "--until-eof"]
        self._ledger.touch()
        self._server = self._open([*command, *self._options])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.assert_sound()
                self.tale.tell(self.count, self.deliveries(), self.arrivals())
        finally:
            for process in self._running:
                process.kill()
                process.communicate(timeout=PATIENCE)

    @property
    def url(self) -> str:
        """Where its server is, once that is ready: it starts while others do."""
        if not self._url:
            assert self._server is not None
            assert self._server.stdout is not None
            assert self._server.stderr is not None
            ready, _, _ = select.select([self._server.stdout], [], [], PATIENCE)
            said = self._server.stdout.readline() if ready else ""
            assert said, self._server.stderr.read()
            self._url = json.loads(said)["url"]
        return self._url

    # -- processes ------------------------------------------------------------------------------

    def start(self, *options: str, under: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Start a sender.

        Args:
            options: of ``process.sender``, beside those that a world knows.
            under: a command that runs it.
        """
        where = ("--base-url", self.url, "--journal", str(self.journal))
        return self._open(["-m", "process.sender", *where, *self._source, *options], under)

    def _open(self, arguments: list[str], under: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PUSHWOOSH_")}
        process = subprocess.Popen(  # noqa: S603 -- our own programs
            [*under, sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **ours,
                "PYTHONPATH": os.pathsep.join(filter(None, (str(TESTS), ours.get("PYTHONPATH")))),
            },
        )
        self._running.append(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> Told:
        """Wait until a sender has ended by itself, and return what it says."""
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, ""), err
        told = read_told(out)
        self.tale.ended(told)
        return told

    def run(self, *options: str, under: tuple[str, ...] = ()) -> Told:
        """Run a sender to its end."""
        return self.end(self.start(*options, under=under))

    def die(self, process: subprocess.Popen[str]) -> bool:
        """Wait until a sender is gone; tell whether it was killed. Either way its journal is sound."""
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) in {(0, ""), *((-number, "") for number in KILLS)}, err
        self._look()
        self.tale.events.update([KILLS[-process.returncode]] if process.returncode else [])
        return process.returncode != 0

    def succumb(self, process: subprocess.Popen[str]) -> int:
        """Wait until a sender is gone, in whatever way, and kill it if it is not soon: return how it ended.
        Its journal is sound.
        """  # noqa: D205 -- a condition of its own
        try:
            out, _ = process.communicate(timeout=SOON)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate(timeout=PATIENCE)
        self._look()
        if process.returncode == 0:
            self.tale.ended(read_told(out))
        else:
            self.tale.events["died"] += 1
        return process.returncode

    def terminate(
        self, process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM
    ) -> None:
        """Send a signal and wait until it is taken: two that are pending are one."""
        process.send_signal(number)
        self.tale.events[number.name] += 1
        status = Path(f"/proc/{process.pid}/status")

        def taken() -> bool:
            lines = dict(line.split(":\t") for line in status.read_text().splitlines())
            return not int(lines["ShdPnd"], 16) >> (number - 1) & 1

        until(taken)

    def await_stopped(self, process: subprocess.Popen[str]) -> None:
        """Wait until a sender has stopped itself."""
        until(lambda: is_stopped(process))
        self.tale.events["stopped"] += 1

    def await_arrivals(self, number: int) -> None:
        """Wait until so many notifications have arrived in all."""
        until(lambda: self._ledger.read_bytes().count(b"\n") >= number)

    # -- what is true ---------------------------------------------------------------------------

    def arrivals(self) -> list[Arrival]:
        """Return all that has arrived."""
        return read_ledger(self._ledger)

    def records(self) -> list[Record]:
        """Return what the journal holds, from a copy, so that a hot one stays so for the next process."""
        with TemporaryDirectory() as folder:
            copy = Path(folder) / self.journal.name
            for suffix in ("", "-journal"):
                original = self.journal.with_name(self.journal.name + suffix)
                if original.exists():
                    shutil.copy2(original, copy.with_name(original.name))
            if not copy.exists() or copy.stat().st_size == 0:
                return []
            try:
                with read_journal(copy) as journal:
                    return list(journal.records())
            except JournalError as error:
                # Its process died before the run was in it.
                assert "there is no run in it" in str(error), error  # noqa: PT017 -- see above
                return []

    def packs_in_doubt(self) -> list[int]:
        """Return how many notifications were in doubt together, for each pack that the dead have left."""
        return [len(pack) for snapshot in self._snapshots for pack in snapshot.packs]

    def deliveries(self) -> int:
        """Return what the server itself counted as delivered."""
        with urllib.request.urlopen(f"{self.url}/sandbox/truth", timeout=PATIENCE) as answer:  # noqa: S310
            number: int = json.load(answer)["deliveries"]
        return number

    def assert_sound(self, told: Told | None = None, *, poisoned: bool = False) -> None:
        """Hold everything against everything."""
        self._compare(self.arrivals(), self.records(), told, poisoned=poisoned)

    def _look(self) -> None:
        """Check what a dead process left, and take down what must not be requested again."""
        for _ in range(2):
            self.deliveries()  # by the answer the server has read what the dead had sent before
        arrivals, records = self.arrivals(), self.records()
        self._compare(arrivals, records, None, poisoned=False)
        self._snapshots.append(settled(arrivals, records))
        self.tale.left_doubts |= bool(self._snapshots[-1].packs)

    def _compare(
        self, arrivals: list[Arrival], records: list[Record], told: Told | None, *, poisoned: bool
    ) -> None:
        found = check(
            arrivals,
            records,
            None if told is None else told.report,
            ids=self._ids,
            snapshots=self._snapshots,
            window=self.window,
            poisoned=poisoned,
        )
        assert not found, "\n".join(found)
