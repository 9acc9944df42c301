"""What every contestant sends: the ids, the chunks, and the body of one createMessage."""

import json
import uuid
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

CHUNK_SIZE = 1000
PATH = "/json/1.3/createMessage"
TOKEN = "bench-token"  # noqa: S105 - the loopback server looks at no token
APPLICATION = "XXXXX-XXXXX"
CONTENT = "Hello"

# 79 MB of ids: forty times what the second-level cache of a large processor holds.
_DIFFERENT_CHUNKS = 1024


def user_id(number: int) -> str:
    """28 characters, so that 1000 ids make a body of 31 kB."""
    return f"user-{number:023d}"


def user_ids(count: int) -> list[str]:
    """The first `count` ids: the same in every process."""
    return [user_id(number) for number in range(count)]


class Audience:
    """So many chunks of 1000 ids. A long one begins anew after a million: no list holds it whole."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self._ids = user_ids(min(chunks, _DIFFERENT_CHUNKS) * CHUNK_SIZE)

    @property
    def recipients(self) -> int:
        """How many ids it gives."""
        return self.chunks * CHUNK_SIZE

    def __iter__(self) -> Iterator[str]:
        """Give the ids one by one, as from a file or a query."""
        times, rest = divmod(self.recipients, len(self._ids))
        return chain(chain.from_iterable(repeat(self._ids, times)), self._ids[:rest])

    def slices(self) -> Iterator[Sequence[str]]:
        """Give the ids as slices of 1000."""
        for start in range(0, self.recipients, CHUNK_SIZE):
            first = start % len(self._ids)
            yield self._ids[first : first + CHUNK_SIZE]


def notification(users: Sequence[str], content: str = CONTENT) -> dict[str, Any]:
    """The notification that a script written by hand builds, with the fields the library sends."""
    return {
        "send_date": "now",
        "content": content,
        "transactionId": str(uuid.uuid4()),
        "users": users,
    }


def message(users: Sequence[str]) -> dict[str, Any]:
    """The createMessage around it."""
    return {
        "request": {
            "application": APPLICATION,
            "auth": TOKEN,
            "notifications": [notification(users)],
        }
    }


def encoded_message(users: Sequence[str]) -> bytes:
    """The same as bytes, without spaces."""
    return json.dumps(message(users), separators=(",", ":")).encode()
