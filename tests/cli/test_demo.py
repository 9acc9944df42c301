"""``demo``: nobody lost, nobody twice, whatever the server does with a repeat."""

import re
import signal
from pathlib import Path

import pytest

from pushwoosh_async import SendReport
from pushwoosh_async.cli.commands.demo import FAULTS, read_users, write_users
from pushwoosh_async.cli.demo_text import Figures, closing_words
from pushwoosh_async.cli.ledger_check import Verdict
from pushwoosh_async.sandbox import parse_faults

from .shell import counted, finish, start, until
from .test_sandbox import answers

# Twenty requests: enough of them must fail.
ROUGH = "reset_after:0.15,error_500_before:0.1,truncated_after:0.1,error_503_after:0.05"
TRUTH = {"duplicates": 0, "broadcasts": 0, "faults": {}, "replays": 0}


def figure(label: str, out: str) -> int:
    match = re.search(rf"^  {label} +([0-9,]+)$", out, re.MULTILINE)
    assert match, out
    return int(match[1].replace(",", ""))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("repeat", "window"),
    [("same_code", 300), ("empty", 300), ("210", 300), ("409", 5), ("same_code", 4)],
)
def test_nobody_is_lost_or_sent_to_twice(repeat: str, window: float) -> None:
    """In small, under each way of answering a repeat; and by a server that soon forgets."""
    options = [f"--repeat={repeat}", f"--window={window}", f"--faults={ROUGH}"]
    result = finish(start("demo", "--users", "20000", *options))
    assert (result.code, result.err) == (0, "")
    out = result.out
    assert figure("duplicates seen by the ledger", out) == figure("lost", out) == 0
    counts = [
        figure(f"recipients {how}", out) for how in ("accepted", "rejected", "in doubt", "not sent")
    ]
    assert sum(counts) == 20_000
    assert figure("retries", out) > 0
    # Only a server that does not confirm a repeat leaves doubts behind.
    assert (counts[2] > 0) == (repeat in {"210", "409"})
    assert "600 requests a minute was lifted on both sides" in out
    assert "nobody got it twice" in out


def test_packed() -> None:
    """Twenty notifications in a request: few requests, which meet the same faults."""
    options = ["--packed", f"--faults={ROUGH}", "--seed=3"]
    result = finish(start("demo", "--users", "200000", *options))
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Sending to 200,000 users, 20 notifications in a request.")
    assert figure("recipients accepted", result.out) == 200_000
    assert figure("retries", result.out) > 0
    assert figure("requests", result.out) - figure("retries", result.out) <= 20
    assert "nobody got it twice" in result.out


def test_the_default_faults_leave_about_one_in_twenty_in_doubt() -> None:
    """Every kind that the issue names, before and after processing; and some delay."""
    faults = parse_faults(FAULTS)
    assert sum(fault.rate for fault in faults if fault.name != "delay") == pytest.approx(0.05)
    kinds = {"reset", "error_500", "error_503", "stall", "truncated", "garbage", "html"}
    moments = {(fault.kind, fault.moment) for fault in faults if fault.name != "delay"}
    assert moments == {(kind, moment) for kind in kinds for moment in ("before", "after")}


def test_its_sandbox_ends_with_it() -> None:
    """Even where the demo itself is killed, and cannot clean up."""
    process = start("demo", "--users", "1000", "--faults", "stall_before:1")
    assert process.stdout
    found = re.search(r"http://[0-9.:]+", process.stdout.readline())
    assert found
    assert answers(found[0])
    process.send_signal(signal.SIGKILL)
    finish(process)
    until(lambda: not answers(found[0]))


def test_a_signal_drains_it_and_the_rest_is_checked() -> None:
    """Exit code 5, as for a send that was not finished, and the ledger still agrees."""
    process = start("demo", "--users", "50000", "--faults", "delay:1:0.3", "--concurrency", "2")
    assert process.stdout
    found = re.search(r"http://[0-9.:]+", process.stdout.readline())
    assert found
    until(lambda: counted(found[0], "requests") > 0)
    process.send_signal(signal.SIGTERM)
    result = finish(process)
    assert result.code == 5
    assert figure("recipients not sent", result.out) > 0
    assert "nobody got it twice" in result.out


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(0, 3, 0, 0, ()), "3 reported as accepted got nothing"),
        (Verdict(2, 0, 0, 0, ()), "2 deliveries were second ones"),
        (Verdict(0, 0, 1, 0, ()), "1 reported as left out got it"),
        (Verdict(0, 0, 0, 1, ()), "1 got it who are not in the file"),
        (Verdict(0, 0, 0, 0, ("accepted: 3 reported, 2 by the chunks",)), "accepted: 3 reported"),
    ],
)
def test_a_report_that_is_not_true_is_called_so(verdict: Verdict, words: str) -> None:
    """And the demo has failed."""
    figures = Figures(SendReport(), verdict, TRUTH, None)
    assert not figures.is_sound
    assert "NOT TRUE" in closing_words(figures)
    assert words in closing_words(figures)


def test_the_users_are_all_different(tmp_path: Path) -> None:
    """What is checked is one delivery for each id."""
    path = tmp_path / "users.txt"
    write_users(path, 1000)
    ids = read_users(path)
    assert len(set(ids)) == len(ids) == 1000
