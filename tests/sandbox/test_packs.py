"""Many notifications in one request: repeats among them, in whatever request they come, and limits."""

import json

import pytest

from pushwoosh_async.sandbox import Sandbox

from .caller import CREATE_MESSAGE, Caller, answer, codes, envelope, ids, notification
from .conftest import Start

LIMIT = 10_000_000


def pack(*names: str) -> list[dict[str, object]]:
    """Return a notification for each name: its transactionId, and the prefix of its ten users."""
    return [notification(users=ids(10, name), transactionId=name) for name in names]


def delivered(api: Caller) -> set[str]:
    """Return whose users were delivered to; nobody twice, and all or none of a notification's."""
    counts = api.sandbox.ledger.counts()
    names = {each.rpartition("-")[0] for each in counts}
    assert counts == {each: 1 for name in names for each in ids(10, name)}
    return names


async def test_repeats_of_a_pack_in_other_packs(api: Caller) -> None:
    """In halves, turned round, alone, or among strangers: a repeat keeps its code and is not sent."""
    named = dict(zip("abcd", codes(await api.create(*pack(*"abcd"))), strict=True))

    for names in ("ab", "cd", "dcba", "c", "a"):
        repeated = codes(await api.create(*pack(*names)))
        assert repeated == [named[name] for name in names]
    (new, old, newer) = codes(await api.create(*pack("e", "b", "f")))

    assert old == named["b"]
    assert len({new, newer, *named.values()}) == 6
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.duplicates) == (6, 11, 0)
    assert delivered(api) == set("abcdef")


async def test_first_alone_then_packed(api: Caller) -> None:
    """What was accepted alone, or in two packs, is known in a third."""
    alone = codes(await api.create(*pack("a")))
    halves = [*codes(await api.create(*pack("b", "c"))), *codes(await api.create(*pack("d")))]

    assert codes(await api.create(*pack(*"abcd"))) == alone + halves
    assert delivered(api) == set("abcd")


async def test_each_has_a_window_of_its_own(api: Caller) -> None:
    """In one request some may be forgotten, and others not."""
    await api.create(*pack("a", "b"))
    api.clock.now += 200
    await api.create(*pack("c", "d"))
    api.clock.now += 100

    await api.create(*pack(*"abcd"))

    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.duplicates) == (6, 2, 20)


async def test_repeats_dropped_without_a_code(start: Start) -> None:
    """Then there are fewer codes than notifications: those of the new ones, in their order."""
    api = await start(repeat="empty")
    first = codes(await api.create(*pack("a", "b")))

    rest = codes(await api.create(*pack("x", "a", "y", "b", "z")))

    assert len(rest) == 3
    assert not set(rest) & set(first)
    assert delivered(api) == set("abxyz")


@pytest.mark.parametrize("way", ["210", "409"])
async def test_refused_for_a_repeat_and_nothing_taken(start: Start, way: str) -> None:
    """The new ones are as if they had never come: alone they are fresh."""
    api = await start(repeat=way)
    await api.create(*pack("a", "b"))

    refused = await api.create(*pack("x", "a", "y", "b"))

    assert answer(refused)[1:] == (int(way), "Duplicate transactionId")
    assert delivered(api) == set("ab")
    assert len(codes(await api.create(*pack("x", "y")))) == 2


@pytest.mark.parametrize("way", ["210", "409"])
async def test_refused_for_a_repeat_though_the_rest_is_taken(start: Start, way: str) -> None:
    """The answer is the same, and the new ones were sent all the same: now they are repeats, too."""
    api = await start(repeat=way, sends_beside_repeat=True)
    await api.create(*pack("a", "b"))

    refused = await api.create(*pack("x", "a", "y", "b"))

    assert answer(refused)[1:] == (int(way), "Duplicate transactionId")
    assert refused.json()["response"] is None
    assert delivered(api) == set("abxy")
    again = await api.create(*pack("x"))
    assert answer(again)[1] == int(way)
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.replays, truth.rejected) == (4, 3, 0)


async def test_a_twin_in_the_same_pack_is_a_repeat(start: Start) -> None:
    """Where the rest is sent, the first of two is."""
    api = await start(repeat="210", sends_beside_repeat=True)

    refused = await api.create(*pack("a", "a", "b"))

    assert answer(refused)[1] == 210
    assert delivered(api) == set("ab")


