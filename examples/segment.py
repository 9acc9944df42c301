"""Look at a segment in plain words, and send to it only if told so.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/segment.py                  # explains the segment, sends nothing
    python examples/segment.py --send           # sends

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import os
import sys

from pushwoosh_async import (
    App,
    DateTag,
    FilterError,
    PushwooshClient,
    StringTag,
    TargetedMessage,
    days_ago,
    explain,
)


async def main(*, send: bool) -> int:
    """Explain the segment; send to it on demand."""
    near = StringTag("City").in_("Paris", "Lyon")
    away = DateTag("Last Application Open").lte(days_ago(90))
    segment = App(os.environ["PUSHWOOSH_APPLICATION"], platforms=["iOS", "Android"]) & near & away
    print(segment)
    print(explain(segment))
    if not send:
        return 0

    message = TargetedMessage(
        content={"en": "We miss you, {Name|CapitalizeFirst|friend}!", "fr": "Revenez !"},
        devices_filter=segment,
    )
    async with PushwooshClient() as client:
        try:
            result = await client.create_targeted_message(message)
        except FilterError as error:  # the server could not compile it; nobody got it
            print(*(reason["message"] for reason in error.errors), sep="\n")
            return 1
    print(f"accepted, message code: {result.message_code or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(send="--send" in sys.argv[1:])))
