"""``probe``: what it says beforehand, whom it asks for leave, and how it tells what it learnt."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pushwoosh_async.cli.exit_codes import PROBE_MEANINGS
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import PATIENCE, SETTINGS, TOKEN, Result, environment, settings
from .test_probe.world import USER, WAYS

BEGIN = ["probe", "--user", USER]
QUICK = {1, 2, 5, 7, 8, 9, 11}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def nobody_else(sandbox: Sandbox) -> None:
    """Hold the ledger against the promise: one person, and random ids that nobody has."""
    strangers = set(sandbox.ledger.counts()) - {USER}
    assert all(len(each) == 36 and each[14] == "4" for each in strangers)
    assert len(strangers) <= 11
    assert sandbox.truth().broadcasts == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_table_for_people(shell: Shell, start_sandbox: Start, way: str) -> None:
    """Question, answer, assumption, verdict; what to count; what the names mean."""
    sandbox = start_sandbox(repeat=way, keep_notifications=True)
    result = shell(sandbox, *BEGIN, "--yes")
    assert result.code == 0
    first = next(line for line in result.out.splitlines() if "What answers a repeat?" in line)
    assert ("A1, A6" if way in ("same_code", "empty") else "A1") in first
    assert first.rstrip().endswith("supports")
    assert '  "probe 2a" once, "probe 2b" never' in result.out
    assert "A8          In an array" in result.out
    assert "X-Pw-Cluster-Node" in result.out
    assert result.out.count("only with --slow") == 3
    assert result.err.splitlines()[0] == "asking 1: What answers a repeat?"
    nobody_else(sandbox)
    texts = {each["content"].removeprefix("probe ") for each in sandbox.ledger.notifications}
    assert texts == {
        "1",
        "2a",
        "5a",
        "5b",
        "5c",
        "7a",
        "8a",
        "8b",
        "8c",
        "8d",
        "9a",
        "9b",
        "11a",
        "11b",
        "11c",
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_record_for_machines(shell: Shell, start_sandbox: Start, way: str) -> None:
    """One JSON object on standard output, without a recipient or the token."""
    sandbox = start_sandbox(repeat=way)
    result = shell(sandbox, *BEGIN, "--yes", "--json")
    assert result.code == 0
    verdicts: dict[int, set[str]] = {}
    for each in result.document["questions"]:
        verdicts.setdefault(each["number"], set()).add(each["verdict"])
        assert bool(each["answers"]) == (each["verdict"] != "not asked")
    assert {number for number, found in verdicts.items() if "not asked" not in found} == QUICK
    first = result.document["questions"][0]["answers"][0]
    assert (first["label"], first["outcome"], first["status_code"]) == ("probe 1", "accepted", 200)
    assert result.document["assumptions"].keys() >= {"A1", "A5", "A8"}
    for secret in (TOKEN, USER, *sandbox.ledger.counts()):
        assert secret not in result.out + result.err


def test_the_plan_comes_first_and_is_kept(shell: Shell, sandbox: Sandbox) -> None:
    """It counts what will be asked, under these options."""
    result = shell(sandbox, *BEGIN, "--yes", "--json", "--only", "1,3,9")
    lines = [line.rsplit(maxsplit=1) for line in result.err.splitlines()]
    figures = {words[0].strip(): words[-1] for words in lines if words}
    assert figures["questions"] == "2"
    assert figures["requests, at most"] == "4"
    assert figures["messages to the test user, at most"] == "3"
    assert sandbox.truth().requests == 4
    assert [each["number"] for each in result.document["questions"]] == [1, 3, 9]


def test_nothing_is_sent_without_leave(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked, --yes is needed; the plan is shown all the same."""
    monkeypatch.setattr(sys, "stdin", Path(os.devnull).open())  # noqa: SIM115 -- lives with the test
    result = shell(sandbox, *BEGIN)
    sys.stdin.close()
    assert result.code == 2
    assert result.complaint.startswith("--yes: give it to begin")
    assert "messages to the test user, at most" in result.out
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_a_person_is_asked(sandbox: Sandbox, answer: str, code: int) -> None:
    """On a terminal; no is no."""
    result = typed(sandbox, answer, *BEGIN, "--only", "1")
    assert result.code == code
    assert "Begin? [y/N]:" in result.err
    assert sandbox.truth().requests == (2 if answer == "y" else 0)
    assert sandbox.truth().connections == sandbox.truth().requests


