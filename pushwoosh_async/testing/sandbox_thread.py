"""How does a sandbox run beside a test that is synchronous, or whose event loop is its own affair?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from pushwoosh_async.sandbox import Sandbox


@contextmanager
def run_in_thread(sandbox: "Sandbox") -> "Iterator[Sandbox]":
    """Run a sandbox in a thread with an event loop of its own, for the time of a ``with`` block.

    Ask it and script it from outside, between requests. Entering and leaving wait for the thread.

    Args:
        sandbox: one that was not started.

    Raises:
        RuntimeError: it was started before.
        OSError: its address cannot be had.
    """
    with start_blocking_portal("asyncio") as portal:
        portal.call(sandbox.start)
        try:
            yield sandbox
        finally:
            portal.call(sandbox.aclose)
