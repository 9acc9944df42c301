"""The library's other transport by itself, all else as in `httpx_bare.py`."""

from contextlib import AbstractAsyncContextManager

from benchmarks.contestants import Prepare, httpx_bare
from benchmarks.loopback import Place


def open_client(place: Place, in_flight: int) -> AbstractAsyncContextManager[Prepare]:
    """The same, through aiohttp."""
    return httpx_bare.open_client(place, in_flight, transport="aiohttp")
