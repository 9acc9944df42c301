"""Send one message to the users named on the command line.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/one_message.py user-1 user-2

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import sys

from pushwoosh_async import Notification, PushwooshClient


async def main(users: list[str]) -> None:
    """Send to these users, 1000 at most."""
    notification = Notification(
        title="Your order",
        content={"en": "It is on its way.", "de": "Sie ist unterwegs."},
        data={"screen": "orders"},
        users=users,
    )
    # Token, application and base URL come from the environment.
    async with PushwooshClient() as client:
        result = await client.create_message(notification)

    # No code is no failure: the API gives none to a message for fewer than ten devices.
    print(f"accepted, message code: {result.message_codes[0] or 'none'}")
    for ids in result.unknown_devices.values():
        print(f"not known to the application: {', '.join(ids)}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} USER...")
    asyncio.run(main(sys.argv[1:]))
