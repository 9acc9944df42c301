"""Whatever a user can get wrong ends in one sentence that begins with the argument, before a byte.

Rows about audiences are in test_empty_audience.py, those about a message's fields in models/.
"""

import asyncio
import math
import random
import re
import ssl
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import httpx
import pytest
from connecting import Connect

from pushwoosh_async import (
    ConfigurationError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RateLimit,
    RetryPolicy,
)
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("bare_environment")

NOTE = Notification(content="Hi")
HUGE = 10**400  # an int that is no float
NAN, INF = math.nan, math.inf


class Words(Enum):
    """A choice that is not a str."""

    RAISE = "raise"


def sentence(error: BaseException, argument: str) -> str:
    """Return an error's text: one line, which begins with the argument's name."""
    text = str(error)
    assert text.startswith(argument), text
    assert "\n" not in text
    assert re.match(rf"{re.escape(argument)}[^:]*: \S", text), text
    return text


def assert_refused(make: Callable[[], object], kind: type[Exception], argument: str) -> None:
    """Making it fails with exactly this class, and a sentence about the argument."""
    with pytest.raises(kind) as caught:
        make()
    if kind is TypeError:
        assert not isinstance(caught.value, PushwooshError)
    else:
        assert type(caught.value) is kind
        assert caught.value.delivery == "not_sent"  # type: ignore[attr-defined]
    sentence(caught.value, argument)


def rows(kind: type[Exception], argument: str, *values: Any) -> list[Any]:
    """Write rows of a table about one argument."""
    return [
        pytest.param(kind, argument, value, id=f"{argument}={label(value)}") for value in values
    ]


def label(value: object) -> str:
    """Name a value of a row, the same in each run."""
    plain = value is None or type(value) in {str, bytes, bool, int, float, list, dict}
    return repr(value)[:40] if plain else type(value).__name__


WRONG, BAD = TypeError, ConfigurationError


# -- the client --------------------------------------------------------------------------------


def weak(**attributes: Any) -> ssl.SSLContext:
    """Make a context that trusts too much."""
    context = ssl.create_default_context()
    for name, value in attributes.items():
        setattr(context, name, value)
    return context


class NoClient:
    """Has one of the two methods that are needed."""

    def build_request(self) -> None: ...


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        *rows(WRONG, "api_token", 7, b"token", ["token"], True, 1.5),
        *rows(BAD, "api_token", "", " ", "a b", "token\n", "tok\u00e9n", "\ud800", "a\x00"),
        *rows(WRONG, "application", 7, b"XXXXX-XXXXX", ["XXXXX-XXXXX"], True),
        *rows(BAD, "application", "", " ", "XXXXX", "XXXXX-XXXXXX", "XXXXX-XXXX_", "XXXXX-XXXXX\n"),
        *rows(WRONG, "base_url", 7, b"https://api.example", True, httpx.URL("https://api.example")),
        *rows(
            BAD, "base_url", "", " ", "api.example", "http://api.example", "ftp://api.example",
            "//api.example", "https://", "https:///json", "https://api.example?a=b",
            "https://api.example#x", "https://user:pass@api.example", "https://api.example:0",
            "https://api.example:99999", "https://api.example:x", "https://api.example:",
            "https://h\\@evil.example", "https://api.example ", "https://api\n.example",
            "http://127.0.0.1.evil.example", "http://2130706433", "http://localhost.evil.example",
            "http://0.0.0.0", "http://[::]", "https://[::1", "https://\u00e4pi.example",
        ),
        *rows(WRONG, "timeout", None, "30", True, [30], Decimal(30)),
        *rows(BAD, "timeout", 0, -1, NAN, INF, -INF, HUGE, 180, 1e308),
        *rows(WRONG, "max_connections", None, "64", 64.0, True),
        *rows(BAD, "max_connections", 0, -1, 10_001),
        *rows(WRONG, "retry", None, 4, {"max_attempts": 4}, RetryPolicy),
        *rows(WRONG, "rate_limit", 600, "600", {"requests": 600}, RateLimit),
        *rows(WRONG, "transport", None, 7, True, Words.RAISE, httpx.AsyncHTTPTransport),
        *rows(BAD, "transport", "", "requests", "HTTPX", "httpx "),
        *rows(WRONG, "http_client", "httpx", 7, NoClient(), object()),
        *rows(WRONG, "ssl_context", True, False, "/etc/ca.pem"),
        *rows(
            BAD, "ssl_context", weak(check_hostname=False),
            weak(minimum_version=ssl.TLSVersion.MINIMUM_SUPPORTED),
        ),
        *rows(WRONG, "proxy", 7, b"http://127.0.0.1:1", {"https": "http://127.0.0.1:1"}),
        *rows(BAD, "proxy", "", "127.0.0.1", "ftp://127.0.0.1:1", "http://127.0.0.1:99999"),
        *rows(WRONG, "trust_env", None, 1, "yes"),
        *rows(WRONG, "hooks", 7, "log", print, [], object()),
        *rows(WRONG, "clock", 7, "now", object(), random.random),
    ],
)  # fmt: skip
def test_client_names_the_argument_that_is_wrong(
    kind: type[Exception], argument: str, value: Any
) -> None:
    """Each argument: a wrong type is a TypeError, a wrong value a ConfigurationError, at once."""
    options = {"api_token": "token", "application": "XXXXX-XXXXX", argument: value}
    assert_refused(lambda: PushwooshClient(**options), kind, argument)


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        *rows(WRONG, "applications_group", 7, b"GROUP", True, ["GROUP"]),
        *rows(BAD, "applications_group", "", "  ", "\ud800"),
    ],
)
def test_group_is_a_name(kind: type[Exception], argument: str, value: Any) -> None:
    """The vendor states no form for the code of a group, but it has to be a text that can be sent."""
    options = {"api_token": "token", argument: value}
    assert_refused(lambda: PushwooshClient(**options), kind, argument)


