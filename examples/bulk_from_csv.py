"""Send one message to every id in a column of a CSV file, and say what became of everybody.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/bulk_from_csv.py users.csv user_id "The sale has begun"

The file may be of any size: it is read as it is sent. `users.csv.gz` works too. Exit code 0: everybody
was accepted; 1: not everybody, see the report; 2: the input is wrong.

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import sys

from pushwoosh_async import (
    ConfigurationError,
    Notification,
    PushwooshClient,
    PushwooshError,
    RecipientCounts,
    SendReport,
    read_ids,
)


async def main(path: str, column: str, text: str) -> int:
    """Send, print the report, and return the exit code."""
    try:
        ids = read_ids(path, column=column)
        async with PushwooshClient() as client:
            # dedupe: an id that comes twice in the file gets one message.
            report = await client.fan_out(Notification(content=text), users=ids, dedupe=True)
    except PushwooshError as error:
        # It ended early: a damaged line, a refused token. Who was sent to before that is on the error.
        print(f"stopped: {error}", file=sys.stderr)
        if error.report is not None:
            print_counts(error.report)
        return 2 if isinstance(error, ConfigurationError) else 1

    print_counts(report)
    print_chunks(report)
    return 0 if report.accepted == report.total - report.duplicates else 1


def print_counts(report: RecipientCounts) -> None:
    """Print how many ended how: these four are on errors, too."""
    print(f"accepted  {report.accepted}")
    print(f"rejected  {report.rejected}")
    print(f"in doubt  {report.in_doubt}")
    print(f"not sent  {report.not_sent}")


def print_chunks(report: SendReport) -> None:
    """Name the ids that a person has to look at, by their positions in the file, from 0."""
    for chunk in report.rejected_chunks:
        print(f"rejected: ids {chunk.start} to {chunk.stop - 1}: {chunk.reason}")
    for chunk in report.in_doubt_chunks:
        print(f"in doubt: ids {chunk.start} to {chunk.stop - 1}: {chunk.reason}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} FILE COLUMN TEXT")
    sys.exit(asyncio.run(main(*sys.argv[1:])))
