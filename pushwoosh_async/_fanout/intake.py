"""Pages of ids from whatever the caller gave: pulled, never listed."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Iterable,
    Mapping,
    Sequence,
    Sized,
)
from contextlib import aclosing
from itertools import islice
from typing import Any, TypeAlias

import anyio

from pushwoosh_async.targeting.recipients import check_ids

Audience: TypeAlias = Iterable[str] | AsyncIterable[str] | AsyncIterable[Sequence[str]]

_CLOSE_WAIT = 5.0
# A page is checked in one go: a larger one would keep the event loop from everything else.
_MAX_PAGE = 16_384


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


async def _check_all(source: Sequence[str], argument: str, page_size: int) -> None:
    """Check every id before the first is sent."""
    for start in range(0, len(source), page_size):
        check_ids(source[start : start + page_size], argument, start=start)
        if start % (16 * page_size) == 0:
            await anyio.lowlevel.checkpoint()


async def pages(
    source: Any, page_size: int, check_as: str | None
) -> AsyncGenerator[Sequence[str], None]:
    """Yield ids a page at a time; closes a generator it was given, also when left early.

    Args:
        source: see `Audience`.
        page_size: ids pulled at once.
        check_as: check the whole source first, by this name in errors; None for no check.

    Raises:
        TypeError: checked, and one is not a str.
        ConfigurationError: checked, and one breaks a rule for ids.
    """
    if check_as is not None:
        await _check_all(source, check_as, page_size)
    if isinstance(source, AsyncIterable):
        async with aclosing(_async_pages(source, page_size)) as found:
            async for page in found:
                yield page
        return
    iterator = iter(source)
    try:
        while page := list(islice(iterator, page_size)):
            yield page
    finally:
        if hasattr(iterator, "close"):
            iterator.close()


async def _async_pages(
    source: AsyncIterable[Any], page_size: int
) -> AsyncGenerator[Sequence[str], None]:
    iterator = aiter(source)
    page: list[str] = []
    try:
        async for item in iterator:
            if isinstance(item, (list, tuple)):
                if page:
                    yield page
                    page = []
                for start in range(0, len(item), _MAX_PAGE):
                    yield item[start : start + _MAX_PAGE]
                continue
            page.append(item)
            if len(page) >= page_size:
                yield page
                page = []
        if page:
            yield page
    finally:
        await _close(iterator)


async def _close(iterator: AsyncIterator[Any]) -> None:
    """Close a generator, even while being cancelled, but do not wait for it for ever."""
    if hasattr(iterator, "aclose"):
        with anyio.move_on_after(_CLOSE_WAIT, shield=True):
            await iterator.aclose()
