"""The library with a journal, all else as in `library.py`."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from benchmarks.contestants import Prepare, library
from benchmarks.loopback import Place


@asynccontextmanager
async def open_client(place: Place, in_flight: int) -> AsyncIterator[Prepare]:
    """The same client; each run writes a journal of its own."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()

        def options() -> library.Options:
            return {"journal": Path(folder) / f"{next(numbers)}.db"}

        async with library.open_client(place, in_flight, options=options) as prepare:
            yield prepare
