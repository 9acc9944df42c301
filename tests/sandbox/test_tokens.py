"""Where each method wants its token, and what it answers to a wrong one."""

from typing import Any

import httpx
import pytest

from .caller import APPLICATION, DEVICE_TOKEN, TOKEN, TOTALS, Caller, answer, codes, ids
from .conftest import Start

IN_BODY: dict[str, dict[str, Any]] = {
    "createMessage": {"application": APPLICATION, "notifications": []},
    "createTargetedMessage": {"devices_filter": 'A("XXXXX-XXXXX")', "send_date": "now"},
    "createSMSMessage": {"application": APPLICATION, "notifications": []},
    "deleteMessage": {"message": "unknown"},
    "cancelMessage": {"message": "unknown"},
    "getMessageDetails": {"message": "unknown"},
    "getPushHistory": {},
}
FOR_DEVICES = ["registerDevice", "unregisterDevice", "registerUser", "setTags", "getTags"]


async def post(api: Caller, path: str, document: object, header: str | None) -> httpx.Response:
    headers = {} if header is None else {"Authorization": header}
    return await api.http.post(path, json=document, headers=headers)


@pytest.mark.parametrize("method", IN_BODY)
@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (None, "API token or application is not set"),
        ("", "API token or application is not set"),
        ("another", "Account not found"),
        (DEVICE_TOKEN, "Account not found"),
        ([TOKEN], "Account not found"),
    ],
)
async def test_in_body(api: Caller, method: str, auth: object, message: str) -> None:
    """Without the API token in the request it is refused with 210, whatever the header holds."""
    request = {**IN_BODY[method], "auth": auth}

    response = await api.post(f"/json/1.3/{method}", {"request": request}, TOKEN)

    assert answer(response) == (200, 210, message)
    assert api.sandbox.truth().rejected == 1


@pytest.mark.parametrize("method", FOR_DEVICES)
@pytest.mark.parametrize(
    "header", [None, "", DEVICE_TOKEN, f"Bearer {DEVICE_TOKEN}", f"Token {TOKEN}", "Token"]
)
async def test_in_header(api: Caller, method: str, header: str | None) -> None:
    """Without the device token in the header it is HTTP 401, whatever the request holds."""
    request = {"application": APPLICATION, "hwid": "h", "device_type": 1, "auth": DEVICE_TOKEN}

    response = await post(api, f"/json/1.3/{method}", {"request": request}, header)

    assert answer(response) == (401, 401, "Unauthorized")
    assert api.sandbox.truth().rejected == 1


@pytest.mark.parametrize("header", [None, TOKEN, f"Token {DEVICE_TOKEN}", "Token another"])
async def test_statistics(api: Caller, header: str | None) -> None:
    """Statistics want the API token in the header, and say so as gRPC does."""
    response = await post(api, TOTALS, {"message_code": "c", "auth": TOKEN}, header)

    assert response.status_code == 401
    assert response.json() == {"code": 16, "message": "unauthenticated", "details": []}
    assert api.sandbox.truth().rejected == 1


@pytest.mark.parametrize("method", [*FOR_DEVICES, "createSMSMessage"])
@pytest.mark.parametrize(
    ("application", "message"),
    [
        (None, "API token or application is not set"),
        ("YYYYY-YYYYY", "Application not found"),
        ([APPLICATION], "Application not found"),
    ],
)
async def test_application(api: Caller, method: str, application: object, message: str) -> None:
    """A known application must be named; a group's code is none."""
    call = api.call if method == "createSMSMessage" else api.device

    response = await call(method, application=application, applications_group=APPLICATION)

    assert answer(response) == (200, 210, message)


async def test_given_tokens(start: Start) -> None:
    """The tokens that are accepted are those that were given, and the sandbox does not show them."""
    api = await start(token="a secret", device_token="another secret")
    request: dict[str, Any] = {"application": APPLICATION, "hwid": "h", "device_type": 3}

    response = await api.post(
        "/json/1.3/registerDevice", {"request": request}, token="another secret"
    )

    assert answer(response) == (200, 200, "OK")
    assert "secret" not in repr(api.sandbox)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"request": {}'])
async def test_malformed_statistics(api: Caller, body: bytes) -> None:
    """What is no JSON object is HTTP 400, in gRPC's words."""
    headers = {"Authorization": f"Token {TOKEN}"}

    response = await api.http.post(TOTALS, content=body, headers=headers)

    assert response.status_code == 400
    assert response.json() == {"code": 3, "message": "malformed request", "details": []}


async def test_by_method(api: Caller) -> None:
    """Every method is counted by its name, the one with a longer path too."""
    await api.totals("c")
    await api.call("getPushHistory")
    await api.device("getTags", hwid="h")
    await api.send(ids(3))

    assert api.sandbox.truth().by_method == {
        "totalsByIntervals": 1,
        "getPushHistory": 1,
        "getTags": 1,
        "createMessage": 1,
    }


@pytest.mark.parametrize("fault", ["error_500_before", "error_500_after"])
async def test_faults(api: Caller, fault: str) -> None:
    """Faults strike every method, before it is processed or after."""
    api.sandbox.script([fault])
    response = await api.device("registerDevice", hwid="h", device_type=3)
    assert response.status_code == 500

    tags = await api.device("getTags", hwid="h")

    assert answer(tags)[1] == (200 if fault.endswith("after") else 210)


async def test_who_pays(start: Start) -> None:
    """The methods that send share the limit; reading, stopping and devices are free."""
    api = await start(rate_limit=3)
    for _ in range(5):
        for method in ("deleteMessage", "cancelMessage", "getMessageDetails", "getPushHistory"):
            assert (await api.call(method)).status_code == 200
        assert (await api.device("getTags", hwid="h")).status_code == 200
        assert (await api.totals("c")).status_code == 404
    sms = {"application": APPLICATION, "notifications": []}

    statuses = [
        (await api.send(ids(20))).status_code,
        (await api.target("no filter")).status_code,
        (await api.call("createSMSMessage", **sms)).status_code,
        (await api.send(ids(20))).status_code,
        (await api.target("no filter")).status_code,
        (await api.call("createSMSMessage", **sms)).status_code,
    ]

    assert statuses == [200, 200, 200, 429, 429, 429]
    api.clock.now += 60
    assert len(codes(await api.send(ids(20)))) == 1
