"""The library with many chunks in a request and `transport="aiohttp"`."""

from contextlib import AbstractAsyncContextManager

from benchmarks.contestants import Prepare, library_packed
from benchmarks.loopback import Place


def open_client(place: Place, in_flight: int) -> AbstractAsyncContextManager[Prepare]:
    """As `library_packed.py`, the other transport."""
    return library_packed.open_client(place, in_flight, transport="aiohttp")
