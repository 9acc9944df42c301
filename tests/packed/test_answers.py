"""What a pack's answer may hold: as many unknown ids as there are, and a code for each that was taken."""

import pytest
from connecting import Connect

from pushwoosh_async import Notification
from pushwoosh_async.sandbox import Sandbox

from .accounts import Hurried

pytestmark = pytest.mark.usefixtures("bare_environment")


async def test_whole_pack_of_unknown_ids_is_accepted(connect: Connect) -> None:
    """The answer names each of 60,000 ids, 2 MB of them: it is read, and nothing is sent twice for it."""
    ids = [f"user-{number:030d}" for number in range(60_000)]
    async with Sandbox(unknown=set(ids[100:]), repeat="210") as sandbox:
        client = connect(sandbox, clock=Hurried())
        report = await client.fan_out(
            Notification(content="Hi"), users=ids, notifications_per_request="max"
        )
        assert (report.accepted, report.unknown_devices) == (60_000, 59_900)
        assert (report.requests, report.retries) == (2, 0)
        assert sandbox.traffic().most_notifications == 59
