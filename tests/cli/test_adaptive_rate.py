"""``--adaptive-rate``: slower when the API says so."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import SETTINGS

TOO_MANY = b'{"status_code": 429, "status_message": "Too many requests", "response": null}'
ACCEPTED = b'{"status_code": 200, "status_message": "OK", "response": {"Messages": ["C-1"]}}'


@pytest.fixture
def strict() -> Iterator[dict[str, str]]:
    """The environment that points a command at a server whose first answer is 429."""
    answers = [TOO_MANY]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = answers.pop() if answers else ACCEPTED
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- its name
            """Nobody reads a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield {**SETTINGS, "PUSHWOOSH_BASE_URL": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_rate_that_was_found_is_told(shell: Shell, strict: dict[str, str], users: Path) -> None:
    """On standard error, beside a report in which everybody got it."""
    command = ["send", "--users", str(users), "--content", "x", "--rate", "600/min", "--json"]
    result = shell(None, *command, "--adaptive-rate", env=strict)
    assert (result.code, result.document["accepted"]) == (0, 2500)
    assert result.err.startswith("The API answered 429: the rate was lowered, at the end to ")
    lowered = int(result.err.split(" requests a minute")[0].rpartition(" ")[2])
    assert 200 < lowered < 500


def test_without_it_the_rate_stands(shell: Shell, strict: dict[str, str], users: Path) -> None:
    """A 429 then holds everybody for a moment, and no more."""
    command = ["send", "--users", str(users), "--content", "x", "--json"]
    result = shell(None, *command, env=strict)
    assert (result.code, result.document["accepted"], result.err) == (0, 2500, "")


def test_a_rate_that_stood_is_not_told(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """Nothing was lowered."""
    result = shell(sandbox, "send", "--users", str(users), "--content", "x", "--adaptive-rate")
    assert (result.code, result.err) == (0, "")


def test_no_limit_beside_it(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """There is nothing to go back up to."""
    command = ["send", "--users", str(users), "--content", "x", "--adaptive-rate"]
    result = shell(sandbox, *command, "--no-rate-limit")
    assert (result.code, result.complaint) == (
        2,
        "--no-rate-limit: give it or --adaptive-rate, not both",
    )
