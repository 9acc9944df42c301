"""The bytes that really cross the socket: where each call goes, what it says, where its token is."""

from typing import Any

import httpx
import httpx2
import pytest
from wire_clients import WAYS, Way, attempts, each_way

from pushwoosh_async import SMS, Device, PushwooshClient, RedirectError, TargetedMessage
from pushwoosh_async.endpoints.devices import Devices
from pushwoosh_async.endpoints.messages import Messages
from pushwoosh_async.endpoints.sms import SMSMessages
from pushwoosh_async.endpoints.statistics import Statistics

from .coroutines import COROUTINES, DEVICE, FILTER, Coroutine, each_coroutine, each_of
from .talk import API_TOKEN, APPLICATION, DEVICE_TOKEN, arguments, body, envelope, says, talk

HEADERS = {
    "host",
    "content-type",
    "accept",
    "accept-encoding",
    "user-agent",
    "content-length",
    "connection",
}


def answered(one: Coroutine) -> Any:
    """Answer a coroutine with success."""
    return says(envelope(one.response) if one.wrapped else one.response)


def test_the_table_is_complete() -> None:
    """Every public coroutine of the endpoint classes is in it; a broadcast is a createMessage."""
    public = {
        name
        for area in (Messages, SMSMessages, Devices, Statistics)
        for name in vars(area)
        if not name.startswith("_")
    }
    assert {one.name for one in COROUTINES} == public - {"broadcast"}
    assert all(issubclass(PushwooshClient, area) for area in (Messages, SMSMessages, Statistics))


@each_way
@each_coroutine
async def test_request_and_result(one: Coroutine, way: Way) -> None:
    """One POST to the method's path; its arguments with the API's names and types; its result."""
    async with talk(answered(one), way=way) as (client, server):
        assert one.result(await one.call(client))
    [request] = server.complete
    assert request.head.startswith(f"POST {one.target} HTTP/1.1\r\n".encode())
    assert request.headers["content-type"] == "application/json"
    assert body(request) == one.body
    token = {"authorization"} if one.header_token else set()
    assert set(request.headers) - HEADERS == token
    if one.header_token:
        assert request.headers["authorization"] == f"Token {one.header_token}"


@each_way
@each_coroutine
async def test_one_token_leaves_and_once(one: Coroutine, way: Way) -> None:
    """That which opens the method, in one place; no other token, no other place."""
    async with talk(answered(one), way=way) as (client, server):
        await one.call(client)
    [request] = server.complete
    leaving = request.head + request.body
    needed, other = API_TOKEN, DEVICE_TOKEN
    if one in DEVICE:
        needed, other = other, needed
    assert leaving.count(needed.encode()) == 1
    assert other.encode() not in leaving
    assert leaving.lower().count(b"authorization") == bool(one.header_token)
    assert (b'"auth"' in request.body) is (one.header_token is None)


@each_way
@each_coroutine
async def test_prefix_of_the_base_url_stands_before_every_path(one: Coroutine, way: Way) -> None:
    """For gateways; versions lie in the methods' own paths."""
    async with talk(answered(one), way=way, prefix="/gate/way") as (client, server):
        await one.call(client)
    assert server.complete[0].target == f"/gate/way{one.target}"


@pytest.mark.parametrize("way", WAYS)
async def test_header_is_made_anew_for_each_call(way: Way) -> None:
    """On one connection a call with a header leaves none behind for the next, and each has its own."""
    async with talk(way=way, max_connections=1, retry=attempts(1)) as (client, server):
        server.default = says({})
        server.play(says(envelope()), says(envelope()))
        await client.unregister_device("hw-1")
        await client.delete_message("AB-CD")
        await client.get_message_totals("AB-CD")
        server.default = says(envelope())
        await client.unregister_device("hw-2")
    seen = [request.headers.get("authorization") for request in server.complete]
    assert seen == [
        f"Token {DEVICE_TOKEN}",
        None,
        f"Token {API_TOKEN}",
        f"Token {DEVICE_TOKEN}",
    ]


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_auth_of_an_injected_client_does_not_replace_the_token(library: Any) -> None:
    """It would overwrite the header; where the token is in the body it is the client's own affair."""
    async with (
        library.AsyncClient(auth=("gateway", "password"), trust_env=False) as brought,
        talk(http_client=brought) as (client, server),
    ):
        await client.unregister_device("hw-1")
        await client.delete_message("AB-CD")
    seen = [request.headers["authorization"].split()[0] for request in server.complete]
    assert seen == ["Token", "Basic"]
    assert server.complete[0].headers["authorization"] == f"Token {DEVICE_TOKEN}"


