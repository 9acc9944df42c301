"""May it be tried again, and when: the table, the delays, the loop."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, get_args

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    Delivery,
    FilterError,
    FilterSyntaxError,
    InputChangedError,
    InvalidRequestError,
    JournalError,
    JournalLockedError,
    PushwooshError,
    QueueFullError,
    RateLimitedError,
    RedirectError,
    RetryPolicy,
    RunStoppedError,
    SendReport,
    ServerError,
    TransportError,
    UnexpectedResponseError,
    errors,
)
from pushwoosh_async._transport.retry import asked_delay, is_repeatable, repeat
from pushwoosh_async._window import Window
from pushwoosh_async.testing import FakeClock

REPEATABLE: set[type[PushwooshError]] = {
    TransportError,
    RateLimitedError,
    ServerError,
    UnexpectedResponseError,
}
FINAL: set[type[PushwooshError]] = {
    APIError,
    AuthenticationError,
    FilterError,
    InputChangedError,
    InvalidRequestError,
    JournalError,
    JournalLockedError,
    PushwooshError,
    QueueFullError,
    RedirectError,
}


KINDS = sorted(REPEATABLE | FINAL, key=lambda kind: kind.__name__)


def make(kind: type[PushwooshError], delivery: Delivery, **more: Any) -> PushwooshError:
    """Make an error of a class."""
    if issubclass(kind, InputChangedError):
        changed = kind("why", expected=1, found=2)
        changed.delivery = delivery
        return changed
    if issubclass(kind, APIError):
        more = {"http_status": 500, **more}
    return kind("why", delivery=delivery, **more)


def test_the_table_covers_the_tree() -> None:
    """Every class of ours is either worth another try or final."""
    ours = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PushwooshError)
    }
    assert ours == REPEATABLE | FINAL | {
        ConfigurationError,
        FilterSyntaxError,
        RunStoppedError,
    }


@pytest.mark.parametrize("has_id", [True, False])
@pytest.mark.parametrize("delivery", get_args(Delivery))
@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_repeated(kind: type[PushwooshError], delivery: Delivery, has_id: bool) -> None:
    """Our own transient classes; and nothing in doubt without a transaction id."""
    expected = kind in REPEATABLE and (has_id or delivery != "in_doubt")
    assert is_repeatable(make(kind, delivery), doubts_too=has_id) is expected


@pytest.mark.parametrize("has_id", [True, False])
def test_what_is_never_repeated(has_id: bool) -> None:
    """A wrong value, a stopped run and a permanent fault stay what they are."""
    for final in (
        ConfigurationError("x"),
        RunStoppedError("x", report=SendReport()),
        TransportError("x", permanent=True, delivery="not_sent"),
        TransportError("x", permanent=True),
    ):
        assert not is_repeatable(final, doubts_too=has_id)


def test_asked_delay_is_what_the_server_named() -> None:
    """Zero where it named nothing, or never answered."""
    assert asked_delay(make(RateLimitedError, "not_sent", retry_after=7.5)) == 7.5
    assert asked_delay(make(ServerError, "in_doubt")) == 0.0
    assert asked_delay(TransportError("x")) == 0.0


numbers = st.floats(0, 1e6)


@given(numbers, numbers, st.integers(1, 10**6), st.integers())
@example(0.5, 20.0, 10**9, 0)
@example(0.0, 0.0, 1, 0)
def test_backoff_is_jittered_below_its_caps(
    base: float, longest: float, failed: int, seed: int
) -> None:
    """From zero to base * 2 ** (n - 1), and never above max_delay."""
    policy = RetryPolicy(base_delay=base, max_delay=longest)
    delay = policy.backoff(failed, random.Random(seed))  # noqa: S311 -- a seed
    assert 0 <= delay <= longest
    assert failed > 60 or delay <= base * 2 ** (failed - 1)


@pytest.mark.parametrize(
    ("failed", "ceiling"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 20.0), (99, 20.0)]
)
def test_backoff_uses_its_whole_range(failed: int, ceiling: float) -> None:
    """Full jitter: the least is near zero, the most near the ceiling, the mean in the middle."""
    rng = random.Random(1)  # noqa: S311 -- a seed
    delays = [RetryPolicy().backoff(failed, rng) for _ in range(2000)]
    assert max(delays) <= ceiling
    assert min(delays) < 0.01 * ceiling
    assert max(delays) > 0.99 * ceiling
    assert sum(delays) / 2000 == pytest.approx(ceiling / 2, rel=0.05)


Script = list[PushwooshError | str]


class Attempts:
    """Attempts that come to what a script says, and remember their numbers."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.numbers: list[int] = []

    async def __call__(self, number: int) -> str:
        """Make the next."""
        self.numbers.append(number)
        outcome = self.script[len(self.numbers) - 1]
        if isinstance(outcome, PushwooshError):
            raise outcome
        return outcome


