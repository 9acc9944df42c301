"""Functions that give the token, and clients that cannot be made: what is refused is not shown."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from canary import CONTENT, NOTE, PLAIN, TOKEN, USER, Watch, open_client, shows

from adversity.story import Story
from pushwoosh_async import ConfigurationError, Notification, PushwooshClient, RetryPolicy
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.row("R3")


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        (lambda: TOKEN + " ", ConfigurationError),
        (lambda: TOKEN + "\n", ConfigurationError),
        (lambda: "", ConfigurationError),
        (lambda: bytes(TOKEN, "ascii"), TypeError),
        (lambda: None, TypeError),
        (lambda: [TOKEN], TypeError),
        (lambda: _later(TOKEN + "\u200b"), ConfigurationError),
        (lambda: _later(TOKEN.encode()), TypeError),
        (lambda: _later(None), TypeError),
    ],
)
async def test_function_that_gives_no_token_ends_the_call_unsent(
    provider: Any, kind: type[Exception], watch: Watch
) -> None:
    """The argument is named, what was given is not shown, and nothing leaves."""
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client("httpx", sandbox.url, watch, token=provider) as client,
    ):
        for send in (
            lambda: client.create_message(NOTE),
            lambda: client.fan_out(Notification(content=CONTENT), users=[USER]),
        ):
            with pytest.raises(kind) as caught:
                await send()
            assert re.fullmatch(r"api_token: [^\n]+", str(caught.value))
            watch.check_error(caught.value)
        assert sandbox.truth().requests == 0
    assert [line for line in watch.lines() if shows(line)] == []


@pytest.mark.parametrize("how", ["sync", "async"])
async def test_function_that_raises_ends_the_call_unsent_and_the_client_serves_on(
    how: str, watch: Watch
) -> None:
    """Its own exception comes out, a run says that nobody got it, and no connection is lost."""

    class Vault:
        closed = True

        def __call__(self) -> Any:
            return self.asked() if how == "sync" else self.asked_later()

        def asked(self) -> str:
            if self.closed:
                raise LookupError("the vault is closed")
            return TOKEN

        async def asked_later(self) -> str:
            await asyncio.sleep(0)
            return self.asked()

    vault = Vault()
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client("httpx", sandbox.url, watch, token=vault, max_connections=2) as client,
    ):
        for _ in range(3):
            with pytest.raises(LookupError, match="the vault is closed") as caught:
                await client.create_message(NOTE)
            watch.check_error(caught.value)
        run = client.fan_out(Notification(content="Hi"), users=[USER] * 20, concurrency=2)
        with pytest.raises(LookupError, match="the vault is closed"):
            await run
        assert (run.report.not_sent, run.report.total) == (20, 20)
        assert sandbox.truth().requests == 0
        vault.closed = False
        await client.create_message(NOTE)
        assert sandbox.truth().deliveries == 1
    watch.check()


async def test_token_is_asked_for_before_each_attempt(watch: Watch) -> None:
    """So it can be changed while a call is being repeated, and the new one is sent."""
    tokens = iter(["expired", "expired", TOKEN])
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client(
            "httpx",
            sandbox.url,
            watch,
            token=lambda: next(tokens),
            retry=RetryPolicy(max_attempts=3, base_delay=0.001),
        ) as client,
    ):
        sandbox.script(["reset_before", "error_500_before", None])
        await client.create_message(NOTE)
        assert sandbox.truth().deliveries == 1
    assert list(tokens) == []
    watch.check()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: PushwooshClient(api_token=TOKEN + " "), ConfigurationError),
        (lambda: PushwooshClient(api_token=TOKEN.encode()), TypeError),  # type: ignore[arg-type]
        (lambda: PushwooshClient(api_token=TOKEN, application=TOKEN), ConfigurationError),
        (
            lambda: PushwooshClient(api_token=TOKEN, base_url=f"https://{TOKEN}@h"),
            ConfigurationError,
        ),
        (
            lambda: PushwooshClient(api_token=TOKEN, base_url=f"https://h/?auth={PLAIN}"),
            ConfigurationError,
        ),
        (lambda: PushwooshClient(api_token=TOKEN, proxy=TOKEN), ConfigurationError),
        (lambda: PushwooshClient(api_token=TOKEN, timeout=-1), ConfigurationError),
    ],
)
def test_client_that_cannot_be_made_shows_no_token(
    make: Callable[[], object], kind: type[Exception], story: Story
) -> None:
    """Not even where the token was put in the place of another argument is it in the complaint."""
    with pytest.raises(kind) as caught:
        make()
    shown = [each(caught.value) for each in (str, repr)]
    assert not any(map(shows, shown))
    story.saw(f"{sum(map(shows, shown))} complaints about wrong arguments show it")
