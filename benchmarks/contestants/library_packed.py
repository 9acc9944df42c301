"""The library with many chunks in a request, all else as in `library.py`."""

from contextlib import AbstractAsyncContextManager
from typing import Literal

from benchmarks.contestants import PACK, Prepare, library
from benchmarks.loopback import Place


def open_client(
    place: Place, in_flight: int, transport: Literal["httpx", "aiohttp"] = "httpx"
) -> AbstractAsyncContextManager[Prepare]:
    """The same client, `PACK` chunks of 1000 a request: bodies of 2 MB."""
    return library.open_client(place, in_flight, transport, _packed)


def _packed() -> library.Options:
    return {"notifications_per_request": PACK}
