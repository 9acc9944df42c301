"""``status``: how far a send is, while it goes on and afterwards."""

import json
import signal
from pathlib import Path

import pytest
from attrs import evolve

from pushwoosh_async import Progress, RunStatus
from pushwoosh_async.cli.status_text import status_text

from .conftest import Shell, Start
from .shell import SETTINGS, counted, finish, start, until


@pytest.mark.slow
def test_from_the_beginning_to_the_end(
    shell: Shell, slow: str, users: Path, tmp_path: Path
) -> None:
    """Locked, then running, then killed, then finished; it never needs a token."""
    journal = tmp_path / "campaign.db"
    line = ["send", "--users", str(users), "--content", "x", "--journal", str(journal)]
    line += ["--chunk-size", "10", "--concurrency", "2"]  # it takes 24 seconds
    assert shell(None, "status", str(journal)).code == 8
    process = start(*line, env={**SETTINGS, "PUSHWOOSH_BASE_URL": slow})
    until(lambda: shell(None, "status", str(journal)).code == 0)
    result = shell(None, "status", str(journal), "--json")
    found = result.document
    assert result.code == found["exit_code"] == 0
    assert (found["running"], found["process"], found["finished"]) == (True, process.pid, False)
    assert 0 <= found["age"] < 30
    assert 0 < found["progress"]["accepted"] < 2500
    assert found["progress"]["total"] == 2500
    assert f"Running: process {process.pid}, as of " in shell(None, "status", str(journal)).out
    # What has the journal to itself is not told of by status alone.
    locked = shell(None, "report", str(journal))
    assert (locked.code, f"process {process.pid}" in locked.complaint) == (6, True)
    assert f"pushwoosh-async status {journal} says how far it is" in locked.complaint
    process.send_signal(signal.SIGKILL)
    finish(process)
    killed = shell(None, "status", str(journal))
    assert killed.out.startswith("Not finished: its process was killed.\n")
    assert killed.out.endswith(f"or pushwoosh-async resume {journal}\n")
    assert finish(start("resume", str(journal), "--no-rate-limit", env=SETTINGS)).code == 0
    finished = shell(None, "status", str(journal))
    assert finished.out.startswith("Finished.\n  2,500 of 2,500 sent; ")
    assert shell(None, "status", str(journal), "--json").document["progress"]["accepted"] == 2500


@pytest.mark.slow
def test_looking_on_until_the_end(slow: str, users: Path, tmp_path: Path) -> None:
    """An object a second, and the last one is of the end."""
    journal = tmp_path / "campaign.db"
    line = ["send", "--users", str(users), "--content", "x", "--journal", str(journal)]
    process = start(
        *line, "--chunk-size", "50", "--concurrency", "2", "--no-rate-limit",
        env={**SETTINGS, "PUSHWOOSH_BASE_URL": slow},
    )  # fmt: skip
    until(lambda: counted(slow, "accepted") >= 1)
    looking = start("status", str(journal), "--watch", "--json")
    told = start("status", str(journal), "--watch")
    assert finish(process).code == 0
    result = finish(looking)
    *earlier, last = map(json.loads, result.out.splitlines())
    assert (result.code, last["finished"], last["progress"]["accepted"]) == (0, True, 2500)
    assert all(each["running"] for each in earlier)
    assert finish(told).out.startswith("Finished.\n")


def status_of(**changes: object) -> RunStatus:
    """A status of a run of ten, five of which were sent to."""
    progress = Progress(
        accepted=5, rejected=0, in_doubt=1, taken=10, total=10, invalid=0, duplicates=0, requests=3,
        retries=1, seconds=2.0, last_failure="",
    )  # fmt: skip
    known: dict[str, object] = {
        "running": False, "process": 7, "age": 0.0, "finished": False, "stopped": "", "progress": progress,
        "recalled": 0,
    }  # fmt: skip
    return RunStatus(**{**known, **changes})  # type: ignore[arg-type]


def test_why_it_is_not_finished() -> None:
    """As the run said, in a terminal's terms."""
    assert status_text(status_of(stopped="the token \x1b[1m was refused")) == (
        "Not finished: the token \\x1b[1m was refused.\n  5 of 10 sent; 1 retry, 1 in doubt"
    )


def test_how_old_the_news_is() -> None:
    """Its pace is that of the session that goes on."""
    assert status_text(status_of(running=True, age=3.2)) == (
        "Running: process 7, as of 3 s ago.\n  5 of 10 sent, 2/s, 2 s left; 1 retry, 1 in doubt"
    )


def test_why_nobody_got_anything() -> None:
    """The last failure stands there while nothing is accepted."""
    progress = evolve(status_of().progress, accepted=0, last_failure="HTTP 503 \x1b[1m")
    told = status_text(status_of(running=True, progress=progress))
    assert told.endswith("1 in doubt, failed last: HTTP 503 \\x1b[1m")
    progress = evolve(progress, accepted=1)
    assert "503" not in status_text(status_of(running=True, progress=progress))


def test_a_run_at_rest_of_which_nobody_was_accepted(
    shell: Shell, start_sandbox: Start, users: Path, tmp_path: Path
) -> None:
    """The journal knows what failed."""
    sandbox = start_sandbox(rejected_ids=["user-2300"])
    journal, few = tmp_path / "campaign.db", tmp_path / "few.txt"
    few.write_text("user-2300\n")
    line = ["send", "--users", str(few), "--content", "x", "--journal", str(journal)]
    assert shell(sandbox, *line).code == 3
    assert ", failed last: createMessage: " in shell(None, "status", str(journal)).out


def test_what_was_recalled() -> None:
    """It is said, and that an unfinished run cannot be gone on with."""
    told = status_text(status_of(finished=True, recalled=18_000)).splitlines()
    assert told[-1].split() == ["cancelled", "since", "by", "recall", "18,000"]
    assert "not gone on with" in status_text(status_of(recalled=1, stopped="drained"))


def test_whom_going_on_settles() -> None:
    """Those in doubt of a run that was killed, while their window is open."""
    told = "In doubt: going on within a few minutes of the kill settles most of them."
    assert status_text(status_of()).endswith(told)
    assert told not in status_text(status_of(stopped="drained"))
    assert told not in status_text(status_of(finished=True))


def test_an_ending_has_one_word_and_one_full_stop() -> None:
    """As in a report."""
    drained = status_text(status_of(stopped="drained")).splitlines()[0]
    assert drained == "Not finished: interrupted by a signal."
    stopped = status_text(status_of(stopped="An id is not accepted.")).splitlines()[0]
    assert stopped == "Not finished: An id is not accepted."
