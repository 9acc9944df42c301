"""Pages of ids from whatever the caller gave: pulled, never listed."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
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

from pushwoosh_async._fanout.plan_each import RECIPIENTS, recipients_in
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.targeting.recipients import check_ids, check_types

Audience: TypeAlias = Iterable[str] | AsyncIterable[str] | AsyncIterable[Sequence[str]]
Notifications: TypeAlias = (
    Iterable[Notification] | AsyncIterable[Notification] | AsyncIterable[Sequence[Notification]]
)

_CLOSE_WAIT = 5.0
_TEXT = (str, bytes, bytearray)
# A page is checked in one go: a larger one would keep the event loop from everything else.
_MAX_PAGE = 16_384
_CHECKED_AT_ONCE = 512
_NOTIFICATIONS_AT_ONCE = 64  # each may hold a thousand ids


def check_audience(source: object, argument: str, item: str = "str") -> None:
    """Refuse what can be iterated but is no list of ids, or of other items.

    Raises:
        TypeError: None, a bare str (its letters would become ids), bytes, a mapping, or not iterable.
    """
    if isinstance(source, (str, bytes, bytearray, Mapping)) or not isinstance(
        source, (Iterable, AsyncIterable)
    ):
        raise TypeError(
            f"{argument}: expected an iterable or async iterable of {item}, got {type(source).__name__}"
        )


def check_readable_twice(source: object) -> None:
    """Refuse what is used up once it was read.

    Raises:
        ConfigurationError: it is an iterator.
    """
    inner = getattr(source, "recipients", source)  # of what is personalised
    if isinstance(inner, (Iterator, AsyncIterator)):
        raise ConfigurationError(
            "plan: needs recipients that can be read twice, such as a list or read_ids of a regular file"
        )


def can_be_checked_first(source: object) -> bool:
    """Tell whether all ids are at hand, so that a bad one can be refused before the first is sent."""
    return isinstance(source, (list, tuple))


def check_page_of(kind: str) -> Callable[[Sequence[Any], int], None]:
    """Return what checks a page of ids, told the position of its first."""

    def check(page: Sequence[Any], start: int) -> None:
        check_types(page, kind, start=start)
        check_ids(page, kind, start=start)

    return check


def size_of(source: object, kind: str) -> int | None:
    """Return how many recipients a source of a run of this kind holds, where it says so."""
    if kind != RECIPIENTS:
        return len(source) if isinstance(source, Sized) else None
    if isinstance(source, (list, tuple)):
        return recipients_in(source)
    total = getattr(source, "total", None)
    return total if type(total) is int else None


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


def page_size_of(kind: str, chunk_size: int) -> int:
    """Return how many items of a source are pulled at once."""
    return _NOTIFICATIONS_AT_ONCE if kind == RECIPIENTS else chunk_size


class Intake:
    """Pulls a source, a page at a time.

    Attributes:
        read: ids that came out of the source, those of a page that was never finished too.
    """

    def __init__(
        self,
        source: Any,
        page_size: int,
        *,
        kind: str,
        check: Callable[[Sequence[Any], int], None] | None = None,
    ) -> None:
        """Make an intake; nothing is pulled yet.

        Args:
            source: see `Audience`; or notifications.
            page_size: items pulled at once.
            kind: of the run: ``"users"``, ``"devices"`` or `RECIPIENTS`.
            check: checks a page, told the position of its first item: the whole source is checked before
                the first page; None for no check.
        """
        self._source = source
        self._page_size = page_size
        self._check = check
        self._weigh = recipients_in if kind == RECIPIENTS else len
        self.total = size_of(source, kind)
        self.read = 0

    async def pages(self) -> AsyncGenerator[Sequence[str], None]:
        """Yield the ids; closes a generator it was given, also when left early.

        Raises:
            TypeError: checked first, and one has a wrong type.
            ConfigurationError: checked first, and one breaks a rule.
        """
        if self._check is not None:
            await self._check_all(self._check)
        if isinstance(self._source, AsyncIterable):
            found = self._pull_async(aiter(self._source))
        else:
            found = self._pull(iter(self._source))
        async with aclosing(found) as pages:
            async for page in pages:
                yield page

    async def _check_all(self, check: Callable[[Sequence[Any], int], None]) -> None:
        # In pages that stay in the processor's cache, as each is gone over several times; the loop
        # turns after a few.
        for start in range(0, len(self._source), _CHECKED_AT_ONCE):
            check(self._source[start : start + _CHECKED_AT_ONCE], start)
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
            self.read += self._weigh(page)
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
                    self.read += self._weigh(item)
                    if page:
                        yield page
                        page = []
                    for start in range(0, len(item), _MAX_PAGE):
                        yield item[start : start + _MAX_PAGE]
                    continue
                self.read += self._weigh((item,))
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
