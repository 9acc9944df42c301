"""A canary for a token: nothing that the library writes, raises or keeps has it, but its Secret.

The token's two halves are what is searched for, so that one which was cut, escaped or quoted is found
as well.
"""

import asyncio
import copy
import gc
import json
import logging
import os
import pickle
import re
import ssl
import subprocess
import sys
import traceback
import types
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
import trustme

from pushwoosh_async import (
    AttemptEvent,
    ConfigurationError,
    LoggingHooks,
    Notification,
    OutcomeEvent,
    PushwooshClient,
    PushwooshError,
    RetryEvent,
    RetryPolicy,
    RunStoppedError,
    SendReport,
)
from pushwoosh_async._secret import Secret
from pushwoosh_async.sandbox import Sandbox

# With the two characters that JSON and Python's repr escape.
TOKEN = 'canary7f3a1e"\\b2c9d4token'
PLAIN = "canary7f3a1e-b2c9d4token"
HALVES = ("canary7f3a1e", "b2c9d4token")
USER, CONTENT = "user-canary-51c8", "content-canary-77aa"
NOTE = Notification(content=CONTENT, users=[USER])
HERE = str(Path(__file__).parent)

pytestmark = pytest.mark.usefixtures("bare_environment")


def shows(text: str | bytes | bytearray) -> bool:
    """Tell whether half of the token is in it."""
    if isinstance(text, str):
        return any(half in text for half in HALVES)
    return any(half.encode() in text for half in HALVES)


# -- looking through things --------------------------------------------------------------------

# The loop and its contexts lead to the test itself, which has the token by right.
_ELSEWHERE = (types.ModuleType, type, asyncio.AbstractEventLoop, Context, Secret, logging.Logger)
_SUSPENDED = {
    types.CoroutineType: "cr_frame",
    types.GeneratorType: "gi_frame",
    types.AsyncGeneratorType: "ag_frame",
}


def inside(thing: object) -> list[Any]:
    """Return what an object holds, in attributes, slots, closures or C; no globals, no test's frame."""
    if isinstance(thing, _ELSEWHERE):
        return []
    if isinstance(thing, types.FrameType):
        ours = not thing.f_code.co_filename.startswith(HERE)
        return [thing.f_locals] if ours else []
    for kind, frame in _SUSPENDED.items():
        if isinstance(thing, kind):
            return [getattr(thing, frame)]
    if isinstance(thing, types.TracebackType):
        return [thing.tb_frame, thing.tb_next]
    if isinstance(thing, types.FunctionType):
        if thing.__code__.co_filename.startswith(HERE):
            return []
        return [thing.__closure__, thing.__defaults__, thing.__kwdefaults__]
    if isinstance(thing, BaseException):
        return [*gc.get_referents(thing), getattr(thing, "__notes__", None)]
    return gc.get_referents(thing)


def reachable(*roots: object) -> Iterator[Any]:
    """Yield everything that can be reached from these, each once; a Secret is not looked into."""
    pending, seen = list(roots), dict[int, Any]()
    while pending:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # kept, so that no id is used again
        yield thing
        pending += inside(thing)


def holders(*roots: object) -> list[str]:
    """Return every text within reach that shows the token."""
    return [
        repr(bytes(thing) if isinstance(thing, bytearray) else thing)
        for thing in reachable(*roots)
        if isinstance(thing, (str, bytes, bytearray)) and shows(thing)
    ]


def shown_by(error: BaseException) -> str:
    """Return a traceback with all variables but those of the test's own frames."""
    pending, text = [traceback.TracebackException.from_exception(error, capture_locals=True)], ""
    while pending:
        one = pending.pop()
        text += "".join(one.format_exception_only())
        text += "".join(
            f"{frame.filename}:{frame.lineno} {frame.locals}\n"
            for frame in one.stack
            if not frame.filename.startswith(HERE)
        )
        pending += [each for each in (one.__cause__, one.__context__) if each is not None]
        pending += one.exceptions or []
    return text


