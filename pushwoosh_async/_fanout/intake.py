"""Pages of ids from whatever the caller gave: pulled, never listed."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Sized,
)
from contextlib import aclosing
from itertools import islice
from typing import Any, TypeAlias

import anyio.lowlevel

from pushwoosh_async.targeting.recipients import check_ids, check_types

Audience: TypeAlias = Iterable[str] | AsyncIterable[str] | AsyncIterable[Sequence[str]]

_CLOSE_WAIT = 5.0
_TEXT = (str, bytes, bytearray)
# A page is checked in one go: a larger one would keep the event loop from everything else.
_MAX_PAGE = 16_384
_CHECKED_AT_ONCE = 512


def check_audience(source: object, argument: str) -> None:
    """Refuse what can be iterated but is no list of ids.

    Raises:
        TypeError: None, a bare str (its letters would become ids), bytes, a mapping, or not iterable.
    """
    if isinstance(source, (str, bytes, bytearray, Mapping)) or not isinstance(
        source, (Iterable, AsyncIterable)
    ):
        raise TypeError(
            f"{argument}: expected an iterable or async iterable of str, got {type(source).__name__}"
        )


def can_be_checked_first(source: object) -> bool:
    """Tell whether all ids are at hand, so that a bad one can be refused before the first is sent."""
    return isinstance(source, (list, tuple))


def size_of(source: object) -> int | None:
    """Return how many ids a source holds, where it says so."""
    return len(source) if isinstance(source, Sized) else None


async def fingerprint_of(source: object) -> str:
    """Return what tells a source from a changed one, where it says so: size and digest of a file."""
    take = getattr(source, "fingerprint", None)
    if take is None:
        return ""
    found = await take()
    return found if isinstance(found, str) else ""


def recipe_of(source: object) -> str:
    """Return how the source can be read again, where it says so."""
    recipe = getattr(source, "recipe", "")
    return recipe if isinstance(recipe, str) else ""


class Intake:
    """Pulls a source, a page at a time.

    Attributes:
        read: ids that came out of the source, those of a page that was never finished too.
    """

    def __init__(self, source: Any, page_size: int, *, check_as: str | None) -> None:
        """Make an intake; nothing is pulled yet.

        Args:
            source: see `Audience`.
            page_size: ids pulled at once.
            check_as: check the whole source first, by this name in errors; None for no check.
        """
        self._source = source
        self._page_size = page_size
        self._check_as = check_as
        self.total = size_of(source)
        self.read = 0

    async def pages(self) -> AsyncGenerator[Sequence[str], None]:
        """Yield the ids; closes a generator it was given, also when left early.

        Raises:
            TypeError: checked first, and one is not a str.
            ConfigurationError: checked first, and one breaks a rule for ids.
        """
        if self._check_as is not None:
            await self._check_all(self._check_as)
        if isinstance(self._source, AsyncIterable):
            found = self._pull_async(aiter(self._source))
        else:
            found = self._pull(iter(self._source))
        async with aclosing(found) as pages:
            async for page in pages:
                yield page

    async def _check_all(self, argument: str) -> None:
        # In pages that stay in the processor's cache, as each is gone over several times; the loop
        # turns after a few.
        for start in range(0, len(self._source), _CHECKED_AT_ONCE):
            page = self._source[start : start + _CHECKED_AT_ONCE]
            check_types(page, argument, start=start)
            check_ids(page, argument, start=start)
            if start % _MAX_PAGE == 0:
                await anyio.lowlevel.checkpoint()

    async def _pull(self, iterator: Iterator[str]) -> AsyncGenerator[Sequence[str], None]:
        try:
            while page := self._take(iterator):
                yield page
        finally:
            if isinstance(iterator, Generator):  # a file or a cursor is its owner's to close
                iterator.close()

    def _take(self, iterator: Iterator[str]) -> list[str]:
        page: list[str] = []
        try:
            page.extend(islice(iterator, self._page_size))
        finally:  # where the source raises in mid-page, what it gave before was read all the same
            self.read += len(page)
        return page

    async def _pull_async(
        self, iterator: AsyncIterator[Any]
    ) -> AsyncGenerator[Sequence[str], None]:
        page: list[str] = []
        try:
            async for item in iterator:
                if (
                    type(item) is not str
                    and isinstance(item, Sequence)
                    and not isinstance(item, _TEXT)
                ):
                    self.read += len(item)
                    if page:
                        yield page
                        page = []
                    for start in range(0, len(item), _MAX_PAGE):
                        yield item[start : start + _MAX_PAGE]
                    continue
                self.read += 1
                page.append(item)
                if len(page) >= self._page_size:
                    yield page
                    page = []
            yield page
        finally:
            await _close(iterator)


async def _close(iterator: AsyncIterator[Any]) -> None:
    """Close a generator, even while being cancelled, but do not wait for it for ever."""
    if isinstance(iterator, AsyncGenerator):
        with anyio.move_on_after(_CLOSE_WAIT, shield=True):
            await iterator.aclose()
