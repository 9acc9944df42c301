"""A transactionId of the caller's own may have been used before: what a refusal of it proves."""

from pathlib import Path
from typing import Any

import pytest
from connecting import Connect

from pushwoosh_async import InvalidRequestError, Notification
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("bare_environment")

SENT = [
    Notification(content="Hi", users=[f"u{at}", f"v{at}"], transaction_id=f"order-{at}")
    for at in range(3)
]


@pytest.mark.parametrize("options", [{}, {"on_rejected": "bisect"}])
async def test_second_start_that_is_refused_is_in_doubt(
    connect: Connect, options: dict[str, Any]
) -> None:
    """The refusal may be of the repeat: nobody is called rejected, or sent to under fresh ids."""
    async with Sandbox(repeat="210") as sandbox:
        client = connect(sandbox)
        assert (await client.fan_out_each(SENT, notifications_per_request=1)).accepted == 6
        report = await client.fan_out_each(SENT, notifications_per_request=1, **options)
        assert (report.in_doubt, report.rejected, report.accepted) == (6, 0, 0)
        assert sandbox.truth().duplicates == 0


async def test_refused_scout_is_not_tried_again_as_rejected(
    connect: Connect, tmp_path: Path
) -> None:
    """A packed run begins with one alone; its refusal is no cleaner than that of the others."""
    async with Sandbox(repeat="210") as sandbox:
        client = connect(sandbox)
        await client.fan_out_each(SENT)
        journal = tmp_path / "journal"
        report = await client.fan_out_each(SENT, journal=journal)
        assert (report.in_doubt, report.rejected) == (6, 0)
        again = await client.fan_out_each(SENT, journal=journal, retry_rejected=True)
        assert (again.in_doubt, sandbox.truth().duplicates) == (6, 0)


async def test_single_call_that_is_refused_is_in_doubt(connect: Connect) -> None:
    """With an id of ours the same refusal is clean."""
    async with Sandbox(repeat="210", rejected_ids=["bad"]) as sandbox:
        client = connect(sandbox)
        await client.create_message(SENT[0])
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_message(SENT[0])
        assert caught.value.delivery == "in_doubt"
        with pytest.raises(InvalidRequestError) as clean:
            await client.create_message(Notification(content="Hi", users=["bad"]))
        assert clean.value.delivery == "rejected"


async def test_plan_tells_own_ids_apart(sandbox: Sandbox, connect: Connect) -> None:
    """Another id of one's own is another send; derived ones are not part of it."""
    client = connect(sandbox)
    other = [
        Notification(content="Hi", users=list(each.users or ()), transaction_id=f"{at}")
        for at, each in enumerate(SENT)
    ]
    hashes = {(await client.plan_each(each)).hash for each in (SENT, SENT, other)}
    assert len(hashes) == 2
