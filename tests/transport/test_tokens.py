"""Which of the account's two tokens opens a method, and what is said where it is missing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pushwoosh_async import ConfigurationError
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._wire import methods
from pushwoosh_async._wire.methods import Method

API, DEVICE = Secret("the-api-token", "api_token"), Secret("the-device-token", "device_api_token")
METHODS = [each for each in vars(methods).values() if isinstance(each, Method)]
each_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)

_ARGUMENT = {"api": "api_token", "device": "device_api_token"}


@each_method
async def test_each_method_is_opened_by_its_own_token(method: Method) -> None:
    """The API's or the devices', whichever the method names; never the other."""
    tokens = Tokens(api=API, device=DEVICE)
    tokens.check(method)
    assert await tokens.resolve(method) == (DEVICE if method.access == "device" else API)


@each_method
async def test_missing_token_is_named(method: Method) -> None:
    """By argument, environment variable and method; the other token does not stand in for it."""
    tokens = Tokens(api=API) if method.access == "device" else Tokens(device=DEVICE)
    argument = _ARGUMENT[method.access]
    expected = f"^{argument}: {method.name} needs it; .*{argument}=.*PUSHWOOSH_{argument.upper()}$"
    with pytest.raises(ConfigurationError, match=expected):
        tokens.check(method)
    with pytest.raises(ConfigurationError, match=expected):
        await tokens.resolve(method)


async def _later(token: Any) -> Any:
    await asyncio.sleep(0)
    return token


@pytest.mark.parametrize("give", [lambda token: token, _later], ids=["sync", "async"])
@each_method
async def test_function_is_asked_each_time(
    method: Method, give: Callable[[Any], Any | Awaitable[Any]]
) -> None:
    """Not when it is checked for, and only the one that is needed."""
    asked: list[str] = []

    def source(name: str) -> Callable[[], Any]:
        def provide() -> Any:
            asked.append(name)
            return give(f"{name}-{len(asked)}")

        return provide

    tokens = Tokens(api=source("api"), device=source("device"))
    tokens.check(method)
    assert asked == []
    for number in (1, 2):
        token = await tokens.resolve(method)
        assert token.reveal() == f"{method.access}-{number}"
    assert asked == [method.access] * 2


@pytest.mark.parametrize("give", [lambda token: token, _later], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, TypeError),
        (b"token", TypeError),
        ("", ConfigurationError),
        ("a b", ConfigurationError),
    ],
)
@each_method
async def test_function_that_gives_none_is_named(
    method: Method, answer: object, kind: type[Exception], give: Callable[[Any], Any]
) -> None:
    """The argument whose function it is, without what it gave."""
    tokens = Tokens(api=lambda: give(answer), device=lambda: give(answer))
    with pytest.raises(kind, match=f"^{_ARGUMENT[method.access]}: ") as caught:
        await tokens.resolve(method)
    assert "a b" not in str(caught.value)
