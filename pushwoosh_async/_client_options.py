"""What a client is told: its token, its application, its parts, checked before anything is sent."""

import inspect
import os
import re

from pushwoosh_async._fanout.options import check_name
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._transport.tokens import Token, TokenProvider, Tokens
from pushwoosh_async._wire.encode import Target
from pushwoosh_async._wire.methods import Access
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.hooks import Hooks

_VARIABLES: dict[Access, str] = {
    "api": "PUSHWOOSH_API_TOKEN",
    "device": "PUSHWOOSH_DEVICE_API_TOKEN",
}
_APPLICATION = re.compile(r"[0-9A-Za-z]{5}-[0-9A-Za-z]{5}")


def environment(name: str, default: str | None = None) -> str | None:
    """Return an environment variable; an empty one counts as not set."""
    return os.environ.get(name) or default


def read_tokens(given: dict[Access, Token | None]) -> Tokens:
    """Wrap the tokens. They come in a dict and leave it: no frame of ours keeps one as a variable.

    Raises:
        ConfigurationError: neither was given, or one is what no token can be.
    """
    for access, variable in _VARIABLES.items():
        if given[access] is None:
            given[access] = environment(variable)
    if all(token is None for token in given.values()):
        raise ConfigurationError("api_token: pass one, or set PUSHWOOSH_API_TOKEN")
    try:
        return Tokens(
            api=_wrapped(given, "api", "api_token"),
            device=_wrapped(given, "device", "device_api_token"),
        )
    finally:
        given.clear()  # where one is refused, the other must not stay behind


def _wrapped(
    given: dict[Access, Token | None], access: Access, argument: str
) -> Secret | TokenProvider | None:
    if given[access] is None or callable(given[access]):
        return given.pop(access)  # type: ignore[return-value]  # a str is neither
    return Secret(given.pop(access), argument)


def read_target(application: str | None, group: str | None) -> Target | None:
    """Return which application, or group of them, the client speaks for."""
    check_name("application", application)
    check_name("applications_group", group)
    if application is not None and group is not None:
        raise ConfigurationError("applications_group: give it or application, not both")
    if group is not None:
        return Target("applications_group", group)
    application = application or environment("PUSHWOOSH_APPLICATION")
    if application is None:
        return None
    if not _APPLICATION.fullmatch(application):
        raise ConfigurationError(
            "application: a code is five letters or digits, a hyphen, and five more (XXXXX-XXXXX)"
        )
    return Target("application", application)


def check_types(retry: object, rate_limit: object, hooks: object, clock: object) -> None:
    """Refuse what is of the wrong type."""
    if not isinstance(retry, RetryPolicy):
        raise TypeError(f"retry: expected a RetryPolicy, got {type(retry).__name__}")
    if rate_limit is not None and not isinstance(rate_limit, RateLimit):
        raise TypeError(
            f"rate_limit: expected a RateLimit or None, got {type(rate_limit).__name__}"
        )
    if hooks is not None and not isinstance(hooks, Hooks):
        raise TypeError(f"hooks: expected a subclass of Hooks, got {type(hooks).__name__}")
    for name in ("monotonic", "stamp", "sleep"):
        if clock is not None and not callable(getattr(clock, name, None)):
            raise TypeError(f"clock: expected a Clock, got {type(clock).__name__}")


def check_injected(
    http_client: object, transport: str, context: object, proxy: object, *, trust_env: bool
) -> None:
    """Refuse what is no asynchronous client, and options that belong to one."""
    for name in ("build_request", "send"):
        if not callable(getattr(http_client, name, None)):
            raise TypeError(
                "http_client: expected an httpx.AsyncClient or httpx2.AsyncClient, "
                f"got {type(http_client).__name__}"
            )
    if not inspect.iscoroutinefunction(http_client.send):  # type: ignore[attr-defined]  # just seen
        raise TypeError("http_client: expected an async client, got one that is synchronous")
    given = [
        name
        for name, value in {
            "transport": transport if transport != "httpx" else None,
            "ssl_context": context,
            "proxy": proxy,
            "trust_env": trust_env or None,
        }.items()
        if value is not None
    ]
    if given:
        raise ConfigurationError(f"{given[0]}: set it on http_client, which has its own")
