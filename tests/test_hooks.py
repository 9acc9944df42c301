"""Who wants to know hears it: in order, in words, never a recipient; and may end what it hears of."""

import json
import logging
import random
from collections.abc import Callable
from typing import TypeVar

import attrs
import pytest

from pushwoosh_async import (
    AttemptEvent,
    Hooks,
    LoggingHooks,
    MessageResult,
    Notification,
    OutcomeEvent,
    PushwooshError,
    RetryEvent,
    RetryPolicy,
    ServerError,
    TransportError,
)
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.exchange import Answered, Exchange, Failure, Post
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Target, encode, envelope
from pushwoosh_async._wire.methods import CREATE_MESSAGE
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.testing import FakeClock

T = TypeVar("T")
Event = AttemptEvent | RetryEvent | OutcomeEvent


def answered(status: int, code: int | None = None) -> Answered:
    """A complete answer."""
    body = {} if code is None else {"status_code": code, "status_message": "canary-user says no"}
    return Answered(Reply(status, {}, json.dumps(body).encode()), handed_over=True)


OK = answered(200, 200)
LOST = Failure(handed_over=True, reason="reset")
REFUSED = Failure(handed_over=False, reason="refused")


class ScriptedTransport:
    """A transport whose attempts come to what a script says."""

    def __init__(self, *script: Exchange) -> None:
        self.script = list(script)
        self.taken = 0
        self.released = 0

    async def acquire(self) -> "ScriptedTransport":
        """Give the one slot there is."""
        self.taken += 1
        return self

    def release(self) -> None:
        """Take it back."""
        self.released += 1

    async def post(
        self, post: Post, *, may_hand_over: Callable[[], bool], settle: Callable[[Exchange], T]
    ) -> T:
        """Make the next attempt."""
        self.released += 1
        return settle(self.script.pop(0))

    async def aclose(self) -> None:
        """Keep nothing."""


