"""What becomes of an await whose caller has gone, and of one that finds no room?"""

import asyncio

import pytest

from pushwoosh_async import Accepted, Notification, QueueFullError

from .sender_world import World, settle, world

NOTE = Notification(content="Hello")


def begin(made: World, *users: str) -> "list[asyncio.Task[Accepted]]":
    """Begin a delivery to each."""
    return [asyncio.create_task(made.sender.send(NOTE, user=user)) for user in users]


async def ended(*tasks: "asyncio.Task[Accepted]") -> list[str]:
    """Return a word for what each came to."""
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(outcome).__name__ for outcome in outcomes]


async def test_who_is_cancelled_in_time_is_withdrawn() -> None:
    """Nothing is sent for it, and the others are not disturbed."""
    async with world("ok") as made:
        tasks = begin(made, "u1", "u2", "u3")
        await settle()
        tasks[1].cancel()
        await made.passes(0.05)
        assert await ended(*tasks) == ["Accepted", "CancelledError", "Accepted"]
        assert set(made.server.count) == {("Hello", "u1"), ("Hello", "u3")}
        assert tasks[0].result().recipients == 2


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancellation_counts_until_the_batch_leaves(turns: int) -> None:
    """Even where the cancelled task has no time to say so. What has left has a task that carries it."""
    async with world() as made:
        tasks = begin(made, "u1", "u2")
        await settle()
        known = asyncio.all_tasks()
        made.clock.advance(0.05)
        for _ in range(turns):
            await asyncio.sleep(0)
        left = bool(asyncio.all_tasks() - known)
        tasks[0].cancel()
        await settle()
        await made.answers("ok")
        assert (await ended(tasks[1])) == ["Accepted"]
        assert len(made.server.delivered) == (2 if left else 1)


async def test_what_a_hold_keeps_back_may_be_withdrawn() -> None:
    """After a 429 it does not leave before the hold is over."""
    async with world() as made:
        blocking = begin(made, "first")
        await settle()
        await made.passes(0.05)
        await made.answers("ok")
        await ended(*blocking)
        tasks = begin(made, "u1")
        await settle()
        await made.passes(0.05)
        await made.answers("429")
        tasks += begin(made, "u2")
        await settle()
        await made.passes(0.1)
        tasks[1].cancel()
        made.server.auto = "ok"
        await made.passes(10.0)
        assert await ended(*tasks) == ["Accepted", "CancelledError"]
        assert [user for _, user in made.server.delivered] == ["first", "u1"]


async def test_where_all_are_cancelled_nothing_is_sent() -> None:
    """And no task is left that would wait for it."""
    async with world("ok") as made:
        before = asyncio.all_tasks()
        tasks = begin(made, "u1", "u2")
        await settle()
        for task in tasks:
            task.cancel()
        await settle()
        assert asyncio.all_tasks() == before
        await made.passes(10.0)
        assert not made.server.seen


async def test_what_has_left_goes_on_without_its_caller() -> None:
    """It is delivered, once, and the others are told."""
    async with world() as made:
        tasks = begin(made, "u1", "u2")
        await settle()
        await made.passes(0.05)
        tasks[0].cancel()
        await settle()
        await made.answers("lost")
        await made.passes(20.0)
        await made.answers("ok")
        assert await ended(*tasks) == ["CancelledError", "Accepted"]
        assert made.server.count == {("Hello", "u1"): 1, ("Hello", "u2"): 1}


async def test_a_timeout_around_it_withdraws() -> None:
    """`asyncio.timeout`, before the notification has left."""
    async with world("ok") as made:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await made.sender.send(NOTE, user="u1")
        await made.passes(10.0)
        assert not made.server.seen


async def test_a_withdrawn_recipient_may_be_sent_to_again() -> None:
    """In the same notification."""
    async with world("ok") as made:
        tasks = begin(made, "u1", "u2")
        await settle()
        tasks[0].cancel()
        await settle()
        tasks += begin(made, "u1")
        await settle()
        await made.passes(0.05)
        assert await ended(*tasks) == ["CancelledError", "Accepted", "Accepted"]
        assert len(made.server.seen) == 1


