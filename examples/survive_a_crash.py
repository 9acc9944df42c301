"""Send to every id in a file so that a killed process can go on, and say who may have got it.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/survive_a_crash.py users.txt campaign.db "The sale has begun"

Kill it at any moment, and run the same line again: what was settled is not asked for again, and nobody
is sent to twice. Exit code 0: finished, and nobody is in doubt; 1: not so, see the report; 2: the journal
is of another send, or cannot be used.

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import sys

from pushwoosh_async import (
    IdFile,
    InputChangedError,
    JournalError,
    Notification,
    PushwooshClient,
    RunStoppedError,
    label_recipients,
    read_ids,
)


async def main(path: str, journal: str, text: str) -> int:
    """Send, or go on; print the report, and return the exit code."""
    ids = read_ids(path)
    try:
        async with PushwooshClient() as client:
            report = await client.fan_out(Notification(content=text), users=ids, journal=journal)
    except (InputChangedError, JournalError) as error:
        print(error, file=sys.stderr)
        return 2
    except RunStoppedError as error:  # a refused token, say: mend it, and run the same line again
        print(f"stopped: {error}; not sent: {error.report.not_sent}", file=sys.stderr)
        return 1
    print(f"accepted  {report.accepted}")
    print(f"rejected  {report.rejected}")
    print(f"in doubt  {report.in_doubt}")
    if report.in_doubt:
        await print_doubts(journal, ids)
    return 0 if report.accepted + report.rejected == report.total else 1


async def print_doubts(journal: str, ids: IdFile) -> None:
    """Name everybody who may have got it, or not: for a person to decide about."""
    async for label in label_recipients(journal, ids):
        if label.outcome == "in_doubt":
            print(f"in doubt: {label.id} ({label.reason})")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} FILE JOURNAL TEXT")
    sys.exit(asyncio.run(main(*sys.argv[1:])))
