"""A pytest plugin: every event loop of a test, of its threads and of its `asyncio.run` is of uvloop.

``python -m pytest -p tests.matrix.on_uvloop``.
"""

import asyncio

import pytest
import uvloop


def pytest_configure() -> None:
    """Take the place of the standard library's event loops."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what stands in for the resolver of the standard library: uvloop has one of its own."""
    others = [each for each in items if each.get_closest_marker("own_resolver")]
    config.hook.pytest_deselected(items=others)
    items[:] = [each for each in items if each not in others]