async def test_a_full_notification_that_loses_one_waits_for_its_time() -> None:
    """It is full no longer, and the one after it takes the newcomers."""
    async with world(concurrency=1) as made:
        blocking = begin(made, "first")
        await settle()
        await made.passes(0.05)
        tasks = begin(made, *(f"u{number}" for number in range(1000)))
        await settle()
        tasks[0].cancel()
        await settle()
        await made.answers("ok")
        assert len(made.server.seen) == 1
        await made.passes(0.05)
        await made.answers("ok")
        assert await ended(*blocking, *tasks[1:]) == ["Accepted"] * 1000
        assert len(made.server.delivered) == 1000


# -- room -------------------------------------------------------------------------------------------


async def test_who_finds_no_room_is_told_at_once() -> None:
    """With `when_full="raise"`; there is room again when something is settled or withdrawn."""
    async with world("ok", max_pending=2, when_full="raise") as made:
        tasks = begin(made, "u1", "u2")
        await settle()
        with pytest.raises(QueueFullError, match="max_pending is 2, max_pending_bytes") as caught:
            await made.sender.send(NOTE, user="u3")
        assert caught.value.delivery == "not_sent"
        tasks[0].cancel()
        await settle()
        tasks += begin(made, "u4")
        await settle()
        await made.passes(0.05)
        assert await ended(*tasks) == ["CancelledError", "Accepted", "Accepted"]
        assert set(made.server.count) == {("Hello", "u2"), ("Hello", "u4")}


async def test_what_has_left_takes_room_until_it_is_settled() -> None:
    """Its caller may have gone."""
    async with world(max_pending=1, when_full="raise") as made:
        (task,) = begin(made, "u1")
        await settle()
        await made.passes(0.05)
        task.cancel()
        await settle()
        with pytest.raises(QueueFullError):
            await made.sender.send(NOTE, user="u2")
        await made.answers("ok")
        tasks = begin(made, "u3")
        await settle()
        await made.passes(0.05)
        await made.answers("ok")
        assert await ended(*tasks) == ["Accepted"]


async def test_bytes_are_bounded_too() -> None:
    """One that is larger than the bound is taken when nothing else is pending."""
    async with world("ok", max_pending_bytes=300, when_full="raise") as made:
        large = Notification(content="x" * 1000)
        task = asyncio.create_task(made.sender.send(large, user="u1"))
        await settle()
        with pytest.raises(QueueFullError):
            await made.sender.send(NOTE, user="u2")
        await made.passes(0.05)
        assert await ended(task) == ["Accepted"]
        small = begin(made, "u3", "u4", "u5", "u6")
        await settle()
        await made.passes(0.05)
        words = await ended(*small)
        assert words == ["Accepted"] * words.count("Accepted") + ["QueueFullError"] * (
            4 - words.count("Accepted")
        )
        assert 1 < words.count("Accepted") < 4


async def test_who_waits_for_room_comes_in_order() -> None:
    """First come, first served; and who is cancelled in line is not sent to."""
    async with world(max_pending=1) as made:
        tasks = begin(made, "u1", "u2", "u3", "u4")
        await settle()
        tasks[2].cancel()
        await settle()
        for _ in range(3):
            await made.passes(0.05)
            await made.answers("ok")
        assert await ended(*tasks) == ["Accepted", "Accepted", "CancelledError", "Accepted"]
        assert list(made.server.delivered) == [("Hello", user) for user in ("u1", "u2", "u4")]


async def test_nobody_overtakes_who_waits_for_room() -> None:
    """Not even one that is small enough for what is left."""
    async with world("ok", max_pending_bytes=600) as made:
        large = Notification(content="x" * 450)
        tasks = begin(made, "u1")
        tasks.append(asyncio.create_task(made.sender.send(large, user="u2")))
        tasks += begin(made, "u3")
        await settle()
        for _ in tasks:
            await made.passes(0.05)
        assert await ended(*tasks) == ["Accepted"] * 3
        assert [user for _, user in made.server.delivered] == ["u1", "u2", "u3"]
