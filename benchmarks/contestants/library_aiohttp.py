"""The library with `transport="aiohttp"`, all else as in `library.py`."""

from contextlib import AbstractAsyncContextManager

from benchmarks.contestants import Prepare, library


def open_client(url: str, in_flight: int) -> AbstractAsyncContextManager[Prepare]:
    """The same client, the other transport."""
    return library.open_client(url, in_flight, transport="aiohttp")
