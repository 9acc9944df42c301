"""How often is a request tried again? A doubt until its window closes, anything else a few times only."""

from pushwoosh_async._transport.retry import Guard


class Patience:
    """A guard that gives up where nothing is in doubt: somebody waits, and what is sent late is of no use.

    Args:
        guard: what it stands before.
        most: attempts, while none of them is in doubt.
    """

    def __init__(self, guard: Guard, most: int) -> None:
        self._guard = guard
        self._left = most

    @property
    def in_doubt(self) -> bool:
        """See `Guard`."""
        return self._guard.in_doubt

    async def before_attempt(self) -> None:
        """Count it."""
        self._left -= 1
        await self._guard.before_attempt()

    def may_repeat(self, after: float) -> bool:
        """See `Guard`."""
        return (self._left > 0 or self.in_doubt) and self._guard.may_repeat(after)

    def may_hand_over(self) -> bool:
        """See `Guard`."""
        return self._guard.may_hand_over()

    def record(self, outcome: object) -> None:
        """See `Guard`."""
        self._guard.record(outcome)