class Listener(Hooks):
    """Writes down what it hears, and raises where asked."""

    def __init__(self, raise_at: type | None = None) -> None:
        self.raise_at = raise_at
        self.events: list[Event] = []

    def hear(self, event: Event) -> None:
        """Write it down."""
        self.events.append(event)
        if type(event) is self.raise_at:
            raise InterruptedError("hook")

    def on_attempt(self, event: AttemptEvent) -> None:
        """Hear."""
        self.hear(event)

    def on_retry(self, event: RetryEvent) -> None:
        """Hear."""
        self.hear(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Hear."""
        self.hear(event)


async def call(transport: ScriptedTransport, hooks: Hooks) -> MessageResult:
    """Make one createMessage call."""
    session = Session(
        transport,
        tokens=Tokens(api=Secret("canary-token", "api_token")),
        limiter=RateLimiter(None),
        policy=RetryPolicy(),
        timeout=30.0,
        clock=FakeClock(),
        hooks=hooks,
        rng=random.Random(1),  # noqa: S311 -- a seed
    )
    body = envelope(
        Target("application", "AAAAA-BBBBB"),
        [encode(Notification(content="canary-text", users=["canary-user"]), "tid")],
    )
    return await session.call(Call(CREATE_MESSAGE, body, ("tid",), decode_messages), max_attempts=4)


async def test_accepted_at_once() -> None:
    """One attempt and its outcome."""
    listener = Listener()
    await call(ScriptedTransport(OK), listener)
    attempt, outcome = listener.events
    assert attempt == AttemptEvent("createMessage", ("tid",), 1)
    assert outcome == OutcomeEvent("createMessage", ("tid",), "accepted", attempts=1, seconds=0.0)


async def test_accepted_after_failures() -> None:
    """Each retry is told after its attempt, with the delay and what became of it."""
    listener = Listener()
    await call(ScriptedTransport(REFUSED, LOST, OK), listener)
    kinds = [type(event) for event in listener.events]
    assert kinds == [AttemptEvent, RetryEvent] * 2 + [AttemptEvent, OutcomeEvent]
    attempts = [event.number for event in listener.events if isinstance(event, AttemptEvent)]
    retries = [event for event in listener.events if isinstance(event, RetryEvent)]
    assert attempts == [1, 2, 3]
    assert [(retry.number, retry.delivery) for retry in retries] == [
        (1, "not_sent"),
        (2, "in_doubt"),
    ]
    assert ["refused" in retries[0].reason, "reset" in retries[1].reason] == [True, True]
    outcome = listener.events[-1]
    assert isinstance(outcome, OutcomeEvent)
    assert (outcome.outcome, outcome.attempts) == ("accepted", 3)
    assert outcome.seconds == pytest.approx(sum(retry.delay for retry in retries))


@pytest.mark.parametrize(
    ("script", "delivery", "attempts"),
    [
        ([answered(200, 210)], "rejected", 1),
        ([answered(401)], "not_sent", 1),
        ([LOST] * 4, "in_doubt", 4),
        ([REFUSED] * 4, "not_sent", 4),
        ([LOST, REFUSED, REFUSED, REFUSED], "in_doubt", 4),
        ([LOST, answered(200, 210)], "in_doubt", 2),
    ],
)
async def test_failed(script: list[Exchange], delivery: str, attempts: int) -> None:
    """The outcome of a failed call is the error's own, over all its attempts together."""
    listener = Listener()
    with pytest.raises(PushwooshError) as caught:
        await call(ScriptedTransport(*script), listener)
    outcome = listener.events[-1]
    assert isinstance(outcome, OutcomeEvent)
    assert outcome.outcome == caught.value.delivery == delivery
    assert outcome.attempts == attempts
    assert outcome.reason == str(caught.value)


@pytest.mark.parametrize("kind", [AttemptEvent, RetryEvent, OutcomeEvent])
async def test_hook_that_raises_ends_its_call(kind: type) -> None:
    """Its own exception comes out, nothing more is sent, and the connection is free again."""
    transport = ScriptedTransport(LOST, OK)
    listener = Listener(raise_at=kind)
    with pytest.raises(InterruptedError, match="hook"):
        await call(transport, listener)
    assert type(listener.events[-1]) is kind
    made = {AttemptEvent: 0, RetryEvent: 1, OutcomeEvent: 2}[kind]
    assert len(transport.script) == 2 - made
    assert transport.taken == transport.released


async def test_events_name_nobody() -> None:
    """No event has a recipient, a text or the token in it, unless the server's own words do."""
    listener = Listener()
    await call(ScriptedTransport(REFUSED, LOST, OK), listener)
    for event in listener.events:
        assert "canary" not in f"{event!r} {attrs.asdict(event)}"


async def test_hooks_do_nothing_by_default() -> None:
    """A subclass overrides what it wants to hear, and no more."""

    class Deaf(Hooks):
        """Hears nothing."""

    assert (await call(ScriptedTransport(LOST, OK), Deaf())).message_codes == (None,)


async def test_logging_levels(caplog: pytest.LogCaptureFixture) -> None:
    """Attempts and successes at DEBUG, retries at INFO, failures at WARNING; no recipient, no token."""
    caplog.set_level(logging.DEBUG)
    await call(ScriptedTransport(LOST, OK), LoggingHooks())
    with pytest.raises((ServerError, TransportError)):
        await call(ScriptedTransport(REFUSED, REFUSED, REFUSED, LOST), LoggingHooks())
    levels = [
        record.levelno for record in caplog.records if record.name.startswith("pushwoosh_async")
    ]
    debug, info, warning = logging.DEBUG, logging.INFO, logging.WARNING
    assert levels == [debug, info, debug, debug, *([debug, info] * 3), debug, warning]
    assert "canary" not in caplog.text
    assert (
        "createMessage: attempt 1 failed (in_doubt, createMessage: reset); again in" in caplog.text
    )


async def test_logging_to_another_logger(caplog: pytest.LogCaptureFixture) -> None:
    """The caller may name the logger."""
    caplog.set_level(logging.DEBUG)
    await call(ScriptedTransport(OK), LoggingHooks(logging.getLogger("mine")))
    assert {record.name for record in caplog.records if record.levelno} >= {"mine"}
    assert "pushwoosh_async" not in {record.name for record in caplog.records}
