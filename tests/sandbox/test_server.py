"""Starting, connecting, leaving and stopping."""

import asyncio
import importlib
import socket
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest

import pushwoosh_async.sandbox
from pushwoosh_async.sandbox import Sandbox

from .caller import CREATE_MESSAGE, Caller, codes, envelope, ids, notification, until
from .conftest import Start

PROMPT = 0.5


async def connect(api: Caller) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a plain connection to the sandbox."""
    parts = urlsplit(api.sandbox.url)
    return await asyncio.open_connection(parts.hostname, parts.port)


def raw_request(*, cut: int = 0) -> bytes:
    """Return the bytes of a createMessage to one user, without the last ones."""
    body = httpx.Request(
        "POST", "http://x", json={"request": envelope([notification(users=["a"])])}
    ).content
    head = f"POST {CREATE_MESSAGE} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    whole = head.encode() + body
    return whole[: len(whole) - cut]


async def test_connections(api: Caller) -> None:
    """Connections are counted as they are accepted: one that is kept alive counts once."""
    for _ in range(3):
        await api.send(["a"])
    assert api.sandbox.truth().connections == 1

    async with httpx.AsyncClient(base_url=api.sandbox.url) as other:
        await other.get("/sandbox/truth")

    truth = api.sandbox.truth()
    assert (truth.connections, truth.requests) == (2, 3)


async def test_reset_connections(api: Caller) -> None:
    """A connection that a fault cuts is replaced by another, and both are counted."""
    api.sandbox.script(["reset_before"])
    with pytest.raises(httpx.ReadError):
        await api.send(["a"])
    await api.send(["a"])

    assert api.sandbox.truth().connections == 2


async def test_peer_gone_after_body(api: Caller) -> None:
    """A request whose body arrived is processed, even if its peer has left at once."""
    _, writer = await connect(api)
    writer.write(raw_request())
    writer.close()
    await writer.wait_closed()

    await until(lambda: api.sandbox.truth().requests)
    codes(await api.send(["b"]))

    assert api.sandbox.ledger.counts() == {"a": 1, "b": 1}


async def test_peer_gone_in_body(api: Caller) -> None:
    """A request whose body never ended arrived, and is not processed."""
    _, writer = await connect(api)
    writer.write(raw_request(cut=1))
    await until(lambda: api.sandbox.truth().requests)
    writer.close()
    await writer.wait_closed()
    codes(await api.send(["b"]))

    truth = api.sandbox.truth()
    assert (truth.requests, truth.accepted, truth.rejected) == (2, 1, 0)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_prompt_with_stalled_requests(start: Start, moment: str) -> None:
    """Closing with stalled requests and idle connections is prompt, and leaves no task behind."""
    before = asyncio.all_tasks()
    sandbox = Sandbox()
    await sandbox.start()
    sandbox.script([None, *[f"stall_{moment}"] * 5])
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        request = {"request": envelope([notification(users=ids(3))])}
        await http.post(CREATE_MESSAGE, json=request)
        calls = [asyncio.ensure_future(http.post(CREATE_MESSAGE, json=request)) for _ in range(5)]
        await until(lambda: sum(sandbox.truth().faults.values()) == 5)

        began = time.monotonic()
        await sandbox.aclose()
        took = time.monotonic() - began
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert took < PROMPT
    assert all(isinstance(each, httpx.TransportError) for each in outcomes)
    assert asyncio.all_tasks() == before


async def test_prompt_with_delayed_answer(start: Start) -> None:
    """Closing does not wait for answers that are late on purpose, or for bodies that never end."""
    api = await start(latency=3600)
    _, unfinished = await connect(api)
    unfinished.write(raw_request(cut=1))
    call = asyncio.ensure_future(api.send(["a"]))
    await until(lambda: api.sandbox.truth().requests == 2 and api.sandbox.truth().accepted)

    began = time.monotonic()
    await api.sandbox.aclose()

    assert time.monotonic() - began < PROMPT
    with pytest.raises(httpx.TransportError):
        await call
    unfinished.close()


async def test_start_and_close() -> None:
    """A sandbox can be started and closed by hand; closing it again is harmless."""
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = sandbox.url
    await sandbox.aclose()
    await sandbox.start()
    with pytest.raises(RuntimeError, match="started once"):
        await sandbox.start()
    await sandbox.aclose()
    await sandbox.aclose()

    assert urlsplit(sandbox.url).path == ""


async def test_port() -> None:
    """The port asked for is used; one that is taken is refused, and may be asked for again."""
    async with Sandbox() as first:
        port = urlsplit(first.url).port
        second = Sandbox(port=port or 0)
        with pytest.raises(OSError, match="in use"):
            await second.start()
        await second.aclose()
    async with second:
        assert second.url == first.url


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
async def test_ipv6() -> None:
    """An IPv6 address is written in brackets."""
    try:
        async with Sandbox(host="::1") as sandbox:
            assert sandbox.url.startswith("http://[::1]:")
    except OSError:
        pytest.skip("no IPv6 loopback here")


async def test_credentials(start: Start) -> None:
    """The token and the applications are those that were given."""
    api = await start(token="secret", applications=["AAAAA-AAAAA"])
    sending = [notification(users=ids(20))]

    response = await api.request(envelope(sending, auth="secret", application="AAAAA-AAAAA"))

    assert len(codes(response)) == 1
    assert "secret" not in repr(api.sandbox)


async def test_content_type(api: Caller) -> None:
    """Answers carry the vendor's own spelling of the character set."""
    response = await api.send(["a"])

    assert response.headers["content-type"] == "application/json; charset=utf8"


@pytest.mark.parametrize("name", ["applications", "applications_groups", "faults", "unknown"])
def test_one_string(name: str) -> None:
    """One string where several values belong is refused, not taken apart."""
    with pytest.raises(TypeError, match=f"{name} must hold several values"):
        Sandbox(**{name: "XXXXX"})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["window", "latency", "max_body"])
def test_negative(name: str) -> None:
    """A negative number, or none at all, is refused by name."""
    for value in (-1, float("nan")):
        with pytest.raises(ValueError, match=f"{name} must not be negative"):
            Sandbox(**{name: value})  # type: ignore[arg-type]


def test_without_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where aiohttp is missing the import says in one sentence what to install."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "pushwoosh_async.sandbox")

    with pytest.raises(ImportError) as caught:
        importlib.import_module("pushwoosh_async.sandbox")

    assert str(caught.value) == (
        "pushwoosh_async.sandbox needs aiohttp: install pushwoosh-async[sandbox]."
    )


def test_exports() -> None:
    """The public names are those that are exported, sorted."""
    assert pushwoosh_async.sandbox.__all__ == sorted(pushwoosh_async.sandbox.__all__)
