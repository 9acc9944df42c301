"""A program that asked for no logs gets none; one that did gets no body, and no recipient."""

import logging
import sys
from pathlib import Path

import anyio
import pytest
from canary import CONTENT, NOTE, TOKEN, USER, Watch, open_client
from cli.shell import environment

from adversity.story import Story
from pushwoosh_async import PushwooshError
from pushwoosh_async.sandbox import Sandbox

PROGRAM = """
import asyncio
from pushwoosh_async import LoggingHooks, Notification, PushwooshClient, PushwooshError, RetryPolicy

async def main():
    retry = RetryPolicy(max_attempts=5, base_delay=0.001, max_delay=0.001)
    async with PushwooshClient(rate_limit=None, retry=retry, hooks=LoggingHooks()) as client:
        try:
            await client.create_message(Notification(content="Hi", users=["u"]))
        except PushwooshError as error:
            assert "HTTP 500" in str(error)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.row("R6")
async def test_nothing_is_printed_unasked(tmp_path: Path, story: Story) -> None:
    """Not even warnings, which Python prints where a library left its logger without a handler."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    async with Sandbox(token=TOKEN) as sandbox:
        sandbox.script(["error_500_before"] * 5)
        access = {
            "PUSHWOOSH_API_TOKEN": TOKEN,
            "PUSHWOOSH_APPLICATION": "XXXXX-XXXXX",
            "PUSHWOOSH_BASE_URL": sandbox.url,
        }
        done = await anyio.run_process([sys.executable, str(program)], env=environment(access))
    assert (done.stdout, done.stderr) == (b"", b"")
    story.saw(f"{len(done.stderr + done.stdout)} bytes printed over five failures")


@pytest.mark.row("R6")
async def test_what_our_logger_has(watch: Watch) -> None:
    """At DEBUG: methods, numbers and outcomes; no body, no header, no recipient."""
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client("httpx", sandbox.url, watch) as client,
    ):
        sandbox.script(["reset_before", None, *["error_500_before"] * 2])
        await client.create_message(NOTE)
        with pytest.raises(PushwooshError):
            await client.create_message(NOTE)
    ours = [each for each in watch.caplog.records if each.name == "pushwoosh_async"]
    assert {each.levelno for each in ours} == {logging.DEBUG, logging.INFO, logging.WARNING}
    bodies = [
        each for each in ours if "{" in each.getMessage() or "Content-Type" in each.getMessage()
    ]
    named = [each for each in ours if USER in str(vars(each)) or CONTENT in str(vars(each))]
    assert (bodies, named) == ([], [])
    watch.story.saw(f"{len(bodies)} bodies, {len(named)} recipients in it at DEBUG")
