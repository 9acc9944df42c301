"""Message codes, the code that is not available, and the ids that nobody knows."""

import re
from typing import Any

import pytest

from .caller import Caller, codes, ids, notification
from .conftest import Start

CODE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{8}-[0-9A-F]{8}")


async def test_shape(api: Caller) -> None:
    """Codes look like the vendor's and differ from request to request."""
    first, second = codes(await api.send(ids(20))), codes(await api.send(ids(20)))

    assert CODE.fullmatch(first[0])
    assert first != second


@pytest.mark.parametrize(
    ("fields", "available"),
    [
        ({"users": ids(9)}, False),
        ({"devices": ids(1)}, False),
        ({"users": ids(10)}, True),
        ({"users": ids(1), "send_date": "2026-11-21 10:00"}, True),
        ({"filter": "customers"}, True),
    ],
)
async def test_not_available(api: Caller, fields: dict[str, Any], *, available: bool) -> None:
    """An immediate send to fewer than ten ids has no code."""
    (code,) = codes(await api.create(notification(**fields)))

    assert (code != "CODE_NOT_AVAILABLE") == available


async def test_order(api: Caller) -> None:
    """Codes come in the order of the notifications."""
    messages = codes(await api.create(*(notification(users=ids(n)) for n in (9, 10, 1))))

    assert [each == "CODE_NOT_AVAILABLE" for each in messages] == [True, False, True]


@pytest.mark.parametrize("kind", ["users", "devices"])
async def test_unknown(start: Start, kind: str) -> None:
    """Unknown ids are reported under the message's code, and are not delivered to."""
    api = await start(unknown=["user-3", "user-5", "elsewhere"])

    response = await api.create(notification(**{kind: ids(12)}))

    (code,) = codes(response)
    assert response.json()["response"]["UnknownDevices"] == {code: ["user-3", "user-5"]}
    assert api.sandbox.truth().deliveries == 10
    assert api.sandbox.ledger.deliveries("user-3") == 0


async def test_unknown_without_code(start: Start) -> None:
    """Notifications without a code share the empty key for their unknown ids."""
    api = await start(unknown=["a", "b"])

    response = await api.create(notification(users=["a"]), notification(users=["b", "c"]))

    assert response.json()["response"]["UnknownDevices"] == {"": ["a", "b"]}
    assert api.sandbox.ledger.counts() == {"c": 1}


async def test_none_unknown(start: Start) -> None:
    """Where every id is known the answer has no UnknownDevices at all."""
    api = await start(unknown=["a"])

    response = await api.send(["b"])

    assert response.json()["response"] == {"Messages": ["CODE_NOT_AVAILABLE"]}
