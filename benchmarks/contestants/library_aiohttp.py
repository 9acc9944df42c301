"""The library with `transport="aiohttp"`, all else as in `library.py`."""

from contextlib import AbstractAsyncContextManager

from benchmarks.contestants import Prepare, library
from benchmarks.loopback import Place


def open_client(place: Place, in_flight: int) -> AbstractAsyncContextManager[Prepare]:
    """The same client, the other transport."""
    return library.open_client(place, in_flight, transport="aiohttp")
