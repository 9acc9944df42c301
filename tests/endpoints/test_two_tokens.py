"""An account has two tokens: each call needs its own, and a client may have either."""

import asyncio
from typing import Any

import pytest
from wire_clients import Way, attempts, each_way

from pushwoosh_async import ConfigurationError, Notification, PushwooshClient, RateLimitedError
from pushwoosh_async.testing import FakeClock

from .coroutines import COROUTINES, DEVICE, Coroutine, each_coroutine, each_of
from .talk import API_TOKEN, DEVICE_TOKEN, body, envelope, says, talk

_OPENED_BY = {"api_token": "create_message", "device_api_token": "get_tags"}
API = [one for one in COROUTINES if one not in DEVICE]


def accepted(one: Coroutine) -> Any:
    """Answer a coroutine with success."""
    return says(envelope(one.response) if one.wrapped else one.response)


@each_of(DEVICE)
async def test_device_calls_without_their_token(one: Coroutine) -> None:
    """The API's does not stand in for it; the error names argument, variable and method."""
    async with talk(device_api_token=None) as (client, server):
        with pytest.raises(ConfigurationError) as caught:
            await one.call(client)
        assert str(caught.value) == (
            f"device_api_token: {one.method} needs it; pass device_api_token=, "
            "or set PUSHWOOSH_DEVICE_API_TOKEN"
        )
        assert caught.value.delivery == "not_sent"
        assert server.connections == 0


@each_of(API)
async def test_all_other_calls_without_theirs(one: Coroutine) -> None:
    """A client of devices alone can make none of them."""
    async with talk(api_token=None) as (client, server):
        with pytest.raises(ConfigurationError) as caught:
            await one.call(client)
        assert str(caught.value) == (
            f"api_token: {one.method} needs it; pass api_token=, or set PUSHWOOSH_API_TOKEN"
        )
        assert server.connections == 0


@each_coroutine
async def test_missing_token_is_noticed_before_anything_is_waited_for(one: Coroutine) -> None:
    """Not after a pause that the server asked all calls for."""
    clock = FakeClock()
    slow = says(envelope(None, 429), 429, Retry_After="30")
    given, missing = ("api_token", "device_api_token")[:: 1 if one in DEVICE else -1]
    [other] = [each for each in COROUTINES if each.name == _OPENED_BY[given]]
    absent: Any = {missing: None}
    async with talk(slow, clock=clock, **absent) as (client, _):
        with pytest.raises(RateLimitedError):
            await other.call(client)
        with pytest.raises(ConfigurationError, match=rf"^{missing}: {one.method} needs it"):
            await one.call(client)
    assert clock.sleeps == []


async def test_fan_out_without_its_token() -> None:
    """A run is a call of createMessage, many times: it says so, and sends nothing."""
    async with talk(api_token=None) as (client, server):
        with pytest.raises(ConfigurationError, match=r"^api_token: createMessage needs it"):
            await client.fan_out(Notification(content="Hi"), users=["a", "b"], concurrency=2)
        assert server.connections == 0


@each_coroutine
async def test_its_own_token_is_enough(one: Coroutine) -> None:
    """The other need not be there."""
    missing: Any = {"api_token" if one in DEVICE else "device_api_token": None}
    async with talk(accepted(one), **missing) as (client, server):
        assert one.result(await one.call(client))
    assert len(server.complete) == 1


def test_client_without_any_token() -> None:
    """It can make no call at all, so it cannot be made."""
    with pytest.raises(
        ConfigurationError, match=r"^api_token: pass one, or set PUSHWOOSH_API_TOKEN"
    ):
        PushwooshClient(application="AAAAA-BBBBB")


@each_coroutine
async def test_tokens_from_the_environment(one: Coroutine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each from its own variable; an argument goes first."""
    monkeypatch.setenv("PUSHWOOSH_API_TOKEN", API_TOKEN)
    monkeypatch.setenv("PUSHWOOSH_DEVICE_API_TOKEN", DEVICE_TOKEN)
    async with talk(accepted(one), api_token=None, device_api_token=None) as (client, server):
        assert one.result(await one.call(client))
    assert sent_token(one, server) == (DEVICE_TOKEN if one in DEVICE else API_TOKEN)
    given: Any = {"api_token": "given-api", "device_api_token": "given-device"}
    async with talk(accepted(one), **given) as (client, server):
        await one.call(client)
    assert sent_token(one, server) == ("given-device" if one in DEVICE else "given-api")


def sent_token(one: Coroutine, server: Any, number: int = 0) -> str:
    """Return the token of a request."""
    request = server.complete[number]
    if one.header_token:
        scheme, token = request.headers["authorization"].split(" ")
        assert scheme == "Token"
        return str(token)
    return str(body(request)["request"]["auth"])


@pytest.mark.parametrize("name", ["api_token", "device_api_token"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, TypeError),
        (b"token", TypeError),
        (["token"], TypeError),
        ("", ConfigurationError),
        ("a b", ConfigurationError),
        ("a\r\nX-Evil: 1", ConfigurationError),
        ("tök", ConfigurationError),
        ("x" * 1001, ConfigurationError),
    ],
)
def test_what_is_no_token(name: str, value: Any, kind: type[Exception]) -> None:
    """Named by its argument: what would break a header is refused with the rest."""
    other: Any = {"api_token": "fine", "device_api_token": "fine"}
    with pytest.raises(kind, match=f"^{name}: [^\n]*$"):
        PushwooshClient(application="AAAAA-BBBBB", **{**other, name: value})


@each_way
@each_coroutine
async def test_functions_that_give_tokens(one: Coroutine, way: Way) -> None:
    """Plain for one, async for the other; only the one that is needed is asked, for each attempt."""
    asked: list[str] = []

    def api() -> str:
        asked.append("api")
        return f"api-{len(asked)}"

    async def device() -> str:
        await asyncio.sleep(0)
        asked.append("device")
        return f"device-{len(asked)}"

    options: Any = {"api_token": api, "device_api_token": device, "retry": attempts(2)}
    slow = says(envelope(None, 429), 429, Retry_After="0")
    async with talk(slow, accepted(one), way=way, **options) as (client, server):
        assert one.result(await one.call(client))
    kind = "device" if one in DEVICE else "api"
    assert asked == [kind] * 2
    assert [sent_token(one, server, n) for n in (0, 1)] == [f"{kind}-1", f"{kind}-2"]


@each_coroutine
async def test_function_that_gives_no_token(one: Coroutine) -> None:
    """The error names the argument it was passed as, and nothing leaves."""
    options: Any = {"api_token": lambda: "a\nb", "device_api_token": lambda: "a\nb"}
    async with talk(**options) as (client, server):
        name = "device_api_token" if one in DEVICE else "api_token"
        with pytest.raises(ConfigurationError, match=f"^{name}: [^\n]*$"):
            await one.call(client)
        assert server.requests == []
