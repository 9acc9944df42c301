"""What does the plugin cost where it is not used? Each test looks into a process of its own."""

import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# For a machine under load; nothing takes this long unless something is broken.
PATIENCE = 60.0

# Runs pytest with our plugin and these alone, after what is said first.
START = """
import sys
{first}
import pytest
sys.exit(pytest.main(["-p", "pytest_pushwoosh_async", {plugins}]))
"""


def run_pytest(
    pytester: pytest.Pytester, lines: str, *plugins: str, first: str = ""
) -> pytest.RunResult:
    """Run a test file in a process in which pytest loads only the plugins it is told to."""
    pytester.makepyfile(lines)
    named = ", ".join(f'"-p", "{name}"' for name in plugins)
    program = pytester.path / "start.py"
    program.write_text(START.format(first=first, plugins=named))
    return pytester.run(sys.executable, program, timeout=PATIENCE)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep other packages' plugins away: one of them imports httpx."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.parametrize("plugins", [(), ("pytest_asyncio.plugin",)], ids=["alone", "asyncio"])
def test_nothing_heavy_is_imported(pytester: pytest.Pytester, plugins: tuple[str, ...]) -> None:
    """Not the package, nor anything that only it needs, until a test asks for a fixture."""
    lines = """
        import sys

        HEAVY = {"pushwoosh_async", "httpx", "aiohttp", "anyio", "attrs", "cattrs", "orjson", "tenacity"}

        def test_before():
            assert HEAVY & set(sys.modules) == set()

        def test_after(pushwoosh_clock):
            assert "pushwoosh_async" in sys.modules
    """
    run_pytest(pytester, lines, *plugins).assert_outcomes(passed=2)


def test_it_is_there_without_the_extras(pytester: pytest.Pytester) -> None:
    """Where aiohttp and pytest-asyncio are missing, only the fixture that needs one says so."""
    lines = """
        from pushwoosh_async.testing import AssertSentOnce, FakeClock, client_options, run_in_thread

        def test_clock(pushwoosh_clock): pass

        def test_sandbox(pushwoosh_sandbox): pass

        def test_client(pushwoosh_client): pass
    """
    missing = "sys.modules.update(aiohttp=None, pytest_asyncio=None)"
    result = run_pytest(pytester, lines, first=missing)
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines("E*ImportError: *aiohttp: install pushwoosh-async?sandbox?.")
    result.stdout.fnmatch_lines("pushwoosh_client needs pytest-asyncio*")


def test_pytest_asyncio_is_known_by_either_name(pytester: pytest.Pytester) -> None:
    """As it is installed, and as it is given to -p."""
    lines = """
        import pytest

        @pytest.mark.asyncio
        async def test_it(pushwoosh_client): pass
    """
    for name in ("asyncio", "pytest_asyncio.plugin"):
        run_pytest(pytester, lines, name).assert_outcomes(passed=1)


def test_pytest_finds_it_by_an_entry_point() -> None:
    """It bears the module's name, or -p and pytest_plugins would register it a second time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (point,) = project["project"]["entry-points"]["pytest11"].items()
    assert point == ("pytest_pushwoosh_async", "pytest_pushwoosh_async")
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert "pytest_pushwoosh_async.py" in packed
