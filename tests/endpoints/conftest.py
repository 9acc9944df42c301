"""What these tests start from: no environment."""

import pytest


@pytest.fixture(autouse=True)
def _own_environment(bare_environment: None) -> None:
    """Let no variable of the machine stand in for an argument."""
