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

# An older pytest warns, in a process that has loaded the plugin, before it reads what is an error.
_NESTS = pytest.version_tuple >= (9, 2)


@pytest.fixture
def run_tests(pytester: pytest.Pytester, bare_environment: None) -> RunTests:
    """Run a test file, in this process if it can, whether or not pytest has found the plugin by itself."""
    pytester.makeini(_SETTINGS)

    def run(lines: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(lines)
        way = pytester.runpytest_inprocess if _NESTS else pytester.runpytest_subprocess
        return way("-p", "pytest_pushwoosh_async", *arguments)

    return run