@each_way
@each_of([one for one in COROUTINES if one.header_token])
async def test_redirect_is_not_followed(one: Coroutine, way: Way) -> None:
    """Nor by a client that follows them by itself: the header would go elsewhere."""
    async with talk() as (_, elsewhere):
        for status in (301, 302, 303, 307, 308):
            there = says({}, status, Location=f"{elsewhere.url}{one.target}")
            async with talk(there, way=way) as (client, server):
                with pytest.raises(RedirectError):
                    await one.call(client)
                assert len(server.complete) == 1
        assert elsewhere.connections == 0


# -- the ways to call one ----------------------------------------------------------------------


async def asked_by(call: Any, response: object = None) -> dict[str, Any]:
    """Make a call and return the arguments of its request."""
    async with talk(says(envelope(response))) as (client, server):
        await call(client)
    return arguments(server.complete[0])


async def test_details_by_id() -> None:
    """A number is sent as the text that the type column asks for [ES:691]."""
    message = {"message": {"id": 7}}
    asked = await asked_by(lambda client: client.get_message_details(2068991743), message)
    assert asked == {"message": "2068991743"}


async def test_totals_of_all_platforms() -> None:
    """Without platforms there is no such key."""
    async with talk(says({})) as (client, server):
        await client.get_message_totals("AB-CD")
    assert body(server.complete[0]) == {"message_code": "AB-CD"}


async def test_user_without_extras() -> None:
    """What was not given is not sent."""
    asked = await asked_by(lambda client: client.register_user("u1", hwid="hw-1"))
    assert asked == {"application": APPLICATION, "userId": "u1", "hwid": "hw-1"}


async def test_zero_is_given() -> None:
    """An offset of 0 is one."""
    asked = await asked_by(lambda client: client.register_user("u1", hwid="hw-1", tz_offset=0))
    assert asked["tz_offset"] == 0


@pytest.mark.parametrize(("argument", "key"), [("hwid", "hwid"), ("user_id", "userId")])
async def test_tags_of_a_device_or_a_user(argument: str, key: str) -> None:
    """Whose tags: one key for either."""
    asked = await asked_by(lambda client: client.set_tags({"Age": 1}, **{argument: "x"}))
    assert asked == {"application": APPLICATION, key: "x", "tags": {"Age": 1}}
    asked = await asked_by(lambda client: client.get_tags(**{argument: "x"}))
    assert asked == {"application": APPLICATION, key: "x"}


async def test_number_is_registered_as_a_device() -> None:
    """What an SMS needs: the number as hwid, type 18 [D-dev]."""
    number = Device(hwid="+1234567890", device_type=18, user_id="u1")
    asked = await asked_by(lambda client: client.register_device(number))
    assert asked == {
        "application": APPLICATION,
        "hwid": "+1234567890",
        "device_type": 18,
        "userId": "u1",
    }


async def test_unknown_keys_pass_through() -> None:
    """`extra` is sent as it stands, by each method that takes a model."""
    new = {"new": {"key": [1, None, "é"]}}
    device = Device(hwid="h", device_type=1, extra=new)
    assert (await asked_by(lambda client: client.register_device(device)))["new"] == new["new"]
    message = TargetedMessage(devices_filter=FILTER, extra=new)
    asked = await asked_by(lambda client: client.create_targeted_message(message))
    assert asked["new"] == new["new"]
    sms = SMS(content="Hi", phone_number="+1234567890", extra=new)
    asked = await asked_by(lambda client: client.create_sms_message(sms))
    assert asked["notifications"][0]["new"] == new["new"]


async def test_targeted_message_belongs_to_no_application() -> None:
    """The request is flat, and the client's own application is not in it [PHP PR#47]."""
    message = TargetedMessage(content="Hi", devices_filter=FILTER)
    asked = await asked_by(lambda client: client.create_targeted_message(message))
    assert set(asked) == {"content", "devices_filter", "send_date", "transactionId"}


@each_of([one for one in COROUTINES if APPLICATION not in str(one.asked)])
async def test_calls_that_need_no_application(one: Coroutine) -> None:
    """Codes are the account's: a client without an application can ask about them."""
    async with talk(answered(one), application=None) as (client, server):
        assert one.result(await one.call(client))
    assert len(server.complete) == 1
