"""How is a run watched? Progress while it goes, signals heard, and its end told apart."""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio

from pushwoosh_async import (
    AttemptEvent,
    ChunkOutcome,
    FanOut,
    Hooks,
    OutcomeEvent,
    RetryEvent,
    SendReport,
)
from pushwoosh_async.cli.complaints import complain
from pushwoosh_async.cli.display import Display

Answer = TypeVar("Answer")

_REFRESH = 0.2

DRAINING = (
    "Stopping: nothing new is begun, what is under way goes on to its end. "
    "Again to cancel at once, which may leave people in doubt."
)
CANCELLING = "Cancelling."


class Retrying(Hooks):
    """Knows which calls have failed and are going to be repeated.

    It stands in the place of the hooks that log, whose lines would run through the progress bar.

    Attributes:
        begun: whether anything was asked of the API.
    """

    def __init__(self) -> None:
        self._failures: dict[tuple[str, ...], str] = {}
        self.begun = False

    def on_attempt(self, event: AttemptEvent) -> None:  # noqa: ARG002 -- the hook's
        """Note that something is asked."""
        self.begun = True

    def on_retry(self, event: RetryEvent) -> None:
        """Note the failure."""
        self._failures[event.transaction_ids] = event.reason

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Forget it: the call is over."""
        self._failures.pop(event.transaction_ids, None)

    @property
    def newest(self) -> str:
        """The failure noted last of those still being retried; empty for none."""
        return next(reversed(self._failures.values()), "")


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        report: what became of everybody, however it ended.
        error: what it raised.
        cancelled: a signal cut it off.
    """

    report: SendReport
    error: Exception | None
    cancelled: bool


async def watch(
    run: FanOut,
    shown: Display,
    retrying: Retrying,
    *,
    on_outcome: Callable[[ChunkOutcome], None] = lambda _: None,
) -> Ending:
    """Let a run go to its end. The first SIGINT or SIGTERM drains it, the second cancels it.

    Args:
        run: not yet entered.
        shown: told of progress.
        retrying: the hooks of the client that runs it.
        on_outcome: told of each chunk that ends.
    """
    error: Exception | None = None
    async with anyio.create_task_group() as helpers:
        with anyio.CancelScope() as scope:
            helpers.start_soon(_obey, run, scope, shown)
            helpers.start_soon(_refresh, run, shown, retrying)
            try:
                async with run:
                    async for outcome in run:
                        on_outcome(outcome)
            except Exception as raised:  # noqa: BLE001 -- told with the report, never instead of it
                error = raised
        shown.show(run.progress, retrying.newest)
        helpers.cancel_scope.cancel()
    return Ending(run.report, error, scope.cancelled_caught)


async def until_a_signal(work: Callable[[], Awaitable[Answer]]) -> Answer | None:
    """Do what has nothing to drain. The first SIGINT or SIGTERM cancels it, the second ends the process.

    Returns:
        What `work` returns; None where a signal ended it.
    """
    answer, error = None, None
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_at_signal, group.cancel_scope)
        try:
            answer = await work()
        except Exception as raised:  # noqa: BLE001 -- kept, as the group would wrap it
            error = raised
        group.cancel_scope.cancel()
    if error is not None:
        raise error
    return answer


async def _cancel_at_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            complain("cancelling")
            break
    scope.cancel()


async def _obey(run: FanOut, scope: anyio.CancelScope, shown: Display) -> None:
    """Hear two signals; after them the default handlers are back."""
    drains = True
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if not drains:
                break
            drains = False
            run.drain()
            shown.note(DRAINING)
    shown.note(CANCELLING)
    scope.cancel()


async def _refresh(run: FanOut, shown: Display, retrying: Retrying) -> None:
    while True:
        shown.show(run.progress, retrying.newest)
        await anyio.sleep(_REFRESH)
