"""What getPushHistory lists: rows as in the vendor's sample, searched, and page by page."""

from typing import Any

import pytest

from .caller import (
    APPLICATION,
    NOON_TEXT,
    TOMORROW,
    Caller,
    answer,
    code_of,
    envelope,
    ids,
    notification,
)
from .conftest import Start

# The first row of the seed's sample, ES:964-999, under our application.
SAMPLE: dict[str, Any] = {
    "id": 10191611434,
    "code": "8071-07AD1171-77238AD1",
    "createDate": "2020-09-14 12:26:21",
    "sendDate": "2020-09-14 12:26:21",
    "content": {"en": "Hello!"},
    "url": None,
    "ios_title": None,
    "ios_subtitle": None,
    "ios_root_params": None,
    "android_header": None,
    "android_root_params": None,
    "conditions": None,
    "conditions_operator": "AND",
    "filter_code": None,
    "filter_conditions": None,
    "filter_name": None,
    "geozone": None,
    "campaignId": "",
    "campaignName": "",
    "subscription_segments": None,
    "open": {APPLICATION: {"IOS": 0}},
    "sent": {APPLICATION: {"IOS": 20}},
    "ctr": {APPLICATION: 0},
}


async def rows(api: Caller, **fields: Any) -> list[dict[str, Any]]:
    """Return the rows of one page."""
    response = await api.call("getPushHistory", **fields)
    assert answer(response) == (200, 200, "OK")
    found = response.json()["response"]["rows"]
    assert isinstance(found, list)
    return found


async def test_sample(api: Caller) -> None:
    """A plain message is shown as the sample's is, key by key and in its order."""
    code = code_of(await api.send(ids(20), content={"en": "Hello!"}))

    (row,) = await rows(api)

    assert list(row) == list(SAMPLE)
    own = {"id": row["id"], "code": code, "createDate": NOON_TEXT, "sendDate": NOON_TEXT}
    assert row == {**SAMPLE, **own}
    assert type(row["id"]) is int


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"content": None}, {"content": []}),
        ({"link": "https://example.com"}, {"url": "https://example.com"}),
        ({"ios_title": {"en": "T"}}, {"ios_title": {"en": "T"}}),
        ({"android_header": "H"}, {"android_header": "H"}),
        ({"ios_root_params": {"aps": {}}}, {"ios_root_params": {"aps": {}}}),
        ({"campaign": "C-1"}, {"campaignId": "C-1", "campaignName": ""}),
        ({"title": "T"}, {"title": {"en": "T"}, "subtitle": [], "data": None}),
        ({"data": {"a": 1}}, {"title": [], "subtitle": [], "data": {"a": 1}}),
        ({"platforms": [11, 1]}, {"sent": {APPLICATION: {"CHROME": 20}}}),
        ({"send_date": TOMORROW}, {"sent": "", "open": "", "ctr": ""}),
    ],
)
async def test_forms(api: Caller, fields: dict[str, Any], shown: dict[str, Any]) -> None:
    """Each field is in its place, and what is empty is so in the vendor's ways."""
    await api.send(ids(20), **fields)

    (row,) = await rows(api)

    assert {name: row[name] for name in shown} == shown


async def test_audiences(api: Caller) -> None:
    """What chose the audience is shown; nobody is counted where it is not known who they are."""
    conditions = [["City", "EQ", "Paris"]]
    await api.create(notification(filter="Customers"))
    await api.create(notification(conditions=conditions, conditions_operator="OR"))
    await api.create(notification(geozone={"lat": 1, "lng": 2, "range": 3}))
    await api.target('T("City", ANY, "")')

    targeted, place, tagged, named = await rows(api)

    assert targeted["filter_conditions"] == 'T("City", ANY, "")'
    assert place["geozone"] == '{"lat": 1, "lng": 2, "range": 3}'
    assert (tagged["conditions"], tagged["conditions_operator"]) == (conditions, "OR")
    assert named["filter_name"] == "Customers"
    assert {str(row["sent"]) for row in (targeted, place, tagged, named)} == {""}


async def test_platforms(api: Caller) -> None:
    """Registered devices are counted by application and platform."""
    await api.register("a", device_type=1)
    await api.register("b", device_type=17)
    await api.register("c", device_type=17)
    await api.target('A("XXXXX-XXXXX")')

    (row,) = await rows(api)

    assert row["sent"] == {APPLICATION: {"IOS": 1, "HUAWEI_ANDROID": 2}}
    assert row["open"] == {APPLICATION: {"IOS": 0, "HUAWEI_ANDROID": 0}}


