"""The interpreter's switches: every warning an error, development mode, no asserts, no docstrings."""

import ast
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pushwoosh_async
from adversity.story import Story

from .programs import STRICT, run
from .test_event_loops import assert_same_results

PACKAGE = Path(pushwoosh_async.__file__).parent
# Imports what it is told, each module by itself, and says which it imported.
IMPORTING = """
import importlib, json, sys
names = sys.argv[1:]
for name in names: importlib.import_module(name)
print(json.dumps([name for name in names if name in sys.modules]))
"""


def modules() -> list[str]:
    """Return the names of all modules of ours; the one that starts the command line runs it."""
    found = pkgutil.walk_packages([str(PACKAGE)], "pushwoosh_async.")
    names = [each.name for each in found if not each.name.endswith("__main__")]
    return ["pushwoosh_async", *names, "pytest_pushwoosh_async"]


@pytest.mark.row("C12")
def test_every_module_is_imported(story: Story, tmp_path: Path) -> None:
    """Bytes compared with text, and files opened in no named encoding, would be said too."""
    (tmp_path / "importing.py").write_text(IMPORTING, "utf-8")
    strictest = (*STRICT, "-bb", "-X", "warn_default_encoding")
    ended = run(
        "importing", *modules(), switches=strictest, environment={"PYTHONPATH": str(tmp_path)}
    )
    assert (ended.code, ended.err) == (0, "")
    imported = json.loads(ended.out)
    assert imported == modules()
    story.saw(f"{len(imported)} modules imported, {len(ended.err.splitlines())} lines of warnings")


@pytest.mark.slow
@pytest.mark.row("C12")
def test_a_send_in_development_mode(story: Story) -> None:
    """Nothing is left open, and nothing outlives its event loop: development mode would say so."""
    said = assert_same_results(run("adversity.compatibility.one_send", "asyncio"), story)
    assert {each["debug"] for each in said} == {True}


@pytest.mark.row("C13")
@pytest.mark.parametrize("switch", [pytest.param("-O", marks=pytest.mark.slow), "-OO"])
def test_without_asserts_and_docstrings(story: Story, switch: str) -> None:
    """A send that loses an answer, as ever."""
    switches = (switch, "-W", "error")
    assert_same_results(
        run("adversity.compatibility.one_send", "asyncio", switches=switches), story
    )


@pytest.mark.slow
@pytest.mark.row("C13")
def test_the_command_line_without_docstrings(story: Story) -> None:
    """The commands keep their names, options and exit codes; what describes them is left out."""
    listed = run("pushwoosh_async", "--help", switches=("-OO",))
    wrong = run("pushwoosh_async", "send", "--none", switches=("-OO",))
    assert listed.code == 0
    assert "create-targeted-message" in listed.out
    assert wrong.code == 2
    story.saw(f"the command line: exit code {listed.code} for help, {wrong.code} for wrong use")


def asserts() -> Iterator[str]:
    """Yield every assert of the package, as it is written."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assert):
                yield ast.unparse(node.test)


@pytest.mark.row("C13")
def test_an_assert_is_for_the_type_checker_only(story: Story) -> None:
    """Each says that something is not None; where it were, the next line would fail by itself."""
    written = list(asserts())
    others = [text for text in written if not text.endswith(" is not None")]
    assert others == []
    story.saw(f"asserts of the package that say more than 'is not None': {len(others)}")


def test_the_list_of_modules_is_whole() -> None:
    """So that a module nobody lists is not one that nobody imports."""
    files = [each for each in PACKAGE.rglob("*.py") if each.name != "__main__.py"]
    assert len(modules()) == len(files) + 1
    assert "pushwoosh_async.cli.commands.send" in modules()
    assert sys.flags.optimize == 0, "these tests assert"