def test_synchronous_http_client_is_refused() -> None:
    """It has both methods, and cannot be awaited."""
    with httpx.Client() as http_client:
        assert_refused(
            lambda: PushwooshClient(api_token="token", http_client=http_client),  # type: ignore[arg-type]
            WRONG,
            "http_client",
        )


def test_context_that_verifies_nothing_is_refused() -> None:
    """Turning verification off takes two steps, in this order."""
    context = weak(check_hostname=False, verify_mode=ssl.CERT_NONE)
    assert_refused(
        lambda: PushwooshClient(api_token="token", ssl_context=context), BAD, "ssl_context"
    )


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({}, "api_token"),
        ({"application": "XXXXX-XXXXX"}, "api_token"),
        ({"api_token": "t", "application": "XXXXX-XXXXX", "applications_group": "G"}, "applicati"),
        ({"api_token": "t", "timeout": 100, "retry": RetryPolicy(margin=200)}, "timeout"),
        ({"api_token": "t", "timeout": 1, "retry": RetryPolicy(window=1, margin=0)}, "timeout"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(
    options: dict[str, Any], argument: str
) -> None:
    """What is missing, given twice, or leaves no room for a repeat."""
    assert_refused(lambda: PushwooshClient(**options), BAD, argument)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("transport", "aiohttp"),
        ("ssl_context", ssl.create_default_context()),
        ("proxy", "http://127.0.0.1:1"),
        ("trust_env", True),
    ],
)
async def test_injected_client_brings_its_own_ways(argument: str, value: Any) -> None:
    """An option that an injected client would ignore is refused beside it."""
    async with httpx.AsyncClient() as http_client:
        options = {"api_token": "token", "http_client": http_client, argument: value}
        assert_refused(lambda: PushwooshClient(**options), BAD, argument)


@pytest.mark.parametrize("name", ["token", "app", "verify", "api_key", "max_attempts"])
def test_unknown_keyword_is_a_type_error(name: str) -> None:
    """Python says so itself, and names it."""
    options: dict[str, Any] = {"api_token": "token", name: 1}
    with pytest.raises(TypeError, match=f"'{name}'"):
        PushwooshClient(**options)


def test_arguments_have_names() -> None:
    """A token given by position is refused before anything could show it."""
    with pytest.raises(TypeError, match="positional"):
        PushwooshClient("token")  # type: ignore[call-arg]


# -- the environment ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "argument"),
    [
        ("API_TOKEN", "a b", "api_token"),
        ("API_TOKEN", "token\n", "api_token"),
        ("API_TOKEN", "tok\u00e9n", "api_token"),
        ("API_TOKEN", "", "api_token"),
        ("APPLICATION", "XXXXX", "application"),
        ("APPLICATION", " ", "application"),
        ("APPLICATION", "XXXXX-XXXXX ", "application"),
        ("BASE_URL", "api.example", "base_url"),
        ("BASE_URL", "http://api.example", "base_url"),
        ("BASE_URL", "https://user@api.example", "base_url"),
        ("BASE_URL", "https://api.example:99999", "base_url"),
        ("BASE_URL", " ", "base_url"),
    ],
)
def test_environment_is_held_to_the_same_rules(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, argument: str
) -> None:
    """A variable that breaks a rule is refused under the name of the argument it stands in for."""
    monkeypatch.setenv("PUSHWOOSH_API_TOKEN", "token")
    monkeypatch.setenv(f"PUSHWOOSH_{variable}", value)
    assert_refused(PushwooshClient, BAD, argument)


