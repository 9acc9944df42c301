"""A file with a whole request of the API's, where one message or device is wanted."""

import json
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["send", "--dry-run", "--users"], "--message"),
        (["send", "--users"], "--message"),
        (["create-message"], "--message"),
        (["create-message", "--user", "u", "--content", "x"], "--message"),
        (["create-targeted-message"], "--message"),
        (["create-sms-message"], "--message"),
        (["register-device"], "--device"),
    ],
)
def test_a_whole_request_is_refused(
    shell: Shell, sandbox: Sandbox, tmp_path: Path, users: Path, command: list[str], option: str
) -> None:
    """Option, file and rule are named, no value is shown, and nothing leaves."""
    inner = {"application": "CANARY", "auth": "CANARY", "notifications": [{"content": "CANARY"}]}
    path = tmp_path / "request.json"
    path.write_text(json.dumps({"request": inner}))
    typed = [*command, str(users)] if "--users" in command else command
    result = shell(sandbox, *typed, option, str(path))
    assert result.code == 2
    assert result.complaint.startswith(f"{option} '{path}': request: ")
    assert f"whole request; {option} takes " in result.complaint
    assert "CANARY" not in result.out + result.err
    assert sandbox.truth().connections == 0
