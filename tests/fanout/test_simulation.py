"""Random servers against real sessions: nobody twice while the server keeps its word, labels true.

Rests on A1 to A7 of the design; each seed is one run. A failure names its seed.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.lowlevel
import pytest
from attrs import define, field
from fanout_world import BACKENDS, assert_adds_up, fan_out, run_on

from pushwoosh_async import (
    AttemptEvent,
    ChunkOutcome,
    FanOut,
    Hooks,
    MessageResult,
    Notification,
    OutcomeEvent,
    RateLimit,
    RetryEvent,
    RetryPolicy,
    RunStoppedError,
    SendReport,
)
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.plan import Chunk
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.exchange import Answered, Exchange, Failure, Post
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Target, envelope, template
from pushwoosh_async._wire.methods import CREATE_MESSAGE
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.testing import FakeClock

T = TypeVar("T")
TIMEOUT = 30.0
LATEST_COMMIT = TIMEOUT + 75.0  # assumption A3
PERSONALITIES = ["same", "empty", "210", "409"]
SEEDS_PER_BATCH = 100


class Quiet(Hooks):
    """Nobody wants to know."""

    def on_attempt(self, event: AttemptEvent) -> None:
        """Hear nothing."""

    def on_retry(self, event: RetryEvent) -> None:
        """Hear nothing."""

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Hear nothing."""


@define
class Ledger:
    """What the server did: which transaction ids it took when, and who got how many."""

    window: float
    taken: dict[str, float] = field(factory=dict)
    delivered: Counter[str] = field(factory=Counter)
    waiting: list[tuple[float, str, list[str]]] = field(factory=list)

    def take(self, at: float, tid: str, ids: list[str]) -> bool:
        """Send to these, unless the id was taken inside the window; tell whether it was new."""
        if tid in self.taken and at - self.taken[tid] < self.window:
            return False
        self.taken[tid] = at
        self.delivered.update(ids)
        return True

    def catch_up(self, now: float) -> None:
        """Commit what was delayed until now."""
        due = sorted(entry for entry in self.waiting if entry[0] <= now)
        self.waiting = [entry for entry in self.waiting if entry[0] > now]
        for at, tid, ids in due:
            self.take(at, tid, ids)


