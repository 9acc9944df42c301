"""How does a command get a sandbox of its own? In another process, which ends when this one does."""

import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from subprocess import PIPE
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from pushwoosh_async.cli.complaints import BadInputError

_START_WAIT = 20.0
_STOP_WAIT = 3.0
_ANSWER_WAIT = 60.0
_LINE_LIMIT = 10_000


@dataclass(frozen=True)
class SandboxAddress:
    """Where a sandbox is, and what it accepts."""

    url: str
    token: str = field(repr=False)
    device_token: str = field(repr=False)
    application: str

    async def truth(self) -> dict[str, Any]:
        """Return what it counted."""
        document: dict[str, Any] = json.loads(
            b"".join(await anyio.to_thread.run_sync(self._lines, "truth"))
        )
        return document

    async def deliveries(self) -> dict[str, int]:
        """Return how often it delivered to each recipient it delivered to."""
        return await anyio.to_thread.run_sync(self._deliveries)

    def _deliveries(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in self._lines("recipients"):
            number, _, text = line.partition(b"\t")
            found[json.loads(text)] = int(number)
        return found

    def _lines(self, what: str) -> list[bytes]:
        # No proxy: the environment's would be asked for a loopback address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/sandbox/{what}", timeout=_ANSWER_WAIT) as answer:
            return list(answer)


@asynccontextmanager
async def sandbox_process(options: Sequence[str]) -> AsyncIterator[SandboxAddress]:
    """Run a sandbox on a free port, and stop it at the end.

    Args:
        options: of ``pushwoosh-async sandbox``.

    Raises:
        BadInputError: it does not start; why, it has said on standard error.
    """
    process = await anyio.open_process(
        [sys.executable, "-m", "pushwoosh_async", "sandbox", *_ALWAYS, *options],
        stdin=PIPE,
        stdout=PIPE,
        stderr=None,
        env=_environment(),
        # Out of the terminal's reach: a Ctrl-C is for the run, which still needs its server to drain.
        start_new_session=True,
    )
    try:
        yield await _ready(process)
    finally:
        with anyio.CancelScope(shield=True):
            await _stop(process)


# Until the end of input: our end of that pipe closes however we come to an end, a kill included.
_ALWAYS = ("--port", "0", "--json", "--until-eof")


def _environment() -> dict[str, str]:
    """Return our environment without a real account's token, which is none of the sandbox's business."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PUSHWOOSH_")}


async def _ready(process: Process) -> SandboxAddress:
    assert process.stdout is not None  # noqa: S101 -- for the type checker: it was asked for
    try:
        with anyio.fail_after(_START_WAIT):
            line = await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", _LINE_LIMIT)
    except (anyio.IncompleteRead, anyio.EndOfStream, TimeoutError):
        line = b""
    if not line:
        raise BadInputError("the sandbox did not start")
    said = json.loads(line)
    if "error" in said:
        raise BadInputError("the sandbox did not start")
    return SandboxAddress(**said)


async def _stop(process: Process) -> None:
    if process.stdin is not None:
        await process.stdin.aclose()
    with anyio.move_on_after(_STOP_WAIT):
        await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()
