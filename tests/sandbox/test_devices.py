"""Devices, their users and their tags."""

from typing import Any

import pytest

from .caller import Caller, answer
from .conftest import Start


async def tags_of(api: Caller, **named: Any) -> dict[str, Any]:
    """Return what getTags tells."""
    response = await api.device("getTags", **named)
    assert answer(response) == (200, 200, "OK")
    result = response.json()["response"]["result"]
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("registerDevice", {"hwid": "new", "device_type": 1, "push_token": "p", "timezone": 3600}),
        ("unregisterDevice", {"hwid": "h"}),
        ("unregisterDevice", {"hwid": "nobody"}),
        ("registerUser", {"hwid": "h", "userId": "u", "tz_offset": 3600}),
        ("setTags", {"hwid": "h", "tags": {"City": "Paris"}}),
    ],
)
async def test_null(api: Caller, method: str, fields: dict[str, Any]) -> None:
    """What is carried out is answered with a null response."""
    await api.register("h")

    response = await api.device(method, **fields)

    assert response.json() == {"status_code": 200, "status_message": "OK", "response": None}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hwid": None}, "No hwid given"),
        ({"hwid": ""}, "No hwid given"),
        ({"hwid": 5}, "No hwid given"),
        ({"device_type": None}, "Invalid device type"),
        ({"device_type": "1"}, "Invalid device type"),
        ({"device_type": True}, "Invalid device type"),
        ({"device_type": 99}, "Invalid device type"),
        ({"push_token": ""}, "No push token given"),
        ({"push_token": 5}, "Invalid token: it must be a string"),
        ({"userId": 5}, "Invalid userId. It must be a string."),
        ({"tags": ["City"]}, "tags must be key-value object"),
        (
            {"tags": {"City": {"operation": "append"}}},
            "Invalid tags. A value must be a text, a number, a Boolean or a list.",
        ),
        (
            {"device_type": 18},
            "Invalid hwid. The phone number must be in E.164 format.",
        ),
    ],
)
async def test_register_refused(api: Caller, fields: dict[str, Any], message: str) -> None:
    """A registration that breaks a rule is refused, and registers nothing."""
    response = await api.device("registerDevice", **{"hwid": "h", "device_type": 3, **fields})

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] is None
    assert answer(await api.device("getTags", hwid="h"))[1] == 210


@pytest.mark.parametrize("method", ["unregisterDevice", "registerUser", "setTags", "getTags"])
async def test_no_hwid(api: Caller, method: str) -> None:
    """A method that says which device says it by its hwid."""
    response = await api.device(method)

    assert answer(response) == (200, 210, "No hwid given")


@pytest.mark.parametrize("method", ["registerUser", "setTags", "getTags"])
async def test_unknown_device(api: Caller, method: str) -> None:
    """A device that was not registered, or is no more, is not found."""
    await api.register("h")
    await api.device("unregisterDevice", hwid="h")

    assert answer(await api.device(method, hwid="h")) == (200, 210, "Device not found")


@pytest.mark.parametrize("method", ["setTags", "getTags"])
async def test_unknown_user(api: Caller, method: str) -> None:
    """A user without a device is not found."""
    await api.register("h", userId="u")

    assert answer(await api.device(method, userId="v")) == (200, 210, "User not found")


async def test_tags(api: Caller) -> None:
    """Tags come back as they were set, one by one; null removes one."""
    await api.register("h", tags={"City": "Paris", "Gone": None})
    await api.device("setTags", hwid="h", tags={"Age": 30, "Member": True, "Likes": ["a", "b"]})
    await api.device("setTags", hwid="h", tags={"City": None, "Age": 31})

    assert await tags_of(api, hwid="h") == {"Age": 31, "Member": True, "Likes": ["a", "b"]}


async def test_user_of_several(api: Caller) -> None:
    """A user's tags are those of all his devices, and are set on all of them."""
    await api.register("a", userId="u", tags={"A": 1})
    await api.register("b", tags={"B": 2})
    await api.register("c", userId="v", tags={"C": 3})
    await api.device("registerUser", hwid="b", userId="u")

    await api.device("setTags", userId="u", tags={"City": "Paris"})

    assert await tags_of(api, userId="u") == {"A": 1, "B": 2, "City": "Paris"}
    assert await tags_of(api, hwid="b") == {"B": 2, "City": "Paris"}
    assert await tags_of(api, userId="v") == {"C": 3}


async def test_user_by_default(api: Caller) -> None:
    """A device's user is its own hwid until it is given to another, and again without a userId."""
    await api.register("h", tags={"City": "Paris"})
    assert await tags_of(api, userId="h") == {"City": "Paris"}
    await api.device("registerUser", hwid="h", userId="u")
    assert answer(await api.device("getTags", userId="h"))[1] == 210

    await api.device("registerUser", hwid="h")

    assert await tags_of(api, userId="h") == {"City": "Paris"}


async def test_device_before_user(api: Caller) -> None:
    """Where both a device and a user are named the device alone is meant."""
    await api.register("a", userId="u")
    await api.register("b", userId="u")

    await api.device("setTags", hwid="a", userId="u", tags={"City": "Paris"})

    assert await tags_of(api, hwid="b") == {}


async def test_registered_again(api: Caller) -> None:
    """Registering again changes what is given and keeps the user and the tags."""
    await api.register("h", device_type=3, userId="u", tags={"A": 1, "B": 2})

    await api.register("h", device_type=1, tags={"B": 3})

    assert await tags_of(api, userId="u") == {"A": 1, "B": 3}
    await api.target('A("XXXXX-XXXXX", ["iOS"])')
    assert api.sandbox.ledger.counts() == {"h": 1}


async def test_per_application(start: Start) -> None:
    """A device has its tags in each application apart, and is unregistered from one at a time."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    await api.register("h", application="AAAAA-AAAAA", tags={"City": "Paris"})
    await api.register("h", application="BBBBB-BBBBB", tags={"City": "Rome"})

    await api.device("unregisterDevice", hwid="h", application="AAAAA-AAAAA")

    assert await tags_of(api, hwid="h", application="BBBBB-BBBBB") == {"City": "Rome"}
    missing = await api.device("getTags", hwid="h", application="AAAAA-AAAAA")
    assert answer(missing) == (200, 210, "Device not found")


async def test_ids_need_no_registration(api: Caller) -> None:
    """A list of ids is delivered to as it stands, also after the device was unregistered."""
    await api.register("h", userId="u")
    await api.device("unregisterDevice", hwid="h")

    await api.send(["u", "never registered"])

    assert api.sandbox.ledger.counts() == {"u": 1, "never registered": 1}
