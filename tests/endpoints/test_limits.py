"""Who pays the client's limit, and who waits when the server asks everybody to."""

from typing import Any

import pytest
from fault_server import Script
from wire_clients import attempts

from pushwoosh_async import RateLimit, RateLimitedError
from pushwoosh_async.testing import FakeClock

from .coroutines import COROUTINES, READING, SENDING, Coroutine, each_coroutine, each_of
from .talk import envelope, says, talk

LIMIT = RateLimit(requests=2, per=10, burst=1)  # one each 5 seconds
FREE = [one for one in COROUTINES if not one.sends]
[DETAILS, *_] = READING


def accepted(*coroutines: Coroutine) -> list[Script]:
    """Answer each with success."""
    return [says(envelope(one.response) if one.wrapped else one.response) for one in coroutines]


async def run(*coroutines: Coroutine, clock: FakeClock, limit: RateLimit | None = LIMIT) -> None:
    """Make calls one after the other on one client."""
    async with talk(*accepted(*coroutines), clock=clock, rate_limit=limit) as (client, server):
        for one in coroutines:
            assert one.result(await one.call(client))
        assert len(server.complete) == len(coroutines)


@each_of(SENDING)
async def test_what_sends_pays(one: Coroutine) -> None:
    """The ceiling is shared by all three: createMessage, createTargetedMessage, createSMSMessage."""
    for other in SENDING:
        clock = FakeClock()
        await run(one, other, one, clock=clock)
        assert clock.monotonic() == pytest.approx(10.0)


@each_of(FREE)
async def test_what_sends_nothing_pays_nothing(one: Coroutine) -> None:
    """A hundred at once, and the next message does not wait for them."""
    clock = FakeClock()
    await run(*[one] * 100, SENDING[0], clock=clock)
    assert clock.sleeps == []


@each_of(FREE)
async def test_what_sends_nothing_does_not_wait_for_what_does(one: Coroutine) -> None:
    """A ceiling that is used up is no matter of theirs."""
    clock = FakeClock()
    await run(SENDING[0], one, one, clock=clock)
    assert clock.sleeps == []


@each_of(FREE)
async def test_repeats_of_what_sends_nothing_are_free_too(one: Coroutine) -> None:
    """Each attempt of a call that pays would pay."""
    clock = FakeClock()
    scripts = [says(envelope(None, 500), 500)] * 3 + accepted(one)
    options: Any = {"clock": clock, "rate_limit": LIMIT, "retry": attempts(4)}
    async with talk(*scripts, **options) as (client, _):
        await one.call(client)
    assert [pause for pause in clock.sleeps if pause] == []


@each_coroutine
async def test_a_429_holds_all_other_calls(one: Coroutine) -> None:
    """Whichever call it answers, and whichever comes after: the wait is the whole client's."""
    for other in COROUTINES:
        clock = FakeClock()
        slow = says(envelope(None, 429), 429, Retry_After="30")
        async with talk(slow, *accepted(other), clock=clock) as (client, server):
            with pytest.raises(RateLimitedError) as caught:
                await one.call(client)
            assert (caught.value.retry_after, caught.value.delivery) == (30.0, "not_sent")
            assert clock.sleeps == []
            assert other.result(await other.call(client))
            assert clock.sleeps == [30.0]
            assert len(server.complete) == 2


@each_coroutine
async def test_a_429_is_waited_out_by_its_own_call(one: Coroutine) -> None:
    """And the call succeeds after it."""
    clock = FakeClock()
    slow = says(envelope(None, 429), 429, Retry_After="30")
    async with talk(slow, *accepted(one), clock=clock, retry=attempts(2)) as (client, _):
        assert one.result(await one.call(client))
    assert clock.monotonic() == 30.0


async def test_hold_ends() -> None:
    """Afterwards nothing waits."""
    clock = FakeClock()
    slow = says(envelope(None, 429), 429, Retry_After="30")
    scripts = [slow, *accepted(DETAILS, DETAILS)]
    async with talk(*scripts, clock=clock) as (client, _):
        with pytest.raises(RateLimitedError):
            await DETAILS.call(client)
        await DETAILS.call(client)
        await DETAILS.call(client)
    assert clock.sleeps == [30.0]
