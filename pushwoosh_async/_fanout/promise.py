"""Is what is sent what was planned? The source is surveyed first, and every chunk held against that."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.survey import DIGEST, Survey, digest_of
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import ConfigurationError


class Promise:
    """A planner that cuts what was planned and nothing else: see `AnyPlanner`."""

    def __init__(
        self, planner: AnyPlanner, promised: str, survey: Callable[[], Awaitable[Survey]]
    ) -> None:
        self.sieve = planner.sieve
        self._planner = planner
        self._promised = promised
        self._survey = survey
        self._digests = b""
        self._cut = 0

    async def check(self) -> None:
        """Read the source once, before anything of it is sent.

        Raises:
            ConfigurationError: it is not what was planned.
        """
        found = await self._survey()
        if found.hash != self._promised:
            raise ConfigurationError(
                f"plan: this send is {found.hash}, not {self._promised}: other recipients, order, chunk "
                "size, message, application or address; nothing was sent"
            )
        self._digests = bytes(found.digests)

    @property
    def identity(self) -> RunIdentity:
        """See `AnyPlanner`."""
        return self._planner.identity

    def adopt(self, run_id: str) -> None:
        """See `AnyPlanner`."""
        self._planner.adopt(run_id)

    def ids_of(self, page: Sequence[Any]) -> Sequence[str]:
        """See `AnyPlanner`."""
        return self._planner.ids_of(page)

    def feed(self, page: Sequence[Any]) -> list[Chunk]:
        """See `AnyPlanner`.

        Raises:
            ConfigurationError: the source is not what it was when it was surveyed.
        """
        return self._kept(self._planner.feed(page))

    def finish(self) -> list[Chunk]:
        """See `AnyPlanner`.

        Raises:
            ConfigurationError: the source is not what it was when it was surveyed.
        """
        chunks = self._kept(self._planner.finish())
        if self._cut * DIGEST != len(self._digests):
            raise ConfigurationError(
                "plan: the recipients are fewer than a moment before, when the source was held against the "
                "plan: it is being changed"
            )
        return chunks

    def _kept(self, chunks: list[Chunk]) -> list[Chunk]:
        for chunk in chunks:
            at = self._cut * DIGEST
            if self._digests[at : at + DIGEST] != digest_of(chunk):
                raise ConfigurationError(
                    f"plan: recipients {chunk.start} to {chunk.stop} are others than a moment before, when "
                    "the source was held against the plan: it is being changed"
                )
            self._cut += 1
        return chunks
