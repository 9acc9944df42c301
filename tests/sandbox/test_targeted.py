"""createTargetedMessage: its answers, its repeats, its refusals, and whom the ledger names."""

from typing import Any

import httpx
import pytest

from .caller import APPLICATION, TOKEN, TOMORROW, Caller, answer, code_of, envelope, notification
from .conftest import Start

EVERYBODY = f'A("{APPLICATION}")'
WAYS = ["same_code", "empty", "210", "409"]


async def test_answer(api: Caller) -> None:
    """The answer has the shape of the seed's, ES:748-753."""
    response = await api.target(EVERYBODY)

    assert response.json() == {
        "status_code": 200,
        "status_message": "OK",
        "response": {"messageCode": code_of(response)},
    }


async def test_deliveries(api: Caller) -> None:
    """The devices in the set are delivered to, by hwid; the others are not."""
    await api.register("h-1", userId="u", tags={"City": "Paris"})
    await api.register("h-2", userId="u", tags={"City": "Rome"})
    await api.register("h-3", tags={"City": "Paris"})

    code = code_of(await api.target(f'{EVERYBODY} * T("City", EQ, "Paris")'))

    assert code != "CODE_NOT_AVAILABLE"
    assert api.sandbox.ledger.counts() == {"h-1": 1, "h-3": 1}
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.broadcasts) == (1, 0)


async def test_nobody(api: Caller) -> None:
    """A set that is empty is accepted, gets a code, and reaches nobody."""
    code_of(await api.target(EVERYBODY))

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.deliveries, truth.broadcasts) == (1, 0, 0)


async def test_not_push(api: Caller) -> None:
    """A push does not reach a phone number or a mail address."""
    await api.register("+1234567890", device_type=18)
    await api.register("whatsapp:+1234567890", device_type=21)
    await api.register("h", device_type=11)

    await api.target(EVERYBODY)

    assert api.sandbox.ledger.counts() == {"h": 1}


async def test_several_applications(start: Start) -> None:
    """A device in several applications is delivered to once, and counted where the filter says."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    for application in ("AAAAA-AAAAA", "BBBBB-BBBBB"):
        await api.register("h", application=application, tags={"City": "Paris"})
    sets = ['T("City", EQ, "Paris")', 'A("BBBBB-BBBBB")', 'AT("BBBBB-BBBBB", "City", ANY, "")']
    for text in sets:
        await api.target(text)

    rows = (await api.call("getPushHistory")).json()["response"]["rows"]

    assert api.sandbox.ledger.counts() == {"h": 3}
    assert [list(row["sent"]) for row in rows[::-1]] == [
        ["AAAAA-AAAAA"],
        ["BBBBB-BBBBB"],
        ["BBBBB-BBBBB"],
    ]


async def test_scheduled(api: Caller) -> None:
    """A scheduled one can be cancelled."""
    await api.register("h")
    code = code_of(await api.target(EVERYBODY, send_date=TOMORROW))

    assert answer(await api.call("cancelMessage", message=code))[1] == 200
    assert api.sandbox.truth().recalled == 1


async def test_kept_without_token(start: Start) -> None:
    """Kept notifications have all the fields of the flat request but the token."""
    api = await start(keep_notifications=True)
    await api.target(EVERYBODY, ios_title="T")

    (kept,) = api.sandbox.ledger.notifications

    assert kept["ios_title"] == "T"
    assert TOKEN not in str(kept)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"devices_filter": None}, "No devices_filter given"),
        ({"devices_filter": ["A"]}, "No devices_filter given"),
        ({"send_date": None}, "Cannot parse date"),
        ({"send_date": "someday"}, "Cannot parse date"),
        ({"transactionId": 7}, "Invalid transactionId. It must be a string."),
        ({"android_root_params": "x"}, "android_root_params must be key-value object"),
        # What the vendor said of a request in createMessage's form [PHP PR#47].
        ({"notifications": []}, "API token or application is not set"),
    ],
)
async def test_refused(api: Caller, fields: dict[str, Any], message: str) -> None:
    """What breaks a rule is refused with a null response, and sends nothing."""
    await api.register("h")

    response = await api.target(**{"devices_filter": EVERYBODY, **fields})

    assert answer(response) == (200, 210, message)
    assert response.json()["response"] is None
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.deliveries, truth.rejected) == (0, 0, 1)


async def test_syntax_error(api: Caller) -> None:
    """A filter that does not compile is refused in the shape of the seed's, ES:758-767."""
    response = await api.target('T("City", EQ, "Paris"', transactionId="t")

    assert answer(response) == (200, 210, "Errors occurred while compiling the filter")
    errors = [{"message": 'Expected ")" at position 21.', "type": "syntax"}]
    assert response.json()["response"] == {"errors": errors}
    assert api.sandbox.truth().rejected == 1
    # A refused message does not use up its transactionId.
    code_of(await api.target(EVERYBODY, transactionId="t"))
    assert api.sandbox.truth().replays == 0


