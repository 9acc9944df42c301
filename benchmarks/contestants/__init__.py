"""Those who are compared: each module opens one client and sends an audience through it.

A contestant is a module with `open_client(place, in_flight)`, an async context manager. It hands out
a function that takes the audience and does what is not to be measured (the floor encodes its bodies
there), and returns the coroutine function that is measured.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module

from benchmarks.loopback import Place
from benchmarks.workload import Audience

Send = Callable[[], Awaitable[None]]
Prepare = Callable[[Audience], Send]
OpenClient = Callable[[Place, int], AbstractAsyncContextManager[Prepare]]

NAMES = (
    "floor",
    "plain",
    "aiohttp_direct",
    "pypushwoosh_loop",
    "pypushwoosh_threads",
    "httpx_bare",
    "aiohttp_bare",
    "library",
    "library_aiohttp",
    "library_journal",
    "library_packed",
    "library_packed_aiohttp",
)

# Notifications in a request of those who put more than one into it.
PACK = 64


def is_packed(name: str) -> bool:
    """Whether a contestant sends more than one chunk a request."""
    return "packed" in name


def contestant(name: str) -> OpenClient:
    """The `open_client` of one contestant; only its own imports are paid for."""
    if name not in NAMES:
        raise ValueError(f"no contestant {name!r}: choose from {', '.join(NAMES)}")
    open_client: OpenClient = import_module(f"{__name__}.{name}").open_client
    return open_client
