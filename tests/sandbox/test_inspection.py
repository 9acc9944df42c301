"""What another process can ask and order: truth, recipients, reset."""

import json

import httpx
import pytest
from attrs import asdict

from .caller import Caller, codes, ids, notification
from .conftest import Start


async def listing(api: Caller) -> dict[str, int]:
    """Return what /sandbox/recipients lists."""
    response = await api.http.get("/sandbox/recipients")
    rows = [line.split("\t") for line in response.text.split("\n") if line]
    assert len({name for _, name in rows}) == len(rows)
    return {json.loads(name): int(count) for count, name in rows}


async def test_truth(api: Caller) -> None:
    """The truth over HTTP is the truth in the process, with every field of it."""
    await api.send(["a", "a", "b"], transactionId="t")
    await api.send(["a", "a", "b"], transactionId="t")
    await api.create(notification())
    api.sandbox.script(["html_before"])
    await api.create(notification())

    told = (await api.http.get("/sandbox/truth")).json()

    assert told == asdict(api.sandbox.truth())
    assert told == {
        "recipients": 2,
        "deliveries": 3,
        "duplicates": 1,
        "replays": 1,
        "connections": 1,
        "requests": 4,
        "accepted": 2,
        "rejected": 0,
        "throttled": 0,
        "broadcasts": 1,
        "cancelled": 0,
        "recalled": 0,
        "faults": {"html_before": 1},
        "by_method": {"createMessage": 4},
    }


async def test_recipients(api: Caller) -> None:
    """The listing has one line for each id, whatever characters are in it."""
    strange = ["tab\there", "line\nbreak", "\u2028", "\N{SNOWMAN}", "\udcff", "", '"']
    await api.send([*ids(900), *strange])
    await api.send(ids(10))

    assert await listing(api) == {
        **dict.fromkeys(ids(900), 1),
        **dict.fromkeys(ids(10), 2),
        **dict.fromkeys(strange, 1),
    }


async def test_many_recipients(api: Caller) -> None:
    """A listing of many pieces is complete."""
    for part in range(10):
        await api.send(ids(1000, f"part-{part}"))

    assert len(await listing(api)) == 10_000


async def test_listing_while_sending(api: Caller) -> None:
    """A listing in progress is not disturbed by what is delivered, or reset, meanwhile."""
    for part in range(200):
        await api.send(ids(1000, f"a-rather-long-part-of-an-id-{part}"))
    body = b""
    async with api.http.stream("GET", "/sandbox/recipients") as response:
        async for piece in response.aiter_bytes():
            if not body:
                await api.send(["late"])
                api.sandbox.reset()
            body += piece

    rows = body.splitlines()
    assert len(rows) == 200_000
    assert all(row.startswith(b"1\t") for row in rows)


async def test_not_counted_no_faults(start: Start) -> None:
    """Inspection is not counted among the requests, and no fault or fate is spent on it."""
    api = await start()
    api.sandbox.script(["error_500_before"])
    for verb, path in [("GET", "truth"), ("GET", "recipients"), ("GET", "nothing")]:
        await api.http.request(verb, f"/sandbox/{path}")
    assert api.sandbox.truth().requests == 0

    assert (await api.send(["a"])).status_code == 500


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "nothing"), ("POST", "truth"), ("GET", "reset")]
)
async def test_nothing_there(api: Caller, verb: str, path: str) -> None:
    """Other paths and verbs are HTTP 404; a reset must be posted."""
    await api.send(["a"])

    response = await api.http.request(verb, f"/sandbox/{path}")

    assert response.status_code == 404
    assert api.sandbox.truth().recipients == 1


async def test_reset(start: Start) -> None:
    """After a reset the sandbox is as if just started: ids, limit, script and fates too."""
    api = await start(rate_limit=1, keep_notifications=True)
    await api.send(ids(20), transactionId="t")
    await api.send(ids(20))
    api.sandbox.script(["error_500_before"])

    told = (await api.http.post("/sandbox/reset")).json()

    assert all(not value for value in told.values())
    assert api.sandbox.ledger.counts() == {}
    assert api.sandbox.ledger.notifications == ()
    assert len(codes(await api.send(ids(20), transactionId="t"))) == 1
    assert api.sandbox.truth().replays == 0


async def test_notifications(start: Start) -> None:
    """Accepted notifications are kept when asked, as they came; repeats and refusals are not."""
    api = await start(keep_notifications=True)
    first = notification(users=["a"], transactionId="t", strange={"key": [1]})
    for each in (first, first, notification(users="a")):
        await api.create(each)

    assert api.sandbox.ledger.notifications == (first,)


async def test_notifications_not_kept(api: Caller) -> None:
    """Where notifications are not kept, asking for them is an error rather than an empty answer."""
    await api.send(["a"])

    with pytest.raises(RuntimeError, match="keep_notifications=True"):
        _ = api.sandbox.ledger.notifications


async def test_counts_are_read_only(api: Caller) -> None:
    """The ledger's counts cannot be written to."""
    with pytest.raises(TypeError):
        api.sandbox.ledger.counts()["a"] = 1  # type: ignore[index]


async def test_asked_after_closing(start: Start) -> None:
    """Truth and ledger can be read when the sandbox is closed, and its port then refuses."""
    api = await start()
    await api.send(["a"])
    await api.sandbox.aclose()

    assert api.sandbox.truth().recipients == 1
    assert api.sandbox.ledger.deliveries("a") == 1
    with pytest.raises(httpx.TransportError):
        await api.send(["a"])
