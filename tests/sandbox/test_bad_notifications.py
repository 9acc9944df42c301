"""A bad notification among good ones: the three ways in which a server may take it."""

from typing import Any

import pytest

from .caller import Caller, answer, codes, ids, notification
from .conftest import Start

WAYS = ["refuses_all", "rest_sent", "dropped"]
GOOD = [notification(users=ids(10, name), transactionId=name) for name in ("a", "b", "c")]
BAD: list[dict[str, Any]] = [
    notification(users=[*ids(10, "x"), "bad"], transactionId="x"),
    notification(users=ids(10, "x"), transactionId="x", send_date="someday"),
    notification(users=ids(1001, "x"), transactionId="x"),
    notification(devices="x", transactionId="x"),
    notification(users=ids(10, "x"), transactionId=7),
    notification(users=ids(10, "x"), transactionId="x", ios_root_params="{}"),
    notification(conditions=[["City"]], transactionId="x"),
]
REASONS = [
    "An id is not accepted.",
    "Cannot parse date",
    "Invalid users list. At most 1000 ids are allowed.",
    'Invalid devices list. "devices" must be an array.',
    "Invalid transactionId. It must be a string.",
    "ios_root_params must be key-value object",
    "Invalid condition. It must be [tag, operator, operand].",
]


async def begin(start: Start, way: str, **options: Any) -> Caller:
    """Start a sandbox that takes bad notifications in this way."""
    return await start(rejected_ids=["bad", "worse"], bad_notification=way, **options)


def delivered(api: Caller) -> str:
    """Return whose users were delivered to, all of them and each once."""
    counts = api.sandbox.ledger.counts()
    names = sorted({each[0] for each in counts})
    assert counts == {each: 1 for name in names for each in ids(10, name)}
    return "".join(names)


@pytest.mark.parametrize(("bad", "reason"), [*zip(BAD, REASONS, strict=True)], ids=REASONS)
@pytest.mark.parametrize("way", WAYS)
async def test_one_among_good_ones(
    start: Start, way: str, bad: dict[str, Any], reason: str
) -> None:
    """It refuses all, or the answer alone, or nothing but itself; and is never sent."""
    api = await begin(start, way)

    response = await api.create(GOOD[0], bad, *GOOD[1:])

    refused = way != "dropped"
    if refused:
        assert answer(response) == (200, 210, reason)
        assert response.json()["response"] is None
    else:
        assert len(set(codes(response))) == 3
    sent = way != "refuses_all"
    assert delivered(api) == ("abc" if sent else "")
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.rejected) == (3 if sent else 0, int(refused))


@pytest.mark.parametrize("way", ["rest_sent", "dropped"])
async def test_what_was_sent_is_remembered(start: Start, way: str) -> None:
    """The good ones are repeats from now on; the bad one, mended, is not."""
    api = await begin(start, way)
    await api.create(*GOOD, BAD[0])

    await api.create(*GOOD, notification(users=ids(10, "x"), transactionId="x"))

    assert delivered(api) == "abcx"
    assert api.sandbox.truth().replays == 3


async def test_what_was_refused_is_not(start: Start) -> None:
    """Where one refuses all, the others are fresh when they come again."""
    api = await begin(start, "refuses_all")
    await api.create(*GOOD, BAD[0])

    assert len(codes(await api.create(*GOOD))) == 3
    assert (delivered(api), api.sandbox.truth().replays) == ("abc", 0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [1, 3])
async def test_none_but_bad_ones(start: Start, way: str, number: int) -> None:
    """With no good one among them there is nothing to accept: refused in any way."""
    api = await begin(start, way)

    response = await api.create(*BAD[:number])

    assert answer(response) == (200, 210, REASONS[0])
    assert (delivered(api), api.sandbox.truth().rejected) == ("", 1)


@pytest.mark.parametrize("way", ["rest_sent", "dropped"])
async def test_the_first_reason_is_told(start: Start, way: str) -> None:
    """Of several bad ones the answer names one; the codes are those of the good ones, in order."""
    api = await begin(start, way)

    response = await api.create(BAD[1], GOOD[0], BAD[0], GOOD[1], BAD[2])

    if way == "rest_sent":
        assert answer(response) == (200, 210, "Cannot parse date")
    else:
        details = [await api.call("getMessageDetails", message=each) for each in codes(response)]
        assert [answer(each)[1] for each in details] == [200, 200]
    assert delivered(api) == "ab"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("listed", [["text"], [GOOD[0], None]], ids=repr)
async def test_what_is_no_object_refuses_all(start: Start, way: str, listed: list[object]) -> None:
    """It is no bad notification: it is none, and its request cannot be read."""
    api = await begin(start, way)

    response = await api.create(*listed)  # type: ignore[arg-type]

    assert answer(response) == (200, 210, "A notification must be an object.")
    assert delivered(api) == ""


@pytest.mark.parametrize("repeat", ["same_code", "empty", "210", "409"])
@pytest.mark.parametrize("beside", [False, True])
async def test_beside_a_repeat_dropped(start: Start, repeat: str, *, beside: bool) -> None:
    """Bad ones aside, the request is what it is without them."""
    api = await begin(start, "dropped", repeat=repeat, sends_beside_repeat=beside)
    plain = await start(repeat=repeat, sends_beside_repeat=beside)
    for each in (api, plain):
        await each.create(GOOD[0])

    mixed = await api.create(BAD[0], GOOD[1], GOOD[0], BAD[1], GOOD[2])
    unmixed = await plain.create(GOOD[1], GOOD[0], GOOD[2])

    assert (mixed.status_code, mixed.json()) == (unmixed.status_code, unmixed.json())
    assert api.sandbox.ledger.counts() == plain.sandbox.ledger.counts()
    assert api.sandbox.truth() == plain.sandbox.truth()


@pytest.mark.parametrize("repeat", ["same_code", "empty"])
async def test_beside_a_repeat_that_is_accepted(start: Start, repeat: str) -> None:
    """Where the bad one refuses, it does so whatever else is there; what is new is sent."""
    api = await begin(start, "rest_sent", repeat=repeat)
    await api.create(GOOD[0])

    response = await api.create(GOOD[0], BAD[0], GOOD[1])

    assert answer(response) == (200, 210, REASONS[0])
    assert delivered(api) == "ab"


async def test_one_bad_id_of_a_thousand(start: Start) -> None:
    """Nobody else in its list is sent to; everybody in the others is."""
    api = await begin(start, "dropped")
    lists = [ids(1000, name) for name in ("a", "b", "c")]
    lists[1][567] = "worse"

    given = codes(await api.create(*[notification(devices=each) for each in lists]))

    assert len(given) == 2
    assert set(api.sandbox.ledger.counts()) == {*lists[0], *lists[2]}
