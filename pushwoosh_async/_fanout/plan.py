"""Recipients to chunks: which ids go together, under which transaction id. Pure, told pages of ids.

The same source is always cut the same way, however its pages fall: a resume depends on it.
"""

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from pushwoosh_async._wire.identity import RunIdentity, encode_ids, ids_digest
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.recipients import check_ids, id_fault

Kind: TypeAlias = Literal["users", "devices"]
InvalidPolicy: TypeAlias = Literal["raise", "drop"]
TellAside: TypeAlias = Callable[[int, Literal["invalid", "duplicate"]], None]

# A message to fewer gets no code and no place in the history [ES:512-520].
MIN_WITH_CODE = 10


@frozen
class Chunk:
    """One notification's worth of recipients.

    Attributes:
        path: its name in the run: ``"0"``, ``"1"``, ...; ``"17.0"`` and ``"17.1"`` are the halves of
            ``"17"``, and ``"17#1"`` is its first successor.
        start: input position of its first id.
        stop: input position after its last; what lies between and is not in `ids` was set aside.
        ids: whom it goes to.
        encoded: the ids as a JSON array.
        digest: sha256 of that.
        transaction_id: the same for every attempt.
        parent: path of the chunk that it stands for; empty for one that was cut from the source.
        invalid: inputs from `start` to `stop` set aside because they break a rule; 0 where it has a parent.
        duplicates: those set aside because they came before; 0 where it has a parent.
        aside: where: pairs of an index into `ids` and how many were set aside just before that id.
    """

    path: str
    start: int
    stop: int
    ids: Sequence[str] = field(repr=lambda ids: f"<{len(ids)} ids>")
    encoded: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    transaction_id: str
    parent: str = ""
    invalid: int = 0
    duplicates: int = 0
    aside: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    def position(self, index: int) -> int:
        """Return the input position of its id of this index."""
        before = sum(count for at, count in self.aside if at <= index)
        return self.start + index + before


class Planner:
    """Cuts a stream of ids. Holds one chunk back, so that a short tail can be filled up from it.

    Attributes:
        identity: of the run; what every transactionId hangs on.
        taken: ids seen.
        invalid: ids set aside because they break a rule.
        duplicates: ids set aside because they came before.
        kept: ids that are to be sent to.

    With `trusted`, the ids were checked before and are not checked again. `tell_aside` is told the input
    position of each id that is set aside, and why.
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
        tell_aside: TellAside | None = None,
    ) -> None:
        self.identity = identity
        self._kind = kind
        self._size = chunk_size
        self._policy = invalid
        self._seen: set[bytes] | None = set() if dedupe else None
        self._buffer: list[str] = []
        self._trusted = trusted
        self._tell_aside = tell_aside
        self._cut = 0  # ids cut into chunks so far
        self._chunks = 0
        # What was set aside before the k-th kept id: what turns k into its position.
        self._set_aside: deque[_Aside] = deque([_Aside(0, 0, 0)])
        self.taken = 0
        self.invalid = 0
        self.duplicates = 0
        self.kept = 0

    def adopt(self, run_id: str) -> None:
        """Go on with a run that was begun before: to be called before the first chunk is cut."""
        self.identity = evolve(self.identity, run_id=uuid.UUID(run_id))

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
            if self._tell_aside is not None:
                self._tell_aside(position, "duplicate" if fault is None else "invalid")
            if self._set_aside[-1].kept == self.kept and len(self._set_aside) > 1:
                self._set_aside.pop()  # a long stretch set aside is one entry
            self._set_aside.append(_Aside(self.kept, self.invalid, self.duplicates))

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
        encoded = self._encode(ids)
        first, self._cut = self._cut, self._cut + size
        self._forget(first)
        before = self._set_aside[0]
        aside = self._asides(first, before.total)
        self._forget(self._cut)
        # What follows the last chunk is set aside behind it.
        after = self._set_aside[0 if self._buffer else -1]
        digest = ids_digest(encoded)
        path = str(self._chunks)
        self._chunks += 1
        return Chunk(
            path=path,
            start=first + before.total,
            stop=self._cut + after.total,
            ids=ids,
            encoded=encoded,
            digest=digest,
            transaction_id=self.identity.transaction_id(path, digest),
            invalid=after.invalid - before.invalid,
            duplicates=after.duplicates - before.duplicates,
            aside=aside,
        )

    def _asides(self, first: int, total: int) -> tuple[tuple[int, int], ...]:
        """Return what was set aside inside the chunk whose first id has this ordinal."""
        found = []
        for each in islice(self._set_aside, 1, None):
            if each.kept >= self._cut:
                break
            found.append((each.kept - first, each.total - total))
            total = each.total
        return tuple(found)

    def _encode(self, ids: Sequence[str]) -> bytes:
        try:
            return encode_ids(ids)
        except TypeError:
            offset, kind = next(
                (i, type(text)) for i, text in enumerate(ids) if type(text) is not str
            )
        ordinal = self._cut + offset
        self._forget(ordinal)
        where = f"{self._kind}[{ordinal + self._set_aside[0].total}]"
        raise TypeError(f"{where}: expected a str, got {kind.__name__}")

    def _forget(self, ordinal: int) -> None:
        """Leave, first in line, what was set aside before the kept id of this ordinal."""
        while len(self._set_aside) > 1 and self._set_aside[1].kept <= ordinal:
            self._set_aside.popleft()


@frozen
class _Aside:
    kept: int  # ids kept when it happened
    invalid: int  # set aside so far
    duplicates: int

    @property
    def total(self) -> int:
        return self.invalid + self.duplicates


def halves(chunk: Chunk, identity: RunIdentity) -> tuple[Chunk, Chunk]:
    """Cut a chunk of two ids or more in two, each with an id of its own."""
    middle = (len(chunk.ids) + 1) // 2
    border = chunk.position(middle)
    left = tuple(each for each in chunk.aside if each[0] < middle)
    right = tuple((at - middle, count) for at, count in chunk.aside if at > middle)
    return (
        _descendant(
            chunk, f"{chunk.path}.0", identity, slice(0, middle), (chunk.start, border), left
        ),
        _descendant(
            chunk, f"{chunk.path}.1", identity, slice(middle, None), (border, chunk.stop), right
        ),
    )


def successor(chunk: Chunk, identity: RunIdentity) -> Chunk:
    """Return the chunk that stands for another: the same ids under a fresh id, ``"17#1"`` for ``"17"``."""
    name, mark, number = chunk.path.rpartition("#")
    again = f"{name}#{int(number) + 1}" if mark and number.isdigit() else f"{chunk.path}#1"
    return _descendant(chunk, again, identity, slice(None), (chunk.start, chunk.stop), chunk.aside)


def _descendant(
    chunk: Chunk,
    path: str,
    identity: RunIdentity,
    which: slice,
    place: tuple[int, int],
    aside: tuple[tuple[int, int], ...],
) -> Chunk:
    ids = chunk.ids[which]
    encoded = encode_ids(ids)
    digest = ids_digest(encoded)
    return Chunk(
        path=path,
        start=place[0],
        stop=place[1],
        ids=ids,
        encoded=encoded,
        digest=digest,
        transaction_id=identity.transaction_id(path, digest),
        parent=chunk.path,
        aside=aside,
    )
