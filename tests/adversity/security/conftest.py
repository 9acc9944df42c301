"""What the security tests start from: no environment of ours, and a watch over all that is written."""

import logging
import warnings
from collections.abc import Iterator

import pytest
from canary import Watch

from adversity.story import Story


@pytest.fixture(autouse=True)
def _own_environment(bare_environment: None) -> None:
    """Nothing of the environment's reaches a client."""


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture, story: Story) -> Iterator[Watch]:
    """Listen to all loggers at DEBUG, all warnings and all hooks."""
    caplog.set_level(logging.DEBUG)
    watching = Watch(caplog, story)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        watching.warned = warned
        yield watching
