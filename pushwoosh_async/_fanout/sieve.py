"""Which ids are kept, which set aside, and where in the input each lies. Pure, told pages of ids."""

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Literal, TypeAlias

from attrs import frozen

from pushwoosh_async._fanout.chunks import Chunk, Kind, Message, transaction_id
from pushwoosh_async._wire.identity import RunIdentity, encode_ids, ids_digest
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.recipients import check_ids, id_fault

InvalidPolicy: TypeAlias = Literal["raise", "drop"]
TellAside: TypeAlias = Callable[[int, Literal["invalid", "duplicate"]], None]


@frozen
class Origin:
    """Where ids come from, in the words of an error.

    Attributes:
        kind: of the ids.
        name: of the list that they are in.
        first: input position of that list's first.
    """

    kind: Kind
    name: str
    first: int = 0

    def where(self, position: int) -> str:
        """Name one of them by its place."""
        return f"{self.name}[{position - self.first}]"


class Sieve:
    """Keeps the ids that are to be sent to until they are cut off as chunks.

    Attributes:
        taken: ids seen.
        invalid: ids set aside because they break a rule.
        duplicates: ids set aside because they came before.
        kept: ids that are to be sent to.

    With `trusted`, the ids were checked before and are not checked again. `tell_aside` is told the input
    position of each id that is set aside, and why.
    """

    def __init__(
        self,
        *,
        invalid: InvalidPolicy,
        dedupe: bool,
        trusted: bool,
        tell_aside: TellAside | None,
    ) -> None:
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

    def __len__(self) -> int:
        """Return how many are kept and not cut off yet."""
        return len(self._buffer)

    def take(self, page: Sequence[str], origin: Origin) -> None:
        """Take ids.

        Raises:
            TypeError: one is not a str.
            ConfigurationError: one breaks a rule and the policy is to raise. The ids before it count
                as taken, and it as invalid.
        """
        if self._seen is None and self._all_valid(page, origin.kind):
            self._buffer += page
            self.taken += len(page)
            self.kept += len(page)
        else:
            self._sift(page, origin)

    def _all_valid(self, page: Sequence[str], kind: Kind) -> bool:
        if self._trusted:
            return True
        try:
            check_ids(page, kind)
        except (TypeError, ConfigurationError):
            return False
        return True

    def _sift(self, page: Sequence[str], origin: Origin) -> None:
        """Take ids one by one, as something in the page is to be set aside."""
        for text in page:
            position = self.taken
            self.taken += 1
            fault = _fault(text, position, origin)
            if fault is not None:
                self.invalid += 1
                if self._policy == "raise" or isinstance(fault, TypeError):
                    raise fault
            elif self._is_repeated(text, origin.kind):
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

    def _is_repeated(self, text: str, kind: Kind) -> bool:
        if self._seen is None:
            return False
        # 128 bits: among 10 million ids the chance of one false match is 1 in 10**25.
        digest = hashlib.blake2b(f"{kind} {text}".encode(), digest_size=16).digest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False

    def cut(
        self,
        size: int,
        message: Message,
        origin: Origin,
        identity: RunIdentity,
        own_id: str | None = None,
    ) -> Chunk:
        """Cut so many ids off, as the next chunk.

        Args:
            size: how many, 1 to ``len(self)``.
            message: what they are sent.
            origin: where they come from.
            identity: of the run.
            own_id: the transactionId that the caller gave; by default one is derived.

        Raises:
            TypeError: an id is not a str: where they were trusted, and their list was changed since.
        """
        ids = self._buffer[:size]
        del self._buffer[:size]
        encoded = self._encode(ids, origin)
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
            count=len(ids),
            encoded=encoded,
            digest=digest,
            transaction_id=own_id or transaction_id(identity, path, message, digest),
            message=message,
            own_id=own_id is not None,
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

    def _encode(self, ids: Sequence[str], origin: Origin) -> bytes:
        try:
            return encode_ids(ids)
        except TypeError:
            offset, kind = next(
                (i, type(text)) for i, text in enumerate(ids) if type(text) is not str
            )
        ordinal = self._cut + offset
        self._forget(ordinal)
        where = origin.where(ordinal + self._set_aside[0].total)
        raise TypeError(f"{where}: expected a str, got {kind.__name__}")

    def _forget(self, ordinal: int) -> None:
        """Leave, first in line, what was set aside before the kept id of this ordinal."""
        while len(self._set_aside) > 1 and self._set_aside[1].kept <= ordinal:
            self._set_aside.popleft()


def _fault(text: object, position: int, origin: Origin) -> TypeError | ConfigurationError | None:
    if type(text) is not str:
        return TypeError(f"{origin.where(position)}: expected a str, got {type(text).__name__}")
    fault = id_fault(text)
    return None if fault is None else ConfigurationError(f"{origin.where(position)}: {fault}")


@frozen
class _Aside:
    kept: int  # ids kept when it happened
    invalid: int  # set aside so far
    duplicates: int

    @property
    def total(self) -> int:
        return self.invalid + self.duplicates