def ways_to_show(thing: object) -> Iterator[str]:
    """Show an object in every way there is."""
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield ascii(thing)
    if hasattr(thing, "__dict__"):
        yield repr(vars(thing))
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        try:
            yield repr(copied(thing))
        except Exception as error:  # noqa: BLE001 -- what cannot be copied shall not show it either
            yield f"{error!r} {error}"


class Listener(LoggingHooks):
    """Logs, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[AttemptEvent | RetryEvent | OutcomeEvent] = []

    def on_attempt(self, event: AttemptEvent) -> None:
        self.heard.append(event)
        super().on_attempt(event)

    def on_retry(self, event: RetryEvent) -> None:
        self.heard.append(event)
        super().on_retry(event)

    def on_outcome(self, event: OutcomeEvent) -> None:
        self.heard.append(event)
        super().on_outcome(event)


class Watch:
    """Everything that was written while it watched."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog
        self.listener = Listener()
        self.warned: list[warnings.WarningMessage] = []

    def lines(self, without: tuple[str, ...] = ()) -> list[str]:
        """Return every log line, but of these loggers, and every warning and event."""
        return [
            *(
                f"{record.name} {record.getMessage()} {record.args!r} {record.exc_text}"
                for record in self.caplog.records
                if not record.name.startswith(without)
            ),
            *(str(one.message) for one in self.warned),
            *map(repr, self.listener.heard),
        ]

    def check(self, without: tuple[str, ...] = ()) -> None:
        """Find the token nowhere, nor a recipient, nor the content."""
        lines = self.lines(without)
        assert lines
        assert [line for line in lines if shows(line)] == []
        assert [line for line in lines if USER in line or CONTENT in line] == []

    def check_error(self, error: BaseException) -> None:
        """Find the token in no part of an error, and no recipient in its text."""
        assert holders(error) == []
        assert not shows(shown_by(error))
        assert [text for text in ways_to_show(error) if shows(text)] == []
        assert USER not in f"{error} {error!r}"
        assert CONTENT not in f"{error} {error!r}"


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """Listen to all loggers at DEBUG, all warnings and all hooks."""
    caplog.set_level(logging.DEBUG)
    watching = Watch(caplog)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        watching.warned = warned
        yield watching


# -- clients, one for each way to send ---------------------------------------------------------

Options: TypeAlias = dict[str, Any]
each_way = pytest.mark.parametrize("way", ["httpx", "aiohttp", "injected"])


def provided() -> str:
    """Give the token, as a user's function."""
    return TOKEN


async def provided_later() -> str:
    """Give the token, as a user's coroutine."""
    await asyncio.sleep(0)
    return TOKEN


@asynccontextmanager
async def open_client(
    way: str, url: str, watch: Watch, *, token: Any = TOKEN, **options: Any
) -> AsyncIterator[PushwooshClient]:
    """Open a client that sends this way and never waits long."""
    options = {
        "api_token": token,
        "application": "XXXXX-XXXXX",
        "base_url": url,
        "rate_limit": None,
        "retry": RetryPolicy(max_attempts=2, base_delay=0.001),
        "hooks": watch.listener,
        "timeout": 0.4,
        **options,
    }
    if way != "injected":
        async with PushwooshClient(transport=way, **options) as client:  # type: ignore[arg-type]
            yield client
        return
    context = options.pop("ssl_context", None) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with (
        httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=True) as http_client,
        PushwooshClient(http_client=http_client, **options) as client,
    ):
        yield client


# -- what is kept ------------------------------------------------------------------------------


