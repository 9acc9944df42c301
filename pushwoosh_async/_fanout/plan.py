"""Recipients to chunks: which ids go together, under which transaction id. Pure, told pages of ids.

The same source is always cut the same way, however its pages fall: a resume depends on it.
"""

import uuid
from collections.abc import Sequence

from attrs import evolve

from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.sieve import InvalidPolicy, Origin, Sieve, TellAside
from pushwoosh_async._wire.identity import RunIdentity

# A message to fewer gets no code and no place in the history [ES:512-520].
MIN_WITH_CODE = 10


class Planner:
    """Cuts a stream of ids. Holds one chunk back, so that a short tail can be filled up from it.

    Attributes:
        identity: of the run; what every transactionId hangs on.
        sieve: what has become of the ids so far.
    """

    def __init__(
        self,
        identity: RunIdentity,
        message: Message,
        *,
        chunk_size: int,
        invalid: InvalidPolicy,
        dedupe: bool,
        trusted: bool = False,
        tell_aside: TellAside | None = None,
    ) -> None:
        self.identity = identity
        self.sieve = Sieve(invalid=invalid, dedupe=dedupe, trusted=trusted, tell_aside=tell_aside)
        self._message = message
        self._origin = Origin(message.kind, message.kind)
        self._size = chunk_size

    def adopt(self, run_id: str) -> None:
        """Go on with a run that was begun before: to be called before the first chunk is cut."""
        self.identity = evolve(self.identity, run_id=uuid.UUID(run_id))

    def ids_of(self, page: Sequence[str]) -> Sequence[str]:
        """Return the ids of a page of the source."""
        return page

    def feed(self, page: Sequence[str]) -> list[Chunk]:
        """Take a page of ids; return the chunks that are now certain.

        Raises:
            TypeError: an id is not a str.
            ConfigurationError: an id breaks a rule and the policy is to raise. The ids before it count
                as taken, and it as invalid.
        """
        self.sieve.take(page, self._origin)
        chunks = []
        # A full chunk is certain once the rest keeps its message code whatever follows.
        while len(self.sieve) >= self._size + MIN_WITH_CODE:
            chunks.append(self._next(self._size))
        return chunks

    def finish(self) -> list[Chunk]:
        """Return the chunks that remain when the source has ended."""
        chunks = []
        while len(self.sieve):
            chunks.append(self._next(self._last_size()))
        return chunks

    def _last_size(self) -> int:
        """Take a full chunk, or less where that saves the tail its message code."""
        left = len(self.sieve)
        if 0 < left - self._size < MIN_WITH_CODE and left >= 2 * MIN_WITH_CODE:
            return left - MIN_WITH_CODE
        return min(self._size, left)

    def _next(self, size: int) -> Chunk:
        return self.sieve.cut(size, self._message, self._origin, self.identity)
