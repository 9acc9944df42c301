"""How do these tests type a command? In this process, or in one of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pushwoosh_async.sandbox import Sandbox

APPLICATION = "XXXXX-XXXXX"
TOKEN = "sandbox-token"
DEVICE_TOKEN = "sandbox-device-token"
# For a machine under load; nothing waits this long unless something is broken.
PATIENCE = 60.0


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("pushwoosh-async: ")
        return self.err.removeprefix("pushwoosh-async: ").rstrip("\n")


SETTINGS = {
    "PUSHWOOSH_API_TOKEN": TOKEN,
    "PUSHWOOSH_DEVICE_API_TOKEN": DEVICE_TOKEN,
    "PUSHWOOSH_APPLICATION": APPLICATION,
}


def settings(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment that points a command at a sandbox."""
    return {**SETTINGS, "PUSHWOOSH_BASE_URL": sandbox.url}


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return our environment without what would reach a real account."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("PUSHWOOSH_")}
    return {**own, **extra}


def start(*arguments: str, env: Mapping[str, str] = {}) -> subprocess.Popen[str]:
    """Start a command in a process of its own, its three streams being pipes."""
    return subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(env),
    )


def finish(process: subprocess.Popen[str], stdin: str | None = None) -> Result:
    """Wait for a process and return what it came to."""
    try:
        out, err = process.communicate(stdin, timeout=PATIENCE)
    finally:
        process.kill()
    return Result(process.returncode, out, err)


def access(sandbox: subprocess.Popen[str]) -> dict[str, str]:
    """Return what a sandbox started with --json says when it is ready."""
    assert sandbox.stdout
    found: dict[str, str] = json.loads(sandbox.stdout.readline())
    return found


class Recorder:
    """A server that accepts everything and keeps what it was asked, where no sandbox shows it.

    Attributes:
        requests: the content of each ``{"request": ...}``.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append(json.loads(body)["request"])
                answer = b'{"status_code": 200, "status_message": "OK", "response": null}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- its name
                """Nobody reads a log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def settings(self) -> dict[str, str]:
        """The environment that points a command at it."""
        return {**SETTINGS, "PUSHWOOSH_BASE_URL": f"http://127.0.0.1:{self.server.server_port}"}


def create(sandbox: Sandbox, *notifications: Mapping[str, object]) -> list[str]:
    """Create messages without the client, each for twelve users; return their codes."""
    users = [f"u{n}" for n in range(12)]
    asked = {
        "auth": TOKEN,
        "application": APPLICATION,
        "notifications": [{"send_date": "now", "users": users, **n} for n in notifications],
    }
    request = urllib.request.Request(  # noqa: S310 -- http, to this machine
        f"{sandbox.url}/json/1.3/createMessage",
        json.dumps({"request": asked}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- as above
        codes: list[str] = json.load(answer)["response"]["Messages"]
    return codes


def counted(url: str, what: str) -> int:
    """Return a counter of a sandbox in another process."""
    with urllib.request.urlopen(f"{url}/sandbox/truth", timeout=PATIENCE) as answer:  # noqa: S310 -- http
        number: int = json.load(answer)[what]
    return number


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another process or thread does."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
