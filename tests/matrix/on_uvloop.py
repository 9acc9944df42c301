"""A pytest plugin: every event loop of a test, of its threads and of its `asyncio.run` is of uvloop.

``python -m pytest -p tests.matrix.on_uvloop``.
"""

import asyncio

import uvloop


def pytest_configure() -> None:
    """Take the place of the standard library's event loops."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
