"""What getMessageDetails shows, next to the vendor's own sample."""

from typing import Any

import pytest

from .caller import NOON_TEXT, Caller, code_of, ids

# The sample of the seed, ES:692-712, with the types that its reader has to cope with.
SAMPLE = {
    "id": 2068991743,
    "created": "2016-09-14 17:19:42",
    "send_date": "2016-09-14 17:19:41",
    "status": "done",
    "content": {"en": "Hello {Name|CapitalizeFirst|friend}!"},
    "platforms": "[1]",
    "ignore_user_timezone": "1",
    "code": "XXXX-92B4C3C5-A7F5EF70",
    "data": {"key": "value"},
}


async def details(api: Caller, message: object) -> dict[str, Any]:
    """Return what getMessageDetails tells."""
    response = await api.call("getMessageDetails", message=message)
    assert response.json()["status_code"] == 200
    found = response.json()["response"]["message"]
    assert isinstance(found, dict)
    return found


async def test_sample(api: Caller) -> None:
    """A message like the sample's is shown as the sample is: same keys, same types, same values."""
    fields = {"platforms": [1], "ignore_user_timezone": True, "data": {"key": "value"}}
    sent = await api.send(ids(20), content=SAMPLE["content"], **fields)

    found = await details(api, code_of(sent))

    assert list(found) == list(SAMPLE)
    assert [type(each) for each in found.values()] == [type(each) for each in SAMPLE.values()]
    own = {"id": found["id"], "code": code_of(sent), "created": NOON_TEXT, "send_date": NOON_TEXT}
    assert found == {**SAMPLE, **own}


async def test_by_id(api: Caller) -> None:
    """A message is found by its id, as a number or as text, as well as by its code."""
    first, second = [code_of(await api.send(ids(20))) for _ in range(2)]
    numbers = [(await details(api, code))["id"] for code in (first, second)]
    assert numbers[0] < numbers[1]

    assert (await details(api, numbers[0]))["code"] == first
    assert (await details(api, str(numbers[1])))["code"] == second


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"content": "Hi"}, {"content": {"en": "Hi"}}),
        ({"content": None}, {"content": []}),
        ({"content": {}}, {"content": []}),
        ({}, {"platforms": "[1,3,7,8,9,10,11,12,17]", "ignore_user_timezone": "0", "data": None}),
        ({"platforms": []}, {"platforms": "[1,3,7,8,9,10,11,12,17]"}),
        ({"platforms": [3, 11]}, {"platforms": "[3,11]"}),
        ({"ignore_user_timezone": False}, {"ignore_user_timezone": "0"}),
        ({"data": '{"key": [1]}'}, {"data": {"key": [1]}}),
        ({"data": "{"}, {"data": None}),
        ({"data": "[1]"}, {"data": None}),
    ],
)
async def test_forms(api: Caller, fields: dict[str, Any], shown: dict[str, Any]) -> None:
    """Each field is written in the vendor's form, whatever form it came in."""
    found = await details(api, code_of(await api.send(ids(20), **fields)))

    assert {name: found[name] for name in shown} == shown


async def test_targeted(api: Caller) -> None:
    """A targeted message has its details, too."""
    code = code_of(await api.target('A("XXXXX-XXXXX")', content={"de": "Hallo"}))

    found = await details(api, code)

    assert (found["content"], found["status"]) == ({"de": "Hallo"}, "done")