class Delays:
    """Delays by a list; None after its end. Remembers what it was told."""

    def __init__(self, *delays: float) -> None:
        self.delays = delays
        self.told: list[tuple[PushwooshError, int]] = []

    def __call__(self, error: PushwooshError, failed: int) -> float | None:
        """Say how long to wait."""
        self.told.append((error, failed))
        return self.delays[failed - 1] if failed <= len(self.delays) else None


async def test_loop_sleeps_and_numbers_exactly() -> None:
    """One sleep before each further attempt, numbered from 2, until success."""
    clock, delays = FakeClock(), Delays(1.5, 0.0, 20.0)
    first, second, third = (TransportError(f"failure {n}") for n in (1, 2, 3))
    attempts = Attempts([second, third, "result"])
    result = await repeat(first, attempts, delay_after=delays, sleep=clock.sleep)
    assert result == "result"
    assert attempts.numbers == [2, 3, 4]
    assert clock.sleeps == [1.5, 0.0, 20.0]
    assert delays.told == [(first, 1), (second, 2), (third, 3)]


async def test_final_failure_is_the_last_one_itself() -> None:
    """When there is no further delay, the newest failure is raised, the same object."""
    clock, last = FakeClock(), ServerError("last", http_status=500)
    with pytest.raises(ServerError) as caught:
        await repeat(
            TransportError("first"), Attempts([last]), delay_after=Delays(1.0), sleep=clock.sleep
        )
    assert caught.value is last
    assert clock.sleeps == [1.0]


async def test_first_failure_may_be_final() -> None:
    """No delay, no sleep, no attempt: the first failure itself."""
    clock, first, attempts = FakeClock(), TransportError("first"), Attempts([])
    with pytest.raises(TransportError) as caught:
        await repeat(first, attempts, delay_after=Delays(), sleep=clock.sleep)
    assert caught.value is first
    assert (attempts.numbers, clock.sleeps) == ([], [])


@given(st.lists(st.floats(0, 300), max_size=40))
def test_loop_is_as_long_as_its_delays(planned: list[float]) -> None:
    """However many delays are granted, so many attempts are made, each after its own."""

    async def main() -> None:
        clock, delays = FakeClock(), Delays(*planned)
        attempts = Attempts([TransportError(str(n)) for n in range(len(planned))])
        with pytest.raises(TransportError):
            await repeat(TransportError("x"), attempts, delay_after=delays, sleep=clock.sleep)
        assert clock.sleeps == planned
        assert attempts.numbers == list(range(2, len(planned) + 2))

    anyio.run(main)


class ForeignError(Exception):
    """Somebody else's."""


class Exit(BaseException):
    """What no retry may swallow."""


@pytest.mark.parametrize(
    "foreign", [ForeignError("x"), asyncio.CancelledError("x"), Exit("x"), KeyboardInterrupt()]
)
async def test_what_is_not_ours_passes_through_untouched(foreign: BaseException) -> None:
    """Cancellation and foreign errors end the loop at once, the same object, no sleep after."""
    clock, delays = FakeClock(), Delays(1.0, 1.0, 1.0)
    made = 0

    async def attempt(number: int) -> str:
        nonlocal made
        made += 1
        raise foreign

    with pytest.raises(type(foreign)) as caught:
        await repeat(TransportError("x"), attempt, delay_after=delays, sleep=clock.sleep)
    assert caught.value is foreign
    assert (made, clock.sleeps) == (1, [1.0])


