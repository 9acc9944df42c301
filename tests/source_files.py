"""Files of recipients as tests write them, and what comes out of them until their end or their damage."""

import gzip
from collections.abc import AsyncIterable
from pathlib import Path
from typing import TypeVar

import pytest

from pushwoosh_async.errors import ConfigurationError

Item = TypeVar("Item")


def write(folder: Path, name: str, content: bytes) -> Path:
    """Write a file, packed if its name says so."""
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    return path


async def read(file: AsyncIterable[list[Item]]) -> list[Item]:
    """Return all that it gives."""
    return [item async for page in file for item in page]


async def read_until_damage(
    file: AsyncIterable[list[Item]],
) -> tuple[list[Item], ConfigurationError]:
    """Return what came before the error, and the error."""
    found: list[Item] = []
    try:
        async for page in file:
            found += page
    except ConfigurationError as error:
        return found, error
    pytest.fail("the damage was not seen")
