"""What the tests of runs share: runs over a five-line server, and a clock that waits to be moved."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Any

import anyio
from attrs import evolve

from pushwoosh_async import (
    Clock,
    FanOut,
    MessageResult,
    PushwooshError,
    SendReport,
    TransportError,
)
from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.intake import (
    Intake,
    can_be_checked_first,
    check_page_of,
    size_of,
)
from pushwoosh_async._fanout.journal import Journal, NoJournal, RunFacts
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.run import FanOut as Run
from pushwoosh_async._fanout.runner import Runner
from pushwoosh_async._fanout.settings import OnRejected, RunSettings
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._window import Stamp, Window
from pushwoosh_async._wire.encode import Template
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.testing import FakeClock

BACKENDS = ["asyncio", "trio"]
WINDOW = Window(length=300.0, attempt=30.0, margin=120.0)
ACCEPTED = MessageResult(message_codes=("CODE",))

FACTS = RunFacts(
    run_id=str(uuid.UUID(int=7)),
    send_id=None,
    base_url="https://x.example",
    application="A",
    applications_group=None,
    kind="users",
    template_digest="00",
    notification='{"send_date":"now"}',
    source='{"path": "/here.csv", "format": "csv", "column": "user_id"}',
    chunk_size=10,
    dedupe=False,
    invalid="raise",
    window=300.0,
    margin=120.0,
    store_ids=False,
    concurrency=2,
    library="0",
    created=Stamp(0.0, 0.0, "boot"),
)

MESSAGE = Message("users", Template("00", b'{"send_date":"now",'))
Send = Callable[[Chunk, RequestGuard], Awaitable[object]]
SendPacks = Callable[[Sequence[Chunk], RequestGuard], Awaitable[object]]
ALONE = Packing(most=1, max_bytes=10_000_000)
Answer = Callable[[Chunk, int], "MessageResult | PushwooshError | BaseException"]


def names(count: int) -> list[str]:
    """Name so many users."""
    return [f"u{index}" for index in range(count)]


def fan_out(
    source: Any,
    send: Send,
    *,
    clock: Clock | None = None,
    chunk_size: int = 10,
    concurrency: int = 2,
    deadline: float | None = None,
    on_rejected: OnRejected = "report",
    invalid: InvalidPolicy = "raise",
    dedupe: bool = False,
    refusals_are_clean: bool = True,
    window: Callable[[int], Window] = lambda _: WINDOW,
    journal: Journal | None = None,
    again: Again | None = None,
    bisect_requests: int = 1000,
    facts: dict[str, Any] | None = None,
    packing: Packing = ALONE,
    rate: float = inf,
    send_packs: "SendPacks | None" = None,
) -> FanOut:
    """Put a run together as the client does, around another `send`."""
    clock = clock or FakeClock()
    identity = RunIdentity(uuid.UUID(int=7), "https://x.example", "A")

    async def send_alone(chunks: Sequence[Chunk], guard: RequestGuard) -> object:
        (chunk,) = chunks
        return await send(chunk, guard)

    async def looked_up() -> RunFacts:
        changed = {
            "chunk_size": chunk_size,
            "dedupe": dedupe,
            "invalid": invalid,
            "send_id": None if refusals_are_clean else "mine",
            "total": size_of(source, "users"),
            "created": clock.stamp(),
            **(facts or {}),
        }
        return evolve(FACTS, **changed)

    check_first = invalid == "raise" and can_be_checked_first(source)
    runner = Runner(
        intake=Intake(
            source,
            chunk_size,
            kind="users",
            check=check_page_of("users") if check_first else None,
        ),
        planner=Planner(
            identity,
            MESSAGE,
            chunk_size=chunk_size,
            invalid=invalid,
            dedupe=dedupe,
            trusted=check_first,
        ),
        send=send_packs or send_alone,
        journal=journal or NoJournal(),
        facts=looked_up,
        clock=clock,
        settings=RunSettings(
            concurrency=concurrency,
            deadline=deadline,
            on_rejected=on_rejected,
            bisect_requests=bisect_requests,
            chunk_size=chunk_size,
            store_ids=False,
            again=again or Again(),
            packing=packing,
            window=window,
            held=lambda _: 0.0,
            rate=lambda: rate,
            pause=lambda _: 0.0,
        ),
    )
    return Run(runner)


class Server:
    """Answers each attempt as it is told, and remembers whom it got.

    Attributes:
        begun: each attempt, as (path, number).
        delivered: how often each id was accepted.
        busy: attempts under way now, and the most there were at once.
    """

    def __init__(self, answer: Answer = lambda chunk, number: ACCEPTED) -> None:
        self.answer = answer
        self.clock = FakeClock()
        self.begun: list[tuple[str, int]] = []
        self.delivered: dict[str, int] = {}
        self.busy = 0
        self.most_busy = 0

    async def send(self, chunk: Chunk, guard: RequestGuard) -> object:
        """Try until it is accepted, final or too late: what a session does, in short."""
        number = 0
        while True:
            number += 1
            try:
                await guard.before_attempt()
            except BaseException:
                guard.record(TransportError("not begun", delivery="not_sent"))
                raise
            self.begun.append((chunk.path, number))
            outcome = await self.attempt(chunk, number)
            if not isinstance(outcome, (MessageResult, PushwooshError)):
                raise outcome
            guard.record(outcome)
            if isinstance(outcome, MessageResult):
                return outcome
            if outcome.delivery == "rejected" or not hasattr(outcome, "again"):
                raise outcome
            if not guard.may_repeat(10.0):
                raise outcome
            await self.clock.sleep(10.0)

    async def attempt(
        self, chunk: Chunk, number: int
    ) -> "MessageResult | PushwooshError | BaseException":
        """Answer one attempt."""
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await anyio.lowlevel.checkpoint()
            outcome = self.answer(chunk, number)
            if isinstance(outcome, MessageResult):
                for name in chunk.ids:
                    self.delivered[name] = self.delivered.get(name, 0) + 1
            return outcome
        finally:
            self.busy -= 1

    @property
    def chunks_begun(self) -> list[str]:
        """Paths of the chunks that were tried, in order of their first attempt."""
        return list(dict.fromkeys(path for path, _ in self.begun))


def again(error: PushwooshError) -> PushwooshError:
    """Mark an error as one after which the server above tries again."""
    error.again = True  # type: ignore[attr-defined]
    return error


class ManualClock(FakeClock):
    """A clock on which sleepers sleep until somebody moves it."""

    def __init__(self) -> None:
        super().__init__()
        self._moved = anyio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come."""
        self.sleeps.append(seconds)
        until = self.monotonic() + seconds
        while self.monotonic() < until:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Let time pass and wake whoever waited for it."""
        super().advance(seconds)
        self._moved.set()
        self._moved = anyio.Event()


def run_on(backend: str, main: Callable[[], Awaitable[Any]]) -> Any:
    """Run on asyncio, or on trio with a loop clock that jumps over every pause."""
    if backend == "asyncio":
        return anyio.run(main)
    import trio.testing

    return anyio.run(
        main,
        backend="trio",
        backend_options={"clock": trio.testing.MockClock(autojump_threshold=0)},
    )


def assert_adds_up(report: SendReport, count: int) -> None:
    """Check that everybody is in exactly one of the six counts."""
    six = (
        report.accepted,
        report.rejected,
        report.in_doubt,
        report.not_sent,
        report.invalid,
        report.duplicates,
    )
    assert all(part >= 0 for part in six), report
    assert sum(six) == report.total == count, report
