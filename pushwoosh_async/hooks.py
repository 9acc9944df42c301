"""Who wants to know: callbacks around attempts, and hooks that log.

Hooks are synchronous and run on the event loop: keep them short. One that raises ends the call it was
told about, or stops the intake of a fan-out, which then drains; what was recorded before stays true.
Events never hold a body, a token or a recipient.
"""

import logging
from typing import Literal, TypeAlias

from attrs import frozen

from pushwoosh_async.errors import Delivery

Outcome: TypeAlias = Literal["accepted"] | Delivery


@frozen
class AttemptEvent:
    """One HTTP request is about to be made.

    Attributes:
        method: the API method, such as ``"createMessage"``.
        transaction_ids: of the notifications in it.
        number: 1 for the first attempt of the call.
    """

    method: str
    transaction_ids: tuple[str, ...]
    number: int


@frozen
class RetryEvent:
    """An attempt failed and another will follow.

    Attributes:
        method: the API method.
        transaction_ids: of the notifications in it; the next attempt carries the same.
        number: of the attempt that failed.
        delay: seconds until the next one, at least.
        delivery: what became of the failed attempt.
        reason: the error's text.
    """

    method: str
    transaction_ids: tuple[str, ...]
    number: int
    delay: float
    delivery: Delivery
    reason: str


@frozen
class OutcomeEvent:
    """A call is over.

    Attributes:
        method: the API method.
        transaction_ids: of the notifications in it.
        outcome: ``"accepted"``, or the error's `delivery`.
        attempts: how many were made.
        seconds: from the start of the call to now, waiting included.
        reason: the error's text; empty when accepted.
    """

    method: str
    transaction_ids: tuple[str, ...]
    outcome: Outcome
    attempts: int
    seconds: float
    reason: str = ""


class Hooks:
    """What the client calls. Subclass it and override what you need: each does nothing by default."""

    def on_attempt(self, event: AttemptEvent) -> None:
        """Hear that a request is about to be made."""

    def on_retry(self, event: RetryEvent) -> None:
        """Hear that an attempt failed and will be repeated."""

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Hear how a call ended."""


# Nothing is printed by a program that has not asked for logs.
logging.getLogger("pushwoosh_async").addHandler(logging.NullHandler())

_TROUBLE = 4


class LoggingHooks(Hooks):
    """Logs attempts at DEBUG, retries at INFO, failures at WARNING, to ``pushwoosh_async``."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger if logger is not None else logging.getLogger("pushwoosh_async")

    def on_attempt(self, event: AttemptEvent) -> None:
        """Log the attempt at DEBUG."""
        self._logger.debug("%s: attempt %d", event.method, event.number)

    def on_retry(self, event: RetryEvent) -> None:
        """Log the retry: at INFO, and at WARNING from the fourth on, which is no hiccup any more."""
        self._logger.log(
            logging.WARNING if event.number >= _TROUBLE else logging.INFO,
            "%s: attempt %d failed (%s, %s); again in %.1f s",
            event.method, event.number, event.delivery, event.reason, event.delay,
        )  # fmt: skip

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Log success at DEBUG, failure at WARNING."""
        level = logging.DEBUG if event.outcome == "accepted" else logging.WARNING
        self._logger.log(
            level, "%s: %s after %d attempt(s), %.3f s %s",
            event.method, event.outcome, event.attempts, event.seconds, event.reason,
        )  # fmt: skip
