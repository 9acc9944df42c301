"""A program that does all that the library can, shows all that it gets, and logs all that anybody says.

Run by test_token_written.py in a process of its own: ``everything_program.py WAY FOLDER``.
"""

# ruff: noqa: T201 -- to show things is what it is for

import asyncio
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from canary import CONTENT, USER

from pushwoosh_async import (
    SMS,
    App,
    BatchingSender,
    Device,
    LoggingHooks,
    Notification,
    PushwooshClient,
    PushwooshError,
    RetryPolicy,
    TargetedMessage,
    label_recipients,
    read_journal,
    read_status,
)

log = logging.getLogger(__name__)
NOTE = Notification(content=CONTENT)
LATER = Notification(content=CONTENT, send_date=datetime(2099, 1, 1, tzinfo=UTC))
USERS = [f"{USER}-{number}" for number in range(60)]


async def messages(client: PushwooshClient) -> None:
    """Send one by one, until every fault that the sandbox was told was met."""
    for _ in range(8):
        try:
            print(await client.create_message(Notification(content=CONTENT, users=[USER])))
        except PushwooshError:
            log.exception("failed")
    await client.create_targeted_message(
        TargetedMessage(content=CONTENT, devices_filter=App("XXXXX-XXXXX"))
    )
    await client.create_sms_message(
        SMS(content=CONTENT, phone_number="+1234567890", use_auto_registration=True)
    )
    print([row async for row in client.get_push_history()])


async def devices(client: PushwooshClient) -> None:
    """Ask with the other token, which travels in a header."""
    await client.register_device(Device(hwid=USER, device_type=1, push_token="f" * 64))
    await client.set_tags({"Name": CONTENT}, hwid=USER)
    print(await client.get_tags(hwid=USER))
    try:
        print(await client.get_message_totals("AB-CD"))
    except PushwooshError:
        log.exception("failed")


async def runs(client: PushwooshClient, folder: Path) -> None:
    """Send to many, in each way, with journals; take one back, look for its doubts, read it."""
    journal = folder / "later.journal"
    async with client.fan_out(LATER, users=USERS, chunk_size=10, journal=journal) as run:
        async for outcome in run:
            print(outcome, run.progress)
    print(run.report, await client.recall(journal), await client.reconcile(journal))
    record = read_journal(journal)
    print(record, record.report, read_status(journal))
    print([label async for label in label_recipients(journal, USERS)])
    each = [Notification(content=CONTENT, users=[user]) for user in USERS]
    print(await client.fan_out_each(each, journal=folder / "each.journal", store_ids=True))
    async with BatchingSender(client) as sender:
        print(await asyncio.gather(*(sender.send(NOTE, user=user) for user in USERS)))


async def main(way: Literal["httpx", "aiohttp"], folder: Path) -> None:
    """Do everything; at last ask a client that was closed, which ends the program with a traceback."""
    asyncio.get_running_loop().slow_callback_duration = 0  # each callback is described by asyncio
    client = PushwooshClient(
        transport=way,
        rate_limit=None,
        timeout=0.5,
        retry=RetryPolicy(max_attempts=2, base_delay=0.01),
        hooks=LoggingHooks(),
    )
    async with client:
        print(client, vars(client))
        await messages(client)
        await devices(client)
        await runs(client, folder)
    await client.broadcast(NOTE, confirm="XXXXX-XXXXX")


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))  # type: ignore[arg-type]
