"""What createMessage accepts and refuses, over HTTP."""

from typing import Any

import httpx
import pytest

from .caller import CREATE_MESSAGE, GROUP, TOKEN, Caller, answer, codes, envelope, ids, notification
from .conftest import Start

GOOD = notification(users=ids(20))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"auth": None}, "API token or application is not set"),
        ({"auth": ""}, "API token or application is not set"),
        ({"application": None}, "API token or application is not set"),
        ({"auth": "another"}, "Account not found"),
        ({"auth": [TOKEN]}, "Account not found"),
        ({"application": "YYYYY-YYYYY"}, "Application not found"),
        ({"application": ["XXXXX-XXXXX"]}, "Application not found"),
        (
            {"applications_group": GROUP},
            'Use either "application" or "applications_group".',
        ),
        ({"notifications": None}, "No notifications"),
        ({"notifications": GOOD}, "No notifications"),
        ({"notifications": ["text"]}, "A notification must be an object."),
    ],
)
async def test_wrong_envelope(api: Caller, fields: dict[str, Any], message: str) -> None:
    """A wrong envelope is HTTP 200 with body code 210, a null response, and nothing sent."""
    response = await api.request(envelope(**{"notifications": [GOOD], **fields}))

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] is None
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.rejected, truth.deliveries) == (0, 1, 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"send_date": None}, "Cannot parse date"),
        ({"send_date": ""}, "Cannot parse date"),
        ({"send_date": "Now"}, "Cannot parse date"),
        ({"send_date": 5}, "Cannot parse date"),
        ({"send_date": "2026-11-21"}, "Cannot parse date"),
        ({"send_date": "2026-11-21T10:00"}, "Cannot parse date"),
        ({"send_date": "2026-13-21 10:00"}, "Cannot parse date"),
        ({"send_date": "2026-11-21 10:00 "}, "Cannot parse date"),
        ({"devices": "one"}, 'Invalid devices list. "devices" must be an array.'),
        ({"devices": ""}, 'Invalid devices list. "devices" must be an array.'),
        ({"users": {"a": 1}}, 'Invalid users list. "users" must be an array.'),
        ({"users": ids(1001)}, "Invalid users list. At most 1000 ids are allowed."),
        ({"devices": ids(1001)}, "Invalid devices list. At most 1000 ids are allowed."),
        ({"users": ["a", 7]}, "Invalid users list. Every id must be a string."),
        ({"devices": ["a", None]}, "Invalid devices list. Every id must be a string."),
        ({"devices": [["a"]]}, "Invalid devices list. Every id must be a string."),
        ({"transactionId": 7}, "Invalid transactionId. It must be a string."),
        ({"android_root_params": "{}"}, "android_root_params must be key-value object"),
        ({"ios_root_params": [1]}, "ios_root_params must be key-value object"),
        ({"mac_root_params": 0}, "mac_root_params must be key-value object"),
        ({"platforms": 1}, 'Invalid platforms. "platforms" must be an array of integers.'),
        ({"platforms": ["1"]}, 'Invalid platforms. "platforms" must be an array of integers.'),
        ({"platforms": [True]}, 'Invalid platforms. "platforms" must be an array of integers.'),
    ],
)
async def test_wrong_notification(api: Caller, fields: dict[str, Any], message: str) -> None:
    """One wrong notification refuses the whole request: its good neighbour is not sent either."""
    response = await api.create(GOOD, notification(**fields))

    assert answer(response) == (200, 210, message)
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.rejected, truth.deliveries, truth.broadcasts) == (0, 1, 0, 0)


@pytest.mark.parametrize("kind", ["users", "devices"])
async def test_thousand_ids(api: Caller, kind: str) -> None:
    """A list of exactly 1000 ids is accepted, and each is delivered to once."""
    await api.create(notification(**{kind: ids(1000)}))

    truth = api.sandbox.truth()
    assert (truth.recipients, truth.deliveries, truth.duplicates) == (1000, 1000, 0)


async def test_thousand_notifications(api: Caller) -> None:
    """Exactly 1000 notifications are accepted, with one code each, all different."""
    response = await api.create(*[GOOD] * 1000)

    assert len(set(codes(response))) == 1000
    assert api.sandbox.truth().accepted == 1000


async def test_notification_1001(api: Caller) -> None:
    """One notification over 1000 refuses the request."""
    response = await api.create(*[GOOD] * 1001)

    assert answer(response) == (200, 210, "At most 1000 notifications are allowed.")
    assert api.sandbox.truth().accepted == 0


@pytest.mark.parametrize("send_date", ["now", "2026-11-21 10:00", "2026-11-21 10:00:30"])
async def test_send_dates(api: Caller, send_date: str) -> None:
    """A date is accepted as now, with minutes, and with seconds."""
    assert len(codes(await api.send(ids(20), send_date=send_date))) == 1


async def test_no_notifications(api: Caller) -> None:
    """An empty array of notifications is accepted and answered with no codes."""
    assert codes(await api.create()) == []
    assert api.sandbox.truth().accepted == 0


