"""What the requests of a sender measured: held against the vendor's limits on one request."""

import json

import pytest
from attrs import asdict

from pushwoosh_async.sandbox import Traffic

from .caller import APPLICATION, CREATE_MESSAGE, Caller, answer, envelope, ids, notification
from .conftest import Start


async def test_nothing_yet(api: Caller) -> None:
    """Before the first request all is 0."""
    assert api.sandbox.traffic() == Traffic()
    assert not any(asdict(Traffic()).values())


async def test_the_largest_of_each(api: Caller) -> None:
    """Each maximum is over all requests, whichever they came in."""
    sizes = []
    for lists in ([30, 2], [7] * 40, [500]):
        sendings = [notification(users=ids(size, "u" * (100 - size // 5))) for size in lists]
        body = json.dumps({"request": envelope(sendings)}).encode()
        sizes.append(len(body))
        assert answer(await api.http.post(CREATE_MESSAGE, content=body))[1] == 200

    assert sorted(sizes) == [sizes[0], sizes[2], sizes[1]]
    assert api.sandbox.traffic() == Traffic(
        requests=3, notifications=43, most_notifications=40, most_ids=500, largest_body=sizes[1]
    )


async def test_users_and_devices(api: Caller) -> None:
    """The longest of both lists counts, in whichever it is."""
    await api.create(notification(users=["u"], devices=ids(9)), notification(users=ids(8)))

    assert api.sandbox.traffic().most_ids == 9


@pytest.mark.parametrize(
    ("sendings", "expected"),
    [
        ([notification(users=ids(1001))], (1, 1001)),
        ([notification(users=["a"])] * 1001, (1001, 1)),
        ([], (0, 0)),
        ([notification(users="abc"), notification(users={"a": 1}, devices=None)], (2, 0)),
    ],
    ids=["ids", "notifications", "none", "no lists"],
)
async def test_what_is_over_a_limit_is_seen(
    api: Caller, sendings: list[dict[str, object]], expected: tuple[int, int]
) -> None:
    """It is refused, or not, and measured all the same."""
    await api.create(*sendings)

    traffic = api.sandbox.traffic()
    assert (traffic.most_notifications, traffic.most_ids) == expected
    assert (traffic.requests, traffic.notifications) == (1, len(sendings))


async def test_a_body_over_the_limit(start: Start) -> None:
    """It was larger than the limit, by how much nobody knows; what was in it neither."""
    api = await start(max_body=5000)
    await api.create(notification(users=["a"]))

    await api.create(notification(users=ids(5000)))

    traffic = api.sandbox.traffic()
    assert traffic.largest_body > 5000
    assert (traffic.requests, traffic.notifications, traffic.most_ids) == (2, 1, 1)


@pytest.mark.parametrize("fault", ["error_500_before", "html_after", None])
async def test_whatever_became_of_it(start: Start, fault: str | None) -> None:
    """Struck, refused by the limit, a repeat: it arrived."""
    api = await start(rate_limit=2)
    sendings = [notification(users=ids(3), transactionId=str(n)) for n in range(5)]
    await api.create(*sendings)
    api.sandbox.script([fault])
    await api.create(*sendings)
    await api.create(*sendings)

    assert api.sandbox.truth().throttled == 1
    traffic = api.sandbox.traffic()
    assert (traffic.requests, traffic.notifications, traffic.most_notifications) == (3, 15, 5)


async def test_what_cannot_be_read(api: Caller) -> None:
    """It has a size, and no notifications."""
    await api.http.post(CREATE_MESSAGE, content=b"{" * 77)

    assert api.sandbox.traffic() == Traffic(requests=1, largest_body=77)


async def test_a_refused_caller(api: Caller) -> None:
    """A wrong token does not make a request smaller."""
    await api.request(envelope([notification(users=["a"])] * 3, auth="x"))

    assert api.sandbox.traffic().most_notifications == 3


async def test_methods_that_send(api: Caller) -> None:
    """A targeted message and an SMS are one notification each; other methods are not measured."""
    await api.target('T("City", ANY, "")')
    sms = notification(devices=["+12345678901"], use_auto_registration=True)
    await api.call("createSMSMessage", application=APPLICATION, notifications=[sms])
    await api.call("getPushHistory", users=ids(2000))
    await api.call("other", notifications=[sms] * 9)
    await api.register("h")

    traffic = api.sandbox.traffic()
    assert (traffic.requests, traffic.notifications) == (2, 2)
    assert (traffic.most_notifications, traffic.most_ids) == (1, 1)


async def test_another_process_can_ask(api: Caller) -> None:
    """Over HTTP it is what it is in the process; asking changes nothing, and a reset forgets it."""
    await api.create(notification(users=ids(3)), notification(users=ids(4)))

    told = (await api.http.get("/sandbox/traffic")).json()

    assert told == asdict(api.sandbox.traffic())
    assert (told["requests"], told["most_ids"]) == (1, 4)
    await api.http.post("/sandbox/reset")
    assert api.sandbox.traffic() == Traffic()
