"""What each fault looks like to a client, and what it leaves in the ledger."""

import asyncio

import httpx
import pytest

from pushwoosh_async.sandbox import Fault, parse_faults

from .caller import CREATE_MESSAGE, Caller, codes, envelope, ids, notification, until
from .conftest import Start

USERS = ids(20)
MOMENTS = ["before", "after"]


def assert_ledger(api: Caller, name: str) -> None:
    """Check that a fault before left nothing behind, and one after everything, and was counted."""
    truth = api.sandbox.truth()
    expected = 20 if name.endswith("_after") else 0
    assert truth.deliveries == expected
    assert truth.faults == {name: 1}
    assert truth.requests == 1


@pytest.mark.parametrize("moment", MOMENTS)
async def test_reset(api: Caller, moment: str) -> None:
    """A reset is seen as a connection reset by the peer."""
    api.sandbox.script([f"reset_{moment}"])

    with pytest.raises(httpx.ReadError) as caught:
        await api.send(USERS)

    assert "ConnectionResetError" in repr(_root(caught.value))
    assert_ledger(api, f"reset_{moment}")


def _root(error: BaseException) -> BaseException:
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error


@pytest.mark.parametrize("moment", MOMENTS)
async def test_truncated(api: Caller, moment: str) -> None:
    """A truncated answer has status 200 and ends before its Content-Length."""
    api.sandbox.script([f"truncated_{moment}"])

    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        await api.send(USERS)

    assert_ledger(api, f"truncated_{moment}")


async def test_truncated_reads_well(api: Caller) -> None:
    """The bytes of an answer truncated after processing read as a whole acceptance: a trap."""
    api.sandbox.script(["truncated_after"])
    pieces: list[bytes] = []
    request = {"request": envelope([notification(users=USERS)])}
    async with api.http.stream("POST", CREATE_MESSAGE, json=request) as response:
        with pytest.raises(httpx.RemoteProtocolError):
            await _collect(response, pieces)

    assert len(codes(httpx.Response(200, content=b"".join(pieces)))) == 1


async def _collect(response: httpx.Response, pieces: list[bytes]) -> None:
    async for piece in response.aiter_raw():
        pieces.append(piece)  # noqa: PERF401 -- kept although the reading ends in an error


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("kind", "status", "content_type", "parses"),
    [
        ("error_500", 500, "application/json", True),
        ("error_503", 503, "text/html", False),
        ("garbage", 200, "application/json", False),
        ("html", 200, "text/html", False),
        ("empty", 200, "application/json", False),
    ],
)
async def test_wrong_answer(
    api: Caller, kind: str, moment: str, status: int, content_type: str, *, parses: bool
) -> None:
    """A fault that answers does so with its status and type, and not with an acceptance."""
    api.sandbox.script([f"{kind}_{moment}"])

    response = await api.send(USERS)

    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    assert response.headers.get("retry-after") == ("1" if kind == "error_503" else None)
    assert (response.content == b"") == (kind == "empty")
    if parses:
        assert response.json()["status_code"] == status
    else:
        with pytest.raises(ValueError):  # noqa: PT011 -- no JSON, or not even text
            response.json()
    assert_ledger(api, f"{kind}_{moment}")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_stall(api: Caller, moment: str) -> None:
    """A stalled request is never answered, and lets go of its peer when that hangs up."""
    idle = asyncio.all_tasks()
    api.sandbox.script([f"stall_{moment}"])

    call = asyncio.ensure_future(api.send(USERS))
    await until(lambda: api.sandbox.truth().faults)
    async with httpx.AsyncClient(base_url=api.sandbox.url) as other:
        await other.get("/sandbox/truth")
    assert not call.done()
    call.cancel()
    await asyncio.wait([call])

    assert_ledger(api, f"stall_{moment}")
    await until(lambda: asyncio.all_tasks() == idle)


@pytest.mark.parametrize("kind", ["stall", "truncated", "reset", "html"])
async def test_peer_gone_before_fault(start: Start, kind: str) -> None:
    """A fault that finds its peer gone leaves nothing waiting."""
    peer_gone = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await peer_gone.wait()

    api = await start(latency=1, sleep=sleep)
    idle = asyncio.all_tasks()
    api.sandbox.script([f"{kind}_after"])
    call = asyncio.ensure_future(api.send(USERS))
    await until(lambda: api.sandbox.truth().accepted)
    call.cancel()
    await asyncio.wait([call])
    await _turn_loop()

    peer_gone.set()

    await until(lambda: asyncio.all_tasks() == idle)
    assert_ledger(api, f"{kind}_after")


async def _turn_loop() -> None:
    """Give the server the turns it needs to see that a connection has closed."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_delay(start: Start) -> None:
    """A delay answers correctly, as late as it says, on top of the latency of every answer."""
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append((seconds, api.sandbox.truth().deliveries))

    api = await start(latency=0.1, sleep=sleep)
    api.sandbox.script([Fault("delay", seconds=30.0)])

    assert len(codes(await api.send(USERS))) == 1
    assert len(codes(await api.send(USERS))) == 1
    assert waits == [(30.1, 20), (0.1, 40)]
    assert api.sandbox.truth().faults == {"delay": 1}


async def test_no_latency(start: Start) -> None:
    """Without latency and delay nothing ever waits."""

    async def sleep(seconds: float) -> None:
        pytest.fail(f"waited {seconds} s")

    api = await start(sleep=sleep)

    assert len(codes(await api.send(USERS))) == 1


async def test_a_lost_refusal(api: Caller) -> None:
    """A fault after processing loses a refusal as it loses an acceptance."""
    api.sandbox.script(["error_500_after"])

    assert (await api.send(USERS, send_date="someday")).status_code == 500

    truth = api.sandbox.truth()
    assert (truth.rejected, truth.accepted) == (1, 0)


async def test_repeat_after_lost_answer(api: Caller) -> None:
    """A request whose answer was lost is in the ledger: its repeat is suppressed."""
    api.sandbox.script(["reset_after"])
    with pytest.raises(httpx.ReadError):
        await api.send(USERS, transactionId="t")

    assert len(codes(await api.send(USERS, transactionId="t"))) == 1

    truth = api.sandbox.truth()
    assert (truth.replays, truth.duplicates, truth.recipients) == (1, 0, 20)


async def test_script_order(api: Caller) -> None:
    """Scripted fates strike the next requests in order, then no more."""
    api.sandbox.script(["error_500_after", None])
    api.sandbox.script(["error_503_before"])

    statuses = [(await api.send(USERS)).status_code for _ in range(5)]

    assert statuses == [500, 200, 503, 200, 200]


async def test_random_faults(start: Start) -> None:
    """Two sandboxes with one seed treat the same requests alike."""
    faults = parse_faults("error_500_after:0.3,html_before:0.3")
    runs = []
    for _ in range(2):
        api = await start(faults=faults, seed=5)
        runs.append([(await api.send(USERS)).text[:20] for _ in range(40)])

    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3
