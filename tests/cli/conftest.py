"""What do these tests start from? A sandbox beside them, and a shell that points at it."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pushwoosh_async.cli.app import run
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import run_in_thread

from .shell import SETTINGS, Recorder, Result, access, finish, settings, start

Start = Callable[..., Sandbox]
Shell = Callable[..., Result]
Half = Callable[..., None]


@pytest.fixture
def start_sandbox() -> Iterator[Start]:
    """Start a sandbox with these options, in a thread: a command runs a loop of its own."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Sandbox:
            return stack.enter_context(run_in_thread(Sandbox(**options)))

        yield begin


@pytest.fixture
def sandbox(start_sandbox: Start) -> Sandbox:
    """Start a sandbox without options."""
    return start_sandbox()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Start a server that keeps what it was asked."""
    recorder = Recorder()
    thread = threading.Thread(target=recorder.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield recorder
    recorder.server.shutdown()
    recorder.server.server_close()
    thread.join()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Type a command in this process, with a sandbox's settings in the environment, or others."""

    def type_in(sandbox: Sandbox | None, *arguments: str, env: Mapping[str, str] = {}) -> Result:
        for name in (*SETTINGS, "PUSHWOOSH_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**(settings(sandbox) if sandbox else {}), **env}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = run(list(arguments))
        return Result(code, *capsys.readouterr())

    return type_in


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A file of 2500 user ids."""
    path = tmp_path / "users.txt"
    path.write_text("".join(f"user-{n}\n" for n in range(2500)))
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where a journal may be."""
    return tmp_path / "campaign.db"


@pytest.fixture
def line(users: Path, journal: Path) -> list[str]:
    """A send of 2500 users in chunks of ten, two at a time, with a journal."""
    return [
        *("send", "--users", str(users), "--content", "x", "--journal", str(journal)),
        *("--chunk-size", "10", "--concurrency", "2", "--no-rate-limit", "--json"),
    ]


@pytest.fixture
def half(shell: Shell, sandbox: Sandbox, line: list[str]) -> Half:
    """Send some of it, until a deadline ends the session."""

    def send(*more: str) -> None:
        slowly = [part for part in line if part != "--no-rate-limit"]
        result = shell(sandbox, *slowly, "--rate", "600/min", "--deadline", "0.3", *more)
        assert result.code == 5, result
        assert 0 < sandbox.truth().recipients < 2500

    return send


@pytest.fixture
def slow() -> Iterator[str]:
    """The address of a sandbox in a process of its own, which takes its time."""
    process = start("sandbox", "--port", "0", "--json", "--latency", "0.03")
    yield access(process)["url"]
    process.send_signal(signal.SIGTERM)
    finish(process)
