"""``send``: what it sends, what it reports, and the code it ends with."""

import gzip
import os
import threading
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import PATIENCE, finish, settings, start


def test_everybody_in_a_file_is_sent_to(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """The table says so, and the server's ledger too."""
    result = shell(sandbox, "send", "--users", str(users), "--content", "Hello")
    assert result.code == 0
    assert result.out.splitlines()[0].split() == ["accepted", "2,500"]
    assert result.err == ""
    assert sandbox.truth().recipients == sandbox.truth().deliveries == 2500
    assert sandbox.truth().requests == 3


def test_a_column_of_devices_without_repeats(
    shell: Shell, start_sandbox: Start, tmp_path: Path
) -> None:
    """Duplicates are set aside by default, and counted; with --no-dedupe they are sent to."""
    sandbox = start_sandbox(keep_notifications=True)
    path = tmp_path / "devices.csv"
    path.write_text("id,name\na,1\nb,2\na,3\n")
    command = ["send", "--devices", str(path), "--column", "id", "--content", "x", "--json"]
    report = shell(sandbox, *command).document
    assert (report["accepted"], report["duplicates"], report["total"]) == (2, 1, 3)
    assert sandbox.ledger.notifications[0]["devices"] == ["a", "b"]
    assert shell(sandbox, *command, "--no-dedupe").document["accepted"] == 3


@pytest.mark.parametrize("name", ["users.jsonl", "users.jsonl.gz"])
def test_a_field_of_json_lines(shell: Shell, sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    """Packed or not."""
    path = tmp_path / name
    text = b'{"uid": "a"}\n{"uid": "b"}\n'
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    result = shell(sandbox, "send", "--users", str(path), "--field", "uid", "--content", "x")
    assert result.code == 0
    assert set(sandbox.ledger.counts()) == {"a", "b"}


def test_ids_from_standard_input(sandbox: Sandbox) -> None:
    """They can be read once only, so they are sent to as they come."""
    process = start("send", "--users", "-", "--content", "x", "--json", env=settings(sandbox))
    result = finish(process, stdin="a\nb\n")
    assert (result.code, result.err) == (0, "")
    assert set(sandbox.ledger.counts()) == {"a", "b"}


def test_ids_from_a_fifo(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """It is not gone through beforehand: that would empty it."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=("a\nb\n",), daemon=True)
    writer.start()
    result = shell(sandbox, "send", "--users", str(fifo), "--content", "x")
    writer.join(PATIENCE)
    assert result.code == 0
    assert set(sandbox.ledger.counts()) == {"a", "b"}


def test_an_empty_file_sends_nothing(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """It is no audience, and never every subscriber."""
    path = tmp_path / "nobody.txt"
    path.touch()
    assert shell(sandbox, "send", "--users", str(path), "--content", "x").code == 0
    assert sandbox.truth().requests == 0


def test_the_notification_from_a_file_and_options(
    shell: Shell, start_sandbox: Start, users: Path, tmp_path: Path
) -> None:
    """The file's keys go out as they stand, known to us or not; an option adds to them."""
    sandbox = start_sandbox(keep_notifications=True)
    message = tmp_path / "message.json"
    message.write_text('{"content": {"en": "Hi"}, "ios_badges": 3, "new_key": [1]}')
    when = "2030-01-31T09:00+01:00"
    command = ["--message", str(message), "--title", "T", "--send-date", when]
    assert shell(sandbox, "send", "--users", str(users), *command).code == 0
    sent = dict(sandbox.ledger.notifications[0])
    assert sent.pop("users")
    assert sent.pop("transactionId")
    assert sent == {
        "content": {"en": "Hi"},
        "ios_badges": 3,
        "new_key": [1],
        "title": "T",
        "send_date": "2030-01-31 08:00",
        "ignore_user_timezone": True,
    }


def test_invalid_ids_are_set_aside_where_that_is_asked_for(
    shell: Shell, sandbox: Sandbox, tmp_path: Path
) -> None:
    """And counted."""
    path = tmp_path / "users.txt"
    path.write_text("a\n\n b\nc\n")
    command = ["send", "--users", str(path), "--content", "x", "--json"]
    result = shell(sandbox, *command, "--invalid", "drop")
    assert result.code == 0
    assert (result.document["accepted"], result.document["invalid"]) == (2, 2)


def test_a_rejected_chunk(shell: Shell, start_sandbox: Start, tmp_path: Path) -> None:
    """Exit code 3, and the range that nobody got."""
    sandbox = start_sandbox(max_body=15_000)
    path = tmp_path / "users.txt"
    path.write_text(
        "".join([f"{n:04}\n" for n in range(1000)] + [f"{n:060}\n" for n in range(1000)])
    )
    command = ["send", "--users", str(path), "--content", "x"]
    result = shell(sandbox, *command)
    assert result.code == 3
    assert "ids 1,001 to 2,000 of the input" in result.out
    stopped = shell(sandbox, *command, "--on-rejected", "stop")
    assert stopped.code == 5
    assert (
        "rejected" in stopped.complaint
    )  # everything was sent: no report says that it was stopped


def test_what_ended_it_is_said_once(shell: Shell, start_sandbox: Start, users: Path) -> None:
    """In the report; for machines, in its object and in one line."""
    sandbox = start_sandbox(rejected_ids=["user-3"])
    command = ["send", "--users", str(users), "--content", "x", "--concurrency", "1"]
    command += ["--chunk-size", "10", "--on-rejected", "stop"]
    stopped = shell(sandbox, *command)
    assert (stopped.code, stopped.err) == (5, "")
    why = [each for each in stopped.out.splitlines() if each.startswith("Not finished: ")]
    assert "An id is not accepted. 2,490 recipients" in why[0]
    assert ".." not in stopped.out
    told = shell(sandbox, *command, "--json")
    assert (told.code, told.complaint) == (5, told.document["error"])


def test_a_chunk_in_doubt(shell: Shell, start_sandbox: Start, users: Path) -> None:
    """Exit code 4; what in doubt means is said in words, and the ranges are named."""
    sandbox = start_sandbox(repeat="210")
    sandbox.script(["reset_after"])
    command = ["send", "--users", str(users), "--content", "x", "--concurrency", "1"]
    result = shell(sandbox, *command)
    assert result.code == 4
    assert "They may have got the message, or not." in result.out
    assert "ids 1 to 1,000 of the input, transaction " in result.out

    sandbox.reset()
    sandbox.script(["reset_after"])
    report = shell(sandbox, *command, "--json").document
    (chunk,) = report["in_doubt_chunks"]
    assert (chunk["start"], chunk["stop"], chunk["recipients"]) == (0, 1000, 1000)
    assert len(chunk["transaction_id"]) == 36
    assert chunk["reason"]
    assert (report["exit_code"], report["error"]) == (4, None)


def test_the_deadline(shell: Shell, start_sandbox: Start, users: Path) -> None:
    """Exit code 5; what had not begun is not sent."""
    sandbox = start_sandbox(latency=0.3)
    command = ["send", "--users", str(users), "--content", "x", "--json", "--concurrency", "1"]
    result = shell(sandbox, *command, "--deadline", "0.1")
    assert result.code == 5
    assert result.document["accepted"] == 1000
    assert result.document["not_sent"] == 1500
    assert "deadline" in result.document["stopped"]


def test_a_server_that_refuses_the_application(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """Exit code 5, and one line in the report."""
    command = ["send", "--users", str(users), "--content", "x", "--application", "AAAAA-BBBBB"]
    result = shell(sandbox, *command)
    assert (result.code, result.err) == (5, "")
    assert "Application not found" in result.out


def test_a_bad_id_on_standard_input_after_others_were_sent_to(sandbox: Sandbox) -> None:
    """The run stops there, and the report says who got it: exit code 5, not 2."""
    command = ["--users", "-", "--content", "x", "--chunk-size", "10", "--no-rate-limit", "--json"]
    process = start("send", *command, env=settings(sandbox))
    good = "".join(f"u{n}\n" for n in range(20_000))
    result = finish(process, stdin=good + "\nlast\n")
    assert result.code == 5
    assert result.complaint == "--users: id 20,001: an id must not be empty"
    assert result.document["accepted"] == sandbox.truth().recipients > 0


def test_a_second_start_under_the_same_name(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """Nobody is sent to twice."""
    command = ["send", "--users", str(users), "--content", "x", "--send-id", "spring"]
    assert shell(sandbox, *command).code == 0
    assert shell(sandbox, *command).code == 0
    assert sandbox.truth().duplicates == 0


@pytest.mark.parametrize("option", ["--rate=600000/min", "--no-rate-limit", "--transport=aiohttp"])
def test_settings_of_the_client(shell: Shell, sandbox: Sandbox, users: Path, option: str) -> None:
    """They are taken, and everybody is sent to."""
    assert shell(sandbox, "send", "--users", str(users), "--content", "x", option).code == 0
    assert sandbox.truth().recipients == 2500


def test_the_whole_file_is_checked_before_anybody_is_sent_to(
    shell: Shell, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A file damaged at its end would otherwise leave half an audience behind."""
    path = tmp_path / "users.txt"
    path.write_bytes(b"u\n" * 30_000 + b"\xff\n")
    result = shell(sandbox, "send", "--users", str(path), "--content", "x")
    assert result.code == 2
    assert "line 30001" in result.complaint
    assert sandbox.truth().connections == 0