@each_way
@pytest.mark.parametrize("token", [TOKEN, provided, provided_later], ids=["str", "sync", "async"])
async def test_only_a_secret_holds_the_token(way: str, token: Any, watch: Watch) -> None:
    """Before, after a success, after failures, after a run: nothing else in a client's reach has it."""
    faults = ["reset_after", "error_500_before", None, "truncated_after", None, "html_before", None]
    async with (
        Sandbox(token=TOKEN) as sandbox,
        open_client(way, sandbox.url, watch, token=token) as client,
    ):
        assert holders(client) == []
        sandbox.script(["reset_before", None])
        await client.create_message(NOTE)
        assert holders(client) == []
        sandbox.script(faults)
        run = client.fan_out(Notification(content=CONTENT), users=[USER] * 20, chunk_size=10)
        report = await run
        assert report.accepted == 20
        assert holders(client, run, report, watch.listener) == []
    assert holders(client) == []
    watch.check()


@each_way
async def test_no_way_of_showing_a_part_of_a_client_shows_the_token(way: str, watch: Watch) -> None:
    """repr, str, format, ascii, vars, pickle and copies of whatever is ours within reach."""
    async with Sandbox(token=TOKEN) as sandbox, open_client(way, sandbox.url, watch) as client:
        run = client.fan_out(Notification(content=CONTENT), users=[USER], chunk_size=10)
        async with run:
            outcomes = [outcome async for outcome in run]
        things = [
            client,
            run,
            run.report,
            run.progress,
            outcomes,
            await client.create_message(NOTE),
        ]
        ours = [
            thing
            for thing in reachable(*things)
            if type(thing).__module__.startswith("pushwoosh_async")
            or isinstance(thing, types.FunctionType)
        ]
    assert {PushwooshClient, Secret, SendReport} <= {type(thing) for thing in ours}
    for thing in ours:
        assert [text for text in ways_to_show(thing) if shows(text)] == []


@each_way
async def test_request_under_way_shows_nothing(way: str, watch: Watch) -> None:
    """While the bytes are out, no representation of anything in a client's reach has the token."""
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def wait(seconds: float) -> None:
        arrived.set()
        await answered.wait()

    async with (
        Sandbox(token=TOKEN, latency=1, sleep=wait) as sandbox,
        open_client(way, sandbox.url, watch, timeout=30) as client,
    ):
        sending = asyncio.create_task(client.create_message(NOTE))
        await arrived.wait()
        shown = [
            repr(thing)
            for thing in reachable(client, sending)
            if type(thing).__module__.startswith(
                ("pushwoosh_async", "httpx", "httpcore", "aiohttp")
            )
        ]
        answered.set()
        await sending
    assert len(shown) > 10
    assert [text for text in shown if shows(text) or USER in text] == []


# -- what is raised ----------------------------------------------------------------------------

Answer: TypeAlias = Callable[[str], bytes]


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Write an HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def envelope(code: int, message: str, response: object = None) -> bytes:
    """Write the body of an answer."""
    return json.dumps(
        {"status_code": code, "status_message": message, "response": response}
    ).encode()


@asynccontextmanager
async def echo(answer: Answer | None, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run a server that answers with the body it was sent, as this writes it; None hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(1)
            if head == b"\x16":  # a handshake, where no TLS is spoken
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                head += await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(found[1]) if found else 0)
            if answer is not None and body:
                writer.write(answer(body.decode()))
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def auth(body: str) -> str:
    """Return the token of a request."""
    token: str = json.loads(body)["request"]["auth"]
    return token


def sent_auth(body: str) -> str:
    """Return the end of a request as it came: the token is in it as JSON writes it."""
    return body[body.index('"auth"') :]


def split(text: str, by: str) -> str:
    """Put something between all characters."""
    return by.join(text)