class World:
    """One seed: a faulty server, a transport to it, and a run that may be stopped on the way."""

    def __init__(self, seed: int, *, lossy_close: bool, window: float, policy: RetryPolicy) -> None:
        self.rng = random.Random(seed)  # noqa: S311 -- a seed
        self.clock = FakeClock()
        self.clock.advance(self.rng.uniform(0, 1e6))
        self.ledger = Ledger(window)
        self.lossy_close = lossy_close
        self.personality = self.rng.choice(PERSONALITIES)
        self.fault_rate = self.rng.choice([0.0, 0.1, 0.4, 0.8])
        self.odd_time = self.rng.random() < 0.5
        self.requests = 0
        never = 10**9
        self.revoked_from = self.rng.choice([never, never, never, self.rng.randint(1, 30)])
        self.drained_at = self.rng.choice([never, never, self.rng.randint(1, 30)])
        self.cancelled_at = self.rng.choice([never, never, self.rng.randint(1, 30)])
        self.scope = anyio.CancelScope()
        self.run: FanOut
        self.session = Session(
            self,
            tokens=Tokens(api=Secret("token", "api_token")),
            limiter=RateLimiter(self.rng.choice([None, RateLimit()])),
            policy=policy,
            timeout=TIMEOUT,
            clock=self.clock,
            hooks=Quiet(),
            rng=self.rng,
        )
        self.template = template(Notification(content="Hi"))

    async def send(self, chunk: Chunk, guard: ChunkGuard) -> MessageResult:
        """Send a chunk through the real session."""
        notification = self.template.splice("users", chunk.encoded, chunk.transaction_id)
        body = envelope(Target("application", "AAAAA-BBBBB"), (notification,))
        call = Call(CREATE_MESSAGE, body, (chunk.transaction_id,), decode_messages)
        return await self.session.call(call, guard=guard)

    # -- the transport --------------------------------------------------------------------------

    async def acquire(self) -> "World":
        """Give a connection: there is always one."""
        await anyio.lowlevel.checkpoint()
        return self

    def release(self) -> None:
        """Take it back."""

    async def aclose(self) -> None:
        """Nothing is kept."""

    async def post(
        self, post: Post, *, may_hand_over: Callable[[], bool], settle: Callable[[Exchange], T]
    ) -> T:
        """Make an attempt that is ours once it is handed over."""
        self.requests += 1
        self.interfere()
        try:
            await anyio.lowlevel.checkpoint()
        except anyio.get_cancelled_exc_class():
            settle(Failure(False, "cancelled"))
            raise
        if self.rng.random() < self.fault_rate / 4:
            return settle(Failure(False, "refused"))
        self.waste_time()
        if not may_hand_over():
            return settle(Failure(False, "gate closed"))
        exchange = self.exchange(json.loads(b"".join(post.body.pieces(post.token))))
        try:
            await anyio.lowlevel.checkpoint()
        except anyio.get_cancelled_exc_class():
            if not (self.lossy_close and self.rng.random() < 0.5):
                settle(exchange)
            raise
        return settle(exchange)

    def interfere(self) -> None:
        """Stop the run when its time has come."""
        if self.requests == self.drained_at:
            self.run.drain()
        if self.requests == self.cancelled_at:
            self.scope.cancel()

    def waste_time(self) -> None:
        """Be slow to connect; now and then be suspended, or have the wall clock set."""
        self.clock.advance(self.rng.choice([0.0, 0.01, 0.3, 5.0]))
        if self.odd_time and self.rng.random() < 0.1:
            self.clock.advance(self.rng.uniform(0, 400))
        if self.odd_time and self.rng.random() < 0.05:
            self.clock.step_wall(self.rng.choice([-3600.0, -10.0, 10.0, 3600.0]))

    # -- the server -----------------------------------------------------------------------------

    def exchange(self, request: dict[str, Any]) -> Exchange:
        """Answer a request that was handed over, or lose it on one of many ways."""
        (notification,) = request["request"]["notifications"]
        tid, ids = notification["transactionId"], notification["users"]
        handed_over_at = self.clock.monotonic()
        fault = self.rng.random() < self.fault_rate
        if self.requests >= self.revoked_from:
            return answer(401, {"status_code": 401})
        if fault and self.rng.random() < 0.3:
            return self.lost_before()
        if fault and self.rng.random() < 0.4:
            due = handed_over_at + self.rng.uniform(0, LATEST_COMMIT)
            self.ledger.waiting.append((due, tid, ids))
            self.clock.advance(TIMEOUT)
            return Failure(True, "no answer")
        self.clock.advance(self.rng.choice([0.01, 0.2, 10.0]))
        self.ledger.catch_up(self.clock.monotonic())
        reply = self.process(tid, ids)
        return self.lost_after() if fault else reply

    def process(self, tid: str, ids: list[str]) -> Exchange:
        """Send once, refuse what is bad, answer a repeat in the server's way."""
        if any(name.startswith("bad") for name in ids):
            return answer(200, {"status_code": 210, "status_message": "No notifications"})
        if self.ledger.take(self.clock.monotonic(), tid, ids) or self.personality == "same":
            return answer(200, {"status_code": 200, "response": {"Messages": ["AB-CD"]}})
        if self.personality == "empty":
            return answer(200, {"status_code": 200, "response": {"Messages": []}})
        if self.personality == "210":
            return answer(200, {"status_code": 210, "status_message": "Duplicate"})
        return answer(409, {})

    def lost_before(self) -> Exchange:
        """Fail without having processed anything."""
        return self.rng.choice(
            [
                Failure(True, "reset"),
                answer(500, {"status_code": 500}),
                answer(503, {}, {"retry-after": str(self.rng.randint(0, 400))}),
                answer(429, {}, {"retry-after": str(self.rng.randint(0, 200))}),
                answer(200, {"status_code": 429}),
            ]
        )

    def lost_after(self) -> Exchange:
        """Fail with everything processed."""
        return self.rng.choice(
            [
                Failure(True, "reset"),
                answer(502, {}),
                answer(408, {}),
                Answered(Reply(200, {}, b'{"status_code": 2'), handed_over=True),
                Answered(Reply(200, {}, b"<html>"), handed_over=True),
                answer(200, {"status_code": 500}),
            ]
        )


def answer(status: int, body: object, headers: dict[str, str] | None = None) -> Exchange:
    """Write an answer."""
    return Answered(Reply(status, headers or {}, json.dumps(body).encode()), handed_over=True)


@define
class Result:
    """What came of a seed."""

    world: World
    source: list[str]
    report: SendReport
    told: list[ChunkOutcome]


