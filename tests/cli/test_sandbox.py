"""``sandbox``: it says how to reach it, runs until it is told to stop, and ends with the truth."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pushwoosh_async.cli.commands.sandbox import TRUTHS
from pushwoosh_async.sandbox import Sandbox, Truth

from .conftest import Shell
from .shell import PATIENCE, Result, access, counted, environment, finish, start


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_a_signal(users: Path, number: signal.Signals) -> None:
    """A send through what it printed reaches it; at the end it tells what happened."""
    options = ["--faults", "reset_after:0.3", "--token", "t0ken", "--application", "AAAAA-00000"]
    sandbox = start("sandbox", "--port", "0", "--json", "--seed", "1", *options)
    where = access(sandbox)
    sending = start(
        "send", "--users", str(users), "--content", "x", "--chunk-size", "250",
        env={
            "PUSHWOOSH_API_TOKEN": where["token"],
            "PUSHWOOSH_APPLICATION": where["application"],
            "PUSHWOOSH_BASE_URL": where["url"],
        },
    )  # fmt: skip
    sent = finish(sending)
    assert sent.code == 0
    sandbox.send_signal(number)
    result = finish(sandbox)
    truth = json.loads(result.out)
    assert (result.code, result.err) == (0, "")
    assert (truth["recipients"], truth["duplicates"], truth["broadcasts"]) == (2500, 0, 0)
    assert truth["faults"]["reset_after"] == truth["replays"] > 0


def test_it_says_how_to_reach_it() -> None:
    """With commands that a shell takes as they stand."""
    process = start("sandbox", "--port", "0", "--token", "a b", "--device-token", "c d")
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(8)]
    process.send_signal(signal.SIGINT)
    result = finish(process)
    text = "".join(lines)
    assert "export PUSHWOOSH_API_TOKEN='a b'" in text
    assert "export PUSHWOOSH_DEVICE_API_TOKEN='c d'" in text
    assert "export PUSHWOOSH_APPLICATION=XXXXX-XXXXX" in text
    assert "pushwoosh-async send --users" in text
    assert "What really happened" in result.out
    assert "deliveries" in result.out


def test_it_accepts_the_device_token_that_it_prints() -> None:
    """A device is registered with what the JSON line says, and with no other."""
    process = start("sandbox", "--port", "0", "--json", "--device-token", "dev1ce")
    where = access(process)
    env = {
        "PUSHWOOSH_APPLICATION": where["application"],
        "PUSHWOOSH_BASE_URL": where["url"],
    }
    command = ["register-device", "--hwid", "h", "--device-type", "1"]
    right = {**env, "PUSHWOOSH_DEVICE_API_TOKEN": where["device_token"]}
    assert finish(start(*command, env=right)).code == 0
    assert finish(start(*command, env={**env, "PUSHWOOSH_DEVICE_API_TOKEN": "x"})).code == 5
    process.send_signal(signal.SIGINT)
    assert finish(process).code == 0


def test_it_ends_with_its_standard_input_where_that_is_asked_for() -> None:
    """So it never outlives the program that started it."""
    process = start("sandbox", "--port", "0", "--json", "--until-eof")
    url = access(process)["url"]
    assert answers(url)
    assert finish(process).code == 0
    assert not answers(url)


def test_its_ledger_outlives_it(users: Path, tmp_path: Path) -> None:
    """Killed, it leaves a file that says who was sent to, and who was refused for one bad id."""
    ledger = tmp_path / "ledger"
    options = ["--ledger", str(ledger), "--reject-id", "user-1007", "--reject-id", "user-2499"]
    sandbox = start("sandbox", "--port", "0", "--json", *options)
    where = access(sandbox)
    env = {
        "PUSHWOOSH_API_TOKEN": where["token"],
        "PUSHWOOSH_APPLICATION": where["application"],
        "PUSHWOOSH_BASE_URL": where["url"],
    }
    command = ["send", "--users", str(users), "--content", "x", "--chunk-size", "1000"]
    finish(start(*command, "--concurrency", "1", env=env))
    sandbox.kill()
    finish(sandbox)
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [(line["verdict"], len(line["ids"])) for line in lines] == [
        ("accepted", 1000),
        ("rejected", 1000),
        ("rejected", 500),
    ]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--reject-id", "bad"], 0),
        (["--reject-id", "bad", "--bad-notification", "rest_sent"], 1),
        (["--repeat", "210"], 0),
        (["--repeat", "210", "--sends-beside-repeat"], 1),
    ],
    ids=["refused", "rest sent", "repeat", "sent beside a repeat"],
)
def test_a_neighbour_of_what_is_refused(options: list[str], sent: int) -> None:
    """It is sent, or not, as the options say."""
    sandbox = start("sandbox", "--port", "0", "--json", *options)
    where = access(sandbox)
    first = {"users": ["bad"], "transactionId": "t"}
    post(where, [{**first, "users": ["good"]}] if "--repeat" in options else [])
    answer = post(where, [first, {"users": ["neighbour"]}])
    assert answer["status_code"] == 210
    assert counted(where["url"], "recipients") == sent + ("--repeat" in options)
    sandbox.send_signal(signal.SIGINT)
    finish(sandbox)


def post(where: dict[str, str], notifications: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """Create messages without the client; return the answer."""
    asked = {
        "auth": where["token"],
        "application": where["application"],
        "notifications": [{"content": "x", "send_date": "now", **each} for each in notifications],
    }
    request = urllib.request.Request(  # noqa: S310 -- http, to this machine
        f"{where['url']}/json/1.3/createMessage",
        json.dumps({"request": asked}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- as above
        document: dict[str, Any] = json.load(answer)
    return document


def test_a_ledger_that_cannot_be_written(shell: Shell, tmp_path: Path) -> None:
    """One line, which names the option at fault."""
    result = shell(None, "sandbox", "--port", "0", "--ledger", str(tmp_path))
    assert result.code == 2
    assert result.complaint == "--ledger: Is a directory"


def test_a_port_that_is_taken(shell: Shell, sandbox: Sandbox) -> None:
    """One line."""
    result = shell(None, "sandbox", "--port", str(urlsplit(sandbox.url).port))
    assert result.code == 2
    assert "address already in use" in result.complaint


def test_every_number_of_the_truth_is_shown() -> None:
    """Those that are counted by name are shown beside them."""
    fields = set(Truth.__annotations__)
    assert set(TRUTHS) == fields - {"faults", "by_method"}


def test_without_the_extra() -> None:
    """One sentence says what to install."""
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "sys.argv[1:] = ['sandbox']\n"
        "from pushwoosh_async.cli import main; main()"
    )
    assert run_python(code).complaint.endswith("install pushwoosh-async[sandbox].")


def run_python(code: str) -> Result:
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", code],
        check=False,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    return Result(done.returncode, done.stdout, done.stderr)