@pytest.mark.parametrize(
    "text",
    [
        'A("ABCDE-FGHIJ")',
        f'{EVERYBODY} + A("ABCDE-FGHIJ", ["iOS"])',
        'AT("ABCDE-FGHIJ", "City", EQ, "Paris")',
        f'{EVERYBODY} \\ A("ABCDE-FGHIJ")',
    ],
)
async def test_unknown_application(api: Caller, text: str) -> None:
    """A filter that names an application of nobody's, wherever in it, is refused and sends nothing."""
    await api.register("h")

    response = await api.target(text, transactionId="t")

    assert answer(response) == (200, 210, "Application not found")
    assert response.json()["response"] is None
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.deliveries, truth.rejected) == (0, 0, 1)
    # A refused message does not use up its transactionId.
    code_of(await api.target(EVERYBODY, transactionId="t"))
    assert api.sandbox.truth().replays == 0


def assert_answered(way: str, repeated: httpx.Response, first: httpx.Response) -> None:
    """Check that a repeat was answered in its way."""
    if way == "same_code":
        assert code_of(repeated) == code_of(first)
    elif way == "empty":
        assert answer(repeated) == (200, 200, "OK")
        assert repeated.json()["response"] == {}
    else:
        status = {"210": 200, "409": 409}[way]
        assert answer(repeated) == (status, int(way), "Duplicate transactionId")
        assert repeated.json()["response"] is None


@pytest.mark.parametrize("way", WAYS)
async def test_inside(start: Start, way: str) -> None:
    """A repeat just inside the window sends nothing, counts as a replay, and is answered so."""
    api = await start(repeat=way)
    await api.register("h")
    first = await api.target(EVERYBODY, transactionId="t")
    api.clock.now += 299.999

    repeated = await api.target(EVERYBODY, transactionId="t")

    assert_answered(way, repeated, first)
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.deliveries, truth.rejected) == (1, 1, 1, 0)


@pytest.mark.parametrize("way", WAYS)
async def test_past(start: Start, way: str) -> None:
    """At the end of the window the same id is a fresh send."""
    api = await start(repeat=way)
    await api.register("h")
    first = await api.target(EVERYBODY, transactionId="t")
    api.clock.now += 300

    again = await api.target(EVERYBODY, transactionId="t")

    assert code_of(again) != code_of(first)
    assert api.sandbox.truth().duplicates == 1


@pytest.mark.parametrize("transaction_id", [None, ""])
async def test_no_id(api: Caller, transaction_id: str | None) -> None:
    """Without a transactionId, or with an empty one, nothing is protected."""
    await api.register("h")
    for _ in range(2):
        await api.target(EVERYBODY, transactionId=transaction_id)

    assert api.sandbox.truth().duplicates == 1


async def test_beside_create_message(api: Caller) -> None:
    """An id that createMessage was given is fresh here."""
    await api.request(envelope([notification(users=["a"], transactionId="t")]))

    await api.target(EVERYBODY, transactionId="t")

    assert (api.sandbox.truth().accepted, api.sandbox.truth().replays) == (2, 0)
