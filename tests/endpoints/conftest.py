"""What these tests start from: the scripted server of the transport tests, and no environment."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "transport"))  # fault_server, wire_clients


@pytest.fixture(autouse=True)
def _own_environment(bare_environment: None) -> None:
    """Let no variable of the machine stand in for an argument."""
