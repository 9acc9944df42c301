"""Wrong use is told the same way by every command, for people and for machines, and nothing is sent."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.core import TyperOption

from pushwoosh_async.cli.app import app
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import environment, settings


def commands() -> Iterator[tuple[list[str], list[TyperOption]]]:
    """Yield what is typed for each command, and its options."""
    root = typer.main.get_command(app)
    pending: list[tuple[list[str], Any]] = [([], root)]
    while pending:
        typed, command = pending.pop()
        below = getattr(command, "commands", {})
        pending += [([*typed, name], each) for name, each in below.items()]
        if not below:
            yield typed, [each for each in command.params if isinstance(each, TyperOption)]


EVERY = [(typed, each) for typed, options in commands() for each in options]
SINGLE = [(typed, each.opts[0]) for typed, each in EVERY if not each.is_flag and not each.multiple]


def test_there_are_options_to_try() -> None:
    """Of many commands."""
    assert len({tuple(typed) for typed, _ in SINGLE}) >= 14


@pytest.mark.parametrize(
    ("typed", "option"), SINGLE, ids=lambda each: " ".join(each) if isinstance(each, list) else each
)
def test_an_option_of_one_value_given_twice(shell: Shell, typed: list[str], option: str) -> None:
    """The first would be lost in silence: it is refused by name."""
    for again in ([option, "1"], [f"{option}=2"]):
        result = shell(None, *typed, option, "1", *again)
        assert (result.code, result.complaint) == (2, f"{option}: give it once")


def test_what_may_be_given_twice(shell: Shell, sandbox: Sandbox) -> None:
    """Options of several values, and flags."""
    command = ["create-message", "--content", "x", "--user", "a", "--user", "b", "--json", "--json"]
    assert shell(sandbox, *command).code == 0
    assert set(sandbox.ledger.counts()) == {"a", "b"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["create-message", "--content", "x", "--user", "a"], "--token-file: give it"),
        (["create-message", "--to", "x"], "No such option: --to"),
        (["get-tags"], "--device-token-file: give it"),
        (["send"], "--users: give a file"),
        (["send", "--users", "a", "--users", "b"], "--users: give it once"),
        (["probe"], "--user"),
        (["sandbox", "--faults", "nonsense"], "--faults: "),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_use_for_machines(shell: Shell, arguments: list[str], complaint: str) -> None:
    """With --json the complaint is an object on standard output, too; without it there is none."""
    result = shell(None, *arguments, "--json")
    found = result.document
    assert result.code == found["exit_code"] == 2
    assert complaint in found["error"]
    assert result.complaint == found["error"]
    assert (found["errors"], found["delivery"], found["transaction_ids"]) == ([], "not_sent", [])
    assert shell(None, *arguments).out == ""


def test_json_behind_two_hyphens_is_no_option(shell: Shell) -> None:
    """It is a text like any other."""
    assert shell(None, "filter", "check", "--", "--json").out == ""


@pytest.mark.parametrize("command", [["create-message"], ["filter", "check"], ["probe"]])
def test_the_help_that_is_named(shell: Shell, command: list[str]) -> None:
    """It is that of the command that was typed."""
    complaint = shell(None, *command, "--wrong").complaint
    assert complaint.endswith(f"(see pushwoosh-async {' '.join(command)} --help)")


@pytest.mark.parametrize(
    "arguments", [["get-push-history", "--json"], ["get-push-history", "--wrong", "--json"]]
)
def test_a_reader_that_has_gone(sandbox: Sandbox, shell: Shell, arguments: list[str]) -> None:
    """Nothing is said of it."""
    many = [part for n in range(12) for part in ("--user", f"u{n}")]
    assert shell(sandbox, "create-message", "--content", "x", *many).code == 0
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(settings(sandbox)),
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process.stderr:
        complaints = process.stderr.read()
    assert (process.wait(60), complaints) == (1, "")
