"""What one request looks like: its address, headers and body, to the last byte that matters.

Seen through an `httpx.AsyncClient` of the user's, with respx in the place of the network.
"""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import respx

from pushwoosh_async import (
    IOS,
    Geozone,
    InvalidRequestError,
    Notification,
    PushwooshClient,
    RetryPolicy,
    __version__,
)

pytestmark = pytest.mark.usefixtures("bare_environment")

URL = "https://api.example"
PATH = "/json/1.3/createMessage"
HI = Notification(content="Hi", users=["u1"])


def accepted(*codes: str, unknown: Any = None) -> dict[str, Any]:
    """Write the body of an acceptance."""
    response: dict[str, Any] = {"Messages": list(codes)}
    if unknown is not None:
        response["UnknownDevices"] = unknown
    return {"status_code": 200, "status_message": "OK", "response": response}


@pytest.fixture
async def http_client() -> AsyncIterator[httpx.AsyncClient]:
    """Make the user's own client."""
    async with httpx.AsyncClient() as client:
        yield client


def client_of(http_client: httpx.AsyncClient, **options: Any) -> PushwooshClient:
    """Make a client that sends through it."""
    return PushwooshClient(
        **{
            "api_token": "token",
            "application": "AAAAA-BBBBB",
            "base_url": URL,
            "http_client": http_client,
            "retry": RetryPolicy(base_delay=0.001),
            **options,
        }
    )


def bodies(route: respx.Route) -> list[bytes]:
    """Return the bodies that were sent."""
    return [call.request.content for call in route.calls]


@respx.mock
async def test_body_is_exactly_this(http_client: httpx.AsyncClient) -> None:
    """Application, notifications, token: in this order, and nothing else."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    mine = Notification(
        content={"en": "Hi", "de": 'Grüß "dich" \\ \u2028 🙂'},
        users=["u1", 'q"\\', "日本"],
        transaction_id="T1",
        send_date="2999-12-31 10:00",
        data={"a": [1, 2.5, None, True]},
        ios=IOS(badges="+1"),
    )
    await client_of(http_client).create_message(mine)
    [body] = bodies(route)
    assert json.loads(body) == {
        "request": {
            "application": "AAAAA-BBBBB",
            "notifications": [
                {
                    "content": {"en": "Hi", "de": 'Grüß "dich" \\ \u2028 🙂'},
                    "users": ["u1", 'q"\\', "日本"],
                    "transactionId": "T1",
                    "send_date": "2999-12-31 10:00",
                    "data": {"a": [1, 2.5, None, True]},
                    "ios_badges": "+1",
                }
            ],
            "auth": "token",
        }
    }
    assert list(json.loads(body)["request"]) == ["application", "notifications", "auth"]
    assert body.endswith(b'"auth":"token"}}')


@respx.mock
@pytest.mark.parametrize(
    ("notification", "fields"),
    [
        (HI, {"content": "Hi", "users": ["u1"]}),
        (Notification(devices=["d1"], send_rate=100), {"devices": ["d1"], "send_rate": 100}),
        (Notification(filter="Berlin"), {"filter": "Berlin"}),
        (Notification(conditions=[("A", "ANY")]), {"conditions": [["A", "ANY", ""]]}),
        (
            Notification(geozone=Geozone(lat=1, lng=2, range=3)),
            {"geozone": {"lat": 1, "lng": 2, "range": 3}},
        ),
    ],
)
async def test_only_what_is_set_is_sent(
    http_client: httpx.AsyncClient, notification: Notification, fields: dict[str, Any]
) -> None:
    """With a date, which the API wants, and an id; no null, no empty list, no default."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    result = await client_of(http_client).create_message(notification)
    [body] = bodies(route)
    [sent] = json.loads(body)["request"]["notifications"]
    assert sent == {**fields, "send_date": "now", "transactionId": result.transaction_ids[0]}


@respx.mock
async def test_headers_are_these(http_client: httpx.AsyncClient) -> None:
    """JSON both ways, nothing packed, the length known, who asks; no token and no cookie."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    await client_of(http_client).create_message(HI)
    [request] = [call.request for call in route.calls]
    assert request.method == "POST"
    assert dict(request.headers) == {
        "host": "api.example",
        "connection": "keep-alive",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": f"pushwoosh-async/{__version__}",
        "content-length": str(len(request.content)),
    }
    assert "token" not in str(request.url)


@respx.mock
async def test_cookies_are_not_sent_back(http_client: httpx.AsyncClient) -> None:
    """What an answer wants to be remembered is forgotten (S22)."""
    route = respx.post(URL + PATH).respond(
        json=accepted("CODE"), headers={"Set-Cookie": "session=1; Path=/"}
    )
    client = client_of(http_client)
    for _ in range(2):
        await client.create_message(HI)
    assert ["cookie" in call.request.headers for call in route.calls] == [False, False]


@respx.mock
@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://api.example", "https://api.example/json/1.3/createMessage"),
        ("https://api.example/", "https://api.example/json/1.3/createMessage"),
        ("https://api.example:8443", "https://api.example:8443/json/1.3/createMessage"),
        ("https://gw.example/push/v2", "https://gw.example/push/v2/json/1.3/createMessage"),
        ("https://gw.example/push/", "https://gw.example/push/json/1.3/createMessage"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x/json/1.3/createMessage"),
        ("http://[::1]:8080", "http://[::1]:8080/json/1.3/createMessage"),
    ],
)
async def test_prefix_of_the_base_url_is_kept(
    http_client: httpx.AsyncClient, base_url: str, address: str
) -> None:
    """Methods own their paths, below whatever path the base URL has."""
    route = respx.route().respond(json=accepted("CODE"))
    await client_of(http_client, base_url=base_url).create_message(HI)
    [call] = route.calls
    assert str(call.request.url) == address


@respx.mock
async def test_base_url_of_the_injected_client_does_not_matter() -> None:
    """Ours is the address: a client that has its own cannot lead the token elsewhere."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    async with httpx.AsyncClient(base_url="https://else.example/x") as http_client:
        await client_of(http_client).create_message(HI)
    assert route.call_count == 1


