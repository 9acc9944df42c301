"""One text message to one number: which numbers may get it, and what is refused."""

from typing import Any

import httpx
import pytest

from .caller import APPLICATION, TOMORROW, Caller, answer, code_of
from .conftest import Start

NUMBER = "+1234567890"


def text(**fields: Any) -> dict[str, Any]:
    """Return a text message; a field given as None is left out."""
    given = {"send_date": "now", "content": "Hello!", "devices": [NUMBER], **fields}
    return {name: value for name, value in given.items() if value is not None}


async def send(api: Caller, *notifications: object, **fields: Any) -> httpx.Response:
    """Call createSMSMessage."""
    request = {"application": APPLICATION, "notifications": list(notifications), **fields}
    return await api.call("createSMSMessage", **request)


async def test_registered(api: Caller) -> None:
    """A registered number is sent to; the answer has the shape of the seed's, with a real code."""
    await api.register(NUMBER, device_type=18)

    response = await send(api, text())

    code = code_of(response)
    assert response.json() == {
        "status_code": 200,
        "status_message": "OK",
        "response": {"Messages": [code]},
    }
    assert code != "CODE_NOT_AVAILABLE"
    assert api.sandbox.ledger.counts() == {NUMBER: 1}


@pytest.mark.parametrize("automatic", [None, False, 1, "true"])
async def test_stranger(api: Caller, automatic: object) -> None:
    """A number that is not registered is refused, unless it says true to be registered."""
    response = await send(api, text(use_auto_registration=automatic))

    assert answer(response) == (200, 210, "The phone number is not registered.")
    assert response.json()["response"] == {"Messages": []}
    assert api.sandbox.truth().deliveries == 0


async def test_auto_registration(api: Caller) -> None:
    """A number that is registered on the way stays registered."""
    code_of(await send(api, text(use_auto_registration=True)))

    code_of(await send(api, text()))

    assert answer(await api.device("getTags", hwid=NUMBER))[1] == 200


async def test_kept_registration(api: Caller) -> None:
    """Registering on the way leaves a number that is registered as it is."""
    await api.register(NUMBER, device_type=18, tags={"City": "Paris"})

    code_of(await send(api, text(use_auto_registration=True)))

    tags = (await api.device("getTags", hwid=NUMBER)).json()["response"]["result"]
    assert tags == {"City": "Paris"}


async def test_another_kind(api: Caller) -> None:
    """A device of another kind is no registered number, even under its name."""
    await api.register(NUMBER, device_type=3)

    assert answer(await send(api, text()))[1] == 210


async def test_another_application(start: Start) -> None:
    """A number is registered for one application."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    await api.register(NUMBER, device_type=18, application="AAAAA-AAAAA")

    assert answer(await send(api, text(), application="AAAAA-AAAAA"))[1] == 200
    assert answer(await send(api, text(), application="BBBBB-BBBBB"))[1] == 210


async def test_repeats_are_sent(api: Caller) -> None:
    """There is no transactionId here: the same message again is delivered again."""
    for _ in range(2):
        code_of(await send(api, text(use_auto_registration=True, transactionId="t")))

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.duplicates, truth.replays) == (2, 1, 0)


async def test_scheduled(api: Caller) -> None:
    """A scheduled one can be cancelled."""
    code = code_of(await send(api, text(use_auto_registration=True, send_date=TOMORROW)))

    assert answer(await api.call("cancelMessage", message=code))[1] == 200
    assert api.sandbox.truth().recalled == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"devices": NUMBER}, 'Invalid devices list. "devices" must be an array.'),
        ({"devices": None}, 'Invalid devices list. "devices" must be an array.'),
        ({"devices": []}, "Invalid devices list. Exactly one phone number is allowed."),
        ({"devices": [NUMBER] * 2}, "Invalid devices list. Exactly one phone number is allowed."),
        ({"content": None}, "Invalid content. It must be a string."),
        ({"content": ""}, "Invalid content. It must be a string."),
        ({"content": {"en": "Hello!"}}, "Invalid content. It must be a string."),
        ({"send_date": None}, "Cannot parse date"),
    ],
)
async def test_refused(api: Caller, fields: dict[str, Any], message: str) -> None:
    """What breaks a rule is refused with an empty list of codes, and sends nothing."""
    response = await send(api, text(use_auto_registration=True, **fields))

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] == {"Messages": []}
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.rejected) == (0, 1)


@pytest.mark.parametrize(
    "number",
    [
        "1234567890",
        "+0123456789",
        "+1",
        "+1234567890123456",
        "+12 345",
        "+1234567890\n",
        "+\u0661\u0662",
        1,
    ],
)
async def test_not_e164(api: Caller, number: object) -> None:
    """A number must be in E.164 format."""
    response = await send(api, text(use_auto_registration=True, devices=[number]))

    message = "Invalid devices list. The phone number must be in E.164 format."
    assert answer(response) == (200, 210, message)


@pytest.mark.parametrize(
    ("notifications", "message"),
    [
        ([], "Exactly one notification is allowed."),
        ([text()] * 2, "Exactly one notification is allowed."),
        (["text"], "A notification must be an object."),
        (None, "No notifications"),
    ],
)
async def test_one_notification(api: Caller, notifications: object, message: str) -> None:
    """A request holds exactly one message."""
    response = await send(api, notifications=notifications)

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] == {"Messages": []}
