"""``register-device`` and the commands beside it: devices, users, tags, and a token of their own."""

import json
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import APPLICATION, DEVICE_TOKEN, Recorder

REGISTER = ["register-device", "--hwid", "h", "--device-type", "1"]


@pytest.fixture
def device(shell: Shell, sandbox: Sandbox) -> str:
    """A device that is registered."""
    assert shell(sandbox, *REGISTER).code == 0
    return "h"


def test_a_device_with_its_tags_and_its_user(shell: Shell, sandbox: Sandbox) -> None:
    """It is found again by both; texts are shown as text."""
    tags = ["--tag", "Age=30", "--tag", 'City="\\u009b2J"', "--tag", 'Likes=["tea"]']
    more = ["--push-token", "t0", "--language", "de", "--timezone", "3600", "--user-id", "bob"]
    result = shell(sandbox, *REGISTER, *tags, *more)
    assert (result.code, result.out, result.err) == (0, "Registered.\n", "")
    for whom in (["--hwid", "h"], ["--user-id", "bob"]):
        shown = shell(sandbox, "get-tags", *whom)
        assert shown.code == 0
        rows = [line.split(maxsplit=1) for line in shown.out.splitlines()]
        assert rows == [["Age", "30"], ["City", r'"\x9b2J"'], ["Likes", '["tea"]']]
        assert "\x9b" not in shown.out
        found = shell(sandbox, "get-tags", *whom, "--json").document
        assert found == {"tags": {"Age": 30, "City": "\x9b2J", "Likes": ["tea"]}}


def test_a_device_from_a_file(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """In the API's JSON; an option adds to it, and must not say what it says."""
    path = tmp_path / "device.json"
    path.write_text(json.dumps({"hwid": "h", "device_type": 1, "idfa": "i", "userId": "bob"}))
    command = ["register-device", "--device", str(path)]
    result = shell(sandbox, *command, "--tag", "Age=30", "--json")
    assert result.document == {"done": True}
    assert shell(sandbox, "get-tags", "--user-id", "bob", "--json").document["tags"] == {"Age": 30}
    clash = shell(sandbox, *command, "--user-id", "eve")
    assert clash.complaint == "--user-id: the file given as --device sets 'userId' too"


def test_a_device_that_is_unregistered(shell: Shell, sandbox: Sandbox, device: str) -> None:
    """It is not found any more."""
    assert shell(sandbox, "unregister-device", device).out == "Unregistered.\n"
    refused = shell(sandbox, "get-tags", "--hwid", device)
    assert refused.code == 3
    assert refused.complaint.endswith("Device not found")
    assert shell(sandbox, "unregister-device", device, "--json").document == {"done": True}


def test_a_user(shell: Shell, sandbox: Sandbox, device: str) -> None:
    """The device belongs to it from then on; an unknown device is refused."""
    command = ["register-user", "bob", "--hwid"]
    result = shell(sandbox, *command, device, "--tz-offset", "3600", "--device-type", "1")
    assert (result.code, result.out) == (0, "Registered.\n")
    assert shell(sandbox, "get-tags", "--user-id", "bob").out == "No tags are set.\n"
    refused = shell(sandbox, *command, "unknown", "--json")
    assert (refused.code, refused.document["delivery"]) == (3, "rejected")
    assert refused.complaint.endswith("; nothing was changed")
    assert shell(sandbox, *command, device, "--json").document == {"done": True}


def test_what_else_is_said_of_a_user(shell: Shell, recorder: Recorder) -> None:
    """It goes to the API under its own names."""
    more = ["--tz-offset", "-3600", "--device-type", "3"]
    command = ["register-user", "bob", "--hwid", "h", *more]
    assert shell(None, *command, env=recorder.settings).code == 0
    (asked,) = recorder.requests
    assert asked == {
        "application": APPLICATION,
        "userId": "bob",
        "hwid": "h",
        "tz_offset": -3600,
        "device_type": 3,
    }


def test_tags_that_are_set(shell: Shell, sandbox: Sandbox, device: str) -> None:
    """Of a device, and of a user; a name may be any text, an equals sign ends it."""
    command = ["set-tags", "--hwid", device]
    result = shell(sandbox, *command, "--tag", 'a b="x=y"', "--tag", "n=1.5")
    assert (result.code, result.out) == (0, "Set.\n")
    assert shell(sandbox, *command, "--tag", "n=true", "--json").document == {"done": True}
    found = shell(sandbox, "get-tags", "--hwid", device, "--json").document["tags"]
    assert found == {"a b": "x=y", "n": True}
    shell(sandbox, "register-user", "bob", "--hwid", device)
    assert shell(sandbox, "set-tags", "--user-id", "bob", "--tag", "n=2").code == 0
    assert shell(sandbox, "get-tags", "--hwid", device, "--json").document["tags"]["n"] == 2


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["register-device", "--device-type", "1"], "--hwid: is required"),
        (["register-device", "--hwid", "h"], "--device-type: is required"),
        (["register-device", "--hwid", "h", "--device-type", "x"], "--device-type: must be"),
        ([*REGISTER, "--language", "German"], "--language: must"),
        ([*REGISTER, "--email", "nobody"], "--email: must"),
        ([*REGISTER, "--tag", "Age"], "--tag: must be a name, = and a JSON value"),
        ([*REGISTER, "--tag", "=1"], "--tag: must be a name, = and a JSON value"),
        ([*REGISTER, "--tag", "a=1", "--tag", "a=2"], "--tag: 'a' is given twice"),
        ([*REGISTER, "--tag", "City=secret-7"], "--tag: the value of 'City' must be JSON"),
        ([*REGISTER, "--tag", "a=" + "[" * 100_000], "--tag: the value of 'a' must be JSON"),
        ([*REGISTER, "--tag", "a=NaN"], "--tag"),
        ([*REGISTER, "--push-token", " "], "--push-token: must not be empty"),
        ([*REGISTER, "--device", "/none"], "--device '/none': No such file"),
        (["register-device", "--hwid", "1", "--device-type", "18"], "--hwid: must be a number in"),
        (["unregister-device", " "], "HWID: must not be empty"),
        (["unregister-device"], "HWID"),
        (["register-user", " ", "--hwid", "h"], "USER_ID: must not be empty"),
        (["register-user", "bob"], "--hwid"),
        (["register-user", "bob", "--hwid", " "], "--hwid: must not be empty"),
        (["set-tags", "--hwid", "h"], "--tag: must hold at least one"),
        (["set-tags", "--tag", "a=1"], "--hwid: give it or --user-id"),
        (["set-tags", "--tag", "a=1", "--hwid", "h", "--user-id", "u"], "--hwid: give it or"),
        (["get-tags"], "--hwid: give it or --user-id"),
        (["get-tags", "--user-id", ""], "--user-id: must not be empty"),
    ],
    ids=lambda x: " ".join(x)[:60] if isinstance(x, list) else "",
)
def test_bad_input(shell: Shell, sandbox: Sandbox, command: list[str], complaint: str) -> None:
    """The option and the rule are named, a value is not shown, and no request leaves."""
    result = shell(sandbox, *command)
    assert result.code == 2
    assert complaint in result.complaint
    assert "secret-7" not in result.err
    assert result.out == ""
    assert sandbox.truth().connections == 0


