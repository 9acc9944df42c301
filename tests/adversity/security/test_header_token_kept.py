"""What holds a token that travels in a header? A Secret, and nothing else within reach of a client."""

import asyncio
import types
from typing import Any

import pytest
from canary import TOKEN, USER, Watch, each_way, holders, http, reachable, shown_by, shows
from fault_server import fault_server, read_and_hang

from adversity.story import Story
from pushwoosh_async import PushwooshError
from pushwoosh_async._secret import Secret

from .header_calls import CALLS, OTHER_CALLS, Make, each_call, opened, says, sent_token

pytestmark = pytest.mark.row("R2")


async def provided() -> str:
    """Give the token, as a user's coroutine."""
    await asyncio.sleep(0)
    return TOKEN


@each_way
@pytest.mark.parametrize("token", [TOKEN, lambda: TOKEN, provided], ids=["str", "sync", "async"])
async def test_only_a_secret_holds_the_token(way: str, token: Any, watch: Watch) -> None:
    """Before, after successes, and after failures: nothing else in a client's reach has it."""
    async with fault_server() as server, opened(way, server.url, watch, token=token) as client:
        watch.check_reach(client)
        # An answer that every method can read.
        server.default = says(
            http(b'{"status_code": 200, "response": {"result": {}, "metrics": []}}')
        )
        for call in [CALLS["set_tags"], *OTHER_CALLS, CALLS["get_message_totals"]]:
            await call(client)
            watch.check_reach(client)
        for call in CALLS.values():
            server.play(*[says(http(b"<html>", "502 Bad Gateway"))] * 2)
            with pytest.raises(PushwooshError):
                await call(client)
            watch.check_reach(client, watch.listener)
        assert {sent_token(request) for request in server.complete} == {TOKEN}
    watch.check_reach(client)
    watch.check()


@each_way
@each_call
async def test_request_under_way_shows_nothing(way: str, call: Make, watch: Watch) -> None:
    """While the bytes are out, nothing of ours and nothing of httpx shows the token."""
    async with (
        fault_server(read_and_hang) as server,
        opened(way, server.url, watch, timeout=30) as client,
    ):
        sending = asyncio.create_task(call(client))
        await server.until(lambda: bool(server.complete))
        shown = [
            repr(thing)
            for thing in reachable(client, sending)
            if type(thing).__module__.startswith(("pushwoosh_async", "httpx", "httpcore"))
        ]
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await sending
        assert not shows(shown_by(caught.value))
        await server.aclose()  # else the client waits for the answer when it closes
    assert len(shown) > 10
    leaks = [text for text in shown if shows(text) or USER in text]
    assert leaks == []
    watch.story.saw(f"{len(leaks)} representations while the bytes are out show it")


def test_search_finds_a_header(story: Story) -> None:
    """The search finds what it is meant to find: a Secret is the one place it is not looked into."""
    assert holders([Secret(TOKEN, "api_token")]) == []
    found = holders([types.SimpleNamespace(headers={"Authorization": f"Token {TOKEN}"})])
    assert found
    story.saw(f"{len(found)} found where one was put")
