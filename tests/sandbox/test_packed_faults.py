"""A fault strikes a request, and all notifications in it: what the ledger file says of each."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from pushwoosh_async.sandbox import Fault, Traffic

from .caller import CREATE_MESSAGE, Caller, answer, codes, envelope, ids, notification, until
from .conftest import Start

AFTER = [
    "reset_after",
    "error_500_after",
    "error_503_after",
    "truncated_after",
    "garbage_after",
    "html_after",
    "empty_after",
]
BEFORE = [each.replace("after", "before") for each in AFTER]
BIG = 40_000
MARKS = {"accepted": "+", "replay": "=", "rejected": "-", "unprocessed": "?"}


def pack(*names: str) -> list[dict[str, Any]]:
    """Return a notification for each name: its transactionId, and the prefix of its ten users."""
    return [notification(users=ids(10, name), transactionId=name) for name in names]


async def lose(api: Caller, sendings: Sequence[dict[str, Any]]) -> None:
    """Send a pack whose answer, if one comes, is no acceptance."""
    try:
        response = await api.create(*sendings)
    except httpx.TransportError:
        return
    assert response.status_code != 200 or b"Messages" not in response.content


def verdicts(path: Path) -> str:
    """Return each transactionId with a mark for the verdict, as `MARKS` has them."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["order"] for line in lines] == [*range(1, len(lines) + 1)]
    assert all(line["ids"] == ids(10, line["transaction_id"]) for line in lines)
    return " ".join(line["transaction_id"] + MARKS[line["verdict"]] for line in lines)


@pytest.mark.parametrize("fault", AFTER)
async def test_a_lost_answer(start: Start, tmp_path: Path, fault: str) -> None:
    """Each of them was accepted; the halves are repeats, and a neighbour of theirs is not."""
    api = await start(ledger_file=tmp_path / "ledger")
    api.sandbox.script([fault])

    await lose(api, pack(*"abcd"))
    await api.create(*pack("a", "b"))
    await api.create(*pack("c", "x", "d"))

    assert verdicts(tmp_path / "ledger") == "a+ b+ c+ d+ a= b= c= x+ d="
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.duplicates) == (5, 4, 0)
    assert truth.faults == {fault: 1}


@pytest.mark.parametrize("fault", BEFORE)
async def test_struck_before(start: Start, tmp_path: Path, fault: str) -> None:
    """None of them was looked at, neither the repeat nor the bad one; all are fresh afterwards."""
    api = await start(ledger_file=tmp_path / "ledger", rejected_ids=["x-3"])
    await api.create(*pack("a"))
    api.sandbox.script([fault])

    await lose(api, pack("a", "b", "x"))
    await api.create(*pack("b"))

    assert verdicts(tmp_path / "ledger") == "a+ a? b? x? b+"
    assert api.sandbox.truth().rejected == 0


@pytest.mark.parametrize(("moment", "expected"), [("before", "a? b?"), ("after", "a+ b+")])
async def test_a_hang(start: Start, tmp_path: Path, moment: str, expected: str) -> None:
    """What is never answered is written down while it hangs."""
    api = await start(ledger_file=tmp_path / "ledger")
    api.sandbox.script([f"stall_{moment}"])

    call = asyncio.ensure_future(api.create(*pack("a", "b")))
    await until(lambda: api.sandbox.truth().faults)

    assert verdicts(tmp_path / "ledger") == expected
    call.cancel()
    await asyncio.wait([call])


