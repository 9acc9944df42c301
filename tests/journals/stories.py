"""Sessions of one run as hypothesis makes them up: refusals, doubts, drains and deaths on one disk."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from random import Random
from typing import Any

from attrs import Factory, define, frozen
from fanout_world import ACCEPTED, Server, again, fan_out
from hypothesis import strategies as st
from memory_journal import Disk, MemoryJournal

from pushwoosh_async import (
    InvalidRequestError,
    PushwooshError,
    RecipientLabel,
    SendReport,
    ServerError,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.labels import labels
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.standing import Standing, standing_of

BAD = frozenset({"u3", "u17"})
INVALID = ["", " blank", "\u200b"]


@frozen
class Session:
    """How one session goes.

    Attributes:
        ends_at: with which attempt it ends; None for its own end.
        crash: by a death, of which so many transactions survive that were not durable; None for a drain.
        again: what it sends once more.
        doubts: attempts that are not answered clearly.
    """

    ends_at: int | None
    crash: int | None
    again: Again
    doubts: frozenset[int]


SESSIONS = st.builds(
    Session,
    st.none() | st.integers(1, 8),
    st.none() | st.integers(0, 3),
    st.builds(Again, rejected=st.booleans(), doubts=st.booleans()),
    st.frozensets(st.integers(1, 12), max_size=4),
)


def made_up(seed: int, count: int, names: int, invalid: float) -> list[str]:
    """So many inputs, of which a share is invalid, and the others are drawn from so many names."""
    dice = Random(seed)  # noqa: S311 -- nothing secret hangs on it
    return [
        dice.choice(INVALID) if dice.random() < invalid else f"u{dice.randrange(names)}"
        for _ in range(count)
    ]


SOURCES = st.builds(
    made_up,
    st.integers(0, 2**32),
    st.integers(0, 150),
    st.sampled_from([20, 200, 10_000]),
    st.sampled_from([0.0, 0.1, 0.8]),
)


@define
class Story:
    """A run, and what truly became of each position.

    Attributes:
        source: what it was given.
        options: of the run.
        bad: ids for which a chunk is refused.
        disk: its journal.
        accepted: positions that the server took.
        doubted: positions that it may have taken.
        reports: of every session that did not die.
    """

    source: Any
    options: dict[str, Any]
    bad: frozenset[str] = frozenset()
    disk: Disk = Factory(Disk)
    accepted: set[int] = Factory(set)
    doubted: set[int] = Factory(set)
    reports: list[SendReport] = Factory(list)

    async def live(self, session: Session, clock: Any) -> None:
        """Go through one session."""
        server = Server()
        server.clock = clock
        journal = MemoryJournal(self.disk)
        attempts = 0

        def answer(chunk: Chunk, number: int) -> Any:
            nonlocal attempts
            attempts += 1
            if attempts == session.ends_at:
                if session.crash is None:
                    run.drain()
                else:
                    journal.crash(session.crash)
            if session.crash is not None and session.ends_at and attempts >= session.ends_at:
                return TransportError("gone", permanent=True, delivery="not_sent")
            return self.answer(chunk, doubtful=attempts in session.doubts)

        server.answer = answer
        run = fan_out(
            self.source,
            server.send,
            clock=clock,
            journal=journal,
            again=session.again,
            **self.options,
        )
        with suppress(PushwooshError):
            await run
        if session.crash is None or session.ends_at is None or attempts < session.ends_at:
            self.reports.append(run.report)
        else:
            self.reports.clear()

    def answer(self, chunk: Chunk, *, doubtful: bool) -> Any:
        """Take a chunk, refuse it for a bad id, or leave its fate open."""
        positions = {chunk.position(index) for index in range(len(chunk.ids))}
        if doubtful:
            self.doubted |= positions
            return again(ServerError("failed", http_status=500))
        if self.bad & set(chunk.ids):
            return InvalidRequestError("no such user", http_status=200, delivery="rejected")
        self.accepted |= positions
        return ACCEPTED

    def labelling(self, source: Any) -> AsyncGenerator[RecipientLabel, None]:
        """Label a source."""
        assert self.disk.facts is not None
        return labels(
            source,
            self.disk.facts,
            MemoryJournal(self.disk).records(),
            ending=self.disk.ending,
            salvaged_to=self.disk.salvaged_to,
        )

    async def labels(self, source: Any = None) -> list[RecipientLabel]:
        """Label the run's source, or another, to its end."""
        async with aclosing(self.labelling(self.source if source is None else source)) as found:
            return [label async for label in found]

    def standing(self) -> Standing:
        """Read how the run stands."""
        assert self.disk.facts is not None
        return standing_of(
            self.disk.facts,
            self.disk.ending,
            self.disk.records(),
            salvaged_to=self.disk.salvaged_to,
        )


def six(report: SendReport) -> dict[str, int]:
    """The six counts, by the names of the labels."""
    return {
        "accepted": report.accepted,
        "rejected": report.rejected,
        "in_doubt": report.in_doubt,
        "not_sent": report.not_sent,
        "invalid": report.invalid,
        "duplicate": report.duplicates,
    }


def counted(found: Sequence[RecipientLabel]) -> dict[str, int]:
    """Count labels."""
    return {**dict.fromkeys(six(SendReport()), 0), **Counter(label.outcome for label in found)}
