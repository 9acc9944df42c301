"""What every contestant sends: the ids, the chunks, and the body of one createMessage."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

CHUNK_SIZE = 1000
PATH = "/json/1.3/createMessage"
TOKEN = "bench-token"  # noqa: S105 - the loopback server looks at no token
APPLICATION = "XXXXX-XXXXX"
CONTENT = "Hello"


def user_id(number: int) -> str:
    """28 characters, so that 1000 ids make a body of 31 kB."""
    return f"user-{number:023d}"


def user_ids(count: int) -> list[str]:
    """The first `count` ids: the same in every process."""
    return [user_id(number) for number in range(count)]


def chunks_of(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices of 1000 ids."""
    for start in range(0, len(ids), CHUNK_SIZE):
        yield ids[start : start + CHUNK_SIZE]


def message(users: Sequence[str]) -> dict[str, Any]:
    """The createMessage that a script written by hand builds, with the fields the library sends."""
    notification = {
        "send_date": "now",
        "content": CONTENT,
        "transactionId": str(uuid.uuid4()),
        "users": users,
    }
    return {"request": {"application": APPLICATION, "auth": TOKEN, "notifications": [notification]}}


def encoded_message(users: Sequence[str]) -> bytes:
    """The same as bytes, without spaces."""
    return json.dumps(message(users), separators=(",", ":")).encode()
