"""``--notifications-per-request``: many notifications in one request, from one session to the next."""

from pathlib import Path

import pytest
import typer

from pushwoosh_async.cli.app import app
from pushwoosh_async.sandbox import Sandbox

from .conftest import Half, Shell, Start


@pytest.fixture
def packed(users: Path) -> list[str]:
    """A send of 2500 users in 25 notifications."""
    line = ["send", "--users", str(users), "--content", "x", "--chunk-size", "100", "--json"]
    return [*line, "--no-rate-limit"]


@pytest.mark.parametrize(("text", "most", "requests"), [("8", 8, 5), ("max", 24, 2), ("1", 1, 25)])
def test_so_many_share_a_request(
    shell: Shell, sandbox: Sandbox, packed: list[str], text: str, most: int, requests: int
) -> None:
    """But for the first, which goes alone."""
    report = shell(sandbox, *packed, "--notifications-per-request", text).document
    assert (report["accepted"], report["requests"]) == (2500, requests)
    assert sandbox.traffic().most_notifications == most
    assert sandbox.truth().recipients == sandbox.truth().deliveries == 2500


def test_by_default_each_goes_alone(shell: Shell, sandbox: Sandbox, packed: list[str]) -> None:
    """A refusal is then clean."""
    assert shell(sandbox, *packed).code == 0
    assert sandbox.traffic().most_notifications == 1


def test_a_request_has_its_bytes(shell: Shell, sandbox: Sandbox, packed: list[str]) -> None:
    """No request is larger."""
    options = ["--notifications-per-request", "max", "--max-request-bytes", "10000"]
    assert shell(sandbox, *packed, *options).code == 0
    assert sandbox.traffic().most_notifications > 1
    assert 5_000 < sandbox.traffic().largest_body <= 10_000 + len('"auth":"sandbox-token",')


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--notifications-per-request", "0"], "--notifications-per-request: must be 1 to 1000"),
        (["--notifications-per-request", "1001"], "--notifications-per-request: must be 1 to 1000"),
        (["--notifications-per-request", "all"], "--notifications-per-request: must be a number"),
        (["--notifications-per-request", "-1"], "--notifications-per-request: must be a number"),
        (["--max-request-bytes", "1"], "--max-request-bytes: must be 10000 to 9900000"),
        (
            ["--notifications-per-request", "2", "--on-rejected", "bisect"],
            "--on-rejected: 'bisect' needs --notifications-per-request 1",
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_wrong_values(
    shell: Shell, sandbox: Sandbox, packed: list[str], options: list[str], complaint: str
) -> None:
    """The line names the option and the rule, and no request leaves."""
    result = shell(sandbox, *packed, *options)
    assert result.code == 2
    assert result.complaint.startswith(complaint)
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize("again", ["send", "resume"])
def test_sessions_may_differ(
    shell: Shell, sandbox: Sandbox, line: list[str], half: Half, journal: Path, again: str
) -> None:
    """One begun singly goes on packed, and nobody is sent to twice."""
    half()
    assert sandbox.traffic().most_notifications == 1
    command = line if again == "send" else ["resume", str(journal), "--json", "--no-rate-limit"]
    report = shell(sandbox, *command, "--notifications-per-request", "20").document
    assert (report["accepted"], sandbox.traffic().most_notifications) == (2500, 20)
    assert sandbox.truth().recipients == sandbox.truth().deliveries == 2500


def test_a_lost_answer_is_a_doubt_of_all_in_the_pack(
    shell: Shell, start_sandbox: Start, packed: list[str]
) -> None:
    """By a server that confirms no repeat: exit code 4, each by its range, and nobody twice."""
    sandbox = start_sandbox(repeat="210")
    sandbox.script([None, "reset_after"])
    options = ["--notifications-per-request", "6", "--concurrency", "1"]
    result = shell(sandbox, *packed, *options)
    assert result.code == 4
    report = result.document
    assert (report["accepted"], report["in_doubt"]) == (2000, 500)
    assert [each["start"] for each in report["in_doubt_chunks"]] == [*range(100, 600, 100)]
    assert sandbox.truth().recipients == sandbox.truth().deliveries == 2500


@pytest.mark.parametrize("command", ["send", "resume"])
def test_what_a_failed_request_costs_is_said_beside_the_option(command: str) -> None:
    """In its help."""
    shown = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    (option,) = [each for each in shown.params if each.name == "notifications_per_request"]
    assert "One failed request leaves all of its notifications in doubt" in option.help
