"""``recall`` takes a scheduled send back; ``reconcile`` looks for what is in doubt."""

import signal
from pathlib import Path

import pytest

from pushwoosh_async import Evidence, ReconcileReport
from pushwoosh_async.cli.evidence_text import evidence_text
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import SETTINGS, access, counted, finish, start, until

LATER = ["--send-date", "2099-01-31 09:00"]


@pytest.fixture
def line(users: Path, tmp_path: Path) -> list[str]:
    """A send of 2500 users with a journal."""
    journal = str(tmp_path / "campaign.db")
    return ["send", "--users", str(users), "--content", "Hello", "--journal", journal]


@pytest.fixture
def journal(line: list[str]) -> str:
    """That journal."""
    return line[-1]


class TestRecall:
    """``recall``."""

    def test_everybody(self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str) -> None:
        """Application and address are those of the journal; a second time nothing is asked."""
        assert shell(sandbox, *line, *LATER).code == 0
        token = {"PUSHWOOSH_API_TOKEN": "sandbox-token"}
        result = shell(None, "recall", journal, env=token)
        assert result.code == 0, result
        assert result.out.splitlines()[0].split() == ["cancelled", "2,500"]
        assert sandbox.truth().cancelled == 3
        requests = sandbox.truth().requests
        report = shell(None, "report", journal)
        assert report.out.splitlines()[1].split()[-2:] == ["recall", "2,500"]
        assert shell(None, "report", journal, "--json").document["recalled"] == 2500
        assert shell(None, "status", journal, "--json").document["recalled"] == 2500
        assert shell(None, "export", journal).err == (
            "cancelled since by recall: 2,500; they are listed as accepted, as they were\n"
        )
        again = shell(None, "recall", journal, "--json", env=token)
        assert (again.code, again.document["cancelled"], again.document["total"]) == (0, 2500, 2500)
        assert (again.document["chunks"]["cancelled"], again.document["error"]) == (3, None)
        assert sandbox.truth().requests == requests

    def test_a_run_of_which_a_part_was_sent(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str
    ) -> None:
        """What was taken back is not gone on with: 2, and nothing tells to."""
        slowly = ["--chunk-size", "10", "--concurrency", "2", "--deadline", "0.3"]
        assert shell(sandbox, *line, *LATER, *slowly).code == 5
        assert shell(sandbox, "recall", journal).code == 0
        requests = sandbox.truth().requests
        for command in ("status", "report"):
            out = shell(None, command, journal).out
            assert "To go on" not in out
            assert "It is not gone on with: a recall has cancelled messages of it." in out
        assert shell(sandbox, "resume", journal).code == 2
        assert shell(sandbox, *line, *LATER, "--chunk-size", "10").code == 2
        assert sandbox.truth().requests == requests

    def test_nothing_was_accepted(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str
    ) -> None:
        """It is no success that everything was cancelled."""
        assert shell(sandbox, *line, *LATER, "--deadline", "1e-6").code == 5
        result = shell(sandbox, "recall", journal)
        assert (result.code, result.out) == (
            0,
            "There was nothing to cancel: no message of the send was accepted.\n",
        )

    def test_who_may_still_get_it(
        self, shell: Shell, start_sandbox: Start, line: list[str], journal: str
    ) -> None:
        """Who is in doubt has no code to cancel by: exit code 4, and the range is named."""
        sandbox = start_sandbox(repeat="210")
        sandbox.script(["reset_after"])
        assert shell(sandbox, *line, *LATER, "--concurrency", "1").code == 4
        result = shell(sandbox, "recall", journal)
        assert result.code == 4
        assert "Not cancelled:\n  ids 1 to 1,000 of the input, transaction " in result.out
        found = shell(sandbox, "recall", journal, "--json").document
        assert (found["cancelled"], found["in_doubt"], found["exit_code"]) == (1500, 1000, 4)
        (entry,) = found["entries"]
        assert (entry["start"], entry["stop"], entry["result"]) == (0, 1000, "in_doubt")

    def test_what_went_out_at_once(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str
    ) -> None:
        """There is nothing to take back: exit code 2, and the API is not asked."""
        assert shell(sandbox, *line).code == 0
        requests = sandbox.truth().requests
        result = shell(sandbox, "recall", journal, "--json")
        assert (result.code, result.document["exit_code"]) == (2, 2)
        assert result.complaint.startswith("JOURNAL: ")
        assert sandbox.truth().requests == requests

    def test_a_token_that_is_refused(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str
    ) -> None:
        """Exit code 5: another recall goes on."""
        assert shell(sandbox, *line, *LATER).code == 0
        wrong = {"PUSHWOOSH_API_TOKEN": "wrong-token"}
        result = shell(None, "recall", journal, "--json", env=wrong)
        assert (result.code, result.document["exit_code"]) == (5, 5)
        assert "Chunks until then: 0 cancelled" in result.complaint
        assert shell(sandbox, "recall", journal).code == 0
        assert sandbox.truth().cancelled == 3

    @pytest.mark.slow
    def test_a_signal(self, users: Path, journal: str) -> None:
        """It ends there, and the same line again goes on with the rest."""
        sandbox = start("sandbox", "--port", "0", "--json", "--latency", "0.1")
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": access(sandbox)["url"]}
        line = ["send", "--users", str(users), "--content", "x", "--journal", journal, *LATER]
        assert finish(start(*line, "--chunk-size", "20", "--no-rate-limit", env=env)).code == 0
        process = start("recall", journal, "--json", "--quiet", env=env)
        until(lambda: counted(env["PUSHWOOSH_BASE_URL"], "cancelled") > 0)
        process.send_signal(signal.SIGTERM)
        result = finish(process)
        assert (result.code, result.complaint) == (130, "cancelling")
        assert counted(env["PUSHWOOSH_BASE_URL"], "cancelled") < 125
        again = finish(start("recall", journal, "--json", env=env))
        assert (again.code, again.document["cancelled"]) == (0, 2500)
        sandbox.send_signal(signal.SIGTERM)
        finish(sandbox)

    def test_no_token(self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str) -> None:
        """It is the one thing that is not in the journal."""
        assert shell(sandbox, *line, *LATER).code == 0
        result = shell(None, "recall", journal)
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--token-file")


