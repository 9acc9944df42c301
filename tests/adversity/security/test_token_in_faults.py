"""Every way in which no answer comes: the error that says so has no token."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trustme
from canary import (
    CONTENT,
    NOTE,
    SOON_OVER,
    TOKEN,
    USER,
    Watch,
    auth,
    each_way,
    echo,
    open_client,
    shown_by,
    shows,
)

from pushwoosh_async import Notification, PushwooshClient, PushwooshError, RunStoppedError
from pushwoosh_async.sandbox import Sandbox

from .failing import failing

pytestmark = pytest.mark.row("R3")


@each_way
@pytest.mark.parametrize(
    "fate",
    ["reset", "error_500", "error_503", "stall", "truncated", "garbage", "html", "empty"],
)
async def test_faults_of_a_server_show_nothing(way: str, fate: str, watch: Watch) -> None:
    """Each way in which an answer fails to come ends in an error without the token."""
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client(way, sandbox.url, watch, retry=SOON_OVER) as client,
    ):
        sandbox.script([f"{fate}_after", f"{fate}_before"] * 50)
        error = await failing(client, watch)
        assert error.delivery == "in_doubt"
    watch.check()


async def _refuses(way: str, watch: Watch) -> PushwooshError:
    async with echo(None) as port:
        pass
    async with open_client(way, f"http://127.0.0.1:{port}", watch) as client:
        return await failing(client, watch)


async def _hangs_up(way: str, watch: Watch) -> PushwooshError:
    async with (
        echo(None) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, retry=SOON_OVER) as client,
    ):
        return await failing(client, watch)


async def _speaks_no_tls(way: str, watch: Watch) -> PushwooshError:
    async with (
        echo(None) as port,
        open_client(way, f"https://127.0.0.1:{port}", watch) as client,
    ):
        return await failing(client, watch)


async def _is_not_trusted(way: str, watch: Watch) -> PushwooshError:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with (
        echo(None, context) as port,
        open_client(way, f"https://127.0.0.1:{port}", watch) as client,
    ):
        return await failing(client, watch)


async def _is_named_otherwise(way: str, watch: Watch) -> PushwooshError:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("else.example").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    url = "https://127.0.0.1"
    async with (
        echo(None, context) as port,
        open_client(way, f"{url}:{port}", watch, ssl_context=trusting) as client,
    ):
        return await failing(client, watch)


@each_way
@pytest.mark.parametrize(
    ("fail", "delivery"),
    [
        (_refuses, "not_sent"),
        (_hangs_up, "in_doubt"),
        (_speaks_no_tls, "not_sent"),
        (_is_not_trusted, "not_sent"),
        (_is_named_otherwise, "not_sent"),
    ],
)
async def test_faults_of_a_network_show_nothing(
    way: str,
    fail: Callable[[str, Watch], Awaitable[PushwooshError]],
    delivery: str,
    watch: Watch,
) -> None:
    """Each way in which no answer can come ends in an error without the token."""
    assert (await fail(way, watch)).delivery == delivery
    watch.check()


class Quoting:
    """An HTTP client of the user's whose exceptions quote the request."""

    def build_request(
        self, method: str, url: str, *, headers: Any, content: Any, timeout: Any, extensions: Any
    ) -> Any:
        return content

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        body = b"".join([piece async for piece in request])
        raise OSError(f"could not send {auth(body.decode())}")


async def test_exception_of_an_injected_client_is_not_quoted(watch: Watch) -> None:
    """What a user's client says of a request it could not send is stripped of the token."""
    async with PushwooshClient(
        api_token=TOKEN,
        application="XXXXX-XXXXX",
        base_url="http://127.0.0.1:9",
        http_client=Quoting(),
        retry=SOON_OVER,
        hooks=watch.listener,
        timeout=0.4,
    ) as client:
        await failing(client, watch)
    watch.check()


async def test_refused_token_is_in_no_part_of_the_runs_end(watch: Watch) -> None:
    """A run that a wrong token ends says so without it."""
    async with (
        Sandbox(token="another") as sandbox,
        open_client("httpx", sandbox.url, watch) as client,
    ):
        with pytest.raises(RunStoppedError) as caught:
            await client.fan_out(Notification(content=CONTENT), users=[USER] * 3)
    watch.check_error(caught.value)
    watch.check()


@each_way
async def test_cancelled_call_shows_nothing(way: str, watch: Watch) -> None:
    """Cancelled while the bytes are out, neither the cancellation nor the client shows the token."""
    arrived = asyncio.Event()

    async def wait(seconds: float) -> None:
        arrived.set()

    async with (
        Sandbox(token=TOKEN, latency=1, sleep=wait) as sandbox,
        open_client(way, sandbox.url, watch, timeout=30) as client,
    ):
        sending = asyncio.create_task(client.create_message(NOTE))
        await arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await sending
        assert not shows(shown_by(caught.value))
    watch.check_reach(client)
    watch.check()
