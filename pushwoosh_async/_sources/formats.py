"""Which ids are in lines of one each; and how what any format holds is put into pages. Pure."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from pushwoosh_async._sources.text import BLOCK, Damage, Slice
from pushwoosh_async.errors import ConfigurationError

Row: TypeAlias = tuple[str, dict[str, str]]
"""An id, and its texts by placeholder."""

_Item = TypeVar("_Item")

# A page ends early after this many batches, which is 1 MiB of short lines: 16384 lines just inside
# the limit would be 16 GiB.
_BATCHES = 16


def ids_from_lines(slices: Iterable[Slice]) -> Iterator[list[str]]:
    r"""One id a line, without its ``\n`` or ``\r\n``. A blank line is a blank id."""
    for piece in slices:
        yield piece.text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def lines_of(piece: Slice) -> Iterator[str]:
    """Return the lines one by one, with their ends."""
    return io.StringIO(piece.text, newline="\n")


def pages(batches: Iterable[list[_Item]], size: int, name: str) -> Iterator[list[_Item]]:
    """Put items into lists of `size`, or of fewer: at the end, of long ones, of small blocks.

    Raises:
        ConfigurationError: the file called `name` is damaged. All before the damage was given.
    """
    page: list[_Item] = []
    damage = None
    try:
        for number, batch in enumerate(batches, 1):
            page += batch
            while len(page) >= size:
                yield page[:size]
                del page[:size]
            if page and number % _BATCHES == 0:
                yield page
                page = []
    except Damage as error:
        damage = error
    if page:
        yield page
    # Outside the except block: what lies behind the damage may hold ids, so it is not chained.
    if damage:
        raise ConfigurationError(f"{name}, line {damage.line}: {damage.rule}")


def row_length(row: Row) -> int:
    """Return how many characters a row has."""
    return len(row[0]) + sum(map(len, row[1].values()))


def filled(row: Row) -> Row:
    """Return a row without its empty texts."""
    one, texts = row
    return one, {name: text for name, text in texts.items() if text}


def batches(items: Iterator[_Item], length: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    """Put items into lists of about a block, told how many characters each has."""
    batch: list[_Item] = []
    total = 0
    damage = None
    try:
        for item in items:
            batch.append(item)
            total += length(item) + 1
            if total >= BLOCK:
                yield batch
                batch, total = [], 0
    except Damage as error:
        damage = error
    yield batch
    if damage:
        raise damage
