"""The client: the endpoint classes together, and fan-outs over them."""

import random
import ssl
from types import TracebackType
from typing import Literal, Self

from pushwoosh_async._client_fan_out import FanOuts
from pushwoosh_async._client_options import (
    check_injected,
    check_types,
    environment,
    read_target,
    read_tokens,
)
from pushwoosh_async._clock import Clock, SystemClock
from pushwoosh_async._fanout.options import (
    check_choice,
    check_count,
    check_flag,
    check_seconds,
)
from pushwoosh_async._transport.address import address
from pushwoosh_async._transport.exchange import HTTPClient
from pushwoosh_async._transport.http import connect
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._transport.session import Session
from pushwoosh_async._transport.tokens import Token
from pushwoosh_async._wire.methods import Access
from pushwoosh_async.endpoints.devices import Devices
from pushwoosh_async.endpoints.sms import SMSMessages
from pushwoosh_async.endpoints.statistics import Statistics
from pushwoosh_async.hooks import Hooks, LoggingHooks

DEFAULT_BASE_URL = "https://api.pushwoosh.com"
_DEFAULT_RETRY = RetryPolicy()
_DEFAULT_RATE_LIMIT = RateLimit()


class PushwooshClient(FanOuts, SMSMessages, Devices, Statistics):
    """A client of the Pushwoosh Remote API.

    Make one per event loop, share it, and close it::

        async with PushwooshClient(api_token="...", application="XXXXX-XXXXX") as client:
            await client.create_message(Notification(content="Hello", users=["u1"]))

    Args:
        api_token: the API access token, or a function (plain or async) that returns it, asked before
            each attempt. Default: environment variable ``PUSHWOOSH_API_TOKEN``. It opens all but the
            device calls.
        application: application code, five characters, a hyphen, five characters. Default:
            ``PUSHWOOSH_APPLICATION``.
        applications_group: code of a group of applications, instead of `application`.
        device_api_token: the token of `register_device`, `unregister_device`, `register_user`, `set_tags`
            and `get_tags`, given like `api_token`; one of the two is enough for the calls it opens.
            Default: ``PUSHWOOSH_DEVICE_API_TOKEN``.
        base_url: an origin and an optional prefix: https, or http to a loopback address. Default:
            ``PUSHWOOSH_BASE_URL``, else ``https://api.pushwoosh.com``.
        timeout: seconds for one whole attempt, connecting included, plus one for each MB of body.
        max_connections: connections at most; one is opened when it is first needed.
        retry: how often and how long to try again.
        rate_limit: the ceiling shared by everything on this client; None for none. The default is the
            vendor's: 600 a minute. ``RateLimit(adaptive=True)`` finds a lower one by itself.
        transport: ``"httpx"``, or ``"aiohttp"`` (extra ``aiohttp``), which needs half the CPU.
        http_client: an `httpx.AsyncClient` or `httpx2.AsyncClient` to send through instead. It is not
            closed by us, and its own pool, proxy and TLS settings hold: `transport`, `ssl_context`,
            `proxy` and `trust_env` are refused beside it. Its pool gets no connection back on which an
            answer was odd, unless a hook of it reads bodies, or its transport does not show connections.
        ssl_context: must verify certificates and host names.
        proxy: URL of a proxy.
        trust_env: take a proxy and certificate paths from the environment.
        hooks: told of attempts, retries and outcomes; by default they are logged.
        clock: the time; for tests.

    Raises:
        TypeError: an argument of the wrong type.
        ConfigurationError: an argument that breaks a rule; names both.
    """

    def __init__(
        self,
        *,
        api_token: Token | None = None,
        application: str | None = None,
        applications_group: str | None = None,
        device_api_token: Token | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_connections: int = 64,
        retry: RetryPolicy = _DEFAULT_RETRY,
        rate_limit: RateLimit | None = _DEFAULT_RATE_LIMIT,
        transport: Literal["httpx", "aiohttp"] = "httpx",
        http_client: HTTPClient | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
    ) -> None:
        given: dict[Access, Token | None] = {"api": api_token, "device": device_api_token}
        del api_token, device_api_token  # a traceback that shows variables must not show them
        tokens = read_tokens(given)
        check_seconds("timeout", timeout)
        check_count("max_connections", max_connections, 1, 10_000)
        check_choice("transport", transport, "httpx", "aiohttp")
        check_flag("trust_env", trust_env)
        check_types(retry, rate_limit, hooks, clock)
        retry.window_for(timeout, 0)
        if http_client is not None:
            check_injected(http_client, transport, ssl_context, proxy, trust_env=trust_env)
        where = address(
            base_url
            if base_url is not None
            else environment("PUSHWOOSH_BASE_URL", DEFAULT_BASE_URL)
        )
        session = Session(
            connect(
                where,
                capacity=max_connections,
                transport=transport,
                http_client=http_client,
                ssl_context=ssl_context,
                proxy=proxy,
                trust_env=trust_env,
            ),
            tokens=tokens,
            limiter=RateLimiter(rate_limit),
            policy=retry,
            timeout=timeout,
            clock=clock if clock is not None else SystemClock(),
            hooks=hooks if hooks is not None else LoggingHooks(),
            rng=random.Random(),  # noqa: S311 -- spreads retries; nothing secret hangs on it
        )
        super().__init__(
            session,
            read_target(application, applications_group),
            base_url=where.url,
            max_connections=max_connections,
        )

    @property
    def rate(self) -> float:
        """Requests per second that `rate_limit` allows now: less while it is adapted; `inf` for None."""
        return self._session.rate

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Wait up to 5 seconds for answers under way, then close every connection. Idempotent.

        Raises:
            ConfigurationError: it was used in another event loop or process; close it there.
        """
        await self._session.aclose()
