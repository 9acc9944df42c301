"""``create-message``, ``create-targeted-message``, ``create-sms-message``: one message, or none."""

import json
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import finish, settings, start

SEVERAL = [part for n in range(12) for part in ("--user", f"u{n}")]
BOUNDED = 'A("XXXXX-XXXXX") * T("Age", GTE, 20)'


def file_of(tmp_path: Path, wire: object) -> str:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(wire))
    return str(path)


class TestCreateMessage:
    """``create-message``."""

    def test_to_users(self, shell: Shell, start_sandbox: Start) -> None:
        """They are delivered to; the receipt shows the code and the id it was sent with."""
        sandbox = start_sandbox(keep_notifications=True)
        when = "2030-01-31T09:00+01:00"
        options = ["--content", "Hi", "--title", "T", "--send-date", when]
        result = shell(sandbox, "create-message", *options, *SEVERAL)
        assert (result.code, result.err) == (0, "")
        sent = sandbox.ledger.notifications[0]
        assert sent["users"] == [f"u{n}" for n in range(12)]
        assert sent["content"] == "Hi"
        assert sent["title"] == "T"
        assert sent["send_date"] == "2030-01-31 08:00"
        assert sent["ignore_user_timezone"] is True
        assert f"transaction id  {sent['transactionId']}" in result.out
        assert "message code" in result.out

    def test_for_machines(self, shell: Shell, start_sandbox: Start) -> None:
        """One object, with the ids that the application does not know."""
        sandbox = start_sandbox(unknown=("u3",), keep_notifications=True)
        found = shell(sandbox, "create-message", "--content", "Hi", *SEVERAL, "--json").document
        assert found["unknown_devices"] == ["u3"]
        assert found["transaction_id"] == sandbox.ledger.notifications[0]["transactionId"]
        code = found["message_code"]
        assert shell(sandbox, "get-message-details", code, "--json").document["code"] == code

    def test_without_a_code(self, shell: Shell, sandbox: Sandbox) -> None:
        """The API gives none to a few devices at once; that is said, and is no failure."""
        command = ["create-message", "--content", "Hi", "--device", "d"]
        result = shell(sandbox, *command)
        assert result.code == 0
        assert "none: the API gives none" in result.out
        assert shell(sandbox, *command, "--json").document["message_code"] is None
        assert set(sandbox.ledger.counts()) == {"d"}

    def test_unknown_ids_are_shown_as_text(self, shell: Shell, start_sandbox: Start) -> None:
        """Ten of them, whatever they hold."""
        ids = [f"\x1b[3{n}m" for n in range(12)]
        sandbox = start_sandbox(unknown=ids)
        users = [part for name in ids for part in ("--user", name)]
        result = shell(sandbox, "create-message", "--content", "Hi", *users)
        assert "\\x1b[39m, ..." in result.out
        assert "\x1b" not in result.out
        assert "12 ids" in result.out

    def test_a_file_may_choose_whom(
        self, shell: Shell, start_sandbox: Start, tmp_path: Path
    ) -> None:
        """By conditions, here; its keys go out as they stand, an option adds to them."""
        sandbox = start_sandbox(keep_notifications=True)
        conditions = [["Age", "GTE", 20]]
        path = file_of(tmp_path, {"conditions": conditions, "ios_badges": 3, "new": [1]})
        result = shell(sandbox, "create-message", "--content", "Hi", "--message", path)
        assert result.code == 0
        sent = sandbox.ledger.notifications[0]
        assert sent["conditions"] == conditions
        assert (sent["content"], sent["ios_badges"], sent["new"]) == ("Hi", 3, [1])

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            (["--user", "u"], "--content: give a text, or --message"),
            (["--content", "x"], "--user: give one, or a --device"),
            (["--content", "x", "--user", ""], "--user: id 1: an id must not be empty"),
            (["--content", "x", "--user", "a", "--user", " b"], "--user: id 2: an id must not"),
            (["--content", "x", "--device", ""], "--device: id 1: an id must not be empty"),
            (["--content", "x", "--user", "u", "--device", "d"], "--device: give it or --user"),
            (["--content", "x", "--user", "u", "--send-date", "soon"], "--send-date: must be"),
            (["--content", "\udcff", "--user", "u"], "--content: "),
            (["--content", "x", "--user", "u", "--timeout", "0"], "--timeout: must be above 0"),
            (["--content", "x", "--user", "u", "--application", "X"], "--application: a code is"),
            (["--content", "x", "--user", "u", "--base-url", "ftp://x"], "--base-url: "),
        ],
    )
    def test_bad_input(
        self, shell: Shell, sandbox: Sandbox, options: list[str], complaint: str
    ) -> None:
        """The option and the rule are named, and no request leaves."""
        result = shell(sandbox, "create-message", *options)
        assert result.code == 2
        assert result.complaint.startswith(complaint)
        assert result.out == ""
        assert sandbox.truth().connections == 0

    @pytest.mark.parametrize(
        ("wire", "complaint"),
        [
            ({"users": ["a"]}, "--user: the file given as --message sets 'users' too"),
            ({"content": "y"}, "--content: the file given as --message sets 'content' too"),
            ({"filter": "f"}, "--message: two audiences, users and filter"),
            ({"send_rate": 1}, "send_rate: must be between"),
            ({"ios_badges": []}, "ios_badges"),
            ({"auth": "t"}, "'auth' belongs to the client"),
        ],
    )
    def test_a_file_that_does_not_fit(
        self,
        shell: Shell,
        sandbox: Sandbox,
        tmp_path: Path,
        wire: dict[str, object],
        complaint: str,
    ) -> None:
        """What it and an option both say, or what it says wrongly; the option is named."""
        options = ["--content", "x", "--user", "u", "--message", file_of(tmp_path, wire)]
        result = shell(sandbox, "create-message", *options)
        assert result.code == 2
        assert complaint in result.complaint
        assert result.complaint.startswith("--")
        assert sandbox.truth().connections == 0

    def test_what_an_option_gets_wrong_is_not_put_down_to_the_file(
        self, shell: Shell, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """And the other way round."""
        path = file_of(tmp_path, {"filter": "f"})
        wrong_date = ["--content", "x", "--send-date", "soon", "--message", path]
        assert shell(sandbox, "create-message", *wrong_date).complaint.startswith("--send-date: ")
        path = file_of(tmp_path, {"filter": "f", "send_date": "soon"})
        wrong_file = ["--content", "x", "--message", path]
        complaint = shell(sandbox, "create-message", *wrong_file).complaint
        assert complaint.startswith(f"--message '{path}': send_date: ")


@pytest.fixture
def of_age(shell: Shell, sandbox: Sandbox) -> str:
    """A registered device that `BOUNDED` matches."""
    command = ["register-device", "--hwid", "of-age", "--device-type", "1", "--tag", "Age=30"]
    assert shell(sandbox, *command).code == 0
    return "of-age"


class TestCreateTargetedMessage:
    """``create-targeted-message``."""

    def test_to_whom_a_filter_matches(self, shell: Shell, sandbox: Sandbox, of_age: str) -> None:
        """The devices are delivered to; the receipt shows the code."""
        command = ["create-targeted-message", "--content", "Hi", "--filter", BOUNDED]
        result = shell(sandbox, *command)
        assert (result.code, result.err) == (0, "")
        assert "message code" in result.out
        found = shell(sandbox, *command, "--json").document
        assert set(found) == {"message_code", "transaction_id"}
        assert found["message_code"] in shell(sandbox, "get-push-history").out
        assert dict(sandbox.ledger.counts()) == {of_age: 2}

    def test_the_filter_from_a_file_or_standard_input(
        self, shell: Shell, sandbox: Sandbox, of_age: str, tmp_path: Path
    ) -> None:
        """Over as many lines as one likes."""
        path = tmp_path / "filter.txt"
        path.write_text(BOUNDED.replace("* ", "*\n  ") + "\n")
        command = ["create-targeted-message", "--content", "Hi", "--filter-file"]
        assert shell(sandbox, *command, str(path)).code == 0
        piped = finish(start(*command, "-", env=settings(sandbox)), stdin=BOUNDED)
        assert piped.code == 0
        assert dict(sandbox.ledger.counts()) == {of_age: 2}

    def test_a_date(self, shell: Shell, start_sandbox: Start) -> None:
        """As for the other messages: one with an offset is one instant for everybody."""
        sandbox = start_sandbox(keep_notifications=True)
        command = ["create-targeted-message", "--content", "Hi", "--filter", BOUNDED]
        device = ["register-device", "--hwid", "h", "--device-type", "1", "--tag", "Age=30"]
        assert shell(sandbox, *device).code == 0
        assert shell(sandbox, *command, "--send-date", "2030-01-31T09:00+01:00").code == 0
        (sent,) = sandbox.ledger.notifications
        assert (sent["send_date"], sent["ignore_user_timezone"]) == ("2030-01-31 08:00", True)
        refused = shell(sandbox, *command, "--send-date", "tomorrow")
        assert refused.complaint == (
            "--send-date: must be 'now', 'YYYY-MM-DD HH:MM', or a time with an offset, such as "
            "'2030-01-31T09:00+01:00'"
        )

    def test_a_file_with_everything(
        self, shell: Shell, sandbox: Sandbox, of_age: str, tmp_path: Path
    ) -> None:
        """The filter, too."""
        path = file_of(tmp_path, {"devices_filter": BOUNDED, "content": "Hi"})
        assert shell(sandbox, "create-targeted-message", "--message", path).code == 0
        assert set(sandbox.ledger.counts()) == {of_age}

    def test_a_filter_without_applications_is_sent_to_when_that_is_asked_for(
        self, shell: Shell, sandbox: Sandbox, of_age: str
    ) -> None:
        """Else it is refused, since it reaches the whole account."""
        command = ["create-targeted-message", "--content", "x", "--filter", 'T("Age", GTE, 20)']
        result = shell(sandbox, *command)
        assert result.code == 2
        assert result.complaint.startswith("--filter: reaches every application of the account")
        assert not sandbox.ledger.counts()
        assert shell(sandbox, *command, "--all-applications").code == 0
        assert set(sandbox.ledger.counts()) == {of_age}

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            (["--filter", BOUNDED], "--content: give a text, or --message"),
            (["--content", "x"], "--filter: is required"),
            (["--content", "x", "--filter", " "], "--filter: must not be empty"),
            (
                ["--content", "x", "--filter", BOUNDED, "--filter-file", "f"],
                "--filter-file: give it or --filter",
            ),
            (["--content", "x", "--filter-file", "/none"], "--filter-file '/none': No such file"),
            (["--content", "x", "--filter-file", "a\0"], "--filter-file 'a\\x00': no file can"),
        ],
    )
    def test_bad_input(
        self, shell: Shell, sandbox: Sandbox, options: list[str], complaint: str
    ) -> None:
        """The option and the rule are named, and no request leaves."""
        result = shell(sandbox, "create-targeted-message", *options)
        assert result.code == 2
        assert result.complaint.startswith(complaint)
        assert sandbox.truth().connections == 0

    def test_a_filter_that_cannot_be_read(self, shell: Shell, sandbox: Sandbox) -> None:
        """The place is shown under a caret, and no request leaves."""
        command = ["create-targeted-message", "--content", "x", "--filter", 'A("XXXXX-XXXXX"']
        result = shell(sandbox, *command)
        assert result.code == 2
        first, text, caret = result.err.splitlines()
        assert first.startswith("pushwoosh-async: --filter: line 1, column 16: expected")
        assert text[caret.index("^") - 1] == '"'
        assert sandbox.truth().connections == 0

    def test_a_filter_that_the_server_refuses(self, shell: Shell, sandbox: Sandbox) -> None:
        """Its reasons are shown below, and are in the document; exit code 3."""
        command = ["create-targeted-message", "--content", "x", "--filter", "T(", "--json"]
        result = shell(sandbox, *command, "--all-applications")
        assert result.code == result.document["exit_code"] == 3
        (reason,) = result.document["errors"]
        first, below = result.err.splitlines()
        assert first.endswith("; nobody got it")
        assert below == f"  {reason['message']} (syntax)"

    def test_a_file_that_is_no_text(self, shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
        """One line says so."""
        path = tmp_path / "filter.txt"
        path.write_bytes(b"\xff")
        command = ["create-targeted-message", "--content", "x", "--filter-file", str(path)]
        assert shell(sandbox, *command).complaint.endswith("must be text in UTF-8")


class TestCreateSMSMessage:
    """``create-sms-message``."""

    def test_to_a_number(self, shell: Shell, sandbox: Sandbox) -> None:
        """It must be registered, or be asked to be."""
        command = ["create-sms-message", "--to", "+1234567890", "--content", "Code 1234"]
        refused = shell(sandbox, *command)
        assert refused.code == 3
        assert "is not registered; nobody got it. If " in refused.complaint
        assert refused.complaint.endswith("--auto-register does that")
        assert shell(sandbox, *command, "--auto-register").code == 0
        assert dict(sandbox.ledger.counts()) == {"+1234567890": 1}
        found = shell(sandbox, *command, "--json").document
        assert found["message_code"]
        assert found["transaction_id"] is None

    def test_a_file(self, shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
        """In the API's JSON, where the number is a list of one."""
        wire = {"content": "Hi", "devices": ["+1234567890"], "use_auto_registration": True}
        path = file_of(tmp_path, wire)
        assert shell(sandbox, "create-sms-message", "--message", path).code == 0
        assert set(sandbox.ledger.counts()) == {"+1234567890"}
        clash = shell(sandbox, "create-sms-message", "--message", path, "--to", "+1234567891")
        assert clash.complaint == "--to: the file given as --message sets 'devices' too"

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            (["--to", "+1234567890"], "--content: give a text, or --message"),
            (["--content", "x"], "--to: is required"),
            (["--to", "1234567890", "--content", "x"], "--to: must be a number in E.164"),
            (["--to", "+1234567890", "--content", " "], "--content: must not be empty"),
        ],
    )
    def test_bad_input(
        self, shell: Shell, sandbox: Sandbox, options: list[str], complaint: str
    ) -> None:
        """The option and the rule are named, the number is not shown, and no request leaves."""
        result = shell(sandbox, "create-sms-message", *options)
        assert result.code == 2
        assert result.complaint.startswith(complaint)
        assert "'1234567890" not in result.err
        assert sandbox.truth().connections == 0

    def test_a_doubt_is_not_repeated(self, shell: Shell, sandbox: Sandbox) -> None:
        """It could send, and charge, twice; exit code 4, and words that say what it means."""
        sandbox.script(["reset_after"])
        command = ["create-sms-message", "--to", "+1234567890", "--content", "x"]
        result = shell(sandbox, *command, "--auto-register")
        assert result.code == 4
        assert result.complaint.endswith("; it may have been sent")
        assert sandbox.truth().requests == sandbox.truth().deliveries == 1
