"""What does a run need of whoever cuts its source? The protocol of both planners. Pure."""

from collections.abc import Sequence
from typing import Any, Protocol

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.sieve import Sieve
from pushwoosh_async._wire.identity import RunIdentity


class AnyPlanner(Protocol):
    """Cuts the items of a source into chunks: `Planner` ids, `EachPlanner` notifications.

    Attributes:
        sieve: what has become of the recipients so far.
    """

    sieve: Sieve

    @property
    def identity(self) -> RunIdentity:
        """Of the run; what every transactionId hangs on."""

    def adopt(self, run_id: str) -> None:
        """Go on with a run that was begun before: to be called before the first chunk is cut."""

    def ids_of(self, page: Sequence[Any]) -> Sequence[str]:
        """Return the ids of a page of the source."""

    def feed(self, page: Sequence[Any]) -> list[Chunk]:
        """Take a page of the source; return the chunks that are now certain.

        Raises:
            TypeError: an item is not what the source should hold.
            ConfigurationError: one breaks a rule.
        """

    def finish(self) -> list[Chunk]:
        """Return the chunks that remain when the source has ended."""
