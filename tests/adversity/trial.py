"""What does a fault on the wire do to a send? A journalled fan-out goes through it, and a resume after it.

Everything that is said of them, in the reports and in the journal, is held against the server's ledger.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, frozen
from fault_server import FaultServer, Script, accept
from oracle import Settled, check, settled
from wire_clients import Record as Heard
from wire_clients import Way, open_client

from adversity.story import Story
from adversity.written import records_of
from pushwoosh_async import (
    FanOut,
    JournalError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
    SendReport,
)
from pushwoosh_async._fanout.journal import Record

HELLO = Notification(content="Hello")


@frozen
class Told:
    """What a run said of itself.

    Attributes:
        report: its report, however it ended.
        error: what it raised; None if it came to its end.
        failures: what was said of the attempts that were repeated: ``in_doubt`` or ``not_sent``.
    """

    report: SendReport
    error: BaseException | None
    failures: Counter[str]

    @property
    def knows_nothing(self) -> bool:
        """Whether it was cancelled before it had read its journal: anybody may have been sent to before."""
        report = self.report
        unnamed = report.in_doubt == report.total and not report.in_doubt_chunks
        return report.stopped == "cancelled" and unnamed and not report.requests

    def __str__(self) -> str:
        counts = ("accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicates")
        found = [(getattr(self.report, name), name.replace("_", " ")) for name in counts]
        words = [f"{_times(n)} x {name}, repeated" for name, n in sorted(self.failures.items())]
        words += [f"{number} {name}" for number, name in found if number] or ["nobody to send to"]
        reasons = sorted({_gist(chunk.reason) for chunk in self.report.in_doubt_chunks})
        words += [f"reason {each}" for each in reasons]
        words += [f"raised {type(self.error).__name__}"] if self.error is not None else []
        return ", ".join(words)


def _times(count: int) -> str:
    # How often it was tried in a long outage is chance; a line of the book is the same each time.
    return str(count) if count <= 20 else "over 20"


def _several(count: int, thing: str) -> str:
    return f"{_times(count)} {thing}{'' if count == 1 else 's'}"


def _resumed(told: Told, more: int) -> str:
    """Say what going on with a run came to, and how many requests it took."""
    if more:
        return f"resumed: {_several(more, 'more request')}, then {told}"
    doubts = f", {told.report.in_doubt} still in doubt" if told.report.in_doubt else ""
    return f"resumed: nothing left to send, {_several(more, 'request')}{doubts}"


@define
class Begun:
    """A run, and what a test found out about it.

    Attributes:
        client: that it belongs to.
        run: not used yet.
        error: what it raised, by whoever used it.
    """

    client: PushwooshClient
    run: FanOut
    error: BaseException | None = None


def _gist(reason: str) -> str:
    """Return a reason without the method, the numbers and what the server said."""
    return reason.removeprefix("createMessage: ").split(":")[0].split(" (")[0]


class Trial:
    """One audience, one journal, one server; as many sessions as a test likes.

    Attributes:
        ids: the audience.
        journal: path of the journal.
        sessions: what each run said, in order.
        heard: what the client told its hooks.
        found: what the oracle found wrong, where that is what a test is about.
    """

    def __init__(
        self,
        folder: Path,
        server: FaultServer,
        story: Story,
        *,
        way: Way = "httpx",
        count: int = 40,
        chunk_size: int = 10,
        concurrency: int = 2,
        note: Notification = HELLO,
        sound: Script = accept,
        breaks_a_promise: bool = False,
        **client: Any,
    ) -> None:
        """Prepare a send.

        Args:
            folder: an empty one, for the journal.
            server: whom it goes to.
            story: is told what happens.
            way: how requests are sent.
            count: recipients.
            chunk_size: of the run.
            concurrency: of the run, and connections of its client.
            note: what is sent.
            sound: what the server does in the end, once nothing is wrong with it.
            breaks_a_promise: the server does what the guarantees assume that it does not: what the
                oracle finds is kept, not asserted, and there is no good end.
            client: more arguments of the client: timeout, retry, clock.
        """
        self.ids = [f"u{number}" for number in range(count)]
        self.journal = folder / "run.journal"
        self.sessions: list[Told] = []
        self.heard = Heard()
        self.found: list[str] = []
        self._breaks_a_promise = breaks_a_promise
        self._server = server
        self._story = story
        self._way = way
        self._note = note
        self._sound = sound
        self._run = {"chunk_size": chunk_size, "concurrency": concurrency}
        self._client: dict[str, Any] = {
            "retry": RetryPolicy(base_delay=0.001, max_delay=0.01),
            "timeout": 1.0,
            "max_connections": concurrency,
            "hooks": self.heard,
            **client,
        }
        self._snapshots: list[Settled] = []

    async def send(self, **options: Any) -> Told:
        """Run it, or go on with it; what it says must be true.

        Args:
            options: more arguments of ``fan_out``; of the client, those it has.
        """
        async with self.begin(**options) as begun:
            try:
                async with begun.run:
                    async for _ in begun.run:
                        pass
            except PushwooshError as caught:
                begun.error = caught
        return self.sessions[-1]

    @asynccontextmanager
    async def begin(self, **options: Any) -> AsyncIterator[Begun]:
        """Make the run, for a test that uses it in a way of its own; what it says at the end must be true.

        Args:
            options: more arguments of ``fan_out``; of the client, those it has.
        """
        client = {**self._client, "api_token": "TOKEN-OF-THE-TESTS"}
        client |= {name: options.pop(name) for name in tuple(options) if name in client}
        known = len(self.heard.retries)
        what = {"users": self.ids, "journal": self.journal, **self._run, **options}
        async with open_client(self._way, self._server.url, **client) as opened:
            begun = Begun(opened, opened.fan_out(self._note, **what))
            yield begun
        failures: Counter[str] = Counter(
            event.delivery.replace("_", " ") for event in self.heard.retries[known:]
        )
        told = Told(begun.run.report, begun.error, failures)
        self.sessions.append(told)
        self._hold_against_ledger(told)

    async def end_well(self, **options: Any) -> Told:
        """Let the server be sound, go on with the run, and check that nobody was lost.

        This is what makes a trial's guarantees: G1 and G2 were held after each session, and G3 is that
        this last one leaves nobody unsent, and asks for nothing that was settled.
        """
        assert not self._breaks_a_promise, "a guarantee rests on the promise"
        self._server.scripts.clear()
        self._server.default = self._sound
        before = max(each.report.requests for each in self.sessions)
        told = await self.send(**options)
        assert told.error is None, told.error
        assert told.report.not_sent == 0, told.report
        assert told.report.total == len(self.ids)
        more = told.report.requests - before
        self._story.saw("; ".join([str(self.sessions[0]), _resumed(told, more), self._api()]))
        self._story.check(
            "G1", "G2", "G3", by="the ledger, the journal, and the report of each run"
        )
        return told

    def _api(self) -> str:
        """Return in words what the API made of the messages that came, in all runs so far."""
        verdicts = Counter(each.verdict for each in self._server.ledger.arrivals)
        taken, known = verdicts["accepted"], verdicts["replay"]
        return (
            f"the API in all: {_several(taken, 'message')} taken, {_several(known, 'repeat')} known"
        )

    def hold_again(self) -> None:
        """Hold the last run's words against the ledger again: what it sent has arrived since."""
        self._snapshots.pop()
        self._hold_against_ledger(self.sessions[-1])

    def records(self) -> list[Record]:
        """Return what the journal holds; nothing where no run got into it."""
        return records_of(self.journal)

    def _hold_against_ledger(self, told: Told) -> None:
        arrivals, records = self._server.ledger.arrivals, self.records()
        found = check(
            arrivals,
            records,
            None if told.knows_nothing and len(self.sessions) > 1 else told.report,
            ids=self.ids,
            snapshots=self._snapshots,
            window=self._server.ledger.window,
            poisoned=isinstance(told.error, JournalError),
        )
        self.found += found
        assert self._breaks_a_promise or not found, "\n".join(found)
        self._snapshots.append(settled(arrivals, records))
