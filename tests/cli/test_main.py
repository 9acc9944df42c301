"""The program itself: its version, its help, and what it says when a part of it is missing."""

import subprocess
import sys

import pytest

from pushwoosh_async import __version__

from .conftest import Shell
from .shell import environment, finish, start
from .test_sandbox import run_python


def test_the_version(shell: Shell) -> None:
    """As the library has it."""
    result = shell(None, "--version")
    assert (result.code, result.out) == (0, f"pushwoosh-async {__version__}\n")


def test_without_a_command_it_shows_its_help(shell: Shell) -> None:
    """And ends as after wrong use."""
    result = shell(None)
    assert result.code == 2
    assert all(command in result.out for command in ("send", "sandbox", "demo"))


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_the_extra(package: str) -> None:
    """One sentence says what to install."""
    code = (
        f"import sys; sys.modules[{package!r}] = None\nfrom pushwoosh_async.cli import main; main()"
    )
    result = run_python(code)
    assert result.complaint == "the command line needs: pip install 'pushwoosh-async[cli]'"


def test_as_a_module() -> None:
    """``python -m pushwoosh_async`` is the same program."""
    assert finish(start("--version")).out == f"pushwoosh-async {__version__}\n"


def test_a_pipe_that_is_closed(users: object) -> None:
    """``... | head`` is no error to make a fuss about."""
    command = [sys.executable, "-m", "pushwoosh_async", "send", "--help"]
    process = subprocess.Popen(  # noqa: S603 -- our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment({}), text=True
    )
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    complaints = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert "Traceback" not in complaints
