"""The token comes from the environment or a private file, and goes nowhere but into requests."""

import os
from pathlib import Path

import pytest
from adversity.story import Story

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import TOKEN, finish, settings, start

CANARY = "canary-3f1c9d"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text(f"{TOKEN}\n")
    return path


def send(users: Path, token: Path) -> list[str]:
    return ["send", "--users", str(users), "--content", "x", "--token-file", str(token), "--json"]


def test_a_private_file_is_read(
    shell: Shell, sandbox: Sandbox, users: Path, token_file: Path
) -> None:
    """Of mode 0600 and of 0400."""
    assert shell(sandbox, *send(users, token_file)).code == 0
    token_file.chmod(0o400)
    assert shell(sandbox, *send(users, token_file)).code == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o700])
def test_a_file_that_others_may_read_is_refused(
    shell: Shell, sandbox: Sandbox, users: Path, token_file: Path, mode: int
) -> None:
    """Any bit beyond 0600, named in the complaint."""
    token_file.chmod(mode)
    result = shell(sandbox, *send(users, token_file))
    assert result.code == 2
    assert f"its mode is {mode:04o}; it must be 0600 or less" in result.complaint
    assert sandbox.truth().requests == 0


def test_what_is_no_plain_file_is_refused(
    shell: Shell, sandbox: Sandbox, users: Path, token_file: Path, tmp_path: Path
) -> None:
    """A link, a directory, a fifo, nothing at all."""
    link, fifo, missing = tmp_path / "link", tmp_path / "fifo", tmp_path / "missing"
    link.symlink_to(token_file)
    os.mkfifo(fifo, 0o600)
    for path, reason in [
        (link, "symbolic link"),
        (tmp_path, "regular file"),
        (fifo, "regular file"),
        (missing, "No such file"),
    ]:
        result = shell(sandbox, *send(users, path))
        assert result.code == 2
        assert reason in result.complaint
    assert sandbox.truth().requests == 0


@pytest.mark.parametrize(
    "content", [f"{CANARY}\nmore\n", "", f"{CANARY} x", f"\x1b{CANARY}", f"é{CANARY}", "a" * 5000]
)
def test_what_is_no_token_is_refused_unseen(
    shell: Shell, sandbox: Sandbox, users: Path, token_file: Path, content: str
) -> None:
    """The complaint names the file and the rule, never what the file holds."""
    token_file.write_text(content)
    result = shell(sandbox, *send(users, token_file))
    assert result.code == 2
    assert "--token-file" in result.complaint
    assert CANARY not in result.out + result.err
    assert sandbox.truth().requests == 0


@pytest.mark.row("R4")
def test_the_token_is_shown_nowhere(
    start_sandbox: Start, users: Path, tmp_path: Path, story: Story
) -> None:
    """Not in the report, the progress or the errors of a run that meets every kind of trouble."""
    sandbox = start_sandbox(token=CANARY)
    sandbox.script(["reset_after", "error_500_before", "garbage_after", "html_before"])
    environment = {**settings(sandbox), "PUSHWOOSH_API_TOKEN": CANARY}
    process = start("send", "--users", str(users), "--content", "x", "--json", env=environment)
    result = finish(process)
    assert result.code == 0
    assert sandbox.truth().recipients == 2500
    shown = (result.out + result.err).count(CANARY)
    assert shown == 0
    story.saw(f"token {shown} times in what a command prints")


def test_a_refused_token_stops_the_run_and_is_not_shown(
    shell: Shell, sandbox: Sandbox, users: Path, token_file: Path
) -> None:
    """Everybody is not sent to; exit code 5."""
    token_file.write_text(CANARY)
    result = shell(sandbox, *send(users, token_file))
    assert result.code == 5
    assert result.document["not_sent"] == 2500
    assert "was refused" in result.complaint
    assert CANARY not in result.out + result.err
    assert sandbox.truth().recipients == 0


def test_there_is_no_option_for_it(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """Other users of a machine can read the arguments of a process."""
    result = shell(sandbox, "send", "--users", str(users), "--content", "x", "--token", CANARY)
    assert result.code == 2
    assert "--token" in result.complaint
    assert CANARY not in result.out + result.err
