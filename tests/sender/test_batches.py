"""Which awaits share a notification, which notifications share a request, and when does it leave?"""

import asyncio
from collections.abc import Iterable

import pytest

from pushwoosh_async import Accepted, Notification

from .sender_world import Asked, World, settle, world

NOTE = Notification(content="Hello")


def begin(
    made: World, users: Iterable[str], note: Notification = NOTE
) -> "list[asyncio.Task[Accepted]]":
    """Begin a delivery to each."""
    return [asyncio.create_task(made.sender.send(note, user=user)) for user in users]


def names(count: int) -> list[str]:
    """Name so many users."""
    return [f"u{number}" for number in range(count)]


def shapes(asked: Iterable[Asked]) -> list[list[int]]:
    """Return how many recipients each notification of each request has."""
    return [[len(each["users"]) for each in request.notifications] for request in asked]


async def prove(made: World) -> None:
    """Let the API accept one, so that requests may be shared."""
    (task,) = begin(made, ["first"])
    await settle()
    await made.passes(0.05)
    if made.server.waiting:
        await made.answers("ok")
    await task
    made.server.seen.clear()


async def test_equal_notifications_are_merged() -> None:
    """Two objects that say the same are one notification, with one transactionId."""
    async with world("ok") as made:
        tasks = begin(made, ["u1"]) + begin(made, ["u2"], Notification(content="Hello"))
        await settle()
        await made.passes(0.05)
        first, second = [await task for task in tasks]
        assert shapes(made.server.seen) == [[2]]
        assert first == second
        assert (first.recipients, first.unknown) == (2, False)
        assert first.message_code == f"CODE-{first.transaction_id}"


async def test_users_and_devices_are_not_merged() -> None:
    """One notification names users or devices, never both."""
    async with world("ok") as made:
        await prove(made)
        tasks = [*begin(made, ["same"]), asyncio.create_task(made.sender.send(NOTE, device="same"))]
        await settle()
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        (request,) = made.server.seen
        named = [sorted({"users", "devices"} & set(each)) for each in request.notifications]
        assert named == [["users"], ["devices"]]


async def test_different_notifications_share_a_request() -> None:
    """Each with an id of its own; as many as are allowed."""
    async with world("ok", notifications_per_request=3) as made:
        await prove(made)
        tasks = [
            task
            for number in range(7)
            for task in begin(made, [f"u{number}"], Notification(content=f"{number}"))
        ]
        await settle()
        await made.passes(0.05)
        outcomes = await asyncio.gather(*tasks)
        assert shapes(made.server.seen) == [[1, 1, 1], [1, 1, 1], [1]]
        assert len({outcome.transaction_id for outcome in outcomes}) == 7


async def test_a_merged_notification_leaves_alone() -> None:
    """So that a refusal of it is clean; those with one recipient share a request beside it."""
    async with world("ok") as made:
        await prove(made)
        tasks = begin(made, ["u1", "u2"])
        tasks += [begin(made, ["u3"], Notification(content=text))[0] for text in ("a", "b")]
        await settle()
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        assert sorted(shapes(made.server.seen)) == [[1, 1], [2]]


async def test_a_crowd_of_merged_notifications_shares_a_request() -> None:
    """Where more of them wait than requests may begin."""
    async with world("ok", concurrency=2) as made:
        await prove(made)
        tasks = [
            task
            for text in ("a", "b", "c")
            for task in begin(made, ["u1", "u2"], Notification(content=text))
        ]
        await settle()
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        assert shapes(made.server.seen) == [[2, 2, 2]]


async def test_a_full_notification_leaves_alone_in_any_crowd() -> None:
    """It gains nothing from sharing, and a refusal of it concerns a thousand."""
    async with world(concurrency=1) as made:
        await prove(made)
        tasks = begin(made, ["blocking"])
        await settle()
        await made.passes(0.05)
        tasks += begin(made, names(1000), Notification(content="full"))
        for text in ("a", "b", "c"):
            tasks += begin(made, ["u1", "u2"], Notification(content=text))
        await settle()
        await made.passes(0.05)
        await made.answers("ok", "ok", "ok")
        await asyncio.gather(*tasks)
        assert shapes(made.server.seen) == [[1], [1000], [2, 2, 2]]


async def test_one_notification_goes_alone_until_one_was_accepted() -> None:
    """A refused token then costs one, cleanly."""
    async with world() as made:
        tasks = [begin(made, ["u"], Notification(content=text))[0] for text in ("a", "b", "c")]
        await settle()
        await made.passes(0.05)
        assert shapes(made.server.seen) == [[1]]
        await made.answers("ok")
        assert shapes(made.server.seen) == [[1], [1, 1]]
        await made.answers("ok")
        await asyncio.gather(*tasks)


# -- when it leaves --------------------------------------------------------------------------------


async def test_it_leaves_when_the_first_has_waited_long_enough() -> None:
    """`max_delay` after the first of a notification came, with whoever came since."""
    async with world("ok", max_delay=0.2) as made:
        tasks = begin(made, ["u1"])
        await settle()
        await made.passes(0.15)
        tasks += begin(made, ["u2"])
        await settle()
        await made.passes(0.04)
        assert not made.server.seen
        await made.passes(0.02)
        assert shapes(made.server.seen) == [[2]]
        await asyncio.gather(*tasks)


