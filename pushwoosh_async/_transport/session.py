"""One call to the API: slot, limiter, guard, gate, bytes; then the answer, and perhaps again.

The order matters: an intent never waits for the limiter or a backoff, else a kill would put every
queued chunk in doubt; and nothing waits between the gate and the bytes.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import anyio
from attrs import frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.exchange import Exchange, Failure, Post, Transport
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.retry import (
    CallGuard,
    FreeGuard,
    Guard,
    RetryPolicy,
    asked_delay,
    is_repeatable,
    repeat,
)
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._window import Window
from pushwoosh_async._wire.decode import Context
from pushwoosh_async._wire.encode import Body
from pushwoosh_async._wire.methods import Method
from pushwoosh_async._wire.reply import Reply
from pushwoosh_async.errors import (
    APIError,
    PushwooshError,
    RateLimitedError,
    TransportError,
)
from pushwoosh_async.hooks import AttemptEvent, Hooks, OutcomeEvent, RetryEvent

T = TypeVar("T")


@frozen
class Call(Generic[T]):
    """What is asked of the API.

    Attributes:
        method: which of its methods.
        body: the request without the token. Made once: a repeat sends the same bytes.
        transaction_ids: of the notifications in it. Without one, a method that does not repeat freely
            is never repeated once in doubt.
        decode: turns a reply into a result or an error.
        own_ids: whether one of them is the caller's, who may have used it before: a refusal may then be of
            the repeat.
    """

    method: Method
    body: Body
    transaction_ids: tuple[str, ...]
    decode: Callable[[Reply, Context], T | APIError]
    own_ids: bool = False

    @property
    def repeats_doubts(self) -> bool:
        """Whether what may have been processed can be repeated without harm."""
        return self.method.repeats_freely or bool(self.transaction_ids)


class Session:
    """Everything that the calls of one client share."""

    def __init__(
        self,
        transport: Transport,
        *,
        tokens: Tokens,
        limiter: RateLimiter,
        policy: RetryPolicy,
        timeout: float,
        clock: Clock,
        hooks: Hooks,
        rng: random.Random,
    ) -> None:
        self.policy = policy
        self.clock = clock
        self._transport = transport
        self._tokens = tokens
        self._limiter = limiter
        self._timeout = timeout
        self._hooks = hooks
        self._rng = rng
        # First attempts queue in the line; its head and every doubt queue at the door. So a doubt,
        # whose window runs, waits for one first attempt at most.
        self._line = anyio.Lock(fast_acquire=True)
        self._door = anyio.Lock(fast_acquire=True)

    def window(self, size: int) -> Window:
        """Return the window of a request of `size` bytes."""
        return self.policy.window_for(self._timeout, size)

    @property
    def rate(self) -> float:
        """Requests per second that the limiter allows now; `inf` without a limit."""
        return self._limiter.rate

    def held(self, now: float) -> float:
        """Return the seconds until a hold that the server asked for ends."""
        return self._limiter.held(now)

    def pause(self, error: PushwooshError, failed: int = 1) -> float:
        """Return the seconds to wait after a failure, the `failed`-th in a row."""
        return max(self.policy.backoff(failed, self._rng), asked_delay(error))

    async def call(
        self, call: Call[T], *, guard: Guard | None = None, max_attempts: int | None = None
    ) -> T:
        """Make a call, repeated as far as its guard and the policy allow.

        Args:
            call: what to ask.
            guard: around each attempt; by default one in memory.
            max_attempts: None for no limit but the guard's.

        Raises:
            ConfigurationError: the client was not given the token that the method needs.
            PushwooshError: how it ended; `delivery` speaks for all attempts together.
        """
        self._tokens.check(call.method)
        guard = guard or self._guard(call)
        try:
            return await self._call(call, guard, max_attempts)
        except PushwooshError as error:
            _keep_doubt(error, guard)  # of what stopped it before it could be repeated
            raise

    def _guard(self, call: Call[Any]) -> Guard:
        if call.method.repeats_freely:
            return FreeGuard()
        return CallGuard(self.clock, self.window(call.body.size))

    async def _call(self, call: Call[T], guard: Guard, max_attempts: int | None) -> T:
        started = self.clock.monotonic()
        number = 1

        async def attempt(n: int) -> T:
            nonlocal number
            number = n
            outcome = await self._attempt(call, guard, n)
            if isinstance(outcome, PushwooshError):
                raise outcome
            return outcome

        outcome = await self._attempt(call, guard, 1)
        if isinstance(outcome, PushwooshError):
            outcome = await self._repeat(call, guard, max_attempts, outcome, attempt)
        if isinstance(outcome, PushwooshError):
            _keep_doubt(outcome, guard)
            _doubt_refusal(outcome, call)
            _say_why_it_ends(outcome, call)
        self._report(call, started, number, outcome)
        if isinstance(outcome, PushwooshError):
            raise outcome
        return outcome

    async def _repeat(
        self,
        call: Call[T],
        guard: Guard,
        max_attempts: int | None,
        first: PushwooshError,
        attempt: Callable[[int], Awaitable[T]],
    ) -> T | PushwooshError:
        def delay_after(error: PushwooshError, failed: int) -> float | None:
            return self._delay(call, guard, max_attempts, error, failed)

        final: PushwooshError
        try:
            return await repeat(first, attempt, delay_after=delay_after, sleep=self.clock.sleep)
        except PushwooshError as error:
            final = error
        # Outside the block, so that the retry loop's own frames and exceptions are left behind.
        return final.with_traceback(None)

    def _delay(
        self,
        call: Call[Any],
        guard: Guard,
        max_attempts: int | None,
        error: PushwooshError,
        failed: int,
    ) -> float | None:
        """Return the seconds until the next attempt, or None if there shall be none."""
        if max_attempts is not None and failed >= max_attempts:
            return None
        if not is_repeatable(error, doubts_too=call.repeats_doubts):
            return None
        delay = self.pause(error, failed)
        if not guard.may_repeat(delay):
            return None
        self._hooks.on_retry(
            RetryEvent(
                method=call.method.name,
                transaction_ids=call.transaction_ids,
                number=failed,
                delay=delay,
                delivery=error.delivery,
                reason=str(error),
            )
        )
        return delay

    async def _attempt(self, call: Call[T], guard: Guard, number: int) -> T | PushwooshError:
        slot = await self._transport.acquire()
        posted = False
        try:
            await self._pay(call.method, urgent=guard.in_doubt)
            lesson = self._limiter.lesson if call.method.pays else None
            token = await self._tokens.resolve(
                call.method
            )  # after the waits: it may be renewed meanwhile
            try:
                await guard.before_attempt()
                self._hooks.on_attempt(AttemptEvent(call.method.name, call.transaction_ids, number))
                posted = True
            finally:
                if not posted:
                    guard.record(self._failed(call, Failure(False, "stopped before it was sent")))
        finally:
            if not posted:
                slot.release()
        timeout = self._timeout + call.body.size / 1_000_000
        return await slot.post(
            Post(call.method.path, call.body, token, timeout),
            may_hand_over=guard.may_hand_over,
            settle=lambda exchange: self._settle(call, guard, token, lesson, exchange),
        )

    async def _pay(self, method: Method, *, urgent: bool) -> None:
        """Wait for the limiter: a doubt first, all else in order of arrival."""
        if not method.pays:
            await self._wait(self._limiter.held)
        elif self._nobody_waits() and self._limiter.take(self.clock.monotonic()) <= 0:
            return
        elif urgent:
            async with self._door:
                await self._wait(self._limiter.take)
        else:
            async with self._line, self._door:
                await self._wait(self._limiter.take)

    def _nobody_waits(self) -> bool:
        return not (self._line.locked() or self._door.locked())

    async def _wait(self, ask: Callable[[float], float]) -> None:
        while (delay := ask(self.clock.monotonic())) > 0:
            await self.clock.sleep(delay)

    def _settle(
        self, call: Call[T], guard: Guard, token: Secret, lesson: int | None, exchange: Exchange
    ) -> T | PushwooshError:
        """Turn an exchange into an outcome, and record it: one step, no await in between."""
        outcome = self._outcome(call, token, exchange)
        guard.record(outcome)
        if isinstance(outcome, RateLimitedError):
            self._hold(outcome, lesson)
        elif lesson is not None and _was_let_through(outcome):
            self._limiter.accepted(lesson, self.clock.monotonic())
        return outcome

    def _hold(self, error: RateLimitedError, lesson: int | None) -> None:
        """Hold every caller: the limit is shared, so whoever went on would be refused too."""
        now, seconds = self.clock.monotonic(), self.policy.base_delay
        if lesson is not None:
            seconds = self._limiter.refused(lesson, now, seconds)
        if error.retry_after is not None:
            seconds = error.retry_after
        self._limiter.hold_until(now + seconds)

    def _outcome(self, call: Call[T], token: Secret, exchange: Exchange) -> T | PushwooshError:
        if isinstance(exchange, Failure):
            return self._failed(call, exchange)
        context = Context(
            method=call.method.name,
            transaction_ids=call.transaction_ids,
            redact=token.redact,
            now=self.clock.stamp().wall,
        )
        outcome = call.decode(exchange.reply, context)
        if exchange.handed_over:
            return outcome
        if isinstance(outcome, APIError):
            if outcome.delivery == "in_doubt":
                outcome.delivery = "not_sent"  # whatever it says, the server never had the request
            return outcome
        return self._failed(call, Failure(True, "acknowledged before all of it was sent"))

    def _failed(self, call: Call[Any], failure: Failure) -> TransportError:
        return TransportError(
            f"{call.method.name}: {failure.reason}",
            permanent=failure.permanent,
            delivery="in_doubt" if failure.handed_over else "not_sent",
            method=call.method.name,
            transaction_ids=call.transaction_ids,
        )

    def _report(self, call: Call[Any], started: float, attempts: int, outcome: object) -> None:
        error = outcome if isinstance(outcome, PushwooshError) else None
        self._hooks.on_outcome(
            OutcomeEvent(
                method=call.method.name,
                transaction_ids=call.transaction_ids,
                outcome=error.delivery if error else "accepted",
                attempts=attempts,
                seconds=self.clock.monotonic() - started,
                reason=str(error) if error else "",
            )
        )

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


def _was_let_through(outcome: object) -> bool:
    """Tell whether a request passed the limit: an answer of no came from behind it too."""
    return not isinstance(outcome, PushwooshError) or outcome.delivery == "rejected"


def _keep_doubt(error: PushwooshError, guard: Guard) -> None:
    """Let an error speak for all attempts: whatever the last one met, an earlier one may have landed."""
    if guard.in_doubt and error.delivery != "in_doubt":
        error.delivery = "in_doubt"
        error.add_note("An earlier attempt may have been delivered.")


def _doubt_refusal(error: PushwooshError, call: Call[Any]) -> None:
    """Do not believe a refusal that may be of a repeat."""
    if call.own_ids and error.delivery == "rejected":
        error.delivery = "in_doubt"
        error.add_note("Its transaction_id was given: if it was used before, that may be why.")


def _say_why_it_ends(error: PushwooshError, call: Call[Any]) -> None:
    if error.delivery == "in_doubt" and not call.repeats_doubts:
        reason = f"{call.method.name} knows no transactionId, so that a repeat could send twice"
        error.args = (f"{error}; not repeated: {reason}",)
