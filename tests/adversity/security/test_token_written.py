"""All that a program writes: its streams, its logs at DEBUG, its files. The token is in none of it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from canary import PLAIN, TOKEN, USER, shows
from cli.shell import environment

from adversity.story import Story
from pushwoosh_async.sandbox import Sandbox

HERE = Path(__file__).parent
FAULTS = [
    "reset_after", None, "html_after", None, "stall_before", "garbage_after", "error_500_after",
    "truncated_after", "reset_during",
]  # fmt: skip


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return what is in every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
@pytest.mark.row("R4")
@pytest.mark.parametrize("token", [TOKEN, PLAIN], ids=["escaped", "plain"])
@pytest.mark.parametrize("way", ["httpx", "aiohttp"])
async def test_a_program_that_does_everything(
    tmp_path: Path, story: Story, way: str, token: str
) -> None:
    """In development mode, where asyncio describes its callbacks and its end is a traceback."""
    async with Sandbox(token=token, device_token=token) as sandbox:
        sandbox.script(FAULTS)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", str(HERE / "everything_program.py"), way, str(tmp_path),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment({
                "PYTHONPATH": str(HERE.parents[1]),
                "PUSHWOOSH_API_TOKEN": token,
                "PUSHWOOSH_DEVICE_API_TOKEN": token,
                "PUSHWOOSH_APPLICATION": "XXXXX-XXXXX",
                "PUSHWOOSH_BASE_URL": sandbox.url,
            }),
        )  # fmt: skip
        out, err = await process.communicate()
    assert err.count(b"Traceback") == 1, err.decode()
    assert b"ConfigurationError: client: it was closed" in err
    for part in (b"TransportError", b"RecallReport", b"ReconcileReport", b"Accepted(", b"DEBUG:"):
        assert part in out, part
    files = contents_of(tmp_path)
    assert {"later.journal", "later.journal.status", "each.journal"} <= set(files)
    written = {"standard output": out, "standard error": err, **files}
    leaks = [name for name, content in written.items() if shows(content)]
    assert leaks == []
    named = [name for name, content in files.items() if USER.encode() in content]
    assert named == ["each.journal"]  # it was asked to keep the ids
    story.saw(f"token in {len(leaks)} of {len(written)} streams and files of a program")
