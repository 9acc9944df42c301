"""Whom a notification's conditions choose among the registered devices, and what is no condition."""

from typing import Any

import pytest

from .caller import DAY, TOMORROW, Caller, answer, codes, envelope, notification
from .conftest import Start


async def populate(api: Caller, **fields: Any) -> None:
    """Register an iPhone in Paris, an Android in Rome, and a Chrome without a city."""
    await api.register("ann", device_type=1, tags={"City": "Paris", "Age": 17}, **fields)
    await api.register("bob", device_type=3, tags={"City": "Rome", "Age": 20}, **fields)
    await api.register("cid", device_type=11, tags={"Age": 40}, **fields)


PARIS, ADULT = ["City", "EQ", "Paris"], ["Age", "GTE", 18]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"conditions": [PARIS]}, "ann"),
        ({"conditions": [ADULT]}, "bob cid"),
        ({"conditions": [PARIS, ADULT]}, ""),
        ({"conditions": [PARIS, ADULT], "conditions_operator": "AND"}, ""),
        ({"conditions": [PARIS, ADULT], "conditions_operator": "OR"}, "ann bob cid"),
        ({"conditions": [["City", "NOTIN", ["Rome"]]]}, "ann"),
        ({"conditions": [["City", "NOTSET", ""]]}, "cid"),
        ({"conditions": [["Age", "BETWEEN", [17, 20]]]}, "ann bob"),
        ({"conditions": [ADULT], "platforms": [11]}, "cid"),
        ({"conditions": [ADULT], "platforms": []}, "bob cid"),
        # What nobody here can look up reaches none of them.
        ({"conditions": [ADULT], "filter": "Customers"}, ""),
        ({"filter": "Customers"}, ""),
        ({"conditions": [ADULT], "geozone": {"lat": 1, "lng": 2, "range": 3}}, ""),
        # A list of ids goes before.
        ({"conditions": [ADULT], "users": ["eve"]}, "eve"),
        ({"conditions": [ADULT], "devices": ["eve"]}, "eve"),
        ({"conditions": [ADULT], "users": []}, "bob cid"),
        # A broadcast is counted as such, and not entered name by name.
        ({"conditions": []}, ""),
    ],
)
async def test_chosen(api: Caller, fields: dict[str, Any], names: str) -> None:
    """Those that pass are delivered to, by hwid, and nobody else."""
    await populate(api)

    codes(await api.create(notification(**fields)))

    assert sorted(api.sandbox.ledger.counts()) == names.split()


async def test_application(start: Start) -> None:
    """Only devices of the request's application are chosen and counted, by their tags in any."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    await populate(api, application="AAAAA-AAAAA")
    await api.register("cid", application="BBBBB-BBBBB", device_type=11)

    later = notification(conditions=[ADULT], send_date=TOMORROW)
    await api.request(envelope([later], application="BBBBB-BBBBB"))
    api.wall.now += DAY

    assert api.sandbox.ledger.counts() == {"cid": 1}
    (row,) = (await api.call("getPushHistory")).json()["response"]["rows"]
    assert row["sent"] == {"BBBBB-BBBBB": {"CHROME": 1}}


async def test_group(start: Start) -> None:
    """Which applications are in a group is not known here, so conditions reach nobody in one."""
    api = await start(applications_groups=["GGGGG-GGGGG"])
    await populate(api)
    grouped = envelope(
        [notification(conditions=[ADULT])], application=None, applications_group="GGGGG-GGGGG"
    )

    codes(await api.request(grouped))

    assert api.sandbox.truth().deliveries == 0


@pytest.mark.parametrize(
    ("devices", "fields", "available"),
    [
        (0, {}, True),
        (1, {}, False),
        (9, {}, False),
        (10, {}, True),
        (10, {"platforms": [1]}, False),
        (9, {"send_date": TOMORROW}, True),
    ],
)
async def test_code(api: Caller, devices: int, fields: dict[str, Any], *, available: bool) -> None:
    """An immediate send has no code, and is forgotten, where conditions choose 1 to 9 devices."""
    for number in range(devices):
        await api.register(f"d-{number}", device_type=3 if number else 1, tags={"Age": 20})

    (code,) = codes(await api.create(notification(conditions=[ADULT], **fields)))

    assert (code != "CODE_NOT_AVAILABLE") == available
    rows = (await api.call("getPushHistory")).json()["response"]["rows"]
    assert [row["code"] for row in rows] == ([code] if available else [])
    assert api.sandbox.truth().deliveries == (1 if "platforms" in fields else devices)


@pytest.mark.parametrize(
    "condition",
    [
        "City",
        [],
        ["City", "EQ"],
        ["City", "ANY"],
        ["City", "EQ", "a", "b"],
        [5, "EQ", "a"],
        ["City", 5, "a"],
        ["City", "IS", "a"],
        ["City", "eq", "a"],
        ["City", "EQ", None],
        ["City", "EQ", ["a"]],
        ["City", "GTE", {}],
        ["City", "IN", "a"],
        ["City", "IN", []],
        ["City", "NOTIN", [["a"]]],
        ["City", "BETWEEN", 1],
        ["City", "BETWEEN", [1]],
        ["City", "BETWEEN", [1, 2, 3]],
        ["City", "BETWEEN", [1, None]],
    ],
)
async def test_no_condition(api: Caller, condition: object) -> None:
    """What is not a tag, an operator and an operand that fits it refuses the request."""
    response = await api.create(notification(conditions=[PARIS, condition]))

    message = "Invalid condition. It must be [tag, operator, operand]."
    assert answer(response) == (200, 210, message)
    assert api.sandbox.truth().accepted == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conditions": "City"}, "Invalid conditions. They must be an array."),
        ({"conditions": {"City": "Paris"}}, "Invalid conditions. They must be an array."),
        (
            {"conditions": [PARIS], "conditions_operator": "and"},
            "Invalid conditions_operator. It must be AND or OR.",
        ),
    ],
)
async def test_refused(api: Caller, fields: dict[str, Any], message: str) -> None:
    """Conditions are an array, joined by one of two words."""
    assert answer(await api.create(notification(**fields))) == (200, 210, message)
