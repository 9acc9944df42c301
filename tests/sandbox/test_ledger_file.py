"""The file that outlives the sandbox: what is written of each notification, and when."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from stracing import can_strace, injecting, let_no_sync_succeed

from pushwoosh_async.sandbox import Fault, Sandbox

from .caller import APPLICATION, NOON, TOKEN, code_of, codes, envelope, ids, notification
from .conftest import Start

USERS = ids(20)
PATIENCE = 60.0


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what was written, each line being whole."""
    text = path.read_text("utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def rulings(path: Path) -> list[tuple[str | None, str, str | None]]:
    """Return transactionId, verdict and code of each line."""
    return [(line["transaction_id"], line["verdict"], line["code"]) for line in lines(path)]


async def test_an_acceptance(start: Start, tmp_path: Path) -> None:
    """All that the truth needs is in its line, and no token."""
    api = await start(ledger_file=tmp_path / "ledger")

    code = code_of(await api.send(USERS, transactionId="t"))

    assert lines(tmp_path / "ledger") == [
        {
            "order": 1,
            "at": NOON,
            "method": "createMessage",
            "transaction_id": "t",
            "kind": "users",
            "ids": USERS,
            "verdict": "accepted",
            "code": code,
        }
    ]
    assert TOKEN not in (tmp_path / "ledger").read_text()


async def test_it_is_private(start: Start, tmp_path: Path) -> None:
    """It names ids: nobody else may read it."""
    await start(ledger_file=tmp_path / "ledger")

    assert (tmp_path / "ledger").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("way", ["same_code", "empty"])
async def test_a_repeat(start: Start, tmp_path: Path, way: str) -> None:
    """It is a replay with the first one's code, whether or not the answer names it."""
    api = await start(ledger_file=tmp_path / "ledger", repeat=way)

    code = code_of(await api.send(USERS, transactionId="t"))
    await api.send(USERS, transactionId="t")

    assert rulings(tmp_path / "ledger") == [("t", "accepted", code), ("t", "replay", code)]


@pytest.mark.parametrize("way", ["210", "409"])
async def test_a_repeat_that_is_refused(start: Start, tmp_path: Path, way: str) -> None:
    """Of a refused request the repeats are replays, and the others are rejected."""
    api = await start(ledger_file=tmp_path / "ledger", repeat=way)
    old, new, bare = (
        notification(users=USERS, transactionId=each) for each in ("old", "new", None)
    )

    code = code_of(await api.create(old))
    await api.create(new, old, bare, new, bare)

    assert rulings(tmp_path / "ledger")[1:] == [
        ("new", "rejected", None),
        ("old", "replay", code),
        (None, "rejected", None),
        ("new", "replay", None),
        (None, "rejected", None),
    ]


async def test_several_in_one_request(start: Start, tmp_path: Path) -> None:
    """Each has its line, in their order, with its own verdict and code."""
    api = await start(ledger_file=tmp_path / "ledger")
    await api.send(USERS, transactionId="old")
    sendings = [notification(users=USERS, transactionId=each) for each in ("a", "old", "b")]

    given = codes(await api.create(*sendings))

    expected = zip(("a", "old", "b"), ("accepted", "replay", "accepted"), given, strict=True)
    assert rulings(tmp_path / "ledger")[1:] == list(expected)
    assert [line["order"] for line in lines(tmp_path / "ledger")] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "change", [{"application": "ZZZZZ-ZZZZZ"}, {"auth": "x"}, {"auth": None}], ids=repr
)
async def test_a_refused_caller(start: Start, tmp_path: Path, change: dict[str, Any]) -> None:
    """What arrived is rejected although nobody looked at it."""
    api = await start(ledger_file=tmp_path / "ledger")

    await api.request(envelope([notification(users=USERS, transactionId="t")] * 2, **change))

    assert rulings(tmp_path / "ledger") == [("t", "rejected", None)] * 2


async def test_one_bad_among_several(start: Start, tmp_path: Path) -> None:
    """It refuses the whole request."""
    api = await start(ledger_file=tmp_path / "ledger")
    good = notification(users=USERS, transactionId="t")

    await api.create(good, {**good, "send_date": "someday"}, good)

    assert [verdict for _, verdict, _ in rulings(tmp_path / "ledger")] == ["rejected"] * 3


async def test_a_limited_one(start: Start, tmp_path: Path) -> None:
    """After a 429 it was not processed, and arrived all the same."""
    api = await start(ledger_file=tmp_path / "ledger", rate_limit=1)
    await api.send(USERS, transactionId="a")

    await api.send(USERS, transactionId="b")

    assert rulings(tmp_path / "ledger")[1:] == [("b", "unprocessed", None)]


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("error_500_before", "unprocessed"),
        ("error_500_after", "accepted"),
        (Fault("delay", seconds=0.001), "accepted"),
    ],
)
async def test_a_fault(start: Start, tmp_path: Path, fault: Fault | str, verdict: str) -> None:
    """The file says what was processed, whatever the caller is told."""
    api = await start(ledger_file=tmp_path / "ledger")
    api.sandbox.script([fault])

    await api.send(USERS, transactionId="t")

    assert [line["verdict"] for line in lines(tmp_path / "ledger")] == [verdict]


