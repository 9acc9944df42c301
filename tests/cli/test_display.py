"""Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from pushwoosh_async import Progress, RetryEvent
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.progress_text import pace, settled, share, trouble
from pushwoosh_async.cli.watching import Retrying
from pushwoosh_async.cli.words import duration, moment

from .conftest import Start
from .shell import environment, settings

PROGRESS = Progress(
    accepted=450_000, rejected=1000, in_doubt=2000, taken=460_000, total=1_000_000, invalid=0,
    duplicates=0, requests=470, retries=12, seconds=4.5, last_failure="",
)  # fmt: skip


def test_the_words_of_a_bar() -> None:
    """Sent, rate, time left; retries and doubts; the failure while it is being retried."""
    assert pace(PROGRESS) == "450,000 of 1,000,000 sent, 100,000/s, 5 s left"
    assert trouble(PROGRESS, "") == "12 retries, 2,000 in doubt, 1,000 rejected"
    assert trouble(PROGRESS, "reset").endswith(", retrying: reset")
    assert settled(PROGRESS) == 451_000
    assert share(PROGRESS) == "45 %"


def test_a_line_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Into a pipe too, where somebody waits for news; else the first comes after some seconds."""
    with display("sending", quiet=False, at_once=True) as shown:
        shown.show(PROGRESS, "")
        assert capsys.readouterr().err.startswith("sending: 450,000 of 1,000,000 sent")
        shown.show(PROGRESS, "")
    with display("sending", quiet=False) as shown:
        shown.show(PROGRESS, "")
    assert capsys.readouterr().err == ""


def test_what_holds_a_run_up() -> None:
    """The API's 429, how long they still hold it, and a pause."""
    held = evolve(PROGRESS, limited=3, held=11.6, paused=True)
    assert trouble(held, "").endswith("slowed down by the API 3 times, held 12 s, paused")


def test_what_earlier_sessions_sent() -> None:
    """It is no part of this session's pace."""
    resumed = evolve(PROGRESS, resumed=360_000)
    assert pace(resumed) == (
        "450,000 of 1,000,000 sent, 360,000 of them before, 20,000/s, 27 s left"
    )


def test_the_time_left_is_not_guessed() -> None:
    """A stream has no length."""
    assert pace(evolve(PROGRESS, total=None)) == "450,000 sent, 100,000/s"
    assert share(evolve(PROGRESS, total=None)) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.6, "1 min 0 s"),
        (61, "1 min 1 s"),
        (3600, "1 h 0 min"),
        (1e6, "277 h 46 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    """In the units that people use."""
    assert duration(seconds) == words


def test_a_moment_that_is_not_known() -> None:
    """It is no empty column."""
    assert moment(None) == "-"


def test_the_newest_failure_is_forgotten_when_its_call_is_over() -> None:
    """It is shown while it is being retried, not for ever after."""
    from pushwoosh_async import OutcomeEvent

    retrying = Retrying()
    for name in ("a", "b"):
        retrying.on_retry(
            RetryEvent("createMessage", (name,), 1, 0.5, "in_doubt", f"failure {name}")
        )
    assert retrying.newest == "failure b"
    retrying.on_outcome(OutcomeEvent("createMessage", ("b",), "accepted", 2, 1.0))
    assert retrying.newest == "failure a"
    retrying.on_outcome(OutcomeEvent("createMessage", ("a",), "accepted", 2, 1.0))
    assert retrying.newest == ""


def on_a_terminal(command: list[str], env: dict[str, str]) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; return what that showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *command],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment({**env, "TERM": "xterm", "COLUMNS": "120"}),
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    return process.wait(60), shown.decode()


def test_a_live_bar(start_sandbox: Start, users: Path) -> None:
    """On a terminal, with the failure that is being retried, its brackets as they came."""
    sandbox = start_sandbox()
    sandbox.script(["error_500_before"])
    command = ["send", "--users", str(users), "--content", "x"]
    code, shown = on_a_terminal(command, settings(sandbox))
    assert code == 0
    assert "checking" in shown
    assert "2,500 of 2,500 sent" in shown
    assert "1 retry" in shown


def test_quiet(start_sandbox: Start, users: Path) -> None:
    """No progress at all."""
    command = ["send", "--users", str(users), "--content", "x", "--quiet"]
    assert on_a_terminal(command, settings(start_sandbox())) == (0, "")
