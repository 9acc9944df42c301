"""Which chunks has a person to look at? Those in doubt, and those rejected. Pure."""

from collections.abc import Sequence

from pushwoosh_async import ChunkOutcome
from pushwoosh_async.cli.html.markup import Html, element, joined
from pushwoosh_async.cli.html.tables import table
from pushwoosh_async.cli.words import count, numbers

LISTED = 300
"""Rows of a list. A reader scrolls no further, and a page of thousands is slow."""

_HEAD = ("Ids of the input (counted from 1)", "Recipients", "Attempts", "Reason", "Transaction")


def chunk_list(caption: str, chunks: Sequence[ChunkOutcome]) -> Html:
    """Return the first chunks as a table, and how many more there are.

    Args:
        caption: what they are.
        chunks: in the order of the list; not empty.
    """
    listed = table(caption, _HEAD, [_cells(chunk) for chunk in chunks[:LISTED]], numbers=(1, 2))
    left = len(chunks) - LISTED
    if left <= 0:
        return listed
    more = f"And {count(left, 'chunk')} more: export them with "
    command = element("code", "pushwoosh-async export")
    return joined(listed, element("p", more, command, "."))


def _cells(chunk: ChunkOutcome) -> list[str]:
    return [
        numbers(chunk.start, chunk.stop),
        f"{chunk.recipients:,}",
        f"{chunk.attempts:,}",
        chunk.reason,
        element("code", chunk.transaction_id),
    ]
