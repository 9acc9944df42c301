"""What holds the token? A Secret, and nothing else within reach of a client."""

import asyncio
import types
from typing import Any

import pytest
from canary import (
    CONTENT,
    NOTE,
    TOKEN,
    USER,
    Watch,
    each_way,
    open_client,
    reachable,
    shows,
    ways_to_show,
)

from pushwoosh_async import Notification, PushwooshClient, SendReport
from pushwoosh_async._secret import Secret
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.row("R2")


def provided() -> str:
    """Give the token, as a user's function."""
    return TOKEN


async def provided_later() -> str:
    """Give the token, as a user's coroutine."""
    await asyncio.sleep(0)
    return TOKEN


@each_way
@pytest.mark.parametrize("token", [TOKEN, provided, provided_later], ids=["str", "sync", "async"])
async def test_only_a_secret_holds_the_token(way: str, token: Any, watch: Watch) -> None:
    """Before, after a success, after failures, after a run: nothing else in a client's reach has it."""
    faults = ["reset_after", "error_500_before", None, "truncated_after", None, "html_before", None]
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client(way, sandbox.url, watch, token=token) as client,
    ):
        watch.check_reach(client)
        sandbox.script(["reset_before", None])
        await client.create_message(NOTE)
        watch.check_reach(client)
        sandbox.script(faults)
        run = client.fan_out(Notification(content=CONTENT), users=[USER] * 20, chunk_size=10)
        report = await run
        assert report.accepted == 20
        watch.check_reach(client, run, report, watch.listener)
    watch.check_reach(client)
    watch.check()


@each_way
async def test_no_way_of_showing_a_part_of_a_client_shows_the_token(way: str, watch: Watch) -> None:
    """repr, str, format, ascii, vars, pickle and copies of whatever is ours within reach."""
    async with Sandbox(token=TOKEN) as sandbox, open_client(way, sandbox.url, watch) as client:
        run = client.fan_out(Notification(content=CONTENT), users=[USER], chunk_size=10)
        async with run:
            outcomes = [outcome async for outcome in run]
        things = [
            client,
            run,
            run.report,
            run.progress,
            outcomes,
            await client.create_message(NOTE),
        ]
        ours = [
            thing
            for thing in reachable(*things)
            if type(thing).__module__.startswith("pushwoosh_async")
            or isinstance(thing, types.FunctionType)
        ]
    assert {PushwooshClient, Secret, SendReport} <= {type(thing) for thing in ours}
    leaks = [text for thing in ours for text in ways_to_show(thing) if shows(text)]
    assert leaks == []
    watch.story.saw(f"{len(leaks)} representations, copies and pickles show it")


@each_way
async def test_request_under_way_shows_nothing(way: str, watch: Watch) -> None:
    """While the bytes are out, no representation of anything in a client's reach has the token."""
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def wait(seconds: float) -> None:
        arrived.set()
        await answered.wait()

    async with (
        Sandbox(token=TOKEN, latency=1, sleep=wait) as sandbox,
        open_client(way, sandbox.url, watch, timeout=30) as client,
    ):
        sending = asyncio.create_task(client.create_message(NOTE))
        await arrived.wait()
        shown = [
            repr(thing)
            for thing in reachable(client, sending)
            if type(thing).__module__.startswith(
                ("pushwoosh_async", "httpx", "httpcore", "aiohttp")
            )
        ]
        answered.set()
        await sending
    assert len(shown) > 10
    leaks = [text for text in shown if shows(text) or USER in text]
    assert leaks == []
    watch.story.saw(f"{len(leaks)} representations while the bytes are out show it")