@pytest.mark.parametrize(
    ("audience", "kind", "listed"),
    [
        ({"users": ["a"], "devices": ["b"]}, "users", ["a"]),
        ({"users": [], "devices": ["b"]}, "devices", ["b"]),
        ({"filter": "F"}, "filter", []),
        ({"geozone": {"lat": 1}}, "geozone", []),
        ({"users": []}, "broadcast", []),
        ({}, "broadcast", []),
        ({"users": "a"}, "users", "a"),
    ],
)
async def test_its_audience(
    start: Start, tmp_path: Path, audience: dict[str, Any], kind: str, listed: object
) -> None:
    """Ids are written as they came, and a broadcast is called one."""
    api = await start(ledger_file=tmp_path / "ledger")

    await api.create(notification(**audience))

    (line,) = lines(tmp_path / "ledger")
    assert (line["kind"], line["ids"]) == (kind, listed)


async def test_no_code(start: Start, tmp_path: Path) -> None:
    """What goes out to fewer than ten has none."""
    api = await start(ledger_file=tmp_path / "ledger")

    await api.send(["a"])

    assert rulings(tmp_path / "ledger") == [(None, "accepted", None)]


async def test_other_methods_that_send(start: Start, tmp_path: Path) -> None:
    """A targeted message and an SMS are notifications, too."""
    api = await start(ledger_file=tmp_path / "ledger")
    sms = notification(devices=["+12345678901"], use_auto_registration=True)

    await api.target('T("City", ANY, "")', transactionId="t")
    await api.call(
        "createSMSMessage",
        application=APPLICATION,
        notifications=[sms],
    )

    found = [(line["method"], line["kind"], line["verdict"]) for line in lines(tmp_path / "ledger")]
    assert found == [
        ("createTargetedMessage", "devices_filter", "accepted"),
        ("createSMSMessage", "devices", "accepted"),
    ]


@pytest.mark.parametrize("notifications", [None, "x", [], [3, None]])
async def test_what_is_no_notification(start: Start, tmp_path: Path, notifications: object) -> None:
    """It has no line."""
    api = await start(ledger_file=tmp_path / "ledger")

    await api.call("createMessage", application=APPLICATION, notifications=notifications)
    await api.http.post("/json/1.3/createMessage", content=b"{")
    await api.call("getPushHistory")

    assert lines(tmp_path / "ledger") == []


async def test_a_new_sandbox_goes_on(start: Start, tmp_path: Path) -> None:
    """Numbers go on where they were, behind the last whole line: half a line was never answered."""
    path = tmp_path / "ledger"
    first = await start(ledger_file=path)
    await first.send(USERS, transactionId="a")
    await first.sandbox.aclose()
    with path.open("a") as file:
        file.write('{"order": 2, "at')

    second = await start(ledger_file=path)
    await second.send(ids(1000, "x" * 200), transactionId="b")  # longer than what is read at once
    third = await start(ledger_file=path)
    await third.send(USERS, transactionId="c")

    found = [(line["order"], line["transaction_id"]) for line in lines(path)]
    assert found == [(1, "a"), (2, "b"), (3, "c")]


async def test_a_reset_leaves_it_alone(start: Start, tmp_path: Path) -> None:
    """What happened has happened."""
    api = await start(ledger_file=tmp_path / "ledger")
    await api.send(USERS)
    api.sandbox.reset()
    await api.send(USERS)

    assert [line["order"] for line in lines(tmp_path / "ledger")] == [1, 2]


async def test_a_file_that_cannot_be_had(tmp_path: Path) -> None:
    """The start fails, and the error names the file."""
    sandbox = Sandbox(ledger_file=tmp_path / "missing" / "ledger")

    with pytest.raises(FileNotFoundError) as caught:
        await sandbox.start()

    assert caught.value.filename is not None


async def status_where_no_sync_succeeds(path: Path) -> int:
    """Return how a message is answered whose line may be lost."""
    async with Sandbox(ledger_file=path) as sandbox, httpx.AsyncClient(trust_env=False) as http:
        let_no_sync_succeed(path)
        sending = {"request": envelope([notification(users=USERS)])}

        answer = await http.post(f"{sandbox.url}/json/1.3/createMessage", json=sending)
    return answer.status_code


def test_it_is_synced_before_the_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A sandbox that dies in the sync of a line has not answered, and the line is there."""
    path = tmp_path / "ledger"
    assert asyncio.run(status_where_no_sync_succeeds(path)) == 500
    assert [each.name for each in caplog.records] == ["aiohttp.server"]
    caplog.clear()
    path.unlink()
    if not can_strace():
        return  # nor can it be made to die there
    command = [sys.executable, "-m", "pushwoosh_async", "sandbox", "--port", "0", "--json"]
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [*injecting("fsync", "signal=KILL:when=2"), *command, "--ledger", path, "--until-eof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as http:
            sending = {"request": envelope([notification(users=USERS)])}
            assert http.post("/json/1.3/createMessage", json=sending).status_code == 200
            assert len(lines(path)) == 1
            with pytest.raises(httpx.TransportError):
                http.post("/json/1.3/createMessage", json=sending)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert [line["order"] for line in lines(path)] == [1, 2]
