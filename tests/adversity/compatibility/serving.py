"""Who answers while event loops come and go? A fault server on an event loop, and a thread, of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from anyio.from_thread import start_blocking_portal
from fault_server import FaultServer, Script, accept, fault_server


@contextmanager
def serving(*scripts: Script) -> Iterator[FaultServer]:
    """Run a server whose API takes what no script has an answer for."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(fault_server(*scripts, default=accept)) as server,
    ):
        yield server