@pytest.mark.parametrize("variable", ["APPLICATION", "BASE_URL"])
def test_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Set to nothing is as good as not set."""
    monkeypatch.setenv(f"PUSHWOOSH_{variable}", "")
    PushwooshClient(api_token="token")


def test_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is passed is not mixed with variables, however wrong those are."""
    for variable in ("API_TOKEN", "APPLICATION", "BASE_URL"):
        monkeypatch.setenv(f"PUSHWOOSH_{variable}", "\x01 wrong")
    PushwooshClient(api_token="token", application="XXXXX-XXXXX", base_url="https://api.example")
    PushwooshClient(api_token="token", applications_group="G", base_url="https://api.example")


# -- policies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        *rows(WRONG, "max_attempts", None, "4", 4.0, True),
        *rows(BAD, "max_attempts", 0, -1),
        *rows(WRONG, "base_delay", None, "1", True),
        *rows(BAD, "base_delay", -0.1, NAN, INF, HUGE),
        *rows(WRONG, "max_delay", None, "1", False),
        *rows(BAD, "max_delay", -1, NAN, INF, HUGE),
        *rows(WRONG, "window", None, "300", True),
        *rows(BAD, "window", -1, NAN, INF, 301, 300.001),
        *rows(WRONG, "margin", None, "60", [60]),
        *rows(BAD, "margin", -1, NAN, INF, HUGE),
    ],
)
def test_retry_policy_names_the_argument_that_is_wrong(
    kind: type[Exception], argument: str, value: Any
) -> None:
    """A policy is refused when it is made, not at its first retry."""
    assert_refused(lambda: RetryPolicy(**{argument: value}), kind, f"retry.{argument}")


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        *rows(WRONG, "requests", None, "600", 600.0, 1.5, True),
        *rows(BAD, "requests", 0, -1),
        *rows(WRONG, "per", None, "60", True),
        *rows(BAD, "per", 0, -1, NAN, INF, HUGE),
        *rows(WRONG, "burst", None, "1", 1.5, 10.0, True),
        *rows(BAD, "burst", 0, -1, 601),
        *rows(WRONG, "adaptive", None, 1, "yes"),
    ],
)
def test_rate_limit_names_the_argument_that_is_wrong(
    kind: type[Exception], argument: str, value: Any
) -> None:
    """A limit is refused when it is made, not at the first request."""
    assert_refused(lambda: RateLimit(**{argument: value}), kind, f"rate_limit.{argument}")


def test_policies_cannot_be_changed() -> None:
    """What was checked stays as it was checked."""
    with pytest.raises(AttributeError):
        RetryPolicy().window = 1e9  # type: ignore[misc]
    with pytest.raises(AttributeError):
        RateLimit().requests = 0  # type: ignore[misc]


# -- a run -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        *rows(WRONG, "concurrency", None, "16", 16.0, True),
        *rows(BAD, "concurrency", 0, -1, 65),
        *rows(WRONG, "chunk_size", None, "1000", 1e3, True),
        *rows(BAD, "chunk_size", 0, -1, 1001),
        *rows(WRONG, "send_id", 7, b"x", True),
        *rows(BAD, "send_id", "", " ", "\ud800"),
        *rows(WRONG, "dedupe", None, 1, "yes"),
        *rows(WRONG, "invalid", None, 7, True, Words.RAISE),
        *rows(BAD, "invalid", "", "ignore", "RAISE"),
        *rows(WRONG, "on_rejected", None, 7, True),
        *rows(BAD, "on_rejected", "", "raise", "split"),
        *rows(WRONG, "deadline", "60", True, [1]),
        *rows(BAD, "deadline", 0, -1, NAN, INF, HUGE),
        *rows(WRONG, "journal", 7, b"run.db", True, ["run.db"]),
        *rows(BAD, "journal", "", " ", "run\0.db"),
        *rows(WRONG, "bisect_requests", None, "9", 9.0, True),
        *rows(BAD, "bisect_requests", 0, 1, 1_000_001),
        *rows(WRONG, "notifications_per_request", None, "7", 7.0, True),
        *rows(BAD, "notifications_per_request", 0, 1001, -1),
        *rows(WRONG, "max_request_bytes", None, "9", 1e6, True),
        *rows(BAD, "max_request_bytes", 0, 9_999, 9_900_001),
        *rows(WRONG, "plan", 1, b"x"),
        *rows(BAD, "plan", "", " "),
        *rows(WRONG, "store_ids", None, 1),
        *rows(BAD, "store_ids", True),  # without a journal
        *rows(WRONG, "retry_rejected", None, 1),
        *rows(BAD, "retry_rejected", True),
        *rows(WRONG, "resend_in_doubt", None, 1, "an-id"),
        *rows(BAD, "resend_in_doubt", True, ["an-id"]),
    ],
)
async def test_run_names_the_option_that_is_wrong(
    sandbox: Sandbox, connect: Connect, kind: type[Exception], argument: str, value: Any
) -> None:
    """At the call, before anything is awaited, and no request leaves."""
    client = connect(sandbox)
    assert_refused(lambda: client.fan_out(NOTE, users=["u"], **{argument: value}), kind, argument)
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize("name", ["packs", "user", "journals"])
async def test_unknown_option_of_a_run_is_a_type_error(
    sandbox: Sandbox, connect: Connect, name: str
) -> None:
    """An option that does not exist (yet) is not silently ignored."""
    options: dict[str, Any] = {"users": ["u"], name: 1}
    with pytest.raises(TypeError, match=f"'{name}'"):
        connect(sandbox).fan_out(NOTE, **options)


