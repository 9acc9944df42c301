"""The marks hold what they promise: a row's test that tells nothing fails, and a sample is drawn fairly."""

import pytest

from adversity.plugin import is_drawn

SILENT = """
    import pytest

    @pytest.mark.row("N1")
    def test_it(story):
        {body}
"""


@pytest.fixture(autouse=True)
def _quiet(pytester: pytest.Pytester) -> None:
    """Choose what pytest-asyncio wants to be chosen."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pass", "*what it saw*G1, G2, G3*"),
        ("story.saw('x'); story.check('G1', 'G3', by='y')", "*did not tell G2 *"),
    ],
)
def test_a_row_that_tells_too_little_fails(
    pytester: pytest.Pytester, body: str, words: str
) -> None:
    """Although its own assertions passed."""
    pytester.makepyfile(SILENT.format(body=body))
    result = pytester.runpytest_inprocess("-p", "adversity.plugin")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([words])


def test_a_row_that_tells_all_passes_and_is_a_line(pytester: pytest.Pytester) -> None:
    """With a book, that line is what is printed."""
    pytester.makepyfile(
        SILENT.format(body="story.saw('so'); story.check('G1', 'G2', 'G3', by='y')")
    )
    result = pytester.runpytest_inprocess("-p", "adversity.plugin", "--book", "book.json")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["N1 *held*did: so | G1, G2, G3 held against y | 1 test"])


@pytest.mark.parametrize(
    ("mark", "arguments"), [("row('N1')", ""), ("row('X99')", "story")], ids=["no story", "no row"]
)
def test_a_mark_that_is_wrong_is_refused(
    pytester: pytest.Pytester, mark: str, arguments: str
) -> None:
    """Before anything runs."""
    pytester.makepyfile(f"import pytest\n@pytest.mark.{mark}\ndef test_it({arguments}):\n    pass")
    assert pytester.runpytest_inprocess("-p", "adversity.plugin").ret == pytest.ExitCode.USAGE_ERROR


def test_a_sample_is_about_its_share_and_another_seed_draws_others() -> None:
    """Every test is drawn by some seed, and none by all."""
    names = [f"tests/test_{number}.py::test_it" for number in range(1000)]
    drawn = {
        seed: {name for name in names if is_drawn(name, seed, 4)} for seed in "abcdefghijklmnop"
    }
    assert all(180 < len(each) < 320 for each in drawn.values())
    assert not set.intersection(*drawn.values())
    assert len(set.union(*drawn.values())) > 950


TWO = """
    import pytest

    @pytest.mark.row("N1")
    @pytest.mark.parametrize("way", "zq")
    def test_one(story, way):
        story.saw("so"); story.check("G1", "G2", "G3", by="y")

    @pytest.mark.row("R1")
    def test_other(story):
        assert False
"""


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (("--rows", "N1"), ["N1 *held*| 2 tests"]),
        (("--rows", "N"), ["N1 *held*| 2 tests"]),
        (("--rows", "N1", "-k", "q"), ["N1 *partly*| 1 of 2 tests"]),
        (
            ("--rows", "R"),
            ["R1 *FAILED*1 of 1 tests failed: *test_other*nothing was told | 1 test"],
        ),
    ],
)
def test_rows_are_run_by_name(
    pytester: pytest.Pytester, asked: tuple[str, ...], lines: list[str]
) -> None:
    """What was left out of a row, and what failed, is in its line; a failed row claims no guarantee."""
    pytester.makepyfile(TWO)
    result = pytester.runpytest_inprocess("-p", "adversity.plugin", "--book", "book.json", *asked)
    result.stdout.fnmatch_lines(lines)
    result.stdout.no_fnmatch_line("R1 *G1*")


@pytest.mark.parametrize("asked", [("--rows", "Q7"), ("--book", "x.json", "-n", "2")])
def test_what_cannot_be_done_is_refused(pytester: pytest.Pytester, asked: tuple[str, ...]) -> None:
    """A row that is none; a book of several processes."""
    pytester.makepyfile(TWO)
    result = pytester.runpytest_inprocess("-p", "adversity.plugin", *asked)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
