"""A transactionId inside its window, past it, and the four ways to answer a repeat."""

import time

import httpx
import pytest

from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.sandbox.transactions import Transactions

from .caller import Caller, ManualClock, answer, codes, envelope, ids, notification
from .conftest import Start

WAYS = ["same_code", "empty", "210", "409"]
USERS = ids(20)


def assert_answered(way: str, repeated: httpx.Response, first: httpx.Response) -> None:
    """Check that a repeat was answered in its way."""
    if way == "same_code":
        assert codes(repeated) == codes(first)
    elif way == "empty":
        assert codes(repeated) == []
    else:
        status = {"210": 200, "409": 409}[way]
        assert answer(repeated) == (status, int(way), "Duplicate transactionId")
        assert repeated.json()["response"] is None


@pytest.mark.parametrize("way", WAYS)
async def test_inside(start: Start, way: str) -> None:
    """A repeat just inside the window sends nothing, counts as a replay, and is answered so."""
    api = await start(repeat=way)
    first = await api.send(USERS, transactionId="t")
    api.clock.now += 299.999

    repeated = await api.send(USERS, transactionId="t")

    assert_answered(way, repeated, first)
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.deliveries, truth.rejected) == (1, 1, 20, 0)


@pytest.mark.parametrize("way", WAYS)
async def test_past(start: Start, way: str) -> None:
    """At the end of the window the same id is a fresh send: everybody gets it twice."""
    api = await start(repeat=way)
    first = await api.send(USERS, transactionId="t")
    api.clock.now += 300

    again = await api.send(USERS, transactionId="t")

    assert codes(again) != codes(first)
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.duplicates) == (2, 0, 20)


async def test_first_acceptance(api: Caller) -> None:
    """A repeat does not make the window longer."""
    await api.send(USERS, transactionId="t")
    api.clock.now += 200
    await api.send(USERS, transactionId="t")
    api.clock.now += 100

    await api.send(USERS, transactionId="t")

    assert api.sandbox.truth().accepted == 2


async def test_second_window(api: Caller) -> None:
    """A fresh send past the window starts a window of its own."""
    await api.send(USERS, transactionId="t")
    api.clock.now += 300
    await api.send(USERS, transactionId="t")
    api.clock.now += 299

    await api.send(USERS, transactionId="t")

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays) == (2, 1)


async def test_window_option(start: Start) -> None:
    """The window is as long as asked."""
    api = await start(window=3)
    await api.send(USERS, transactionId="t")
    api.clock.now += 3

    await api.send(USERS, transactionId="t")

    assert api.sandbox.truth().duplicates == 20


async def test_other_content(api: Caller) -> None:
    """A repeat is known by its id alone, whatever it carries: nobody else gets it either."""
    await api.send(["a"], transactionId="t")

    await api.send(["b"], transactionId="t")

    assert api.sandbox.ledger.counts() == {"a": 1}


async def test_per_application(start: Start) -> None:
    """The same id for another application is another send."""
    api = await start(applications=["AAAAA-AAAAA", "BBBBB-BBBBB"])
    for application in ("AAAAA-AAAAA", "BBBBB-BBBBB"):
        sending = notification(users=USERS, transactionId="t")
        await api.request(envelope([sending], application=application))

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays) == (2, 0)


@pytest.mark.parametrize("transaction_id", [None, ""])
async def test_no_id(api: Caller, transaction_id: str | None) -> None:
    """Without a transactionId, or with an empty one, nothing is protected."""
    for _ in range(2):
        await api.send(USERS, transactionId=transaction_id)

    assert api.sandbox.truth().duplicates == 20


async def test_rejected_id(api: Caller) -> None:
    """A refused notification does not use up its transactionId."""
    await api.send(USERS, transactionId="t", send_date="someday")

    await api.send(USERS, transactionId="t")

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.deliveries) == (1, 0, 20)


async def test_repeated_broadcast(api: Caller) -> None:
    """A repeated broadcast goes out once."""
    for _ in range(2):
        await api.create(notification(transactionId="t"))

    truth = api.sandbox.truth()
    assert (truth.broadcasts, truth.replays) == (1, 1)


async def test_repeat_without_code(api: Caller) -> None:
    """The first answer's code is repeated even when it was none."""
    for _ in range(2):
        assert codes(await api.send(["a"], transactionId="t")) == ["CODE_NOT_AVAILABLE"]


@pytest.mark.parametrize("way", WAYS)
async def test_mixed(start: Start, way: str) -> None:
    """Among several notifications the ledger knows each repeat, whatever request carries it."""
    api = await start(repeat=way)
    old = notification(users=ids(20, "old"), transactionId="old")
    new = notification(users=ids(20, "new"), transactionId="new")
    (first,) = codes(await api.create(old))

    response = await api.create(new, old)

    truth = api.sandbox.truth()
    assert (truth.replays, truth.duplicates) == (1, 0)
    if way in ("210", "409"):
        assert answer(response)[1] == int(way)
        assert (truth.accepted, truth.recipients) == (1, 20)
    else:
        (fresh, *rest) = codes(response)
        assert fresh != first
        assert rest == ([first] if way == "same_code" else [])
        assert (truth.accepted, truth.recipients) == (2, 40)


@pytest.mark.parametrize("way", WAYS)
async def test_several_repeats(start: Start, way: str) -> None:
    """Each repeat in a request counts as one replay."""
    api = await start(repeat=way)
    sendings = [notification(users=USERS, transactionId=each) for each in ("s", "t", "u")]
    await api.create(*sendings)

    await api.create(*sendings)

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays) == (3, 3)


@pytest.mark.parametrize("way", WAYS)
async def test_twice_in_one_request(start: Start, way: str) -> None:
    """Of two notifications with one id in one request at most one is sent."""
    api = await start(repeat=way)
    sending = notification(users=USERS, transactionId="t")

    await api.create(sending, sending)

    truth = api.sandbox.truth()
    assert truth.replays == 1
    assert truth.deliveries == (0 if way in ("210", "409") else 20)


def test_forgets() -> None:
    """What is out of its window is dropped, so that the memory has a bound."""
    clock = ManualClock()
    transactions = Transactions(300, clock)
    for number in range(1000):
        transactions.remember("application", str(number), "code")
        clock.now += 1
    assert transactions.code("application", "999") == "code"

    assert len(transactions) == 299


def test_forgets_many_at_once() -> None:
    """What a run of little messages leaves behind is dropped in one go, in far less than a second."""
    clock = ManualClock()
    transactions = Transactions(300, clock)
    for number in range(200_000):
        transactions.remember("application", str(number), "code")
    clock.now += 300

    began = time.monotonic()
    assert transactions.code("application", "199999") is None

    assert len(transactions) == 0
    # One by one from the front of a dict it took fifteen.
    assert time.monotonic() - began < 3


def test_unknown_way() -> None:
    """An unknown way to answer a repeat is refused by name."""
    with pytest.raises(ValueError, match="repeat must be one of same_code, empty, 210, 409"):
        Sandbox(repeat="other")  # type: ignore[arg-type]