@pytest.mark.parametrize("option", ["retry_rejected", "resend_in_doubt"])
async def test_what_asks_for_an_earlier_session_needs_its_journal(
    sandbox: Sandbox, connect: Connect, option: str, tmp_path: Path
) -> None:
    """A mistyped path is no empty journal: nothing is made, and nothing is sent."""
    options: dict[str, Any] = {option: True, "journal": tmp_path / "run.db"}
    with pytest.raises(ConfigurationError, match="journal"):
        connect(sandbox).fan_out(NOTE, users=["u"], **options)
    assert not (tmp_path / "run.db").exists()


async def test_run_is_used_once(sandbox: Sandbox, connect: Connect) -> None:
    """A second await or entry is refused and sends nothing more."""
    run = connect(sandbox).fan_out(NOTE, users=["u"])
    await run
    with pytest.raises(ConfigurationError) as caught:
        await run
    sentence(caught.value, "fan_out")
    with pytest.raises(ConfigurationError) as caught:
        await run.__aenter__()
    sentence(caught.value, "fan_out")
    assert sandbox.truth().deliveries == 1


async def test_run_is_iterated_inside_its_block_only(sandbox: Sandbox, connect: Connect) -> None:
    """Not entered, it has no outcomes to give; that is said instead of waiting for ever."""
    run = connect(sandbox).fan_out(NOTE, users=["u"])
    with pytest.raises(ConfigurationError) as caught:
        await anext(aiter(run))
    sentence(caught.value, "fan_out")
    await run


# -- a message ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (WRONG, None),
        (WRONG, "Hello"),
        (WRONG, {"content": "Hi", "users": ["u"]}),
        (WRONG, {NOTE.content}),
        (WRONG, iter([])),
        (WRONG, Notification),
        (WRONG, [None]),
        (WRONG, [{"content": "Hi"}]),
        (WRONG, [[Notification(users=["u"])]]),
        (BAD, []),
        (BAD, ()),
        (BAD, [Notification(users=["u"])] * 1001),
    ],
)
async def test_what_is_no_message_is_refused(
    sandbox: Sandbox, connect: Connect, kind: type[Exception], value: Any
) -> None:
    """create_message takes a Notification or 1 to 1000 in a list."""
    with pytest.raises(kind) as caught:
        await connect(sandbox).create_message(value)
    assert type(caught.value) is kind
    sentence(caught.value, "notification")
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize(
    ("wire", "argument"),
    [
        ({"send_date": "#DATE"}, "send_date"),
        ({"send_rate": 99}, "send_rate"),
        ({"capping_days": 31}, "capping_days"),
        ({"data": "{"}, "data"),
        ({"transactionId": ""}, "transaction_id"),
        ({"transactionId": "x" * 256}, "transaction_id"),
        ({"conditions_operator": "XOR"}, "conditions_operator"),
        ({"conditions": [["Age", "LIKE", 1]], "users": None}, "conditions[0]"),
        ({"geozone": {"lat": 91, "lng": 0, "range": 1}}, "geozone.lat"),
        ({"preset": ""}, "preset"),
    ],
)
@pytest.mark.parametrize("how", ["message", "run", "broadcast"])
async def test_what_came_from_a_wire_is_judged_when_it_is_sent(
    sandbox: Sandbox, connect: Connect, wire: dict[str, Any], argument: str, how: str
) -> None:
    """A model may hold it; no way of sending takes it."""
    client = connect(sandbox)
    if how == "message":
        wire = {"users": ["u"], **wire}
    held = Notification.from_wire(wire)
    send: dict[str, Callable[[], Any]] = {
        "message": lambda: client.create_message(held),
        "run": lambda: client.fan_out(held, users=["u"]),
        "broadcast": lambda: client.broadcast(held, confirm="XXXXX-XXXXX"),
    }
    with pytest.raises(ConfigurationError) as caught:
        await send[how]()
    sentence(caught.value, argument)
    assert sandbox.truth().connections == 0


