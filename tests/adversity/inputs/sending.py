"""What becomes of whoever is in an input? Runs with one journal against one server, held against both.

An input that is refused reaches nobody; put right, it goes on with the same journal to everybody.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from attrs import evolve
from fault_server import FaultServer
from oracle import Settled, check, settled
from wire_clients import open_client

from adversity.story import Story
from adversity.written import records_of
from pushwoosh_async import Notification, SendReport, label_recipients

HELLO = Notification(content="Hello")
IDS = [f"u{number}" for number in range(20)]


class Sending:
    """One journal and one server, whatever a test gives them.

    Attributes:
        journal: path of the journal.
        report: of the latest run that began.
    """

    def __init__(self, folder: Path, server: FaultServer, story: Story) -> None:
        """Prepare; nothing is there yet."""
        self.journal = folder / "run.journal"
        self.report: SendReport | None = None
        self._server = server
        self._story = story
        self._snapshots: list[Settled] = []

    async def send(self, users: Any, note: Any = HELLO, **options: Any) -> SendReport:
        """Send to them, or go on with it; raises what the run raises."""
        self.report = None
        asked = {
            "users": users,
            "journal": self.journal,
            "chunk_size": 10,
            "concurrency": 2,
            **options,
        }
        async with open_client("httpx", self._server.url) as client:
            run = client.fan_out(note, **asked)
            try:
                return await run
            finally:
                self.report = run.report
                self._snapshots.append(
                    settled(self._server.ledger.arrivals, records_of(self.journal))
                )

    async def refused(
        self, wanted: type[Exception], users: Any, note: Any = HELLO, **options: Any
    ) -> Exception:
        """Give it what is refused, before a byte leaves; return the error.

        Args:
            wanted: exactly this class of error.
            users: the audience.
            note: the message.
            options: more arguments of ``fan_out``.
        """
        error = await self._error(users, note, **options)
        assert type(error) is wanted, repr(error)
        when = "at the call" if self.report is None else "before the first request"
        self._story.saw(f"{type(error).__name__} {when}, {self.nobody()}")
        return error

    def refused_when_made(self, error: Exception) -> None:
        """Tell of a message that could not be made: there is nothing to send."""
        self._story.saw(f"{type(error).__name__} when it is made, {self.nobody()}")

    async def _error(self, users: Any, note: Any, **options: Any) -> Exception:
        try:
            await self.send(users, note, **options)
        except Exception as error:  # noqa: BLE001 -- which of them is what is asked
            return error
        raise AssertionError("nothing was refused")

    def nobody(self) -> str:
        """Check that no byte has reached the server, and nobody's label says so; return it in words."""
        server, records = self._server, records_of(self.journal)
        assert (server.connections, server.bytes_received, len(records)) == (0, 0, 0)
        assert not server.ledger.arrivals
        report = self.report
        if report is not None:
            assert report.accepted == report.rejected == report.in_doubt == 0, report
        if not self.journal.exists():
            return f"{server.bytes_received} bytes sent, no journal"
        return f"{server.bytes_received} bytes sent, {len(records)} chunks in the journal"

    async def put_right(
        self, users: Any, note: Any = HELLO, *, ids: Sequence[str] = IDS, **options: Any
    ) -> SendReport:
        """Send what is sound with the same journal: all of `ids`, each once, by all that is known."""
        report = await self.send(users, note, **options)
        assert (report.accepted, report.total) == (len(ids), len(ids)), report
        found = check(
            self._server.ledger.arrivals,
            records_of(self.journal),
            report,
            ids=ids,
            snapshots=self._snapshots[:-1],
        )
        assert not found, "\n".join(found)
        self._story.saw(f"put right: {len(ids) - report.accepted} left out")
        self._guaranteed("the ledger, the journal, and the report")
        return report

    async def labelled(self, users: Any, inputs: Sequence[str], **options: Any) -> Counter[str]:
        """Send, and return how many inputs have which label: one each, as report and ledger say.

        Args:
            users: the source; must be readable again.
            inputs: what it holds.
            options: more arguments of ``fan_out``.
        """
        report = await self.send(users, **options)
        async with aclosing(label_recipients(self.journal, users)) as told:
            labels = [each async for each in told]
        assert [(each.position, each.id) for each in labels] == list(enumerate(inputs))
        found: Counter[str] = Counter(each.outcome for each in labels)
        told_of = {"duplicate": report.duplicates, "invalid": report.invalid}
        told_of |= {"accepted": report.accepted}
        assert found == Counter({name: count for name, count in told_of.items() if count})
        accepted = Counter(each.id for each in labels if each.outcome == "accepted")
        assert accepted == self._server.ledger.sent_to()
        await self._asks_for_nothing_more(users, report, **options)
        self._guaranteed("the ledger, and a label for each input")
        return found

    async def _asks_for_nothing_more(self, users: Any, report: SendReport, **options: Any) -> None:
        requests = len(self._server.requests)
        again = await self.send(users, **options)
        assert evolve(again, seconds=report.seconds) == report
        assert len(self._server.requests) == requests

    def reached(self) -> Counter[str]:
        """Return how often each recipient was sent to."""
        return self._server.ledger.sent_to()

    def _guaranteed(self, by: str) -> None:
        self._story.check("G1", "G2", "G3", by=by)