@respx.mock
async def test_group_takes_the_place_of_the_application(http_client: httpx.AsyncClient) -> None:
    """One of the two codes is sent, never both."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    client = client_of(http_client, application=None, applications_group="GROUP")
    await client.create_message(Notification(content="Hi", filter="Berlin"))
    [body] = bodies(route)
    request = json.loads(body)["request"]
    assert list(request) == ["applications_group", "notifications", "auth"]
    assert request["applications_group"] == "GROUP"


@respx.mock
async def test_token_is_escaped_as_json_wants_it(http_client: httpx.AsyncClient) -> None:
    """Quotes and backslashes in a token arrive as they are."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    token = 'a"b\\c/d{}'
    await client_of(http_client, api_token=token).create_message(HI)
    [body] = bodies(route)
    assert json.loads(body)["request"]["auth"] == token


@respx.mock
async def test_repeat_is_the_same_to_the_byte(http_client: httpx.AsyncClient) -> None:
    """Body and headers of a repeated call are those of the first (A2)."""
    route = respx.post(URL + PATH)
    route.side_effect = [
        httpx.ReadError("gone"),
        httpx.Response(500),
        httpx.Response(200, html="<p>"),
        httpx.Response(200, json=accepted("CODE")),
    ]
    await client_of(http_client).create_message([HI, Notification(content="Ho", users=["u2"])][:1])
    assert len(bodies(route)) == 4
    assert len(set(bodies(route))) == 1
    assert len({str(call.request.headers) for call in route.calls}) == 1


@respx.mock
async def test_broadcast_names_no_audience(http_client: httpx.AsyncClient) -> None:
    """On the wire it is a message without recipients: which is why nothing else may be one."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    result = await client_of(http_client).broadcast(
        Notification(content="Hi"), confirm="AAAAA-BBBBB"
    )
    [body] = bodies(route)
    assert json.loads(body)["request"]["notifications"] == [
        {"content": "Hi", "send_date": "now", "transactionId": result.transaction_ids[0]}
    ]


@respx.mock
@pytest.mark.parametrize("kind", ["users", "devices"])
async def test_chunk_of_a_run_is_a_message_like_another(
    http_client: httpx.AsyncClient, kind: str
) -> None:
    """The template's fields, the chunk's ids and id; each chunk its own request and its own id."""
    route = respx.post(URL + PATH).respond(json=accepted("CODE"))
    ids: Any = ['q"\\', "日本", *(f"u{number}" for number in range(23))]
    template = Notification(content="Hi", preset="P", extra={"x": 1})
    await client_of(http_client).fan_out(template, chunk_size=15, concurrency=1, **{kind: ids})
    requests = [json.loads(body)["request"] for body in bodies(route)]
    assert all(list(one) == ["application", "notifications", "auth"] for one in requests)
    sent = [one["notifications"][0] for one in requests]
    assert [one.pop(kind) for one in sent] == [ids[:15], ids[15:]]
    assert len({one.pop("transactionId") for one in sent}) == 2
    assert sent == [{"content": "Hi", "preset": "P", "x": 1, "send_date": "now"}] * 2


@respx.mock
@pytest.mark.parametrize(
    ("answer", "codes", "unknown"),
    [
        (accepted("C"), ("C",), {}),
        (accepted("CODE_NOT_AVAILABLE"), (None,), {}),
        (accepted(), (None,), {}),
        (accepted("C", unknown={"C": ["u1"]}), ("C",), {"C": ("u1",)}),
        (accepted("C", unknown={"": ["u1"]}), ("C",), {"": ("u1",)}),
        (accepted("C", unknown=["u1"]), ("C",), {"": ("u1",)}),
        (accepted("C", unknown=[]), ("C",), {"": ()}),
        ({"status_code": "200"}, (None,), {}),
        ({"status_code": 200, "response": None}, (None,), {}),
    ],
)
async def test_answer_is_read_in_every_shape_on_record(
    http_client: httpx.AsyncClient,
    answer: dict[str, Any],
    codes: Sequence[str | None],
    unknown: dict[str, Any],
) -> None:
    """Odd fields never turn an acceptance into a doubt."""
    respx.post(URL + PATH).respond(json=answer)
    result = await client_of(http_client).create_message(HI)
    assert result.message_codes == codes
    assert {key: ids for key, ids in result.unknown_devices.items() if ids} == {
        key: ids for key, ids in unknown.items() if ids
    }


@respx.mock
async def test_injected_client_is_not_closed(http_client: httpx.AsyncClient) -> None:
    """Whose it was, it stays, after success and failure."""
    respx.post(URL + PATH).respond(json={"status_code": 210, "status_message": "no"})
    async with client_of(http_client) as client:
        with pytest.raises(InvalidRequestError):
            await client.create_message(HI)
    assert not http_client.is_closed