async def test_users_win(api: Caller) -> None:
    """Devices beside users are ignored."""
    await api.create(notification(users=["u"], devices=["d"]))

    assert api.sandbox.ledger.counts() == {"u": 1}


async def test_same_id_twice(api: Caller) -> None:
    """An id twice in one list is delivered to twice, and so is a duplicate."""
    await api.send(["a", "a", "b"])

    truth = api.sandbox.truth()
    assert (truth.recipients, truth.deliveries, truth.duplicates) == (2, 3, 1)
    assert api.sandbox.ledger.deliveries("a") == 2
    assert api.sandbox.ledger.deliveries("nobody") == 0


@pytest.mark.parametrize(
    "audience",
    [
        {},
        {"users": []},
        {"devices": []},
        {"users": [], "devices": []},
        {"filter": "", "conditions": [], "geozone": {}},
    ],
)
async def test_broadcast(api: Caller, audience: dict[str, Any]) -> None:
    """A notification without an audience, or with an empty one, is a broadcast and is counted."""
    assert codes(await api.create(notification(**audience))) != ["CODE_NOT_AVAILABLE"]

    truth = api.sandbox.truth()
    assert (truth.broadcasts, truth.accepted, truth.deliveries) == (1, 1, 0)


@pytest.mark.parametrize(
    "audience",
    [
        {"users": ["u"]},
        {"devices": ["d"]},
        {"users": [], "devices": ["d"]},
        {"filter": "customers"},
        {"conditions": [["City", "EQ", "Paris"]]},
        {"geozone": {"lat": 1.0, "lng": 2.0, "range": 3}},
    ],
)
async def test_no_broadcast(api: Caller, audience: dict[str, Any]) -> None:
    """Any audience that is not empty keeps a notification from being a broadcast."""
    codes(await api.create(notification(**audience)))

    assert api.sandbox.truth().broadcasts == 0


async def test_group(start: Start) -> None:
    """A known application group is accepted, with a null application beside it."""
    api = await start(applications_groups=[GROUP])
    fields = {"applications_group": GROUP, "application": None}
    known = {**envelope([notification(filter="f")], **fields), "application": None}

    assert len(codes(await api.request(known))) == 1


async def test_unknown_group(api: Caller) -> None:
    """An application's code is no group's code."""
    fields = {"applications_group": "XXXXX-XXXXX", "application": None}

    response = await api.request(envelope([notification(filter="f")], **fields))

    assert answer(response) == (200, 210, "Application not found")


@pytest.mark.parametrize("kind", ["users", "devices"])
async def test_group_with_ids(start: Start, kind: str) -> None:
    """Users or devices cannot be named with an application group."""
    api = await start(applications_groups=[GROUP])
    fields = {"applications_group": GROUP, "application": None}

    response = await api.request(envelope([notification(**{kind: ["a"]})], **fields))

    assert answer(response) == (200, 210, f'"{kind}" cannot be used with "applications_group".')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"request": []}',
        b'{"request": null}',
        b"\xff\xfe",
        b"[" * 200_000,
    ],
)
async def test_malformed(api: Caller, body: bytes) -> None:
    """What is not JSON with an object in `request` is HTTP 400 without a code in the body."""
    response = await api.http.post(CREATE_MESSAGE, content=body)

    assert response.status_code == 400
    assert "json" not in response.headers["content-type"]
    assert api.sandbox.truth().rejected == 1


@pytest.mark.parametrize(("size", "status"), [(5000, 200), (5001, 413)])
async def test_body_limit(start: Start, size: int, status: int) -> None:
    """A body of exactly the limit is read, one byte more is HTTP 413 and nothing is sent."""
    api = await start(max_body=5000)
    body = httpx.Request("POST", api.sandbox.url, json={"request": envelope([GOOD])}).content

    response = await api.http.post(CREATE_MESSAGE, content=body.ljust(size))

    assert response.status_code == status
    assert api.sandbox.truth().accepted == (status == 200)


async def test_default_body_limit(api: Caller) -> None:
    """Ten million bytes are the limit, and the connection lives on after a larger body."""
    response = await api.http.post(CREATE_MESSAGE, content=bytes(10_000_001))

    assert answer(response) == (413, 413, "Request entity too large")
    assert len(codes(await api.send(ids(20)))) == 1


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/json/1.3/getPreset"),
        ("POST", "/api/v2/messages:list"),
        ("GET", CREATE_MESSAGE),
        ("POST", "/createMessage"),
        ("POST", "/json/1.3/"),
    ],
)
async def test_unknown_method(api: Caller, verb: str, path: str) -> None:
    """What is not a method of the API is HTTP 404 in JSON, and is counted by its name."""
    response = await api.http.request(verb, path, json={"request": envelope([GOOD])})

    assert answer(response) == (404, 404, f"Unknown method: {verb} {path}")
    truth = api.sandbox.truth()
    assert (truth.requests, truth.rejected, truth.accepted) == (1, 1, 0)
    assert truth.by_method == {path.removeprefix("/json/1.3/"): 1}
