"""What every command that makes a single call does: how it is reached, and how it ends."""

import json
import signal
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import TOKEN, finish, settings, start, until

SEND = ["create-message", "--content", "Hi", "--user", "u"]
# Each command in its shortest form, with what it needs besides the API token and a message.
COMMANDS = {
    "create-message": SEND[1:],
    "create-targeted-message": ["--content", "x", "--filter", 'A("XXXXX-XXXXX")'],
    "create-sms-message": ["--content", "x", "--to", "+1234567890"],
    "delete-message": ["AAAA-00000000-00000000"],
    "cancel-message": ["AAAA-00000000-00000000"],
    "get-message-details": ["AAAA-00000000-00000000"],
    "get-push-history": [],
    "get-message-totals": ["AAAA-00000000-00000000"],
    "register-device": ["--hwid", "h", "--device-type", "1"],
    "unregister-device": ["h"],
    "register-user": ["bob", "--hwid", "h"],
    "set-tags": ["--hwid", "h", "--tag", "a=1"],
    "get-tags": ["--hwid", "h"],
}
FOR_DEVICES = {"register-device", "unregister-device", "register-user", "set-tags", "get-tags"}
WITH_APPLICATION = FOR_DEVICES | {"create-message", "create-sms-message"}


@pytest.mark.parametrize("command", COMMANDS)
class TestReach:
    """The options that reach the API are the same everywhere; none is there for nothing."""

    def test_the_help_lists_them_and_the_exit_codes(self, shell: Shell, command: str) -> None:
        """The application and the tokens only where they are used."""
        shown = shell(None, command, "--help").out
        assert ("--application" in shown) == (command in WITH_APPLICATION)
        assert (" --device-token-file" in shown) == (command in FOR_DEVICES)
        assert (" --token-file" in shown) == (command not in FOR_DEVICES)
        assert all(option in shown for option in ("--base-url", "--timeout", "--json"))
        assert "  4  no clear answer; it may have been sent or done" in shown

    def test_what_it_needs_is_asked_for(self, shell: Shell, sandbox: Sandbox, command: str) -> None:
        """The token first; a code of an application only where it is used."""
        lonely = shell(None, command, *COMMANDS[command])
        assert lonely.code == 2
        token = "--device-token-file" if command in FOR_DEVICES else "--token-file"
        assert lonely.complaint.startswith(f"{token}: give it, or set PUSHWOOSH_")
        no_application = {"PUSHWOOSH_APPLICATION": ""}
        without = shell(sandbox, command, *COMMANDS[command], env=no_application)
        if command in WITH_APPLICATION:
            assert without.complaint == "--application: give it, or set PUSHWOOSH_APPLICATION"
        else:
            assert without.code != 2
            assert sandbox.truth().requests == 1

    def test_the_token_is_shown_nowhere(
        self, shell: Shell, start_sandbox: Start, command: str
    ) -> None:
        """Whether it is accepted or refused, for people or for machines."""
        sandbox = start_sandbox(token="canary-1", device_token="canary-1")
        for token in ("canary-1", "canary-2"):
            env = {"PUSHWOOSH_API_TOKEN": token, "PUSHWOOSH_DEVICE_API_TOKEN": token}
            result = shell(sandbox, command, *COMMANDS[command], "--json", env=env)
            assert "canary" not in result.out + result.err
            assert (result.code == 5) == (token == "canary-2")

    def test_a_wrong_option(self, shell: Shell, sandbox: Sandbox, command: str) -> None:
        """One line, and no request; the token has no option."""
        for option in ("--wrong", "--token"):
            result = shell(sandbox, command, *COMMANDS[command], option, "x")
            assert result.code == 2
            assert option in result.complaint
        assert sandbox.truth().connections == 0


