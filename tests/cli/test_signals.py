"""The first signal drains, the second cancels; the report is true in either case."""

import signal
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Start
from .shell import SETTINGS, access, counted, finish, settings, start, until

SEND = [
    "send",
    "--content",
    "x",
    "--json",
    "--chunk-size",
    "10",
    "--concurrency",
    "2",
    "--no-rate-limit",
]


def requested(sandbox: Sandbox, number: int) -> None:
    until(lambda: sandbox.truth().requests >= number)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_drains(start_sandbox: Start, users: Path, number: signal.Signals) -> None:
    """What is under way is finished, the rest is not sent, and nobody is in doubt."""
    sandbox = start_sandbox(latency=0.2)
    process = start(*SEND, "--users", str(users), env=settings(sandbox))
    requested(sandbox, 3)
    process.send_signal(number)
    result = finish(process)
    report = result.document
    assert result.code == report["exit_code"] == 5
    assert report["accepted"] == sandbox.truth().recipients > 0
    assert report["accepted"] + report["not_sent"] == report["total"] == 2500
    assert report["in_doubt"] == 0
    assert "nothing new is begun" in result.err


def test_two_signals_cancel(users: Path) -> None:
    """What was handed over and not answered is in doubt; exit code 130."""
    sandbox = start("sandbox", "--port", "0", "--json", "--faults", "stall_after:1")
    url = access(sandbox)["url"]
    env = {**SETTINGS, "PUSHWOOSH_BASE_URL": url}
    process = start(*SEND, "--users", str(users), env=env)
    until(lambda: counted(url, "requests") == 2)
    assert process.stderr
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Stopping")
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Cancelling")
    # Else the command would wait some seconds for answers, which turn doubts into facts.
    sandbox.kill()
    finish(sandbox)
    result = finish(process)
    report = result.document
    assert result.code == 130
    assert (report["in_doubt"], report["not_sent"]) == (20, 2480)
    assert len(report["in_doubt_chunks"]) == 2


def test_a_signal_before_anything_was_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    """While standard input is waited for; the process does not wait for it to the end."""
    process = start(*SEND, "--users", "-", "--dry-run", env=settings(sandbox))
    assert process.stdin
    assert process.stderr
    process.stdin.write("a\n" * 100_000)  # taken in while the command listens
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert "nothing was sent" in process.stderr.read()
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream
        stream.close()
    assert sandbox.truth().requests == 0