def typed(sandbox: Sandbox, answer: str, *arguments: str) -> Result:
    """Run a command whose standard input is a terminal at which this is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(settings(sandbox)),
    )
    try:
        os.write(ours, f"{answer}\n".encode())
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)
    return Result(process.returncode, out, err)


def test_a_token_that_is_refused(shell: Shell, start_sandbox: Start) -> None:
    """One request, and one line that says so; the rest is not asked."""
    sandbox = start_sandbox(token="another")
    result = shell(sandbox, *BEGIN, "--yes", "--json")
    assert result.code == 5
    assert "Account not found" in result.err.splitlines()[-1]
    assert sandbox.truth().requests == 2
    later = result.document["questions"][1:]
    assert {each["answer"] for each in later} == {"the token or application was refused"}


def test_a_user_that_the_api_does_not_know(shell: Shell, start_sandbox: Start) -> None:
    """Then there is nothing to count, and that is said before all else."""
    sandbox = start_sandbox(unknown=(USER,))
    result = shell(sandbox, *BEGIN, "--yes", "--only", "1")
    assert "THE API DOES NOT KNOW THE TEST USER" in result.out
    assert "A8 " not in result.out
    assert shell(sandbox, *BEGIN, "--yes", "--only", "1", "--json").document["user_unknown"] is True


def test_another_application_and_another_token(
    shell: Shell, start_sandbox: Start, tmp_path: Path
) -> None:
    """Each adds its half of question 6."""
    sandbox = start_sandbox(applications=("XXXXX-XXXXX", "YYYYY-YYYYY"))
    path = tmp_path / "token"
    path.write_text("another-token\n")
    path.chmod(0o600)
    options = ["--second-application", "YYYYY-YYYYY", "--second-token-file", str(path)]
    result = shell(sandbox, *BEGIN, "--yes", "--json", "--only", "6", *options)
    application, token = result.document["questions"]
    assert "ids of its own" in application["answer"]
    assert token["answer"] == "could not be asked: HTTP 200, status_code 210: Account not found"
    assert "another-token" not in result.out + result.err


def test_an_assumption_that_is_contradicted(shell: Shell, start_sandbox: Start) -> None:
    """Exit code 1; what to change stands below, once; nothing is concluded about the text."""
    sandbox = start_sandbox(window=0.0)
    result = shell(sandbox, *BEGIN, "--yes", "--only", "1,2,5")
    assert result.code == 1
    assert result.out.count("A1: do not repeat a doubt: RetryPolicy(max_attempts=1)") == 1
    found = shell(sandbox, *BEGIN, "--yes", "--only", "1,2,5", "--json").document["questions"]
    assert [each["verdict"] for each in found] == ["contradicts", "leaves open", "contradicts"]
    assert found[1]["answer"].startswith("cannot be told: sent")
    assert found[1]["count_on_device"] == '"probe 2a" twice, "probe 2b" once'


def test_a_server_that_is_down(shell: Shell) -> None:
    """Exit code 5: nothing could be asked, nothing is to be counted."""
    env = {**SETTINGS, "PUSHWOOSH_BASE_URL": "http://127.0.0.1:9"}
    result = shell(None, *BEGIN, "--yes", "--only", "1,2,5,8,9,11", env=env)
    assert result.code == 5
    assert result.err.splitlines()[-1] == "pushwoosh-async: nothing could be asked"
    assert "Count on" not in result.out


def test_a_server_that_only_breaks(shell: Shell, sandbox: Sandbox) -> None:
    """Exit code 5 as well; but what may have been sent is to be counted, each message by its name."""
    sandbox.script(["reset_after"] * 6)
    result = shell(sandbox, *BEGIN, "--yes", "--only", "1,11", "--json")
    assert result.code == 5
    first, array = (each["count_on_device"] for each in result.document["questions"])
    assert first == '"probe 1" any number of times, since an answer was lost'
    for label in ("probe 11a", "probe 11b", "probe 11c", "probe 11a alone"):
        assert f'"{label}"' in array


def test_a_question_that_was_left_out(shell: Shell, sandbox: Sandbox) -> None:
    """Alone, it is as if nothing could be asked."""
    result = shell(sandbox, *BEGIN, "--yes", "--only", "3")
    assert (result.code, sandbox.truth().connections) == (5, 0)


def test_the_help_lists_the_exit_codes(shell: Shell) -> None:
    """Those of this command."""
    shown = shell(None, "probe", "--help").out
    for code, meaning in PROBE_MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in shown


WRONG = [
    (["--only", "0"], "--only: must be numbers of questions, 1 to 11"),
    (["--only", "1,,2"], "--only: must be numbers of questions"),
    (["--only", "eleven"], "--only: must be numbers of questions"),
    (["--user", " x"], "--user: id 1: an id must not begin or end with a blank"),
    (["--user", ""], "--user: id 1: an id must not be empty"),
    (["--application", "nonsense"], "--application: a code is"),
    (["--second-application", "nonsense"], "--second-application: a code is"),
    (["--timeout", "0"], "--timeout: must be above 0"),
    (["--base-url", "http://example.com"], "--base-url: must begin with https://"),
    (["--second-token-file", "/nowhere"], "--second-token-file '/nowhere': No such file"),
]


@pytest.mark.parametrize(("options", "complaint"), WRONG, ids=lambda x: " ".join(x)[:30])
def test_a_wrong_option(shell: Shell, sandbox: Sandbox, options: list[str], complaint: str) -> None:
    """One line that names the option and the rule, and nothing is sent."""
    begin = BEGIN[:1] if "--user" in options else BEGIN
    result = shell(sandbox, *begin, "--yes", *options)
    assert result.code == 2
    assert complaint in result.complaint
    assert result.out == ""
    assert sandbox.truth().connections == 0


def test_the_same_token_twice(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """It would teach nothing, and seem to."""
    path = tmp_path / "token"
    path.write_text(TOKEN)
    path.chmod(0o600)
    result = shell(sandbox, *BEGIN, "--yes", "--second-token-file", str(path))
    assert (result.code, sandbox.truth().connections) == (2, 0)
    assert result.complaint.endswith("must hold another token")


def test_an_interrupted_probe_tells_what_it_learnt(start_sandbox: Start) -> None:
    """The rest is marked as not asked, and the exit code is that of a signal."""
    sandbox = start_sandbox()
    sandbox.script([None, None, "stall_after"])
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *BEGIN, "--yes", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(settings(sandbox)),
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.startswith("asking 2"):
                break
        process.send_signal(2)
        out, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    first, second, *_ = json.loads(out)["questions"]
    assert first["verdict"] == "supports"
    assert (second["verdict"], second["answer"]) == ("not asked", "interrupted")
    assert process.returncode == 130