async def test_one_request_too_many(start: Start, tmp_path: Path) -> None:
    """After a 429 none of them was processed, those that are repeats included."""
    api = await start(ledger_file=tmp_path / "ledger", rate_limit=1)
    await api.create(*pack("a", "b"))

    assert answer(await api.create(*pack("b", "c", "d")))[0] == 429

    assert verdicts(tmp_path / "ledger") == "a+ b+ b? c? d?"
    api.clock.now += 60
    await api.create(*pack("c"))
    assert verdicts(tmp_path / "ledger").endswith("d? c+")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "x- a- b- y-"),
        ({"bad_notification": "rest_sent"}, "x- a= b+ y-"),
        ({"bad_notification": "dropped"}, "x- a= b+ y-"),
        ({"bad_notification": "dropped", "repeat": "210"}, "x- a= b- y-"),
        ({"bad_notification": "rest_sent", "repeat": "409"}, "x- a= b- y-"),
        (
            {"bad_notification": "dropped", "repeat": "210", "sends_beside_repeat": True},
            "x- a= b+ y-",
        ),
        (
            {"bad_notification": "rest_sent", "repeat": "409", "sends_beside_repeat": True},
            "x- a= b+ y-",
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("fault", [None, "reset_after"])
async def test_a_bad_one_and_a_repeat(
    start: Start, tmp_path: Path, options: dict[str, Any], expected: str, fault: str | None
) -> None:
    """Each has its own verdict in its own place, whether or not the answer is lost."""
    api = await start(ledger_file=tmp_path / "ledger", rejected_ids=["x-3", "y-3"], **options)
    await api.create(*pack("a"))
    api.sandbox.script([fault])

    if fault:
        await lose(api, pack("x", "a", "b", "y"))
    else:
        await api.create(*pack("x", "a", "b", "y"))

    assert verdicts(tmp_path / "ledger") == f"a+ {expected}"


async def test_cut_in_the_middle_of_the_body(start: Start, tmp_path: Path) -> None:
    """Nothing of it was processed or is known, though the sender may have written it all."""
    api = await start(ledger_file=tmp_path / "ledger", rate_limit=1)
    api.sandbox.script(["reset_during"])
    sendings = [
        notification(users=ids(10, name), transactionId=name, data="x" * BIG) for name in "ab"
    ]

    with pytest.raises(httpx.TransportError):
        await api.create(*sendings)

    assert verdicts(tmp_path / "ledger") == ""
    assert api.sandbox.traffic() == Traffic()
    truth = api.sandbox.truth()
    assert (truth.requests, truth.faults, truth.accepted) == (1, {"reset_during": 1}, 0)
    assert len(codes(await api.create(*sendings))) == 2
    assert verdicts(tmp_path / "ledger") == "a+ b+"


async def test_it_is_cut_with_half_of_it_read(api: Caller) -> None:
    """Not before: a sender that stops in the first half is still connected; and not at the end."""
    api.sandbox.script(["reset_during"])
    more, gone = asyncio.Event(), asyncio.Event()

    async def pieces() -> Any:
        yield body[: len(body) // 2 - 1]
        await more.wait()
        yield body[len(body) // 2 - 1 : len(body) // 2 + 1]
        await gone.wait()
        yield body[len(body) // 2 + 1 :]

    body = json.dumps({"request": envelope(pack("a", "b"))}).encode()
    headers = {"Content-Length": str(len(body))}
    call = asyncio.ensure_future(api.http.post(CREATE_MESSAGE, content=pieces(), headers=headers))
    await until(lambda: api.sandbox.truth().requests)
    await api.http.get("/sandbox/truth")
    assert not api.sandbox.truth().faults

    more.set()
    await until(lambda: api.sandbox.truth().faults)
    gone.set()

    with pytest.raises(httpx.TransportError):
        await call
    assert api.sandbox.truth().accepted == 0


async def test_nothing_to_cut(api: Caller) -> None:
    """A request without a body is cut all the same."""
    api.sandbox.script(["reset_during"])

    with pytest.raises(httpx.TransportError):
        await api.http.post(CREATE_MESSAGE)


async def test_fates_are_dealt_as_requests_arrive(api: Caller) -> None:
    """A request that arrives first has the first fate, however long its body takes."""
    more = asyncio.Event()
    body = json.dumps({"request": envelope(pack("a"))}).encode()

    async def pieces() -> Any:
        yield body[:10]
        await more.wait()
        yield body[10:]

    api.sandbox.script(["error_500_after", "error_503_before"])
    slow = asyncio.ensure_future(api.http.post(CREATE_MESSAGE, content=pieces()))
    await until(lambda: api.sandbox.truth().requests)
    quick = await api.create(*pack("b"))
    more.set()

    assert ((await slow).status_code, quick.status_code) == (500, 503)
    assert set(api.sandbox.ledger.counts()) == set(ids(10, "a"))


async def test_a_late_answer(start: Start, tmp_path: Path) -> None:
    """It is an answer: all of them were accepted, in good time."""
    api = await start(ledger_file=tmp_path / "ledger")
    api.sandbox.script([Fault("delay", seconds=0.001)])

    assert len(codes(await api.create(*pack("a", "b")))) == 2

    assert verdicts(tmp_path / "ledger") == "a+ b+"
