"""How is a source cut again as a run cut it, and is each piece the one that its journal knows?"""

import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from math import inf
from typing import cast

from attrs import evolve

from pushwoosh_async._fanout.chunks import Chunk, Kind, Message, halves, successor
from pushwoosh_async._fanout.journal import EVERY_CHUNK, Ending, Record, RunFacts
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.plan_each import RECIPIENTS, EachPlanner
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.sieve import InvalidPolicy, TellAside
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._wire.encode import Template
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async.errors import InputChangedError

_LOST = "its record was lost with a damaged journal"


def planner_of(facts: RunFacts, *, tell_aside: TellAside | None = None) -> AnyPlanner:
    """Return a planner that cuts a source as this run cut it, and names its chunks alike."""
    target = facts.application if facts.application is not None else facts.applications_group
    identity = RunIdentity(uuid.UUID(facts.run_id), facts.base_url, target or "")
    invalid = cast(InvalidPolicy, facts.invalid)
    if facts.kind == RECIPIENTS:
        return EachPlanner(
            identity,
            chunk_size=facts.chunk_size,
            invalid=invalid,
            dedupe=facts.dedupe,
            tell_aside=tell_aside,
        )
    return Planner(
        identity,
        Message(cast(Kind, facts.kind), Template.of(facts.template_digest, facts.notification)),
        chunk_size=facts.chunk_size,
        invalid=invalid,
        dedupe=facts.dedupe,
        tell_aside=tell_aside,
    )


def check_source(found: RunFacts, fingerprint: str, total: int | None) -> None:
    """Refuse another source than the run's, as far as can be told before it is read.

    Args:
        found: the run.
        fingerprint: of the source that is given now; empty where it has none.
        total: ids in it; None where it has no length.

    Raises:
        InputChangedError: it is another one.
    """
    if found.fingerprint and fingerprint and found.fingerprint != fingerprint:
        raise InputChangedError("the file of recipients", found.fingerprint, fingerprint)
    if None not in (found.total, total) and found.total != total:
        raise InputChangedError("number of recipients", found.total, total)


class Families:
    """The records of a journal, read beside the chunks of a source that is cut again.

    A family is what was cut from the source as one chunk, and what stands for it since.
    """

    def __init__(self, pages: AsyncGenerator[Sequence[Record], None], *, salvaged_to: int) -> None:
        self._families = _families(pages)
        self._salvaged_to = salvaged_to
        self._next: list[Record] = []
        self._compared = -1

    async def begin(self) -> bool:
        """Read the first record; tell whether there is anything to compare."""
        await self._advance()
        return not self.over

    @property
    def over(self) -> bool:
        """Whether every record was compared."""
        return not self._next and self._compared >= self._salvaged_to

    async def of(self, chunk: Chunk) -> list[Record]:
        """Return the family of the next chunk of the source, parents first; none if it has none.

        Raises:
            InputChangedError: it is not the chunk that the journal knows.
            JournalError: the journal cannot be read on.
        """
        self._compared = int(chunk.path)
        if not self._next or self._next[0].root != self._compared:
            return []
        family = self._next
        check_chunk(chunk, family[0])
        await self._advance()
        return family

    def is_lost(self, chunk: Chunk) -> bool:
        """Tell whether a chunk without a family may have had one, in a damaged journal."""
        return int(chunk.path) <= self._salvaged_to

    def finish(self) -> None:
        """The source has ended.

        Raises:
            InputChangedError: the journal knows of more.
        """
        if self._next or self._compared < self._salvaged_to < EVERY_CHUNK:
            stop = self._next[0].stop if self._next else f"chunk {self._salvaged_to}"
            raise InputChangedError("recipients", f"at least {stop}", "a source that ended before")

    async def aclose(self) -> None:
        """Stop reading."""
        await self._families.aclose()

    async def _advance(self) -> None:
        self._next = await anext(self._families, [])


