"""The client: the endpoint classes together, and fan-outs over them."""

import random
import ssl
from types import TracebackType
from typing import Literal, Self

from pushwoosh_async._client_options import (
    check_injected,
    check_types,
    environment,
    read_target,
    read_tokens,
)
from pushwoosh_async._clock import Clock, SystemClock
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import (
    Audience,
    Intake,
    can_be_checked_first,
    check_audience,
)
from pushwoosh_async._fanout.journal import MemoryJournal
from pushwoosh_async._fanout.options import (
    check_choice,
    check_count,
    check_flag,
    check_name,
    check_seconds,
)
from pushwoosh_async._fanout.plan import Chunk, InvalidPolicy, Kind, Planner
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._fanout.runner import OnRejected, Runner, RunSettings
from pushwoosh_async._transport.address import address
from pushwoosh_async._transport.exchange import HTTPClient
from pushwoosh_async._transport.http import connect
from pushwoosh_async._transport.rate_limit import RateLimit, RateLimiter
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._transport.tokens import Token
from pushwoosh_async._wire.audience import check_listable, check_unaddressed
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Template, envelope, template
from pushwoosh_async._wire.identity import RunIdentity, run_id
from pushwoosh_async._wire.methods import CREATE_MESSAGE, MAX_RECIPIENTS, Access
from pushwoosh_async.endpoints.devices import Devices
from pushwoosh_async.endpoints.messages import Messages
from pushwoosh_async.endpoints.sms import SMSMessages
from pushwoosh_async.endpoints.statistics import Statistics
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.hooks import Hooks, LoggingHooks
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.results import MessageResult

DEFAULT_BASE_URL = "https://api.pushwoosh.com"
_DEFAULT_RETRY = RetryPolicy()
_DEFAULT_RATE_LIMIT = RateLimit()


class PushwooshClient(Messages, SMSMessages, Devices, Statistics):
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
            vendor's: 600 a minute.
        transport: ``"httpx"``, or ``"aiohttp"`` (extra ``aiohttp``), which needs half the CPU.
        http_client: an `httpx.AsyncClient` or `httpx2.AsyncClient` to send through instead. It is not
            closed by us, and its own pool, proxy and TLS settings hold: `transport`, `ssl_context`,
            `proxy` and `trust_env` are refused beside it.
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
        self._base_url = where.url
        self._max_connections = max_connections
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
        super().__init__(session, read_target(application, applications_group))

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
        """Wait up to 5 seconds for answers under way, then close every connection. Idempotent."""
        await self._session.aclose()

    def fan_out(
        self,
        notification: Notification,
        *,
        users: Audience | None = None,
        devices: Audience | None = None,
        concurrency: int = 16,
        chunk_size: int = MAX_RECIPIENTS,
        send_id: str | None = None,
        dedupe: bool = False,
        invalid: InvalidPolicy = "raise",
        on_rejected: OnRejected = "report",
        deadline: float | None = None,
    ) -> FanOut:
        """Send one notification to any number of recipients, in chunks of up to 1000.

        Every chunk ends as accepted, rejected, in doubt or not sent. A chunk whose fate is unknown is
        repeated under its own transactionId until that could send twice, and never after. An empty
        audience sends nothing. The ids are pulled as they are needed, never listed; a list or tuple is
        checked as a whole before the first is sent; do not change it while the run goes on.

        Args:
            notification: without audience and `transaction_id`.
            users: user ids: an iterable or async iterable of str, or an async iterable of lists of
                them (pages, faster).
            devices: push tokens or hwids, instead of `users`.
            concurrency: chunks in flight, 1 to `max_connections`.
            chunk_size: ids in a chunk, 1 to 1000. A last chunk under 10 takes ids from the one before,
                so that the API gives it a message code.
            send_id: names this send. A second start with the same `send_id`, notification and ids
                within 5 minutes sends to nobody twice; more than that it does not promise. With it a
                refused chunk counts as in doubt, since the refusal may be of the repeat.
            dedupe: send once to an id that comes twice; costs about 100 bytes of memory per id. Off,
                each position gets one delivery.
            invalid: ``"raise"`` at an id that breaks a rule, or ``"drop"`` and count it. An id is 1 to
                1024 characters, with no blank at either end and something visible in it.
            on_rejected: ``"report"`` a rejected chunk and go on, or ``"stop"`` the run.
            deadline: seconds after which nothing new begins; doubts still go on to their window's end.

        Returns:
            An object to await for the report, or to enter and watch.

        Raises:
            TypeError: here: a wrong type, no audience or two. Awaited: an id that is not a str.
            ConfigurationError: here: an option that breaks a rule. Awaited: an id that does.
            RunStoppedError: awaited: the token or application was refused, the connection cannot be
                trusted, or as `on_rejected` asks. Its `report` says what became of everybody.
        """
        kind, source = _audience(users, devices)
        check_count("concurrency", concurrency, 1, self._max_connections, " (max_connections)")
        check_count("chunk_size", chunk_size, 1, MAX_RECIPIENTS)
        check_choice("invalid", invalid, "raise", "drop")
        check_choice("on_rejected", on_rejected, "report", "stop")
        check_flag("dedupe", dedupe)
        if deadline is not None:
            check_seconds("deadline", deadline)
        check_name("send_id", send_id)
        target = self._require_target()
        check_listable(kind, target)
        encoded = _template(notification)
        check_first = invalid == "raise" and can_be_checked_first(source)
        planner = Planner(
            RunIdentity(run_id(send_id), self._base_url, target.code, kind, encoded.digest),
            kind,
            chunk_size=chunk_size,
            invalid=invalid,
            dedupe=dedupe,
            trusted=check_first,
        )

        async def send(chunk: Chunk, guard: ChunkGuard) -> MessageResult:
            notification = encoded.splice(kind, chunk.encoded, chunk.transaction_id)
            body = envelope(target, (notification,))
            call = Call(CREATE_MESSAGE, body, (chunk.transaction_id,), decode_messages)
            return await self._session.call(call, guard=guard)

        runner = Runner(
            intake=Intake(source, chunk_size, check_as=kind if check_first else None),
            planner=planner,
            send=send,
            journal=MemoryJournal(),
            clock=self._session.clock,
            settings=RunSettings(
                concurrency=concurrency,
                deadline=deadline,
                on_rejected=on_rejected,
                refusals_are_clean=send_id is None,
                window=lambda size: self._session.window(len(encoded) + size + _ENVELOPE_BYTES),
            ),
        )
        return FanOut(runner)


# What stands around a notification's own bytes: names, codes, transactionId.
_ENVELOPE_BYTES = 512


def _audience(users: Audience | None, devices: Audience | None) -> tuple[Kind, Audience]:
    if (users is None) == (devices is None):
        raise TypeError("fan_out: give users= or devices=, one of them and not None")
    if users is not None:
        check_audience(users, "users")
        return "users", users
    check_audience(devices, "devices")
    return "devices", devices  # type: ignore[return-value]  # one of the two is not None


def _template(notification: Notification) -> Template:
    check_unaddressed(notification, "fan_out")
    if notification.transaction_id is not None:
        raise ConfigurationError(
            "notification: fan_out takes one without transaction_id: under one id for all chunks the "
            "API would drop all but the first"
        )
    return template(notification)