async def live(seed: int, *, lossy_close: bool, window: float, policy: RetryPolicy) -> Result:
    """Live one seed to its end."""
    world = World(seed, lossy_close=lossy_close, window=window, policy=policy)
    rng = world.rng
    source = [f"u{index}" for index in range(rng.choice([0, 1, 7, 30, 60, 150]))]
    for index in range(len(source)):
        if rng.random() < 0.02:
            source[index] = rng.choice([f"bad{index}", " "])
    run = world.run = fan_out(
        source,
        world.send,
        clock=world.clock,
        chunk_size=rng.choice([5, 12, 25]),
        concurrency=rng.choice([1, 2, 5]),
        on_rejected=rng.choice(["report", "report", "stop"]),
        invalid="drop",
        refusals_are_clean=rng.random() < 0.8,
        window=lambda size: policy.window_for(TIMEOUT, size),
    )
    told: list[ChunkOutcome] = []
    with world.scope:
        try:
            if rng.random() < 0.5:
                await run
            else:
                async with run:
                    async for outcome in run:
                        told.append(outcome)  # noqa: PERF401 -- what was told before a cancellation counts
        except RunStoppedError:
            pass
    world.ledger.catch_up(float("inf"))
    return Result(world, source, run.report, told)


def assert_labels_are_true(result: Result) -> None:
    """G2: accepted was accepted, rejected and not_sent were not."""
    report, source = result.report, result.source
    assert_adds_up(report, len(source))
    got = set(result.world.ledger.delivered)
    unsure, refused = (
        {name for chunk in chunks for name in source[chunk.start : chunk.stop] if name != " "}
        for chunks in (report.in_doubt_chunks, report.rejected_chunks)
    )
    left = [name for start, stop in report.not_sent_ranges for name in source[start:stop]]
    # A blank that was read is invalid; one that was not is not known to be.
    assert len(left) - left.count(" ") <= report.not_sent <= len(left)
    assert not set(left) & (got | unsure | refused)
    assert len(unsure) == report.in_doubt
    assert len(refused) == report.rejected
    assert not refused & got
    assert len(got - unsure) == report.accepted
    for outcome in result.told:
        if outcome.outcome == "accepted":
            assert set(outcome.ids) <= got
        elif outcome.outcome != "in_doubt":
            assert not set(outcome.ids) & got


def most_deliveries(result: Result) -> int:
    """Return how often the luckiest user got it."""
    return max(result.world.ledger.delivered.values(), default=0)


def lives(
    backend: str,
    seeds: range,
    check: Callable[[Result], None],
    *,
    window: float = 300.0,
    policy: RetryPolicy | None = None,
) -> None:
    """Live many seeds; a failed check names its own."""

    async def main() -> None:
        for seed in seeds:
            result = await live(
                seed,
                lossy_close=backend == "trio",  # where waiting for an answer takes no real time
                window=window,
                policy=policy or RetryPolicy(),
            )
            try:
                check(result)
            except AssertionError as error:
                error.add_note(f"seed {seed} on {backend}")
                raise

    run_on(backend, main)


@pytest.mark.parametrize("batch", range(8))
@pytest.mark.parametrize("backend", BACKENDS)
def test_nobody_twice_and_every_label_true(backend: str, batch: int) -> None:
    """G1 and G2 under lost, late and repeated requests, suspends, clock steps, stops and cancels."""

    def check(result: Result) -> None:
        assert_labels_are_true(result)
        assert most_deliveries(result) <= 1

    start = batch * SEEDS_PER_BATCH
    lives(backend, range(start, start + SEEDS_PER_BATCH), check)


@pytest.mark.parametrize(
    ("window", "policy"),
    [(60.0, RetryPolicy()), (300.0, RetryPolicy(margin=0.0))],
    ids=["server forgets early", "no margin"],
)
def test_model_shows_what_the_rules_prevent(window: float, policy: RetryPolicy) -> None:
    """A server that forgets early, or a window without a margin, sends somebody a message twice."""
    most: list[int] = []

    def check(result: Result) -> None:
        most.append(most_deliveries(result))

    lives("asyncio", range(150), check, window=window, policy=policy)
    assert max(most) > 1


def test_model_meets_every_label_and_every_server() -> None:
    """The seeds reach accepted, rejected, in doubt and not sent, and each way to answer a repeat."""
    seen: Counter[str] = Counter()

    def check(result: Result) -> None:
        report = result.report
        for label in ("accepted", "rejected", "in_doubt", "not_sent", "accepted_on_repeat"):
            seen[label] += getattr(report, label) > 0
        seen[result.world.personality] += report.retries > 0

    lives("asyncio", range(100), check)
    assert all(
        seen[key] >= 3
        for key in ("accepted", "rejected", "in_doubt", "not_sent", "accepted_on_repeat")
    ), seen
    assert all(seen[personality] for personality in PERSONALITIES), seen
