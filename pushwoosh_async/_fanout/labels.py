"""Who got it? Each input of a run's source, read once more, and what the journal says became of it."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from itertools import chain, repeat
from typing import Any, Literal, TypeAlias

import anyio.lowlevel
from attrs import field, frozen

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.intake import (
    Audience,
    Intake,
    Notifications,
    fingerprint_of,
    page_size_of,
    size_of,
)
from pushwoosh_async._fanout.journal import Ending, Record, RunFacts
from pushwoosh_async._fanout.recut import (
    Families,
    check_source,
    chunks_of,
    lost_life,
    planner_of,
)
from pushwoosh_async._fanout.state import REPLACED, replay
from pushwoosh_async.errors import InputChangedError
from pushwoosh_async.targeting.recipients import id_fault

RecipientOutcome: TypeAlias = Literal[
    "accepted", "rejected", "in_doubt", "not_sent", "invalid", "duplicate"
]


@frozen(kw_only=True)
class RecipientLabel:
    """What became of one input of a run.

    Attributes:
        id: the recipient's id, as the source gave it: personal data.
        position: where in the input it stands, from 0.
        outcome: ``"accepted"``, ``"rejected"``, ``"in_doubt"`` or ``"not_sent"`` as in a `SendReport`;
            ``"invalid"`` and ``"duplicate"`` for what was set aside.
        transaction_id: of its chunk; None where that was never begun, or the id was set aside.
        message_code: of its chunk, as the API named it; None where it named none.
        reason: why it was not accepted, for people; empty where it was, and where it was never begun.
        unknown: of accepted ids, whether the application does not know it; None where nobody can tell: the
            API named some of the chunk, and which was not stored.
    """

    id: str = field(repr=False)
    position: int
    outcome: RecipientOutcome
    transaction_id: str | None = None
    message_code: str | None = None
    reason: str = ""
    unknown: bool | None = None


async def labels(
    source: Audience | Notifications,
    facts: RunFacts,
    records: AsyncGenerator[Sequence[Record], None],
    *,
    ending: Ending | None,
    salvaged_to: int,
) -> AsyncGenerator[RecipientLabel, None]:
    """Label each input of a source once, in its order.

    A chunk's inputs are labelled once it was compared; until then they lie in memory, and what is set
    aside between them too.

    Args:
        source: what the run was given.
        facts: of the run.
        records: of the run, in pages, with ids where it stored them; closed at the end.
        ending: of its latest session.
        salvaged_to: see `Opened`.

    Raises:
        InputChangedError: it is not the source that the run was given. What was labelled before stands.
        ConfigurationError: an id breaks a rule, and the run was to end at such.
        TypeError: an id is not a str.
        JournalError: the journal cannot be read on.
    """
    families = Families(records, salvaged_to=salvaged_to)
    async with aclosing(families):
        check_source(facts, await fingerprint_of(source), size_of(source, facts.kind))
        labeller = _Labeller(facts, families, ending)
        await families.begin()
        async with aclosing(
            Intake(source, page_size_of(facts.kind, facts.chunk_size), kind=facts.kind).pages()
        ) as pages:
            async for page in pages:
                for chunk in labeller.cut(page):
                    for label in await labeller.labelled(chunk):
                        yield label
                await anyio.lowlevel.checkpoint()  # a list must not keep the loop to itself
        for chunk in labeller.last():
            for label in await labeller.labelled(chunk):
                yield label
        for label in labeller.rest():
            yield label


@frozen
class _Fate:
    """What became of the ids of one chunk."""

    outcome: RecipientOutcome
    transaction_id: str | None = None
    message_code: str | None = None
    reason: str = ""
    unknown: bool | None = None
    unknown_ids: frozenset[str] | None = None

    def label(self, text: str, position: int) -> RecipientLabel:
        named = self.unknown_ids
        return RecipientLabel(
            id=text,
            position=position,
            outcome=self.outcome,
            transaction_id=self.transaction_id,
            message_code=self.message_code,
            reason=self.reason,
            unknown=self.unknown if named is None else text in named,
        )


_NOT_BEGUN = _Fate("not_sent")
_DUPLICATE = _Fate("duplicate")
_KEPT, _MARKED_INVALID, _MARKED_DUPLICATE = range(3)


class _Labeller:
    """Cuts a source again, and holds what was read and not labelled yet."""

    def __init__(self, facts: RunFacts, families: Families, ending: Ending | None) -> None:
        self._planner = planner_of(facts, tell_aside=self._mark)
        self._families = families
        self._known_end = ending.taken if ending is not None and ending.complete else facts.total
        self._inputs: list[str] = []
        self._marks = bytearray()  # of each of them: kept, or why it was set aside
        self._first = 0  # position of the first of them

    def _mark(self, position: int, why: Literal["invalid", "duplicate"]) -> None:
        mark = _MARKED_INVALID if why == "invalid" else _MARKED_DUPLICATE
        self._marks[position - self._first] = mark

    def cut(self, page: Sequence[Any]) -> list[Chunk]:
        """Take a page of the source; return the chunks that are now certain."""
        ids = self._planner.ids_of(page)
        self._inputs += ids
        self._marks += bytes(len(ids))
        return self._planner.feed(page)

    def last(self) -> list[Chunk]:
        """The source has ended: return the chunks that remain."""
        return self._planner.finish()

    async def labelled(self, chunk: Chunk) -> Iterator[RecipientLabel]:
        """Compare the next chunk; return labels for its inputs, and for those set aside before it."""
        family = await self._families.of(chunk)
        if self._known_end is not None and chunk.stop > self._known_end:
            raise InputChangedError(_NUMBER, self._known_end, f"at least {chunk.stop}")
        return self._take(chunk.stop, self._fates(chunk, family))

    def rest(self) -> Iterator[RecipientLabel]:
        """Return labels for what comes behind the last chunk: all of it was set aside."""
        self._families.finish()
        if self._known_end is not None and self._known_end != self._planner.sieve.taken:
            raise InputChangedError(_NUMBER, self._known_end, self._planner.sieve.taken)
        return self._take(self._planner.sieve.taken, iter(()))

    def _fates(self, chunk: Chunk, family: Sequence[Record]) -> Iterator[_Fate]:
        """Return one for each id of the chunk."""
        if not family:
            fate = _LOST if self._families.is_lost(chunk) else _NOT_BEGUN
            return repeat(fate, chunk.count)
        chunks_of(chunk, family, self._planner.identity)
        standing = (each for each in family if each.life.state not in REPLACED)
        ordered = sorted(standing, key=lambda record: record.start)
        return chain.from_iterable(repeat(_fate_of(each), each.recipients) for each in ordered)

    def _take(self, stop: int, fates: Iterator[_Fate]) -> Iterator[RecipientLabel]:
        first, self._first = self._first, stop
        inputs, marks = self._inputs[: stop - first], self._marks[: stop - first]
        del self._inputs[: stop - first], self._marks[: stop - first]
        return _labels(zip(inputs, marks, strict=True), first, fates)


def _labels(
    inputs: Iterable[tuple[str, int]], first: int, fates: Iterator[_Fate]
) -> Iterator[RecipientLabel]:
    for position, (text, mark) in enumerate(inputs, first):
        if mark == _KEPT:
            fate = next(fates)
        elif mark == _MARKED_DUPLICATE:
            fate = _DUPLICATE
        else:
            fate = _Fate("invalid", reason=id_fault(text) or "")
        yield fate.label(text, position)


_NUMBER = "number of recipients"
_LOST = _Fate("in_doubt", reason=lost_life().reason)


def _fate_of(record: Record) -> _Fate:
    life = replay(record.life)
    unknown, unknown_ids = None, None
    if life.label == "accepted":
        if record.unknown in {0, record.recipients}:
            unknown = record.unknown > 0
        elif record.unknown_ids:
            unknown_ids = frozenset(record.unknown_ids)
    return _Fate(
        life.label,
        transaction_id=record.transaction_id,
        message_code=life.message_code,
        reason=life.reason,
        unknown=unknown,
        unknown_ids=unknown_ids,
    )