class TestToken:
    """The device token comes from the environment or a private file, as the API's does."""

    def test_a_private_file(self, shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
        """It does without any API token."""
        path = tmp_path / "token"
        path.touch(mode=0o600)
        path.write_text(DEVICE_TOKEN)
        command = [*REGISTER, "--device-token-file", str(path)]
        env = {"PUSHWOOSH_API_TOKEN": "", "PUSHWOOSH_DEVICE_API_TOKEN": ""}
        assert shell(sandbox, *command, env=env).code == 0
        path.chmod(0o640)
        refused = shell(sandbox, *command, env=env)
        assert refused.code == 2
        assert refused.complaint.startswith("--device-token-file ")
        assert "its mode is 0640" in refused.complaint

    def test_the_api_token_does_not_do(self, shell: Shell, sandbox: Sandbox) -> None:
        """Where the device token is missing, that is what is asked for."""
        result = shell(sandbox, *REGISTER, env={"PUSHWOOSH_DEVICE_API_TOKEN": ""})
        assert result.code == 2
        wanted = "--device-token-file: give it, or set PUSHWOOSH_DEVICE_API_TOKEN"
        assert result.complaint == wanted

    def test_a_token_that_is_refused(self, shell: Shell, sandbox: Sandbox) -> None:
        """Exit code 5: nothing was changed."""
        result = shell(sandbox, *REGISTER, "--json", env={"PUSHWOOSH_DEVICE_API_TOKEN": "x"})
        assert (result.code, result.document["delivery"]) == (5, "not_sent")
        assert result.complaint.endswith("; nothing was changed")
