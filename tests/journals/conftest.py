"""What these tests start from: the world of the fan-out's tests, and no environment."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fanout"))  # fanout_world, memory_journal


@pytest.fixture(autouse=True)
def _own_environment(bare_environment: None) -> None:
    """Let no variable of the machine stand in for an argument."""
