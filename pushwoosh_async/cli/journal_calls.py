"""How does a command ask the API about a journal's run? Progress while it asks, and its end told apart."""

import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from pushwoosh_async import OutcomeEvent, PushwooshClient
from pushwoosh_async.cli.complaints import complain
from pushwoosh_async.cli.connection import connection
from pushwoosh_async.cli.display import Display, display
from pushwoosh_async.cli.journals import access_of, reading, run_of
from pushwoosh_async.cli.watching import Retrying
from pushwoosh_async.cli.words import count

Answer = TypeVar("Answer")


class _Asked(Retrying):
    """Shows how many calls have come to an end."""

    def __init__(self, shown: Display) -> None:
        super().__init__()
        self._shown = shown
        self._calls = 0

    def on_outcome(self, event: OutcomeEvent) -> None:
        """Count it."""
        super().on_outcome(event)
        self._calls += 1
        failing = f", retrying: {self.newest}" if self.newest else ""
        self._shown.tell(f"{count(self._calls, 'call')} answered{failing}")


def ask_about(
    journal: str,
    work: Callable[[PushwooshClient], Awaitable[Answer]],
    *,
    label: str,
    token_file: str | None,
    timeout: float,
    quiet: bool,
) -> Answer | None:
    """Ask about a run, with the application and the address of its journal.

    Args:
        journal: path.
        work: what is asked.
        label: what is going on, in one word.
        token_file: where the token is.
        timeout: seconds for one attempt.
        quiet: show no progress.

    Returns:
        What `work` returns; None where a signal ended it.

    Raises:
        RefusedError: the journal cannot be used, or the API could not be asked.
    """
    # Whether there is anything to ask about is seen before a token is asked for.
    run = run_of(journal)
    reached = connection(token_file=token_file, timeout=timeout)

    async def ask() -> Answer | None:
        with display(label, quiet=quiet) as shown:
            asked = _Asked(shown)
            async with reached.open_client(hooks=asked, **access_of(run)) as client:
                return await _until_a_signal(work, client)

    with reading():
        return anyio.run(ask)


async def _until_a_signal(
    work: Callable[[PushwooshClient], Awaitable[Answer]], client: PushwooshClient
) -> Answer | None:
    """Do it; the first SIGINT or SIGTERM cancels it, the second is the default handler's."""
    answer, error = None, None
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_at_signal, group.cancel_scope)
        try:
            answer = await work(client)
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
