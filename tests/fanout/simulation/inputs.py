"""Who is sent what? The ids of a scenario, alone or in notifications, from one source or another."""

import random
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

from pushwoosh_async import Notification
from pushwoosh_async._fanout.journal import Record
from simulation.dice import Scenario

BLANK = " "
CONTENT = "Hi"  # of a run that sends the same to all
OWN = "own-"  # how transactionIds begin that the caller gave

Ids = Sequence[str | None]  # None: left out


class BrokenSourceError(Exception):
    """A source that cannot go on."""


@frozen
class Part:
    """One notification of a source that has many.

    Attributes:
        start: input position of its first id.
        stop: input position after its last.
        kind: of its ids.
        content: what it says.
        own_id: the transactionId that the caller gave it; None for none.
    """

    start: int
    stop: int
    kind: str
    content: str
    own_id: str | None

    def notification(self, ids: Ids, content: str) -> Notification | None:
        """Return it with these ids and content; nothing if nobody is left."""
        audience = [text for text in ids[self.start : self.stop] if text is not None]
        if not audience:
            return None
        if self.kind == "users":
            return Notification(content=content, transaction_id=self.own_id, users=audience)
        return Notification(content=content, transaction_id=self.own_id, devices=audience)


class Inputs:
    """The ids, and what is known of them.

    Attributes:
        ids: by input position.
        kept: positions of those that are to be sent to: no blank, and none that came before.
        bad: ids that the server refuses.
    """

    def __init__(self, scenario: Scenario) -> None:
        rng = random.Random(f"{scenario.seed} inputs")  # noqa: S311 -- a seed
        short = rng.choice([0, 0, rng.randrange(scenario.chunk_size)])
        count = max(scenario.chunks * scenario.chunk_size - short, 0)
        self._parts = _parts(scenario, count, rng) if scenario.each else []
        self.ids = [f"u{position}" for position in range(count)]
        for part in self._parts:
            self.ids[part.start : part.stop] = (
                f"{part.kind[0]}{position}" for position in range(part.start, part.stop)
            )
        self.bad = {text for text in self.ids if rng.random() < scenario.bad}
        self.kept = set(range(count))
        self._sized = scenario.sized
        self._in_pages = rng.random() < 0.5
        for position in range(1, count):
            if rng.random() < scenario.odd:
                self._spoil(position, rng, dedupe=scenario.dedupe)

    def _spoil(self, position: int, rng: random.Random, *, dedupe: bool) -> None:
        """Put a blank in the place of an id, or one that came before: of a user, or of a device."""
        before = self.ids[rng.randrange(position)]
        repeated = dedupe and rng.random() < 0.5 and before[0] == self.ids[position][0]
        self.ids[position] = before if repeated else BLANK
        self.kept.discard(position)

    def source(self, broken: random.Random | None = None) -> Any:
        """Return them as a list, or as something that does not say how many they are.

        `broken` are the dice that say where it breaks; None where it does not.
        """
        items = self._items(self.ids)
        if self._sized and broken is None:
            return items
        breaks_at = None if broken is None else broken.randrange(len(items) + 1)
        return _stream(items, breaks_at, 3 if self._in_pages else 1)

    def _items(self, ids: Ids, other: Part | None = None) -> list[Any]:
        """Return these ids as a run takes them; with another content for one of the notifications."""
        if not self._parts:
            return [text for text in ids if text is not None]
        each = (
            part.notification(ids, f"{part.content}{'!' if part is other else ''}")
            for part in self._parts
        )
        return [notification for notification in each if notification is not None]

    def has(self, notification: Mapping[str, Any]) -> bool:
        """Tell whether this is what its recipients, as they are on the wire, shall get."""
        kind = "users" if "users" in notification else "devices"
        ids = notification[kind]
        part = self._part_at(int(ids[0][1:]))
        if part is None:
            return kind == "users" and notification["content"] == CONTENT
        alike = kind == part.kind and notification["content"] == part.content
        return alike and set(ids) <= set(self.ids[part.start : part.stop])

    def own_id_at(self, position: int) -> str | None:
        """Return the transactionId that the caller gave the notification there; None for none."""
        part = self._part_at(position)
        return None if part is None else part.own_id

    def _part_at(self, position: int) -> Part | None:
        found = (part for part in self._parts if part.start <= position < part.stop)
        return next(found, None)

    def changed(self, rows: Collection[Record], rng: random.Random) -> Collection[Any]:
        """Return another source than the one that the journal knows."""
        row = rng.choice(list(rows))
        kept = [position for position in range(row.start, row.stop) if position in self.kept]
        first, last, ids = kept[0], kept[-1], self.ids
        ways: list[Callable[[], list[Any]]] = [
            lambda: self._items([*ids[: row.start], *([None] * (len(ids) - row.start))]),
            lambda: self._items([*ids[:last], f"{ids[last]}x", *ids[last + 1 :]]),
            lambda: self._items([*ids[:first], None, *ids[first + 1 :]]),
        ]
        part = self._part_at(first)
        if part is not None:
            ways.append(lambda: self._items(ids, part))
        return rng.choice(ways)()


def _parts(scenario: Scenario, count: int, rng: random.Random) -> list[Part]:
    """Draw the notifications that hold so many ids together."""
    parts: list[Part] = []
    while (start := parts[-1].stop if parts else 0) < count:
        stop = min(start + rng.randint(1, scenario.chunk_size + rng.choice([0, 0, 3])), count)
        own = stop - start <= scenario.chunk_size and rng.random() < 0.2
        parts.append(
            Part(
                start,
                stop,
                kind=rng.choice(["users", "devices"]),
                content=rng.choice(["Hi", f"Hello {start}", "*" * rng.randint(1, 200)]),
                own_id=f"{OWN}{start}" if own else None,
            )
        )
    return parts


async def _stream(items: list[Any], breaks_at: int | None, page: int) -> AsyncIterator[Any]:
    for start in range(0, len(items) + 1, page):
        if breaks_at is not None and breaks_at < start + page:
            for item in items[start:breaks_at]:
                yield item
            raise BrokenSourceError
        if page > 1:
            yield items[start : start + page]
        elif start < len(items):
            yield items[start]
