"""May it be tried again, and when? RetryPolicy, the Guard protocol, and the only home of tenacity."""

import random
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import tenacity
from attrs import field, frozen

from pushwoosh_async._clock import Clock
from pushwoosh_async._window import Exposure, Window
from pushwoosh_async.errors import (
    APIError,
    ConfigurationError,
    PushwooshError,
    RateLimitedError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)

T = TypeVar("T")

_LONGEST = 1e9  # seconds: thirty years


def _number(_: object, attribute: Any, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"retry.{attribute.name}: expected a number, got {type(value).__name__}")
    if not 0 <= value < _LONGEST:
        raise ConfigurationError(
            f"retry.{attribute.name}: must be 0 or more, and below {_LONGEST:g}"
        )


def _attempts(_: object, __: object, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"retry.max_attempts: expected an int, got {type(value).__name__}")
    if value < 1:
        raise ConfigurationError("retry.max_attempts: must be at least 1")


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how long to try again.

    Attributes:
        max_attempts: of a single call, the first included. A chunk of a fan-out is repeated until its
            window closes, and what was certainly not sent until the run's deadline.
        base_delay: seconds; the n-th retry waits a random time up to ``base_delay * 2 ** (n - 1)``.
        max_delay: seconds; the most that a retry waits by itself. A server's Retry-After (read up to 300
            seconds) is waited out on top; a doubt whose window would not outlast it ends at once.
        window: seconds the server remembers a transactionId: 300 [ES:72]. Lower it to be more careful;
            higher is refused.
        margin: seconds after which no request that we gave up can still be committed. At 60 a model
            doubled 37 of 100,000 sends when 1 % of requests were committed 60 to 135 seconds late; at
            120, none.
    """

    max_attempts: int = field(default=4, validator=_attempts)
    base_delay: float = field(default=0.5, validator=_number)
    max_delay: float = field(default=20.0, validator=_number)
    window: float = field(default=300.0, validator=_number)
    margin: float = field(default=120.0, validator=_number)

    def __attrs_post_init__(self) -> None:
        if self.window > 300.0:
            raise ConfigurationError("retry.window: the server remembers an id for 300 seconds")

    def window_for(self, timeout: float, size: int) -> Window:
        """Return the window of a request: its attempt takes a second more for each MB of body.

        Raises:
            ConfigurationError: no repeat would ever fit.
        """
        attempt = timeout + size / 1_000_000
        if attempt + self.margin >= self.window:
            raise ConfigurationError(
                f"timeout: {attempt:g} s for an attempt and retry.margin {self.margin:g} s "
                f"must stay below retry.window {self.window:g} s"
            )
        return Window(length=self.window, attempt=attempt, margin=self.margin)

    def backoff(self, failed: int, rng: random.Random) -> float:
        """Return the seconds to wait after `failed` attempts: full jitter, capped."""
        # 2.0 ** 64 is far past any cap; a larger exponent would overflow after a long outage.
        return rng.uniform(0.0, min(self.max_delay, self.base_delay * 2.0 ** min(failed - 1, 64)))


def is_repeatable(error: PushwooshError, *, doubts_too: bool) -> bool:
    """Tell whether trying again could help, and could not send twice.

    A positive list of our own types (jd/tenacity#529): what is not on it is final.

    Args:
        error: how an attempt failed.
        doubts_too: a repeat of what may have been processed does no harm.
    """
    if error.delivery == "in_doubt" and not doubts_too:
        return False
    if isinstance(error, TransportError):
        return not error.permanent
    return isinstance(error, (RateLimitedError, ServerError, UnexpectedResponseError))


def asked_delay(error: PushwooshError) -> float:
    """Return the seconds that the server asked to wait."""
    return (error.retry_after or 0.0) if isinstance(error, APIError) else 0.0


class Guard(Protocol):
    """What a session asks around an attempt: the only window rule, with or without a journal."""

    @property
    def in_doubt(self) -> bool:
        """Whether an attempt so far may have been delivered."""

    async def before_attempt(self) -> None:
        """Make the intent durable; start t0, or keep it. No byte leaves before this returns."""

    def may_repeat(self, after: float) -> bool:
        """Tell whether another attempt may begin `after` seconds from now."""

    def may_hand_over(self) -> bool:
        """Tell whether a piece of the body may leave now. Asked immediately before each."""

    def record(self, outcome: object) -> None:
        """Take the outcome of an attempt: a result, or one of our errors. Never waits."""


class FreeGuard:
    """The guard of a call that repeats freely: it only remembers whether anything is in doubt."""

    def __init__(self) -> None:
        self.in_doubt = False

    async def before_attempt(self) -> None:
        """Nothing to keep: no window opens."""

    def may_repeat(self, after: float) -> bool:  # noqa: ARG002 -- the protocol's
        """See `Guard`."""
        return True

    def may_hand_over(self) -> bool:
        """See `Guard`."""
        return True

    def record(self, outcome: object) -> None:
        """Learn whether anything is in doubt."""
        if isinstance(outcome, PushwooshError) and outcome.delivery == "in_doubt":
            self.in_doubt = True


class CallGuard:
    """The guard of a single call, in memory."""

    def __init__(self, clock: Clock, window: Window) -> None:
        self._clock = clock
        self._window = window
        self._exposure = Exposure()

    @property
    def in_doubt(self) -> bool:
        """See `Guard`."""
        return self._exposure.in_doubt

    async def before_attempt(self) -> None:
        """Start t0, or keep it."""
        self._exposure = self._exposure.intend(self._clock.stamp(), self._window)

    def may_repeat(self, after: float) -> bool:
        """See `Guard`."""
        return self._exposure.may_repeat(self._clock.stamp(), self._window, after=after)

    def may_hand_over(self) -> bool:
        """See `Guard`."""
        return self._exposure.may_hand_over(self._clock.stamp(), self._window)

    def record(self, outcome: object) -> None:
        """Learn whether t0 still counts, and whether anything is in doubt."""
        if not isinstance(outcome, PushwooshError):
            return
        if outcome.delivery == "in_doubt":
            self._exposure = self._exposure.doubted()
        elif isinstance(outcome, RateLimitedError):
            self._exposure = self._exposure.throttled()
        else:
            self._exposure = self._exposure.unsent()


async def repeat(
    first: PushwooshError,
    attempt: Callable[[int], Awaitable[T]],
    *,
    delay_after: Callable[[PushwooshError, int], float | None],
    sleep: Callable[[float], Awaitable[None]],
) -> T:
    """Try again after a first failure, until success or a final failure.

    Entered after the first failure only: a tenacity loop around every call costs 80 us.

    Args:
        first: how the first attempt failed.
        attempt: makes the attempt of that number, 2 or more; raises one of our errors on failure.
        delay_after: told a failure and its attempt's number, returns the seconds to wait, or None if
            that failure is final.
        sleep: waits.

    Raises:
        PushwooshError: the last failure.
    """
    delay: float | None = None

    def wait(state: tenacity.RetryCallState) -> float:
        nonlocal delay
        error = state.outcome.exception() if state.outcome else None
        delay = (
            delay_after(error, state.attempt_number) if isinstance(error, PushwooshError) else None
        )
        return delay or 0.0

    async def replay_then_attempt() -> T:
        number = loop.statistics["attempt_number"]
        if number == 1:
            raise first
        return await attempt(number)

    loop = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(PushwooshError),
        wait=wait,
        stop=lambda _: (
            delay is None
        ),  # tenacity waits first and stops second, both before it sleeps
        sleep=sleep,
        reraise=True,
    )
    return await loop(replay_then_attempt)
