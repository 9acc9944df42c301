"""``delete-message``, ``cancel-message``, ``get-message-details``, ``get-message-totals``."""

import pytest

from pushwoosh_async import Conversion, EventTotals, IntervalTotals, MessageTotals
from pushwoosh_async.cli.totals_text import totals_table
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import create

LATER = {"send_date": "2040-01-31 09:00", "content": {"en": "Hi", "de": "Hallo"}}


@pytest.mark.parametrize(
    ("command", "words"), [("delete-message", "Deleted."), ("cancel-message", "Cancelled.")]
)
class TestTakingBack:
    """A scheduled message is taken back; any other is not found."""

    def test_a_scheduled_one(
        self, shell: Shell, sandbox: Sandbox, command: str, words: str
    ) -> None:
        """It is said, in words or as a document."""
        first, second = create(sandbox, LATER, LATER)
        result = shell(sandbox, command, first)
        assert (result.code, result.out, result.err) == (0, f"{words}\n", "")
        assert shell(sandbox, command, second, "--json").document == {"done": True}
        assert sandbox.truth().cancelled == 2
        method = command.replace("-message", "Message")
        assert sandbox.truth().by_method[method] == 2

    def test_one_that_was_sent(
        self, shell: Shell, sandbox: Sandbox, command: str, words: str
    ) -> None:
        """Exit code 3, and nothing was changed."""
        (code,) = create(sandbox, {"content": "Hi"})
        result = shell(sandbox, command, code)
        assert (result.code, result.out) == (3, "")
        assert result.complaint.endswith("; nothing was changed")

    def test_an_answer_that_was_lost(
        self, shell: Shell, sandbox: Sandbox, command: str, words: str
    ) -> None:
        """It is repeated; that it is gone by then may be our own doing: exit code 4."""
        (code,) = create(sandbox, LATER)
        sandbox.script(["reset_after"])
        result = shell(sandbox, command, code, "--json")
        assert result.code == result.document["exit_code"] == 4
        assert result.document["delivery"] == "in_doubt"
        retried, ended = result.err.splitlines()
        assert "; trying again in " in retried
        assert ended.endswith("; it may have been done")
        assert sandbox.truth().cancelled == 1

    @pytest.mark.parametrize("code", ["CODE_NOT_AVAILABLE", " "])
    def test_what_is_no_code(
        self, shell: Shell, sandbox: Sandbox, command: str, words: str, code: str
    ) -> None:
        """Refused with the reason, and no request leaves."""
        result = shell(sandbox, command, code)
        assert result.code == 2
        assert result.complaint.startswith("CODE: ")
        assert sandbox.truth().connections == 0


class TestDetails:
    """``get-message-details``."""

    def test_by_code_and_by_number(self, shell: Shell, sandbox: Sandbox) -> None:
        """The same lines, whatever the texts hold."""
        content = {"en": "a\x1b[2J", "de": "b"}
        (code,) = create(sandbox, {**LATER, "content": content, "data": {"k": 1}})
        result = shell(sandbox, "get-message-details", code)
        shown = dict(line.strip().split("  ", 1) for line in result.out.splitlines())
        rows = {label: value.strip() for label, value in shown.items()}
        assert rows["code"] == code
        assert rows["status"] == "pending"
        assert rows["send date"] == "2040-01-31 09:00"
        assert rows["content en"] == r"a\x1b[2J"
        assert rows["content de"] == "b"
        assert shell(sandbox, "get-message-details", rows["id"]).out == result.out

    def test_for_machines(self, shell: Shell, sandbox: Sandbox) -> None:
        """Typed fields under the library's names, and not what came as it came."""
        (code,) = create(sandbox, {**LATER, "platforms": [1], "ignore_user_timezone": True})
        found = shell(sandbox, "get-message-details", code, "--json").document
        assert list(found) == [
            "id", "code", "created", "send_date", "status", "content", "platforms",
            "ignore_user_timezone", "data",
        ]  # fmt: skip
        assert isinstance(found["id"], int)
        assert found["send_date"] == "2040-01-31T09:00:00"
        assert found["platforms"] == [1]
        assert found["ignore_user_timezone"] is True

    def test_an_unknown_message(self, shell: Shell, sandbox: Sandbox) -> None:
        """Exit code 3; there is nothing to say about what was sent."""
        result = shell(sandbox, "get-message-details", "AAAA-00000000-00000000")
        assert result.code == 3
        assert result.complaint.endswith("Message not found")


