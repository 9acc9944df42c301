"""Which token opens a method? The account has two: the API's, and the one of its devices."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.methods import Access, Method
from pushwoosh_async.errors import ConfigurationError

TokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
Token: TypeAlias = str | TokenProvider

# What the user calls them.
_ARGUMENTS: dict[Access, str] = {"api": "api_token", "device": "device_api_token"}


class Tokens:
    """The tokens a client was given, each a text or a function that returns one."""

    def __init__(
        self,
        *,
        api: Secret | TokenProvider | None = None,
        device: Secret | TokenProvider | None = None,
    ) -> None:
        self._given: dict[Access, Secret | TokenProvider | None] = {"api": api, "device": device}

    def check(self, method: Method) -> None:
        """Look whether the token that opens a method was given, before anything is waited for.

        Raises:
            ConfigurationError: it was not.
        """
        if self._given[method.access] is None:
            raise self._missing(method)

    async def resolve(self, method: Method) -> Secret:
        """Return the token for one attempt: asked anew, so that it may be rotated in mid-run.

        Raises:
            ConfigurationError: there is none, or the function returned what is none.
            TypeError: it returned something else than a str.
        """
        token = self._given[method.access]
        if isinstance(token, Secret):
            return token
        if token is None:
            raise self._missing(method)
        return await _ask(token, _ARGUMENTS[method.access])

    def _missing(self, method: Method) -> ConfigurationError:
        name = _ARGUMENTS[method.access]
        return ConfigurationError(
            f"{name}: {method.name} needs it; pass {name}=, or set PUSHWOOSH_{name.upper()}"
        )


async def _ask(provider: TokenProvider, argument: str) -> Secret:
    """Call the user's function. The token never is a variable here: tracebacks may show those."""
    answer = provider()
    if inspect.isawaitable(answer):
        return Secret(await answer, argument)
    wrapped = [answer]
    del answer
    return Secret(wrapped.pop(), argument)
