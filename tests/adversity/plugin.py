"""How do tests know of rows? The mark, the `story` fixture, the seeded sample and the book, for pytest.

``row(number)`` says which row a test is about; such a test takes the fixture ``story``, and fails if it
ends without having told what it saw and checked. ``slow`` keeps a test out of the quick part.
"""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from zlib import crc32

import pytest

from adversity.book import Book
from adversity.rows import ROWS
from adversity.story import Story


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    group = parser.getgroup("adversity")
    group.addoption("--book", metavar="FILE", help="print a line a row, and keep the rows as JSON")
    group.addoption(
        "--rows", metavar="ROWS", help="run these rows, or parts by their letters: N8,R"
    )
    group.addoption(
        "--sample", metavar="SEED/N", help="run one in N of the tests, chosen by a seed"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known, and keep a book if one is asked for."""
    config.addinivalue_line("markers", "row(number): the row of the book that a test is about")
    config.addinivalue_line("markers", "own_resolver: stands in for the resolver that asyncio asks")
    config.addinivalue_line("markers", "slow: not of the quick part; `pytest -m ''` runs all")
    if file := config.getoption("--book"):
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--book is kept by one process: leave -n out")
        config.pluginmanager.register(Book(config, Path(file)), "the-book")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check the marks, and draw the sample."""
    for item in items:
        number = row_of(item)
        if number is not None and number not in ROWS:
            raise pytest.UsageError(f"{item.nodeid}: there is no row {number}")
        if number is not None and "story" not in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid}: a test of a row takes the fixture story")
    if asked := config.getoption("--rows"):
        wanted = chosen(asked.split(","))
        _keep(config, items, lambda item: row_of(item) in wanted)
    if asked := config.getoption("--sample"):
        seed, _, share = asked.rpartition("/")
        _keep(config, items, lambda item: is_drawn(item.nodeid, seed, int(share)))


def _keep(
    config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]
) -> None:
    kept = [item for item in items if wanted(item)]
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = kept


def chosen(words: Sequence[str]) -> set[str]:
    """Return the rows that words name: a number, or the letter of a part.

    Raises:
        UsageError: one names none.
    """
    found = {word: {each for each in ROWS if word in {each, each[0]}} for word in words}
    for word, rows in found.items():
        if not rows:
            raise pytest.UsageError(f"there is no row {word!r}: python -m tests.adversity --list")
    return set().union(*found.values())


def is_drawn(name: str, seed: str, share: int) -> bool:
    """Tell whether one in so many tests is this one; another seed draws others."""
    return crc32(f"{seed} {name}".encode()) % share == 0


def row_of(item: pytest.Item) -> str | None:
    """Return the number of the row that a test is about, if it is about one."""
    mark = item.get_closest_marker("row")
    return None if mark is None else str(mark.args[0])


@pytest.fixture
def story(request: pytest.FixtureRequest) -> Story:
    """Take down what a test of a row sees and checks."""
    number = row_of(request.node)
    assert number is not None, "a test that tells a story is marked with its row"
    return Story(number)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Take the story of a test that passed, which must be a whole one."""
    yield
    told = getattr(item, "funcargs", {}).get("story")
    if not isinstance(told, Story):
        return
    owed = told.owed()
    if owed:
        pytest.fail(f"row {told.row} passed, and did not tell {' nor '.join(owed)}")
    # In plain values: it may have to cross from one process of pytest to another.
    item.user_properties.append(("story", told.plain()))
