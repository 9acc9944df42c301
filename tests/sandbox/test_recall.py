"""Deleting and cancelling messages that are scheduled, sent, or unknown."""

import pytest

from .caller import DAY, NOON_TEXT, TOMORROW, Caller, answer, code_of, ids
from .conftest import Start

BOTH = ["deleteMessage", "cancelMessage"]


async def status_of(api: Caller, code: str) -> str | None:
    """Return what getMessageDetails calls a message's status, or None if it finds none."""
    found = (await api.call("getMessageDetails", message=code)).json()["response"]
    return found and str(found["message"]["status"])


@pytest.mark.parametrize("method", BOTH)
async def test_scheduled(api: Caller, method: str) -> None:
    """A scheduled message can be stopped; the answer has no response, as in the seed."""
    code = code_of(await api.send(ids(20), send_date=TOMORROW))
    assert await status_of(api, code) == "pending"

    response = await api.call(method, message=code)

    assert response.json() == {"status_code": 200, "status_message": "OK"}
    truth = api.sandbox.truth()
    assert (truth.cancelled, truth.recalled, truth.deliveries) == (1, 20, 20)


async def test_what_stays(api: Caller) -> None:
    """A cancelled message stays as cancelled, past its date too; a deleted one is gone."""
    cancelled = code_of(await api.send(ids(20), send_date=TOMORROW))
    deleted = code_of(await api.send(ids(20), send_date=TOMORROW))
    await api.call("cancelMessage", message=cancelled)
    await api.call("deleteMessage", message=deleted)
    api.wall.now += 2 * DAY

    assert await status_of(api, cancelled) == "canceled"
    assert await status_of(api, deleted) is None
    rows = (await api.call("getPushHistory")).json()["response"]["rows"]
    assert [row["code"] for row in rows] == [cancelled]


@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("second", BOTH)
async def test_twice(api: Caller, first: str, second: str) -> None:
    """What was stopped cannot be stopped again, and counts once."""
    code = code_of(await api.send(ids(20), send_date=TOMORROW))
    await api.call(first, message=code)

    response = await api.call(second, message=code)

    assert answer(response) == (200, 210, "Message not found")
    assert api.sandbox.truth().cancelled == 1


@pytest.mark.parametrize("method", BOTH)
async def test_sent(api: Caller, method: str) -> None:
    """What was sent at once cannot be stopped."""
    code = code_of(await api.send(ids(20)))

    response = await api.call(method, message=code)

    assert answer(response) == (200, 210, "Message was sent already")
    assert response.json()["response"] is None
    assert await status_of(api, code) == "done"
    truth = api.sandbox.truth()
    assert (truth.cancelled, truth.recalled, truth.rejected) == (0, 0, 1)


@pytest.mark.parametrize(("seconds", "body_code"), [(DAY - 1, 200), (DAY, 210)])
async def test_until_its_date(api: Caller, seconds: int, body_code: int) -> None:
    """A scheduled message can be stopped until its date has come."""
    code = code_of(await api.send(ids(20), send_date=TOMORROW))
    api.wall.now += seconds

    assert answer(await api.call("cancelMessage", message=code))[1] == body_code


@pytest.mark.parametrize("method", [*BOTH, "getMessageDetails"])
@pytest.mark.parametrize(
    "message", [None, "", "C3F8-C3863ED4-334AD4F1", "CODE_NOT_AVAILABLE", 7, ["x"], {}, "9" * 30]
)
async def test_unknown(api: Caller, method: str, message: object) -> None:
    """A message that is not there, or not named, is not found, with a null response."""
    await api.send(ids(5))
    await api.send(ids(20), send_date=TOMORROW)

    response = await api.call(method, message=message)

    assert answer(response) == (200, 210, "Message not found")
    assert response.json()["response"] is None


@pytest.mark.parametrize(
    ("timezone", "due"),
    [
        (None, "2026-11-22 14:00:00"),
        ("", "2026-11-22 14:00:00"),
        ("America/New_York", "2026-11-22 19:00:00"),
        ("Europe/Berlin", "2026-11-22 13:00:00"),
        ("Atlantis/Poseidonis", "2026-11-22 14:00:00"),
        ("../../etc/passwd", "2026-11-22 14:00:00"),
        ("America", "2026-11-22 14:00:00"),
        (5, "2026-11-22 14:00:00"),
    ],
)
async def test_timezone(api: Caller, timezone: object, due: str) -> None:
    """A date is in the zone that is named; in UTC if that is none or unknown."""
    code = code_of(await api.send(ids(20), send_date="2026-11-22 14:00", timezone=timezone))

    details = (await api.call("getMessageDetails", message=code)).json()["response"]["message"]

    assert details["send_date"] == due
    assert details["created"] == NOON_TEXT


@pytest.mark.parametrize("send_date", ["2026-11-22 12:00", "2020-01-01 00:00", "now"])
async def test_past_date(api: Caller, send_date: str) -> None:
    """A date that has come is as good as now."""
    code = code_of(await api.send(ids(20), send_date=send_date))

    assert await status_of(api, code) == "done"


async def test_few_scheduled(api: Caller) -> None:
    """A scheduled message to a few has a code, so it can be stopped; an immediate one has none."""
    code = code_of(await api.send(["a"], send_date=TOMORROW))

    assert answer(await api.call("deleteMessage", message=code))[1] == 200
    assert api.sandbox.truth().recalled == 1


async def test_forgotten(start: Start) -> None:
    """Only so many messages are remembered; the oldest are forgotten first."""
    api = await start(keep_messages=2)
    made = [code_of(await api.send(ids(20), send_date=TOMORROW)) for _ in range(3)]

    assert [await status_of(api, code) for code in made] == [None, "pending", "pending"]
    assert answer(await api.call("cancelMessage", message=made[0]))[1] == 210


async def test_reset(api: Caller) -> None:
    """After a reset no message, device or tag is left, and the codes begin again."""
    code = code_of(await api.send(ids(20), send_date=TOMORROW))
    await api.register("h", tags={"City": "Paris"})
    api.sandbox.reset()

    assert await status_of(api, code) is None
    assert answer(await api.device("getTags", hwid="h"))[1] == 210
    assert (await api.call("getPushHistory")).json()["response"] == {"rows": []}
    await api.target('T("City", ANY, "")')
    assert api.sandbox.truth().deliveries == 0
    api.sandbox.reset()
    assert code_of(await api.send(ids(20))) == code