@pytest.mark.parametrize("foreign", [ForeignError("x"), asyncio.CancelledError("x")])
async def test_sleep_may_be_interrupted(foreign: BaseException) -> None:
    """What a sleep raises ends the loop before another attempt."""
    attempts = Attempts([])

    async def sleep(seconds: float) -> None:
        raise foreign

    with pytest.raises(type(foreign)) as caught:
        await repeat(TransportError("x"), attempts, delay_after=Delays(1.0), sleep=sleep)
    assert caught.value is foreign
    assert attempts.numbers == []


async def test_hook_may_end_the_loop() -> None:
    """What the question for a delay raises is raised, not retried."""

    def delay_after(error: PushwooshError, failed: int) -> float | None:
        raise ForeignError("hook")

    with pytest.raises(ForeignError):
        await repeat(
            TransportError("x"), Attempts(["r"]), delay_after=delay_after, sleep=FakeClock().sleep
        )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancellation_while_sleeping_ends_the_loop(backend: str) -> None:
    """A scope that is cancelled in a backoff is left at once, on either event loop."""

    async def main() -> None:
        attempts = Attempts([])

        async def run(sleep: Callable[[float], Awaitable[None]]) -> None:
            await repeat(TransportError("x"), attempts, delay_after=Delays(60.0), sleep=sleep)

        with anyio.CancelScope() as scope:

            async def sleep(seconds: float) -> None:
                scope.cancel()
                await anyio.sleep(seconds)

            await run(sleep)
        assert scope.cancelled_caught
        assert attempts.numbers == []

    anyio.run(main, backend=backend)


def test_defaults_are_the_designs() -> None:
    """Four attempts, half a second to twenty, 300 less 120."""
    policy = RetryPolicy()
    assert (policy.max_attempts, policy.base_delay, policy.max_delay) == (4, 0.5, 20.0)
    assert (policy.window, policy.margin) == (300.0, 120.0)


@pytest.mark.parametrize("name", ["base_delay", "max_delay", "window", "margin"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (-0.001, ConfigurationError),
        (float("inf"), ConfigurationError),
        (float("nan"), ConfigurationError),
        ("1", TypeError),
        (True, TypeError),
        (None, TypeError),
    ],
)
def test_wrong_seconds_are_refused(name: str, value: object, kind: type[Exception]) -> None:
    """Each must be a number from zero, finite; one sentence names the argument."""
    with pytest.raises(kind, match=rf"^retry\.{name}: [^\n]*$"):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(0, ConfigurationError), (-1, ConfigurationError), (1.5, TypeError), (True, TypeError)],
)
def test_wrong_attempts_are_refused(value: Any, kind: type[Exception]) -> None:
    """At least one, and whole."""
    with pytest.raises(kind, match=r"^retry\.max_attempts: [^\n]*$"):
        RetryPolicy(max_attempts=value)


def test_window_is_not_longer_than_the_servers() -> None:
    """300 seconds, and not a bit more."""
    assert RetryPolicy(window=300.0).window == 300.0
    with pytest.raises(ConfigurationError, match=r"^retry\.window: "):
        RetryPolicy(window=300.001)


@given(timeout=st.integers(1, 400), margin=st.integers(0, 400), megabytes=st.integers(0, 10))
def test_window_of_a_request_grows_with_its_body(timeout: int, margin: int, megabytes: int) -> None:
    """A second for each MB; refused where no repeat would ever fit."""
    policy = RetryPolicy(margin=margin)
    attempt = timeout + megabytes
    if attempt + margin >= 300:
        with pytest.raises(ConfigurationError, match=r"^timeout: "):
            policy.window_for(timeout, megabytes * 1_000_000)
        return
    found = policy.window_for(timeout, megabytes * 1_000_000)
    assert found == Window(length=300.0, attempt=attempt, margin=margin)
