"""What do these tests start from? A folder in which pytest runs pytest, every warning an error."""

from collections.abc import Callable

import pytest

# Runs these lines as a test file, with these arguments for pytest.
RunTests = Callable[..., pytest.RunResult]

# Some versions of pytest-asyncio miss a setting, which may not be there where it is not loaded.
_SETTINGS = """
[pytest]
filterwarnings =
    error
    ignore:.*asyncio_default_fixture_loop_scope
"""


@pytest.fixture
def run_tests(pytester: pytest.Pytester, bare_environment: None) -> RunTests:
    """Run a test file in this process, whether or not pytest has found the plugin by itself."""
    pytester.makeini(_SETTINGS)

    def run(lines: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(lines)
        return pytester.runpytest_inprocess("-p", "pytest_pushwoosh_async", *arguments)

    return run
