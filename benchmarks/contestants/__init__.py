"""Those who are compared: each module opens one client and sends every id through it.

A contestant is a module with `open_client(url, in_flight)`, an async context manager. It hands out
a function that takes the ids and does what is not to be measured (the floor encodes its bodies
there), and returns the coroutine function that is measured.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module

Send = Callable[[], Awaitable[None]]
Prepare = Callable[[Sequence[str]], Send]
OpenClient = Callable[[str, int], AbstractAsyncContextManager[Prepare]]

NAMES = ("floor", "plain", "library", "library_aiohttp")


def contestant(name: str) -> OpenClient:
    """The `open_client` of one contestant; only its own imports are paid for."""
    if name not in NAMES:
        raise ValueError(f"no contestant {name!r}: choose from {', '.join(NAMES)}")
    open_client: OpenClient = import_module(f"{__name__}.{name}").open_client
    return open_client