# What a server may say with the token in it, in places that our errors quote.
ECHOES: dict[str, Answer] = {
    "210": lambda body: http(envelope(210, f"Bad token {auth(body)}!")),
    "210 as it was sent": lambda body: http(envelope(210, f"Cannot read {sent_auth(body)}")),
    "401": lambda body: http(envelope(401, auth(body)), "401 Unauthorized"),
    "401 in the body": lambda body: http(envelope(401, auth(body))),
    "404": lambda body: http(envelope(404, auth(body)), "404 Not Found"),
    "429": lambda body: http(envelope(429, auth(body)), "429 Slow", "Retry-After: 0\r\n"),
    "500": lambda body: http(envelope(500, auth(body)), "500 Failed"),
    "500 in the body": lambda body: http(envelope(500, auth(body))),
    "400": lambda body: http(envelope(400, auth(body)), "400 Bad Request"),
    "NULs between": lambda body: http(envelope(210, split(auth(body), "\x00"))),
    "escapes between": lambda body: http(envelope(210, split(auth(body), "\x1b"))),
    "newlines between": lambda body: http(envelope(500, split(auth(body), "\r\n"))),
    "nothing visible between": lambda body: http(envelope(210, split(auth(body), "\u200b"))),
    "at the cut": lambda body: http(envelope(210, "x" * 490 + auth(body))),
    "behind controls at the cut": lambda body: http(envelope(210, "\x00" * 3985 + auth(body))),
    "errors": lambda body: http(
        envelope(210, "no", {"errors": [{"message": f"at {auth(body)}", auth(body): "syntax"}]})
    ),
    "errors as it was sent": lambda body: http(
        envelope(210, "", {"errors": [{"at": sent_auth(body)}]})
    ),
    "plain text": lambda body: http(sent_auth(body).encode()),
    "page": lambda body: http(f"<html>{auth(body)}".encode(), "502 Bad Gateway"),
    "cut": lambda body: http(envelope(210, auth(body)))[:-1],
}
# ... and in places that an HTTP library quotes in its exceptions (and httpcore, at DEBUG, in its own
# log, which is not ours to change).
ODD_ECHOES: dict[str, Answer] = {
    "status line": lambda body: f"HTTP/1.1 abc {auth(body)}\r\n\r\n".encode(),
    "no HTTP": lambda body: sent_auth(body).encode() + b"\r\n\r\n",
    "header line": lambda body: f"HTTP/1.1 200 OK\r\nno colon {auth(body)}\r\n\r\n".encode(),
    "header name": lambda body: f"HTTP/1.1 200 OK\r\n{auth(body)} : x\r\n\r\n".encode(),
    "header value": lambda body: f"HTTP/1.1 200 OK\r\nX: a\x01{auth(body)}\r\n\r\n".encode(),
    "content length": lambda body: (
        f"HTTP/1.1 200 OK\r\nContent-Length: {auth(body)}\r\n\r\n".encode()
    ),
    "chunk": lambda body: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{auth(body)}\r\n".encode()
    ),
    "encoding": lambda body: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {auth(body)}\r\n\r\nx".encode()
    ),
}
# ... and in headers that are in order, which those logs hold too.
HEADER_ECHOES: dict[str, Answer] = {
    "retry after": lambda body: http(b"", "503 Wait", f"Retry-After: {auth(body)}\r\n"),
    "location": lambda body: http(b"", "307 Go", f"Location: http://127.0.0.1/{auth(body)}\r\n"),
    "content encoding": lambda body: http(b"{}", headers=f"Content-Encoding: {auth(body)}\r\n"),
    "reason": lambda body: http(b"{}", f"500 {auth(body)}"),
}


async def failing(client: PushwooshClient, watch: Watch) -> PushwooshError:
    """Fail to send a message and then a run; check both errors, return the first."""
    with pytest.raises(PushwooshError) as caught:
        await client.create_message(NOTE)
    watch.check_error(caught.value)
    run = client.fan_out(Notification(content=CONTENT), users=[USER], deadline=0.05)
    try:
        await run
    except PushwooshError as error:
        watch.check_error(error)
    assert holders(run, client) == []
    assert [text for text in ways_to_show(run.report) if shows(text)] == []
    assert [text for text in ways_to_show(run.progress) if shows(text)] == []
    return caught.value


# The window is as short as can be: a run in doubt is over after two or three repeats.
SOON_OVER = RetryPolicy(max_attempts=2, base_delay=0.01, max_delay=0.01, window=0.5, margin=0.05)