def test_the_token_from_a_private_file(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """As for send; one that others may read is refused."""
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text(TOKEN)
    assert shell(sandbox, *SEND, "--token-file", str(path)).code == 0
    path.chmod(0o644)
    refused = shell(sandbox, *SEND, "--token-file", str(path))
    assert (refused.code, sandbox.truth().accepted) == (2, 1)
    assert "its mode is 0644" in refused.complaint


def test_the_environment_is_named_where_it_is_wrong(shell: Shell, sandbox: Sandbox) -> None:
    """Not an option that nobody typed."""
    for name, value in {
        "PUSHWOOSH_API_TOKEN": "two words",
        "PUSHWOOSH_APPLICATION": "?",
        "PUSHWOOSH_BASE_URL": "ftp://127.0.0.1",
    }.items():
        result = shell(sandbox, *SEND, env={name: value})
        assert result.code == 2
        assert result.complaint.startswith(f"{name}: ")


def test_the_vendors_own_address_by_default(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """It need not be given; a dry run asks nobody."""
    command = ["send", "--users", str(users), "--content", "x", "--dry-run"]
    assert shell(sandbox, *command, env={"PUSHWOOSH_BASE_URL": ""}).code == 0


class TestEnding:
    """The exit code says what became of it, and so do the words."""

    def test_accepted(self, shell: Shell, sandbox: Sandbox) -> None:
        """Nothing on standard error; a repeat that cleared a doubt is mentioned there."""
        assert shell(sandbox, *SEND).err == ""
        sandbox.script(["reset_after"])
        repeated = shell(sandbox, *SEND)
        assert repeated.code == 0
        assert "; trying again in " in repeated.complaint
        assert sandbox.truth().deliveries == 2

    def test_rejected(self, shell: Shell, start_sandbox: Start) -> None:
        """Exit code 3: nobody got it."""
        sandbox = start_sandbox(max_body=100)
        result = shell(sandbox, *SEND, "--json")
        assert result.code == 3
        assert result.complaint.endswith("; nobody got it")
        assert result.document["delivery"] == "rejected"

    def test_in_doubt(self, shell: Shell, start_sandbox: Start) -> None:
        """Exit code 4: it may have been sent. The document holds the id to ask about."""
        sandbox = start_sandbox(repeat="210", keep_notifications=True)
        sandbox.script(["reset_after"])
        result = shell(sandbox, *SEND, "--json")
        assert result.code == 4
        assert result.err.endswith("; it may have been sent\n")
        found = result.document
        assert set(found) == {"error", "errors", "delivery", "transaction_ids", "exit_code"}
        assert (found["delivery"], found["exit_code"], found["errors"]) == ("in_doubt", 4, [])
        assert found["transaction_ids"] == [sandbox.ledger.notifications[0]["transactionId"]]
        assert result.err.endswith(f"{found['error']}\n")

    def test_not_sent(self, shell: Shell, sandbox: Sandbox) -> None:
        """Exit code 5: it was not sent."""
        result = shell(sandbox, *SEND, "--application", "AAAAA-BBBBB")
        assert (result.code, result.out) == (5, "")
        assert "Application not found" in result.complaint
        assert result.complaint.endswith("; it was not sent")

    def test_cancelled_while_it_was_under_way(self, start_sandbox: Start) -> None:
        """Exit code 130, and words that promise nothing."""
        sandbox = start_sandbox(latency=2.0)
        process = start(*SEND, env=settings(sandbox))
        until(lambda: sandbox.truth().deliveries == 1)
        process.send_signal(signal.SIGINT)
        result = finish(process)
        assert result.code == 130
        assert result.complaint == "cancelled; it may have been sent"

    def test_cancelled_before_anything_was_asked(self) -> None:
        """Nothing is said of messages while a filter is read from standard input."""
        process = start("filter", "check", "-")
        assert process.stdin
        # More than a pipe holds: when all of it is written, somebody is reading.
        process.stdin.write(" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        result = finish(process)
        assert (result.code, result.out) == (130, "")
        assert "Traceback" not in result.err


def test_what_a_server_says_is_shown_as_text(shell: Shell, sandbox: Sandbox) -> None:
    """In a document, too: nothing that a terminal would obey."""
    code = "\x1b[2J"
    result = shell(sandbox, "delete-message", code, "--json")
    assert json.loads(result.out)["exit_code"] == 3
    assert "\x1b" not in result.out + result.err