async def test_message_over_ten_megabytes_is_refused(sandbox: Sandbox, connect: Connect) -> None:
    """The API takes less than that in one request; nothing of it is sent, in no way of sending."""
    client, content = connect(sandbox), "x" * 10_000_000
    sends: list[Callable[[], Any]] = [
        lambda: client.create_message(Notification(content=content, users=["u"])),
        lambda: client.broadcast(Notification(content=content), confirm="XXXXX-XXXXX"),
        lambda: client.fan_out(Notification(content=content), users=["u"]),
    ]
    for send in sends:
        with pytest.raises(ConfigurationError) as caught:
            await send()
        sentence(caught.value, "notification")
    assert sandbox.truth().connections == 0


async def test_message_that_takes_too_long_to_send_is_refused(
    sandbox: Sandbox, connect: Connect
) -> None:
    """Where the body's own seconds leave no room for a repeat in the window, it is not begun."""
    client = connect(sandbox, timeout=5.0, retry=RetryPolicy(window=10, margin=4))
    with pytest.raises(ConfigurationError) as caught:
        await client.create_message(Notification(content="x" * 2_000_000, users=["u"]))
    sentence(caught.value, "timeout")
    assert sandbox.truth().connections == 0


# -- a client, used wrongly --------------------------------------------------------------------


async def test_closed_client_says_so(sandbox: Sandbox, connect: Connect) -> None:
    """Closed, it sends nothing in any way; closing again is harmless."""
    client = connect(sandbox)
    await client.aclose()
    await client.aclose()
    run = client.fan_out(NOTE, users=["u"] * 20)
    sends: list[Callable[[], Any]] = [
        lambda: client.create_message(Notification(users=["u"])),
        lambda: client.broadcast(NOTE, confirm="XXXXX-XXXXX"),
        lambda: run,
    ]
    for send in sends:
        with pytest.raises(ConfigurationError) as caught:
            await send()
        sentence(caught.value, "client")
    assert (run.report.not_sent, run.report.total) == (20, 20)
    assert sandbox.truth().connections == 0


def test_client_of_another_event_loop_says_so() -> None:
    """A client belongs to the loop that first used it; in another it is refused, not hung."""

    async def first() -> PushwooshClient:
        async with Sandbox() as sandbox:
            client = PushwooshClient(
                api_token="sandbox-token", application="XXXXX-XXXXX", base_url=sandbox.url
            )
            await client.create_message(Notification(content="Hi", users=["u"]))
            await client.aclose()
            return PushwooshClient(
                api_token="sandbox-token", application="XXXXX-XXXXX", base_url=sandbox.url,
                retry=RetryPolicy(max_attempts=1), http_client=Refusing(),
            )  # fmt: skip

    async def use(client: PushwooshClient) -> None:
        await client.create_message(Notification(content="Hi", users=["u"]))

    async def spoil() -> PushwooshClient:
        client = await first()
        with pytest.raises(PushwooshError):
            await use(client)
        return client

    client = asyncio.run(spoil())
    with pytest.raises(ConfigurationError) as caught:
        asyncio.run(use(client))
    sentence(caught.value, "client")


class Refusing:
    """An HTTP client that sends nothing."""

    def build_request(
        self, method: str, url: str, *, headers: Any, content: Any, timeout: Any, extensions: Any
    ) -> Any:
        return None

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        raise ConnectionRefusedError


async def test_run_over_a_closed_http_client_ends(sandbox: Sandbox, connect: Connect) -> None:
    """What the user closed cannot be waited for: the run stops, and nobody got anything."""
    http_client = httpx.AsyncClient(trust_env=False)
    await http_client.aclose()
    run = connect(sandbox, http_client=http_client).fan_out(NOTE, users=["u"] * 20)
    with pytest.raises(PushwooshError):
        async with asyncio.timeout(2):
            await run
    assert (run.report.not_sent, run.report.total) == (20, 20)
    assert sandbox.truth().connections == 0