async def _families(
    pages: AsyncGenerator[Sequence[Record], None],
) -> AsyncGenerator[list[Record], None]:
    try:
        family: list[Record] = []
        async for page in pages:
            for record in page:
                if family and record.root != family[0].root:
                    yield family
                    family = []
                family.append(record)
        if family:
            yield family
    finally:
        await pages.aclose()


def chunks_of(root: Chunk, family: Sequence[Record], identity: RunIdentity) -> dict[str, Chunk]:
    """Return the chunks of a family by path, made from the one that was cut from the source.

    Raises:
        InputChangedError: one is not the one that the journal knows.
    """
    chunks = {root.path: root}
    for record in family:
        if record.parent:
            chunks[record.path] = _descendant(chunks[record.parent], record, identity)
    return chunks


def _descendant(parent: Chunk, record: Record, identity: RunIdentity) -> Chunk:
    if record.path == parent.path + record.path[-2:] and record.path[-2] == ".":
        chunk = halves(parent, identity)[int(record.path[-1])]
    else:
        chunk = successor(parent, identity)
    check_chunk(chunk, record)
    return chunk


class LostRecords:
    """Puts records of chunks in doubt where a damaged journal has lost some, told those that are left.

    Where the chunks lay is a guess if ids were set aside among them.
    """

    def __init__(self, facts: RunFacts, ending: Ending | None, salvaged_to: int) -> None:
        self._size = facts.chunk_size
        # Of notifications that differ nobody can tell how large they were: one each, if nothing bounds it.
        self._unbounded = 1 if facts.kind == RECIPIENTS else facts.chunk_size
        self._salvaged_to = salvaged_to
        self._end = facts.total if facts.total is not None else ending.taken if ending else None
        self._root = 0
        self._start = 0

    def before(self, record: Record) -> Iterator[Record]:
        """Yield what was lost before a record; asked of each, in the order of the input."""
        if record.root < self._root:
            return  # it stands for one that was seen, and lies inside it
        roots = range(self._root, min(record.root, self._salvaged_to + 1))
        yield from self._lost(roots, record.start)
        self._root, self._start = record.root + 1, record.stop

    def behind(self) -> Iterator[Record]:
        """Yield what was lost behind the last."""
        # With neither bound nobody can tell how many there were: they are in no count.
        if self._end is not None or self._salvaged_to < EVERY_CHUNK:
            end = inf if self._end is None else self._end
            yield from self._lost(range(self._root, self._salvaged_to + 1), end)

    def _lost(self, roots: range, end: float) -> Iterator[Record]:
        for root in roots:
            if self._start >= end:
                return
            size = self._unbounded if end == inf else self._size
            stop = self._start + int(min(size, end - self._start))
            yield Record(
                path=str(root),
                start=self._start,
                stop=stop,
                recipients=stop - self._start,
                digest=b"",
                transaction_id="",
                life=lost_life(),
            )
            self._start = stop


def lost_life() -> Life:
    """Return how a chunk stands whose record was lost: it may have been delivered."""
    doubted = Life(exposure=Life().exposure.doubted())
    return evolve(doubted, state=State.EXPIRED, reason=_LOST)


def check_chunk(chunk: Chunk, record: Record) -> None:
    """Compare a chunk with its record.

    Raises:
        InputChangedError: it is not the one that the journal knows.
    """
    where = f"recipients {record.start} to {record.stop}"
    given = (chunk.start, chunk.stop)
    if given != (record.start, record.stop):
        raise InputChangedError(where, where, f"recipients {given[0]} to {given[1]}")
    if chunk.digest != record.digest:
        raise InputChangedError(
            where, f"ids of digest {record.digest.hex()}", f"ids of digest {chunk.digest.hex()}"
        )
    if chunk.message.content != record.content:
        raise InputChangedError(
            where, f"content {record.content}", f"content {chunk.message.content}"
        )
    if chunk.transaction_id != record.transaction_id:
        raise InputChangedError(
            where, f"transactionId {record.transaction_id}", chunk.transaction_id
        )
