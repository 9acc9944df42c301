"""What do these tests start from? A sandbox beside them, and a shell that points at it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from pushwoosh_async.cli.app import run
from pushwoosh_async.sandbox import Sandbox

from .shell import Result, settings

Start = Callable[..., Sandbox]
Shell = Callable[..., Result]


@pytest.fixture
def start_sandbox() -> Iterator[Start]:
    """Start a sandbox with these options, in a thread: a command runs a loop of its own."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Sandbox:
            portal = stack.enter_context(start_blocking_portal())
            sandbox = Sandbox(**options)
            portal.call(sandbox.start)
            stack.callback(portal.call, sandbox.aclose)
            return sandbox

        yield begin


@pytest.fixture
def sandbox(start_sandbox: Start) -> Sandbox:
    """Start a sandbox without options."""
    return start_sandbox()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Type a command in this process, with a sandbox's settings in the environment."""

    def type_in(sandbox: Sandbox | None, *arguments: str) -> Result:
        for name in ("PUSHWOOSH_API_TOKEN", "PUSHWOOSH_APPLICATION", "PUSHWOOSH_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in settings(sandbox).items() if sandbox else ():
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