class TestReconcile:
    """``reconcile``."""

    def test_nobody_in_doubt(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: str
    ) -> None:
        """Nothing is asked."""
        assert shell(sandbox, *line).code == 0
        requests = sandbox.truth().requests
        result = shell(sandbox, "reconcile", journal)
        assert (result.code, result.out) == (0, "Nobody is in doubt.\n")
        assert sandbox.truth().requests == requests

    def test_what_the_history_holds(
        self, shell: Shell, start_sandbox: Start, line: list[str], journal: str
    ) -> None:
        """The message that was sent without an answer is listed, and no verdict is given."""
        sandbox = start_sandbox(repeat="210")
        sandbox.script(["reset_after"])
        assert shell(sandbox, *line, "--concurrency", "1").code == 4
        result = shell(sandbox, "reconcile", journal)
        assert result.code == 0
        assert "does not prove" in result.out
        assert "ids 1 to 1,000 of the input, transaction " in result.out
        assert "3 messages of the history looked at." in result.out
        assert "it can belong to one of them only" in result.out
        lines = result.out.splitlines()
        (head,) = [at for at, each in enumerate(lines) if each.split()[:3] == ["id", "sent", "at"]]
        assert lines[head].index("content") == lines[head + 1].index("Hello")
        found = shell(sandbox, "reconcile", journal, "--json").document
        (evidence,) = found["evidence"]
        (candidate,) = evidence["candidates"]
        assert candidate["content"] == {"en": "Hello"} or "Hello" in candidate["content"].values()
        assert (found["rows"], found["cut_off"], found["exit_code"]) == (3, "", 0)

    def test_a_long_list_is_cut(self) -> None:
        """And says so; a server's words are text to a terminal."""
        evidence = Evidence(
            path="0", recipients=10, start=0, stop=10, transaction_id="t", began=0.0,
            reason="lost \x1b[1m", candidates=(), note="few",
        )  # fmt: skip
        report = ReconcileReport(evidence=(evidence,) * 12, rows=5, cut_off="too many")
        text = evidence_text(report)
        assert text.count("nothing that could be it\n  (few)") == 10
        assert "and 2 ranges more; --json lists all" in text
        assert text.endswith("5 messages of the history looked at; not all: too many.")
        assert "\x1b" not in text

    def test_a_time_that_is_not_known(self) -> None:
        """A salvaged journal may not have it; one id is no range."""
        evidence = Evidence(
            path="0", recipients=1, start=777, stop=778, transaction_id="t", began=None,
            reason="lost", candidates=(), note="",
        )  # fmt: skip
        text = evidence_text(ReconcileReport(evidence=(evidence,), rows=5, cut_off=""))
        assert "id 778 of the input, transaction t, first tried at a time that is not known" in text
