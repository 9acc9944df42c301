"""How does a command ask the API about a journal's run? Progress while it asks, and its end told apart."""

from collections.abc import Awaitable, Callable

import anyio

from pushwoosh_async import OutcomeEvent, PushwooshClient
from pushwoosh_async.cli.connection import connection
from pushwoosh_async.cli.display import Display, display
from pushwoosh_async.cli.journals import access_of, reading, run_of
from pushwoosh_async.cli.watching import Answer, Retrying, until_a_signal
from pushwoosh_async.cli.words import count


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
                return await until_a_signal(lambda: work(client))

    with reading():
        return anyio.run(ask)