async def test_a_full_notification_leaves_at_once() -> None:
    """A thousand recipients are all that it may have; the rest, and others, still wait."""
    async with world("ok") as made:
        tasks = begin(made, ["other"], Notification(content="Other")) + begin(made, names(1003))
        await settle()
        assert shapes(made.server.seen) == [[1000]]
        await made.passes(0.05)
        assert sorted(shapes(made.server.seen)) == [[1], [3], [1000]]
        await asyncio.gather(*tasks)


async def test_a_full_notification_does_not_go_before_one_that_waited_its_time() -> None:
    """Or full ones, one after the other, would keep it waiting for ever."""
    async with world(concurrency=1) as made:
        tasks = begin(made, ["blocking"])
        await settle()
        await made.passes(0.05)
        tasks += begin(made, ["u1"], Notification(content="waited"))
        await settle()
        await made.passes(0.05)
        tasks += begin(made, names(1000), Notification(content="full"))
        await settle()
        await made.answers("ok", "ok", "ok")
        await asyncio.gather(*tasks)
        assert shapes(made.server.seen) == [[1], [1], [1000]]


async def test_a_full_request_leaves_at_once() -> None:
    """By count of notifications."""
    async with world("ok", notifications_per_request=3) as made:
        await prove(made)
        for text in ("a", "b"):
            begin(made, ["u"], Notification(content=text))
        await settle()
        assert not made.server.seen
        begin(made, ["u"], Notification(content="c"))
        await settle()
        assert shapes(made.server.seen) == [[1, 1, 1]]


async def test_what_takes_many_bytes_leaves_at_once() -> None:
    """By bytes; and no request passes the limit."""
    async with world("ok", max_request_bytes=12_000) as made:
        await prove(made)
        tasks = [
            begin(made, ["u"], Notification(content=str(number) * 3000))[0] for number in range(5)
        ]
        await settle()
        sent = sum(map(sum, shapes(made.server.seen)))
        assert 0 < sent < 5
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        assert max(len(shape) for shape in shapes(made.server.seen)) < 4


async def test_a_merged_notification_stays_below_the_bytes_too() -> None:
    """Its recipients go on in another one."""
    async with world("ok", max_request_bytes=12_000) as made:
        users = [f"{number:0>1000}" for number in range(25)]
        tasks = begin(made, users)
        await settle()
        assert made.server.seen
        await made.passes(0.05)
        await asyncio.gather(*tasks)
        assert [user for _, user in made.server.delivered] == users
        assert max(len(str(each.notifications)) for each in made.server.seen) < 12_000


async def test_what_waits_for_a_free_request_goes_on_being_merged() -> None:
    """What cannot leave yet takes more recipients."""
    async with world(concurrency=1) as made:
        tasks = begin(made, ["u1"])
        await settle()
        await made.passes(0.05)
        for user in ("u2", "u3", "u4"):
            tasks += begin(made, [user])
            await settle()
            await made.passes(0.05)
        assert shapes(made.server.seen) == [[1]]
        await made.answers("ok")
        assert shapes(made.server.seen) == [[1], [3]]
        await made.answers("ok")
        await asyncio.gather(*tasks)


async def test_no_more_requests_are_in_flight_than_allowed() -> None:
    """Full notifications wait for each other."""
    async with world(concurrency=2) as made:
        tasks = begin(made, names(5000))
        await settle()
        while made.server.waiting:
            await made.answers("ok")
        await asyncio.gather(*tasks)
        assert made.server.most_waiting == 2
        assert shapes(made.server.seen) == [[1000]] * 5


# -- one await, one delivery ------------------------------------------------------------------------


async def test_two_sends_to_one_recipient_are_two_deliveries() -> None:
    """A recipient already in a notification opens another."""
    async with world("ok") as made:
        tasks = begin(made, ["u1", "u2", "u1", "u1"])
        await settle()
        await made.passes(0.05)
        outcomes = await asyncio.gather(*tasks)
        assert made.server.count == {("Hello", "u1"): 3, ("Hello", "u2"): 1}
        ids = [outcome.transaction_id for outcome in outcomes]
        assert ids[0] == ids[1]
        assert len({ids[0], ids[2], ids[3]}) == 3


async def test_every_object_is_sent_as_it_is() -> None:
    """Notifications that are made, sent and forgotten: none is taken for another."""
    async with world("ok", concurrency=1) as made:
        for number in range(300):
            tasks = begin(made, [f"u{number}"], Notification(content=f"text {number}"))
            await settle()
            await made.passes(0.05)
            await tasks[0]
            del tasks
        expected = {(f"text {number}", f"u{number}"): 1 for number in range(300)}
        assert made.server.count == expected


@pytest.mark.parametrize("others", [0, 100])
async def test_an_object_used_again_is_still_itself(others: int) -> None:
    """However many others were sent in between."""
    async with world("ok") as made:
        notes = [NOTE, *(Notification(content=f"{number}") for number in range(others)), NOTE]
        for number, note in enumerate(notes):
            begin(made, [f"u{number}"], note)
        await settle()
        await made.passes(0.05)
        await made.sender.flush()
        assert {("Hello", "u0"), ("Hello", f"u{others + 1}")} <= set(made.server.delivered)
