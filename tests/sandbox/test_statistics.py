"""What totalsByIntervals counts: by platform, as text, without an envelope."""

import pytest

from .caller import APPLICATION, DAY, TOMORROW, Caller, code_of, ids


def metric(platform: int, sends: str, timestamp: str = "2026-11-22 12:00:00") -> dict[str, object]:
    """Return a row of the vendor's table [api.md 4.1]: every count is a text."""
    return {
        "timestamp": timestamp,
        "platform": platform,
        "sends": sends,
        "opens": "0",
        "deliveries": sends,
        "inbox_opens": "0",
        "unshowable_sends": "0",
        "errors": "0",
    }


async def test_totals(api: Caller) -> None:
    """A message to ids has one row, for the hour it went out in."""
    api.wall.now += 1799
    code = code_of(await api.send(ids(20), platforms=[3]))

    response = await api.totals(code)

    assert response.status_code == 200
    assert response.json() == {
        "metrics": [metric(3, "20")],
        "conversion": {"sends": "20", "opens": "0", "events": []},
    }


async def test_platforms(api: Caller) -> None:
    """Each platform has a row, unless platforms are named."""
    for hwid, device_type in (("a", 3), ("b", 1), ("c", 3)):
        await api.register(hwid, device_type=device_type)
    code = code_of(await api.target('A("XXXXX-XXXXX")'))

    everything = (await api.totals(code, platforms=[])).json()
    one = (await api.totals(code, platforms=[3, 11])).json()

    assert everything["metrics"] == [metric(1, "1"), metric(3, "2")]
    assert everything["conversion"]["sends"] == "3"
    assert one["metrics"] == [metric(3, "2")]
    assert one["conversion"]["sends"] == "2"


async def test_sms(api: Caller) -> None:
    """A text message counts as one on its own platform."""
    sms = {"send_date": "now", "content": "Hi", "devices": ["+1234567890"]}
    request = {
        "application": APPLICATION,
        "notifications": [{**sms, "use_auto_registration": True}],
    }
    code = code_of(await api.call("createSMSMessage", **request))

    assert (await api.totals(code)).json()["metrics"] == [metric(18, "1")]


async def test_scheduled(api: Caller) -> None:
    """A message counts nothing until its date has come, and then in that hour."""
    code = code_of(await api.send(ids(20), send_date=TOMORROW))
    nothing = {"metrics": [], "conversion": {"sends": "0", "opens": "0", "events": []}}
    assert (await api.totals(code)).json() == nothing

    api.wall.now += DAY

    assert (await api.totals(code)).json()["metrics"] == [metric(1, "20", "2026-11-23 12:00:00")]


@pytest.mark.parametrize("code", [None, "", 5])
async def test_without_code(api: Caller, code: object) -> None:
    """Without a code it is HTTP 400, in gRPC's words."""
    response = await api.totals(code)

    assert response.status_code == 400
    assert response.json() == {"code": 3, "message": "message_code is required", "details": []}


async def test_unknown(api: Caller) -> None:
    """An unknown message is HTTP 404, in gRPC's words, and is counted as rejected."""
    response = await api.totals("C3F8-C3863ED4-334AD4F1")

    assert response.status_code == 404
    assert response.json() == {"code": 5, "message": "message not found", "details": []}
    assert api.sandbox.truth().rejected == 1


async def test_wrong_platforms(api: Caller) -> None:
    """Platforms that are no numbers are HTTP 400, in gRPC's words."""
    response = await api.totals("c", platforms=["IOS"])

    assert (response.status_code, response.json()["code"]) == (400, 3)


async def test_wrapped(api: Caller) -> None:
    """A request in the other methods' envelope names no message."""
    code = code_of(await api.send(ids(20)))

    response = await api.totals(None, request={"message_code": code})

    assert response.status_code == 400
