"""``report``: what became of everybody, from the journal alone."""

import signal
import stat
from pathlib import Path

import pytest

from pushwoosh_async import ChunkOutcome, SendReport
from pushwoosh_async.cli.report_text import as_document, as_text
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import SETTINGS, counted, finish, start, until


@pytest.fixture
def journal(shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path) -> Path:
    """Of a send in which one answer was lost."""
    sandbox.script(["reset_after"])
    path = tmp_path / "spring <b>.db"
    command = ["send", "--users", str(users), "--content", "Hello", "--journal", str(path)]
    assert shell(sandbox, *command).code == 0
    return path


def test_it_says_what_the_send_said(shell: Shell, journal: Path) -> None:
    """For people and for machines, without a token."""
    result = shell(None, "report", str(journal))
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0].split() == ["accepted", "2,500"]
    assert "To go on" not in result.out
    report = shell(None, "report", str(journal), "--json").document
    assert (report["accepted"], report["retries"], report["finished"]) == (2500, 1, True)
    assert (report["exit_code"], report["error"]) == (0, None)


def test_a_page_for_a_browser(shell: Shell, journal: Path, tmp_path: Path) -> None:
    """It has the counts and the course, and names nobody; the file is one's own."""
    path = tmp_path / "report.html"
    assert shell(None, "report", str(journal), "--html", str(path)).code == 0
    page = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "2,500" in page
    assert "spring &lt;b&gt;" in page
    assert "4 requests" in page or "<dd>4, 1 of them repeats</dd>" in page
    assert "user-" not in page
    again = shell(None, "report", str(journal), "--html", str(path))
    assert (again.code, again.out) == (2, "")
    assert again.complaint.endswith("--force replaces it")
    assert shell(None, "report", str(journal), "--html", str(path), "--force").code == 0
    assert shell(None, "report", str(journal), "--force").code == 2


def test_a_run_that_is_not_finished(
    shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path
) -> None:
    """Why, how many are left, and what to type."""
    path = tmp_path / "half.db"
    command = ["send", "--users", str(users), "--content", "x", "--journal", str(path)]
    assert shell(sandbox, *command, "--concurrency", "1", "--deadline", "1e-6").code == 5
    out = shell(None, "report", str(path)).out
    assert "Not finished: the deadline of 1e-06 s has passed." in out
    assert out.endswith(f"To go on: the same line again, or pushwoosh-async resume {path}\n")
    assert not shell(None, "report", str(path), "--json").document["finished"]


@pytest.mark.parametrize("command", ["report", "export", "purge", "status", "resume", "recall"])
def test_no_journal(shell: Shell, tmp_path: Path, command: str) -> None:
    """Exit code 8, and none is made."""
    more = ["--yes"] if command == "purge" else []
    result = shell(None, command, str(tmp_path / "none.db"), *more)
    assert result.code == 8
    assert "there is no such journal" in result.complaint
    assert not (tmp_path / "none.db").exists()


def test_a_page_that_was_written_is_named(shell: Shell, journal: Path, tmp_path: Path) -> None:
    """On standard error, beside the report."""
    path = tmp_path / "report.html"
    result = shell(None, "report", str(journal), "--html", str(path), "--json")
    assert result.err == f"{path}: written, a page for a browser\n"
    assert result.document["accepted"] == 2500


def refused(start: int, stop: int) -> ChunkOutcome:
    return ChunkOutcome(
        outcome="rejected", recipients=stop - start, start=start, stop=stop, transaction_id="t",
        attempts=1, reason="no",
    )  # fmt: skip


def test_ranges_are_in_the_order_of_the_input() -> None:
    """For people and for machines; one id is no range, and it is said where counting begins."""
    report = SendReport(rejected=1001, rejected_chunks=(refused(1000, 2000), refused(777, 778)))
    lines = as_text(report).splitlines()
    listed = [line for line in lines if "transaction" in line]
    assert listed[0].startswith("  id 778 of the input, ")
    assert listed[1].startswith("  ids 1,001 to 2,000 of the input, ")
    assert lines[-1] == "Positions in the input are counted from 1."
    document = as_document(report, exit_code=3, error=None)
    assert [each["start"] for each in document["rejected_chunks"]] == [777, 1000]
    assert "counted" not in as_text(SendReport(accepted=1))


def test_a_reason_has_one_full_stop() -> None:
    """Whether the error has its own or not."""
    report = SendReport(not_sent=1, not_sent_ranges=((9, 10),), stopped="An id is not accepted.")
    assert (
        "Not finished: An id is not accepted. 1 recipient was not sent to: of the input's ids, "
        "number 10." in as_text(report)
    )


def test_what_was_recalled_is_told() -> None:
    """Below the accepted."""
    lines = as_text(SendReport(accepted=20_000), recalled=18_000).splitlines()
    assert lines[1].split() == ["cancelled", "since", "by", "recall", "18,000"]
    assert "recall" not in as_text(SendReport(accepted=20_000))


def test_whom_going_on_settles(slow: str, shell: Shell, users: Path, tmp_path: Path) -> None:
    """Those in doubt of a run that was killed."""
    path = tmp_path / "killed.db"
    line = ["send", "--users", str(users), "--content", "x", "--journal", str(path)]
    line += ["--chunk-size", "10", "--concurrency", "2"]
    process = start(*line, env={**SETTINGS, "PUSHWOOSH_BASE_URL": slow})
    until(lambda: counted(slow, "requests") > 2)
    process.send_signal(signal.SIGKILL)
    finish(process)
    out = shell(None, "report", str(path)).out
    in_doubt = shell(None, "report", str(path), "--json").document["in_doubt"]
    assert ("Going on within a few minutes of the kill" in out) == (in_doubt > 0)