@pytest.fixture
def sent(shell: Shell, sandbox: Sandbox) -> str:
    """A message that went to two devices of one platform and one of each of two others."""
    for hwid, platform in {"a": "1", "b": "1", "c": "3", "d": "10"}.items():
        command = ["register-device", "--hwid", hwid, "--device-type", platform]
        assert shell(sandbox, *command).code == 0
    targeted = ["--content", "Hi", "--filter", 'A("XXXXX-XXXXX")', "--json"]
    code: str = shell(sandbox, "create-targeted-message", *targeted).document["message_code"]
    return code


class TestTotals:
    """``get-message-totals``."""

    def test_the_sums(self, shell: Shell, sandbox: Sandbox, sent: str) -> None:
        """Over all hours, and for each platform by its name."""
        result = shell(sandbox, "get-message-totals", sent)
        assert (result.code, result.err) == (0, "")
        rows = [line.rsplit(maxsplit=1) for line in result.out.splitlines()]
        sums = {label.strip(): value for label, value in rows}
        assert sums["sends"] == "4"
        assert sums["opens"] == "0"
        assert sums["sends, ios"] == "2"
        assert sums["sends, android"] == sums["sends, safari"] == "1"

    @pytest.mark.parametrize("numbers", [[10], [1, 3]])
    def test_some_platforms(
        self, shell: Shell, sandbox: Sandbox, sent: str, numbers: list[int]
    ) -> None:
        """The option is repeated; an hour and platform each in the document."""
        options = [part for n in numbers for part in ("--platform", str(n))]
        found = shell(sandbox, "get-message-totals", sent, *options, "--json").document
        assert {hour["platform"] for hour in found["metrics"]} == set(numbers)
        assert set(found) == {"metrics", "conversion"}

    def test_the_words(self) -> None:
        """Hours are added up; a platform without a name has its number; events are text."""
        hours = [(1, 999), (1, 1), (99, 2), (None, 3)]
        totals = MessageTotals(
            metrics=tuple(
                IntervalTotals(
                    timestamp=None, platform=platform, sends=sends, opens=1, deliveries=0,
                    inbox_opens=0, unshowable_sends=0, errors=0,
                )
                for platform, sends in hours
            ),
            conversion=Conversion(
                sends=0,
                opens=0,
                events=(EventTotals(name="buy\x1b", hits=2, conversion=0.5, revenue=9.5),),
            ),
            raw={},
        )  # fmt: skip
        lines = [line.split() for line in totals_table(totals).splitlines()]
        assert ["sends", "1,005"] in lines
        assert ["opens", "4"] in lines
        assert ["sends,", "ios", "1,000"] in lines
        assert ["sends,", "platform", "99", "2"] in lines
        assert ["event", r"buy\x1b", "2", "hits"] in lines

    def test_bad_input(self, shell: Shell, sandbox: Sandbox) -> None:
        """A platform is a number, a message has a code."""
        wrong = shell(sandbox, "get-message-totals", "C", "--platform", "ios")
        assert "--platform: must be a whole number" in wrong.complaint
        missing = shell(sandbox, "get-message-totals")
        assert "CODE" in missing.complaint
        assert (wrong.code, missing.code) == (2, 2)
        assert sandbox.truth().connections == 0

    def test_an_unknown_message(self, shell: Shell, sandbox: Sandbox) -> None:
        """Exit code 3."""
        assert shell(sandbox, "get-message-totals", "AAAA-00000000-00000000").code == 3
