"""Does any request pass a limit, as the server saw it, and are there as many as the plan said?"""

from collections.abc import Sequence
from typing import Any

import pytest
from connecting import Connect
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async import Notification, PushwooshClient, RateLimit, SendPlan, SendReport
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock, client_options

from .accounts import assert_within_limits, names

TOKEN = "sandbox-token"

# How many ids, how long each is, how long the text is: from next to nothing to a request's worth.
shapes = st.tuples(st.integers(1, 30), st.integers(10, 1000), st.integers(0, 8_000))
packings = st.fixed_dictionaries(
    {
        "notifications_per_request": st.one_of(st.just("max"), st.integers(1, 9)),
        "max_request_bytes": st.integers(10_000, 60_000),
        "chunk_size": st.sampled_from([1, 7, 1000]),
    }
)


def notifications(wanted: Sequence[tuple[int, int, int]]) -> list[Notification]:
    """Return a notification of each shape; each id is another."""
    return [
        Notification(
            content="x" * (text + 1),
            users=[f"{at}-{number}".ljust(length, "-") for number in range(count)],
        )
        for at, (count, length, text) in enumerate(wanted)
    ]


def assert_as_planned(
    plan: SendPlan, report: SendReport, sandbox: Sandbox, most_bytes: int
) -> None:
    """Hold what arrived, once, without any fault, against the plan and the limits."""
    seen = sandbox.traffic()
    assert_within_limits(sandbox)
    assert (report.accepted, sandbox.truth().deliveries) == (plan.recipients, plan.recipients)
    assert (seen.requests, seen.notifications) == (plan.requests, plan.notifications)
    assert report.requests == plan.requests
    assert seen.most_notifications <= 1 or seen.largest_body <= most_bytes


@given(st.lists(shapes, min_size=1, max_size=60), packings)
@settings(max_examples=60)
async def test_any_mix_of_notifications(
    wanted: Sequence[tuple[int, int, int]], packing: dict[str, Any]
) -> None:
    """Whatever their sizes, each pack is under its limits, and there are as many as the plan said."""
    sent = notifications(wanted)
    async with Sandbox() as sandbox, PushwooshClient(**client_options(sandbox)) as client:
        plan = await client.plan_each(sent, **packing)
        report = await client.fan_out_each(sent, **packing)
    # One alone may be larger than a pack may be: nothing can be made of it that is smaller.
    single = max(len(each.content or "") + 1003 * len(each.users or ()) for each in sent) + 1000
    assert_as_planned(plan, report, sandbox, max(packing["max_request_bytes"], single))
    if packing["notifications_per_request"] != "max":
        most = packing["notifications_per_request"]
        assert sandbox.traffic().most_notifications <= most


@given(st.integers(1, 900), packings)
@settings(max_examples=40)
async def test_any_number_of_chunks(count: int, packing: dict[str, Any]) -> None:
    """The same of one notification for all."""
    note, users = Notification(content="Hello"), names(count)
    async with Sandbox() as sandbox, PushwooshClient(**client_options(sandbox)) as client:
        plan = await client.plan(note, users=users, **packing)
        report = await client.fan_out(note, users=users, **packing)
    assert_as_planned(plan, report, sandbox, max(packing["max_request_bytes"], 17_000))
    if plan.requests == 1:
        assert sandbox.traffic().largest_body == plan.bytes + len(TOKEN)


@pytest.mark.usefixtures("bare_environment")
async def test_at_the_vendors_rate(connect: Connect) -> None:
    """Under the rate limit, too, requests and seconds are those of the plan."""
    clock, note, users = FakeClock(), Notification(content="Hello"), names(5_000)
    options: dict[str, Any] = {"chunk_size": 1, "notifications_per_request": "max"}
    async with Sandbox(rate_limit=600, clock=clock.monotonic) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit(), timeout=30.0)
        plan = await client.plan(note, users=users, **options)
        report = await client.fan_out(note, users=users, **options)
    assert_as_planned(plan, report, sandbox, 4_000_000)
    assert sandbox.truth().throttled == 0
