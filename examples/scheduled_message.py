"""Schedule a message with fields of single platforms, look at it, and take it back.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/scheduled_message.py user-1 user-2

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from pushwoosh_async import IOS, Android, Notification, PushwooshClient


async def main(users: list[str]) -> int:
    """Schedule, look, cancel, and read the history."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(second=0, microsecond=0)
    notification = Notification(
        content="The sale begins.",
        send_date=tomorrow,  # an aware datetime is one instant for everybody
        users=users,
        ios=IOS(badges="+1", interruption_level="time-sensitive", thread_id="sale"),
        android=Android(icon="sale.png", led="#ff8800", priority=1),
    )
    async with PushwooshClient() as client:
        result = await client.create_message(notification)
        code = result.message_codes[0]
        if code is None:  # so it is where a message goes out at once to fewer than ten devices
            print("accepted without a code: it can be neither looked at nor cancelled")
            return 1
        details = await client.get_message_details(code)
        print(f"{code} is {details.status}, and goes out at {details.send_date} UTC")
        await client.cancel_message(code)
        print("cancelled")
        async for row in client.get_push_history(search_by="notificationCode", value=code):
            print(f"in the history: {row.id} of {row.create_date}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} USER...")
    sys.exit(asyncio.run(main(sys.argv[1:])))
