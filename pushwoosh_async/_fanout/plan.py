"""Recipients to chunks: which ids go together, under which transaction id. Pure, told pages of ids.

The same source is always cut the same way, however its pages fall: a resume depends on it.
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import field, frozen

from pushwoosh_async._wire.identity import RunIdentity, encode_ids, ids_digest
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.recipients import check_ids, id_fault

Kind: TypeAlias = Literal["users", "devices"]
InvalidPolicy: TypeAlias = Literal["raise", "drop"]

# A message to fewer gets no code and no place in the history [ES:512-520].
MIN_WITH_CODE = 10


@frozen
class Chunk:
    """One notification's worth of recipients.

    Attributes:
        path: its place in the run: ``"0"``, ``"1"``, ...
        start: input position of its first id.
        stop: input position after its last; what lies between and is not in `ids` was set aside.
        ids: whom it goes to.
        encoded: the ids as a JSON array.
        digest: sha256 of that.
        transaction_id: the same for every attempt.
    """

    path: str
    start: int
    stop: int
    ids: Sequence[str] = field(repr=lambda ids: f"<{len(ids)} ids>")
    encoded: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    transaction_id: str


class Planner:
    """Cuts a stream of ids. Holds one chunk back, so that a short tail can be filled up from it.

    Attributes:
        taken: ids seen.
        invalid: ids set aside because they break a rule.
        duplicates: ids set aside because they came before.
        kept: ids that are to be sent to.

    With `trusted`, the ids were checked before and are not checked again.
    """

    def __init__(
        self,
        identity: RunIdentity,
        kind: Kind,
        *,
        chunk_size: int,
        invalid: InvalidPolicy,
        dedupe: bool,
        trusted: bool = False,
    ) -> None:
        self._identity = identity
        self._kind = kind
        self._size = chunk_size
        self._policy = invalid
        self._seen: set[bytes] | None = set() if dedupe else None
        self._buffer: list[str] = []
        self._trusted = trusted
        self._cut = 0  # ids cut into chunks so far
        self._chunks = 0
        # (kept when it happened, set aside so far): what turns the k-th kept id into its position.
        self._set_aside: deque[tuple[int, int]] = deque([(0, 0)])
        self.taken = 0
        self.invalid = 0
        self.duplicates = 0
        self.kept = 0

    def feed(self, page: Sequence[str]) -> list[Chunk]:
        """Take a page of ids; return the chunks that are now certain.

        Raises:
            TypeError: an id is not a str.
            ConfigurationError: an id breaks a rule and the policy is to raise. The ids before it count
                as taken, and it as invalid.
        """
        if self._seen is None and self._all_valid(page):
            self._buffer += page
            self.taken += len(page)
            self.kept += len(page)
        else:
            self._sift(page)
        chunks = []
        # A full chunk is certain once the rest keeps its message code whatever follows.
        while len(self._buffer) >= self._size + MIN_WITH_CODE:
            chunks.append(self._next(self._size))
        return chunks

    def finish(self) -> list[Chunk]:
        """Return the chunks that remain when the source has ended."""
        chunks = []
        while self._buffer:
            chunks.append(self._next(self._last_size()))
        return chunks

    def _last_size(self) -> int:
        """Take a full chunk, or less where that saves the tail its message code."""
        tail = len(self._buffer) - self._size
        if 0 < tail < MIN_WITH_CODE and len(self._buffer) >= 2 * MIN_WITH_CODE:
            return len(self._buffer) - MIN_WITH_CODE
        return min(self._size, len(self._buffer))

    def _all_valid(self, page: Sequence[str]) -> bool:
        if self._trusted:
            return True
        try:
            check_ids(page, self._kind)
        except (TypeError, ConfigurationError):
            return False
        return True

    def _sift(self, page: Sequence[str]) -> None:
        """Take ids one by one, as something in the page is to be set aside."""
        for text in page:
            position = self.taken
            self.taken += 1
            fault = self._fault(text, position)
            if fault is not None:
                self.invalid += 1
                if self._policy == "raise" or isinstance(fault, TypeError):
                    raise fault
            elif self._is_repeated(text):
                self.duplicates += 1
            else:
                self._buffer.append(text)
                self.kept += 1
                continue
            if self._set_aside[-1][0] == self.kept and len(self._set_aside) > 1:
                self._set_aside.pop()  # a long stretch set aside is one entry
            self._set_aside.append((self.kept, self.invalid + self.duplicates))

    def _fault(self, text: object, position: int) -> TypeError | ConfigurationError | None:
        where = f"{self._kind}[{position}]"
        if type(text) is not str:
            return TypeError(f"{where}: expected a str, got {type(text).__name__}")
        fault = id_fault(text)
        return None if fault is None else ConfigurationError(f"{where}: {fault}")

    def _is_repeated(self, text: str) -> bool:
        if self._seen is None:
            return False
        # 128 bits: among 10 million ids the chance of one false match is 1 in 10**25.
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False

    def _next(self, size: int) -> Chunk:
        ids = self._buffer[:size]
        del self._buffer[:size]
        start = self._position(self._cut)
        encoded = self._encode(ids)
        digest = ids_digest(encoded)
        path = str(self._chunks)
        self._chunks += 1
        self._cut += size
        return Chunk(
            path=path,
            start=start,
            stop=self._position(self._cut) if self._buffer else self.taken,
            ids=ids,
            encoded=encoded,
            digest=digest,
            transaction_id=self._identity.transaction_id(path, digest),
        )

    def _encode(self, ids: Sequence[str]) -> bytes:
        try:
            return encode_ids(ids)
        except TypeError:
            offset, kind = next(
                (i, type(text)) for i, text in enumerate(ids) if type(text) is not str
            )
        where = f"{self._kind}[{self._position(self._cut + offset)}]"
        raise TypeError(f"{where}: expected a str, got {kind.__name__}")

    def _position(self, ordinal: int) -> int:
        """Return the input position of the kept id of this ordinal; asked in rising order."""
        while len(self._set_aside) > 1 and self._set_aside[1][0] <= ordinal:
            self._set_aside.popleft()
        return ordinal + self._set_aside[0][1]
