r"""Send each user in a CSV file a message of their own: one template, and a column for each placeholder.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/personalised_csv.py users.csv user_id \
        'Hello {firstname|CapitalizeFirst|friend}!' firstname=first_name

Who gets the same words shares a notification, and up to a thousand notifications share a request. An
empty cell is left out, so that the user's own tag or the default stands in its place. A placeholder needs
that default, be it empty: without the last bar whoever has no text gets no message.

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
    personalise,
    read_rows,
)


async def main(path: str, column: str, text: str, *placeholders: str) -> int:
    """Send, print the report, and return the exit code."""
    named = dict(each.split("=", 1) for each in placeholders)
    try:
        rows = read_rows(path, column=column, placeholders=named)
        async with PushwooshClient() as client:
            # One failed request would leave all of its notifications in doubt, until each was repeated.
            report = await client.fan_out_each(personalise(Notification(content=text), rows))
    except PushwooshError as error:
        # It ended early: a damaged line, a refused token. Who was sent to before that is on the error.
        print(f"stopped: {error}", file=sys.stderr)
        if error.report is not None:
            print_counts(error.report)
        return 2 if isinstance(error, ConfigurationError) else 1

    print_counts(report)
    return 0 if report.accepted == report.total else 1


def print_counts(report: RecipientCounts) -> None:
    """Print how many ended how."""
    print(f"accepted  {report.accepted}")
    print(f"rejected  {report.rejected}")
    print(f"in doubt  {report.in_doubt}")
    print(f"not sent  {report.not_sent}")


if __name__ == "__main__":
    if len(sys.argv) < 5 or not all("=" in each for each in sys.argv[4:]):
        sys.exit(f"usage: {sys.argv[0]} FILE COLUMN TEXT PLACEHOLDER=COLUMN...")
    sys.exit(asyncio.run(main(*sys.argv[1:])))
