"""What any file of recipients is: a path and how to read it, iterated a page at a time, each time anew."""

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from anyio import to_thread
from attrs import frozen

from pushwoosh_async._sources.arguments import FileFormat
from pushwoosh_async._sources.files import STDIN, Pull, blocks, fingerprint, name_of, opened
from pushwoosh_async._sources.formats import pages
from pushwoosh_async._sources.text import Slice, sound_slices

_Item = TypeVar("_Item")


@frozen
class PagedFile(ABC, Generic[_Item]):
    """A file as `read_ids` and `read_rows` give it; their classes say what an item is."""

    path: str
    format: FileFormat
    column: str | int | None
    field: str | None
    encoding: str
    page_size: int

    @property
    def recipe(self) -> str:
        """How the file is read, as JSON: what a journal keeps, so that a resume can read it again."""
        how = {name: value for name, value in self._how().items() if value is not None}
        return json.dumps(how)

    async def fingerprint(self) -> str:
        """Return size and sha256 of a regular file; an empty text for anything that can be read once.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        return await to_thread.run_sync(fingerprint, self.path, abandon_on_cancel=True)

    async def __aiter__(self) -> AsyncGenerator[list[_Item], None]:
        pull = Pull(self._pages())
        try:
            # Abandoned, a read that blocks (a terminal, a fifo) does not hold up a cancellation.
            while page := await to_thread.run_sync(pull.page, abandon_on_cancel=True):
                yield page
        finally:
            pull.close()

    def _how(self) -> dict[str, object]:
        return {
            "path": self.path if self.path == STDIN else str(Path(self.path).absolute()),
            "format": self.format,
            "column": self.column,
            "field": self.field,
            "encoding": self.encoding,
        }

    def _pages(self) -> Generator[list[_Item], None, None]:
        with opened(self.path) as stream:
            slices = sound_slices(blocks(stream), self.encoding)
            yield from pages(self._batches(slices), self.page_size, name_of(self.path))

    @abstractmethod
    def _batches(self, slices: Iterator[Slice]) -> Iterator[list[_Item]]:
        """Read items out of a text, some at a time."""
