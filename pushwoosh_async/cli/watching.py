"""How is a run watched? Progress while it goes, signals heard, and its end told apart."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

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
from pushwoosh_async.cli.display import Display

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
    drains: bool = True,
) -> Ending:
    """Let a run go to its end. The first SIGINT or SIGTERM drains it, the second cancels it.

    Args:
        run: not yet entered.
        shown: told of progress.
        retrying: the hooks of the client that runs it.
        on_outcome: told of each chunk that ends.
        drains: False where there is nothing to drain: then the first signal cancels.
    """
    error: Exception | None = None
    async with anyio.create_task_group() as helpers:
        with anyio.CancelScope() as scope:
            helpers.start_soon(_obey, run, scope, shown, drains)
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


async def _obey(run: FanOut, scope: anyio.CancelScope, shown: Display, drains: bool) -> None:
    """Hear two signals; after them the default handlers are back."""
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