@each_way
@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES)
async def test_server_that_echoes_the_token_is_not_quoted(
    way: str, answer: Answer, watch: Watch
) -> None:
    """Whatever the server's text holds, whole, split or escaped, our errors and logs have it not."""
    async with (
        echo(answer) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, retry=SOON_OVER) as client,
    ):
        await failing(client, watch)
    watch.check()


@each_way
@pytest.mark.parametrize("answer", ODD_ECHOES.values(), ids=ODD_ECHOES)
async def test_http_library_that_quotes_the_server_is_not_quoted(
    way: str, answer: Answer, watch: Watch
) -> None:
    """A parser names the line that it cannot read; if the token is in that, our error has it not."""
    async with (
        echo(answer) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, retry=SOON_OVER) as client,
    ):
        await failing(client, watch)
    watch.check(without=("httpcore", "httpx"))


@each_way
@pytest.mark.parametrize("answer", HEADER_ECHOES.values(), ids=HEADER_ECHOES)
async def test_headers_are_not_quoted(way: str, answer: Answer, watch: Watch) -> None:
    """No error, event or log line of ours has a header's text."""
    async with (
        echo(answer) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, token=PLAIN, retry=SOON_OVER) as client,
    ):
        with pytest.raises(PushwooshError) as caught:
            await client.create_message(NOTE)
        watch.check_error(caught.value)
    watch.check(without=("httpcore", "httpx"))


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
    assert holders(client) == []
    watch.check()


# -- functions that give the token -------------------------------------------------------------


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


# -- a program ---------------------------------------------------------------------------------

PROGRAM = """
import asyncio, logging, sys
from pushwoosh_async import Notification, PushwooshClient, PushwooshError, RetryPolicy

logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)

async def main(transport):
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0  # asyncio's debug mode then describes every callback there is
    client = PushwooshClient(
        transport=transport, rate_limit=None, timeout=0.3, retry=RetryPolicy(base_delay=0.01)
    )
    async with client:
        print(client, vars(client))
        async with client.fan_out(Notification(content="Hi"), users=map(str, range(2000))) as run:
            async for outcome in run:
                print(outcome, run.progress)
        print(run.report)
        for number in range(4):
            try:
                print(await client.create_message(Notification(content="Hi", users=["u"])))
            except PushwooshError:
                logging.exception("failed")
    await client.create_message(Notification(content="Hi", users=["u"]))

try:
    asyncio.run(main("aiohttp"))
except PushwooshError:
    logging.exception("failed")
asyncio.run(main("httpx"))
"""


async def test_program_in_development_mode_prints_nothing_of_it(tmp_path: Path) -> None:
    """Neither stream of a program has the token, with asyncio's debug mode and a traceback at the end."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    async with Sandbox(token=TOKEN) as sandbox:
        sandbox.script(
            ["reset_after", None, "html_after", None, *["stall_before"] * 4, "garbage_after"]
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", str(program),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={
                **os.environ,
                "PUSHWOOSH_API_TOKEN": TOKEN,
                "PUSHWOOSH_APPLICATION": "XXXXX-XXXXX",
                "PUSHWOOSH_BASE_URL": sandbox.url,
            },
        )  # fmt: skip
        out, err = await process.communicate()
    assert b"SendReport(accepted=2000" in out
    assert b"TransportError" in out + err
    assert b"ConfigurationError: client: it was closed" in err
    assert b"Traceback" in err
    assert not shows(out)
    assert not shows(err)


@contextmanager
def _wrong(kind: type[Exception]) -> Iterator[pytest.ExceptionInfo[Exception]]:
    with pytest.raises(kind) as caught:
        yield caught


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
    make: Callable[[], object], kind: type[Exception]
) -> None:
    """Not even where the token was put in the place of another argument is it in the complaint."""
    with _wrong(kind) as caught:
        make()
    assert not shows(str(caught.value))
    assert not shows(repr(caught.value))