@pytest.mark.parametrize("way", ["same_code", "empty"])
async def test_accepted_repeats_never_keep_the_rest_back(start: Start, way: str) -> None:
    """The option is about refusals alone."""
    api = await start(repeat=way, sends_beside_repeat=True)
    await api.create(*pack("a"))

    await api.create(*pack("x", "a"))

    assert delivered(api) == set("ax")


async def test_a_targeted_repeat_has_nothing_beside_it(start: Start) -> None:
    """One message a call: its repeat is refused, whatever becomes of others elsewhere."""
    api = await start(repeat="210", sends_beside_repeat=True)
    await api.target('T("City", ANY, "")', transactionId="t")

    again = await api.target('T("City", ANY, "")', transactionId="t")

    assert answer(again) == (200, 210, "Duplicate transactionId")


async def test_unknown_ids_of_several(start: Start) -> None:
    """Each notification's strangers stand under its own code; without codes they share a key."""
    api = await start(unknown=["a-3", "b-1", "c-0", "d-0"])
    little = [notification(users=[name]) for name in ("c-0", "d-0")]

    response = await api.create(*pack("a", "b"), *little)

    first, second, *_ = codes(response)
    assert response.json()["response"]["UnknownDevices"] == {
        first: ["a-3"],
        second: ["b-1"],
        "": ["c-0", "d-0"],
    }


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
async def test_a_full_pack(api: Caller, size: int, status: int) -> None:
    """A thousand notifications in ten million bytes are taken whole; one byte more, and none is."""
    sendings = [
        notification(users=ids(250, f"{n:026x}"), transactionId=str(n)) for n in range(1000)
    ]
    body = json.dumps({"request": envelope(sendings)}).encode()
    assert len(body) < LIMIT

    response = await api.http.post(CREATE_MESSAGE, content=body.ljust(size))

    assert response.status_code == status
    truth = api.sandbox.truth()
    if status == 200:
        assert len(set(codes(response))) == 1000
        assert (truth.recipients, truth.duplicates) == (250_000, 0)
    else:
        assert (truth.accepted, truth.rejected) == (0, 1)
        half = codes(await api.create(*sendings[:500]))
        assert len(half) == 500


async def test_the_limit_counts_requests(start: Start) -> None:
    """However many notifications are in one: the third request of a minute is refused whole."""
    api = await start(rate_limit=2)
    for number in range(2):
        several = [notification(users=[f"{number}-{each}"]) for each in range(900)]
        assert len(codes(await api.create(*several))) == 900

    response = await api.create(notification(users=["late"]))

    assert answer(response)[0] == 429
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.throttled, truth.recipients) == (1800, 1, 1800)


async def test_the_same_people_in_many_packs(start: Start) -> None:
    """The count is by recipient, over all notifications and requests."""
    api = await start()
    await api.create(
        *[notification(users=["a", f"b-{n}"], transactionId=str(n)) for n in range(500)]
    )
    await api.create(notification(users=["a"]), notification(users=["b-7"]))

    ledger = api.sandbox.ledger
    assert (ledger.deliveries("a"), ledger.deliveries("b-7"), ledger.deliveries("b-8")) == (
        501,
        2,
        1,
    )
    assert api.sandbox.truth().duplicates == 501


async def test_a_million_in_ten_packs(start: Start) -> None:
    """And a minute's worth of little ones: counted within seconds, and right."""
    api = await start(repeat="empty")
    body = [
        [
            notification(users=ids(1000, f"user-{first + n}"), transactionId=f"{first + n}")
            for n in range(100)
        ]
        for first in range(0, 1000, 100)
    ]
    for sendings in [*body, body[3]]:
        await api.create(*sendings)
    for first in range(0, 20_000, 500):
        await api.create(*[notification(users=[f"one-{first + n}"]) for n in range(500)])

    truth = api.sandbox.truth()
    assert (truth.recipients, truth.duplicates, truth.replays) == (1_020_000, 0, 100)


def test_unknown_way_with_bad_ones() -> None:
    """It is refused by name."""
    with pytest.raises(ValueError, match="bad_notification must be one of refuses_all, rest_sent"):
        Sandbox(bad_notification="other")  # type: ignore[arg-type]
