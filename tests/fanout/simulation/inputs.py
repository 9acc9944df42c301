"""Who is the message for? The ids of a scenario, as one source or another gives them."""

import random
from collections.abc import AsyncIterator, Callable, Collection

from pushwoosh_async._fanout.journal import Record
from simulation.dice import Scenario

BLANK = " "


class BrokenSourceError(Exception):
    """A source that cannot go on."""


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
        self.ids = [f"u{position}" for position in range(count)]
        self.bad = {text for text in self.ids if rng.random() < scenario.bad}
        self.kept = set(range(count))
        self._sized = scenario.sized
        for position in range(1, count):
            if rng.random() < scenario.odd:
                self._spoil(position, rng, dedupe=scenario.dedupe)

    def _spoil(self, position: int, rng: random.Random, *, dedupe: bool) -> None:
        repeated = dedupe and rng.random() < 0.5
        self.ids[position] = self.ids[rng.randrange(position)] if repeated else BLANK
        self.kept.discard(position)

    def source(self, *, breaks_at: int | None = None) -> Collection[str] | AsyncIterator[str]:
        """Return the ids as a list, or as something that does not say how many they are."""
        if self._sized and breaks_at is None:
            return self.ids
        return _stream(self.ids, breaks_at)

    def changed(self, rows: Collection[Record], rng: random.Random) -> Collection[str]:
        """Return other ids than those that the journal knows."""
        row = rng.choice(list(rows))
        kept = [position for position in range(row.start, row.stop) if position in self.kept]
        ways: list[Callable[[], list[str]]] = [
            lambda: self.ids[: row.start],
            lambda: [f"{text}x" if at == kept[-1] else text for at, text in enumerate(self.ids)],
            lambda: [text for at, text in enumerate(self.ids) if at != kept[0]],
        ]
        return rng.choice(ways)()


async def _stream(ids: list[str], breaks_at: int | None) -> AsyncIterator[str]:
    for position, text in enumerate(ids):
        if position == breaks_at:
            raise BrokenSourceError
        yield text
