"""Are the cells what pyproject.toml promises, and is a cell that failed never said to have passed?"""

import sys
from pathlib import Path

import pytest

from .cells import Cell, cells
from .declared import floors, project, pythons, requirements
from .interpreters import find
from .page import page, read, write
from .trying import Outcome, command, counts

PLACE = Path("/a/python")


def outcome(cell: Cell, *, failed: int = 0) -> Outcome:
    """Make an outcome."""
    parts = {"python": cell.python, "dependencies": cell.dependencies, "loop": cell.loop}
    versions = {"Python": f"{cell.python}.9", "httpx": "0.28.1"}
    return Outcome(
        cell.name, {**parts, "strict": cell.strict}, versions, 7, failed, 1.5, "2026-01-02"
    )


def test_the_pythons_are_those_of_the_classifiers() -> None:
    """In the order of their numbers, where 3.9 is older than 3.10."""
    head = "Programming Language :: Python :: 3"
    assert pythons([f"{head}.10", f"{head}.9", f"{head} :: Only", "Framework :: AsyncIO"]) == [
        "3.9",
        "3.10",
    ]
    ours = pythons(project()["classifiers"])
    assert project()["requires-python"] == f">={ours[0]}"


def test_every_requirement_has_a_floor() -> None:
    """An upper bound beside it changes nothing; without a floor there is nothing to test."""
    assert floors(["httpx>=0.27,<0.29", "anyio>=4.11"]) == {"httpx": "0.27", "anyio": "4.11"}
    with pytest.raises(ValueError, match="attrs: declares no lowest version"):
        floors(["attrs"])
    with pytest.raises(ValueError, match=r"declared with 3\.10 elsewhere"):
        floors(["aiohttp>=3.10", "aiohttp>=3.11"])
    assert {"httpx", "aiohttp", "typer"} <= set(floors(requirements(project())))


def test_every_python_is_tried_in_every_way() -> None:
    """The lowest versions on the oldest, the newest on the newest."""
    every = cells(["3.11", "3.12"])
    assert len({each.name for each in every}) == len(every) == 8
    assert [each.name for each in every[-2:]] == ["3.11-lowest-asyncio", "3.12-newest-asyncio"]


def test_a_cell_is_run_as_it_says() -> None:
    """The loop by a plugin, the warnings by the interpreter."""
    assert "tests.matrix.on_uvloop" in command(Cell("3.12", loop="uvloop"), PLACE, ["tests"])
    strict = command(Cell("3.12", strict=True), PLACE, ["tests"])
    assert strict[:5] == [str(PLACE), "-X", "dev", "-W", "error"]


@pytest.mark.parametrize(
    ("said", "code", "found"),
    [
        ("...\n12 passed, 3 deselected in 4.5s", 0, (12, 0)),
        ("...\n2 failed, 12 passed, 1 error in 4.5s", 1, (12, 3)),
        ("12 passed in 4.5s\nSegmentation fault", -11, (0, 1)),
        ("3 deselected in 0.1s", 5, (0, 1)),
        ("12 passed in 4.5s", 1, (12, 1)),
        ("", 0, (0, 1)),
    ],
)
def test_counts(said: str, code: int, found: tuple[int, int]) -> None:
    """What broke down, or ran nothing, has failed."""
    assert counts(said, code) == found


def test_the_page(tmp_path: Path) -> None:
    """A line a cell, what was not run by name, and the versions of each environment once."""
    tried = [outcome(Cell("3.12")), outcome(Cell("3.12", strict=True), failed=2)]
    write(tried, tmp_path / "kept.json")
    assert list(read(tmp_path / "kept.json").values()) == tried
    drawn = page(tried, {"3.13-pinned-asyncio": "no python3.13 on this machine"})
    assert "| 3.12.9 | pinned | asyncio | yes | 7 | 2 | 2026-01-02 |" in drawn
    assert "not run: 3.13-pinned-asyncio: no python3.13 on this machine" in drawn
    assert "| httpx | 0.28.1 |" in drawn


def test_an_interpreter_is_asked_for_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only bears the name, as the scripts of pyenv do, is passed over."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    pretender = tmp_path / "python3.99"
    pretender.write_text("#!/bin/sh\nexit 127\n")
    pretender.chmod(0o755)
    assert find("3.99") is None
    ours = "{}.{}".format(*sys.version_info)
    (tmp_path / f"python{ours}").symlink_to(sys.executable)
    assert find(ours) == tmp_path / f"python{ours}"


def test_uvloop_is_the_loop_of_every_test(pytester: pytest.Pytester) -> None:
    """Of an asynchronous test, and of a synchronous one that runs a loop by itself."""
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    )
    pytester.makepyfile(
        """
        import asyncio

        async def loop():
            return type(asyncio.get_running_loop()).__module__

        async def test_one():
            assert await loop() == "uvloop"

        def test_other():
            assert asyncio.run(loop()) == "uvloop"
        """
    )
    plugin = Path(__file__).with_name("on_uvloop.py").read_text("utf-8")
    pytester.makepyfile(on_uvloop=plugin)
    pytester.runpytest_subprocess("-p", "on_uvloop").assert_outcomes(passed=2)
