"""Which chunks share a request? As many as fit, by count and by bytes. Pure.

First attempts and doubts never share one (delivery.md 2.5): a doubt is repeated with those that it was sent
with, and with nobody else.
"""

from collections.abc import Iterable, Sequence

from attrs import frozen

from pushwoosh_async._fanout.resume import Work


@frozen(kw_only=True)
class Packing:
    """How full a request may be.

    Attributes:
        most: notifications in it.
        max_bytes: of them together; one that is larger goes alone.
    """

    most: int
    max_bytes: int


class Packer:
    """Fills requests, in the order of what it is given."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._open: list[Work] = []
        self._bytes = 0

    def add(self, works: Iterable[Work]) -> list[Sequence[Work]]:
        """Take what is to be delivered; return the requests that are full."""
        full: list[Sequence[Work]] = []
        doubts: dict[str, list[Work]] = {}
        for work in works:
            if work.life.in_doubt:
                doubts.setdefault(work.pack or f"alone {work.chunk.path}", []).append(work)
                continue
            if not self._fits(work):
                full += self.finish()
            self._open.append(work)
            self._bytes += work.chunk.size
            if len(self._open) == self._packing.most:
                full += self.finish()
        return [*doubts.values(), *full]

    def finish(self) -> list[Sequence[Work]]:
        """Return the request that is not full, if there is one."""
        left, self._open, self._bytes = self._open, [], 0
        return [left] if left else []

    def _fits(self, work: Work) -> bool:
        return self._bytes + work.chunk.size <= self._packing.max_bytes