async def test_unknown(start: Start) -> None:
    """Ids that nobody has registered are not counted; where no other is left nothing is."""
    api = await start(unknown=ids(15))
    await api.send(ids(20))
    await api.send(ids(15))

    nobody, some = await rows(api)

    assert some["sent"] == {APPLICATION: {"IOS": 5}}
    assert nobody["sent"] == ""


async def test_pages(api: Caller) -> None:
    """Pages go from the newest to the oldest without a gap or an overlap, to an empty one."""
    made = [code_of(await api.send(ids(20))) for _ in range(25)]
    seen: list[str] = []
    last: object = 0
    sizes = []
    for _ in range(4):
        page = await rows(api, limitMessages=10, lastNotificationID=last)
        sizes.append(len(page))
        seen += [row["code"] for row in page]
        last = page[-1]["id"] if page else last

    assert sizes == [10, 10, 5, 0]
    assert seen == made[::-1]


async def test_page_while_sending(api: Caller) -> None:
    """A message that arrives meanwhile does not shift the next page."""
    made = [code_of(await api.send(ids(20))) for _ in range(12)]
    first = await rows(api, limitMessages=10)
    await api.send(ids(20))

    second = await rows(api, limitMessages=10, lastNotificationID=str(first[-1]["id"]))

    assert [row["code"] for row in second] == [made[1], made[0]]


@pytest.mark.parametrize("last", [None, "", 0, "0"])
async def test_beginning(api: Caller, last: object) -> None:
    """Null, nothing and zero are the beginning."""
    await api.send(ids(20))

    assert len(await rows(api, lastNotificationID=last)) == 1


async def test_default_page(start: Start) -> None:
    """A page has a thousand rows unless fewer are asked for."""
    api = await start(keep_messages=1001)
    await api.create(*[notification(users=ids(10))] * 1000)
    await api.create(notification(users=ids(10)))

    assert len(await rows(api)) == 1000
    assert len(await rows(api, limitMessages=999)) == 999


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"limitMessages": 9}, "Invalid limitMessages. Values from 10 to 1000 are valid."),
        ({"limitMessages": 1001}, "Invalid limitMessages. Values from 10 to 1000 are valid."),
        ({"limitMessages": "10"}, "Invalid limitMessages. Values from 10 to 1000 are valid."),
        ({"limitMessages": True}, "Invalid limitMessages. Values from 10 to 1000 are valid."),
        ({"lastNotificationID": "x"}, "Invalid lastNotificationID."),
        ({"lastNotificationID": -1}, "Invalid lastNotificationID."),
        ({"lastNotificationID": []}, "Invalid lastNotificationID."),
        ({"searchBy": "code", "value": "x"}, "Invalid searchBy."),
        ({"searchBy": ["code"], "value": "x"}, "Invalid searchBy."),
        ({"searchBy": "notificationID"}, "Invalid value."),
        ({"searchBy": "notificationID", "value": ""}, "Invalid value."),
        ({"searchBy": "notificationID", "value": ["x"]}, "Invalid value."),
    ],
)
async def test_refused(api: Caller, fields: dict[str, Any], message: str) -> None:
    """What is out of its range is refused with 210 and a null response."""
    response = await api.call("getPushHistory", **fields)

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] is None


async def test_search(start: Start) -> None:
    """Messages are found by id, code, application and campaign."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    made = []
    for application in ("AAAAA-AAAAA", "BBBBB-BBBBB"):
        sending = notification(users=ids(20), campaign=f"of {application}")
        made.append(code_of(await api.request(envelope([sending], application=application))))
    number = (await rows(api))[-1]["id"]

    for by, value in [
        ("notificationID", str(number)),
        ("notificationID", number),
        ("notificationCode", made[0]),
        ("applicationCode", "AAAAA-AAAAA"),
        ("campaignCode", "of AAAAA-AAAAA"),
    ]:
        found = await rows(api, searchBy=by, value=value)
        assert [row["code"] for row in found] == [made[0]], by
    assert await rows(api, searchBy="campaignCode", value="none") == []
    for nothing in (None, ""):
        assert len(await rows(api, searchBy=nothing, value="none")) == 2


@pytest.mark.parametrize(
    ("source", "count"), [(None, 1), ("", 1), ("API", 1), ("CP", 0), ("A/B Test", 0), ("api", 0)]
)
async def test_source(api: Caller, source: object, count: int) -> None:
    """All that is here came by the API."""
    await api.send(ids(20))

    assert len(await rows(api, source=source)) == count


async def test_untraced(api: Caller) -> None:
    """An immediate send to fewer than ten is not in the history, nor is a repeat or a refusal."""
    await api.send(ids(9))
    await api.send(ids(20), transactionId="t")
    await api.send(ids(20), transactionId="t")
    await api.send(ids(20), send_date="someday")

    assert len(await rows(api)) == 1
