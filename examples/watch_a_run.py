"""Watch a large send while it goes on, and let Ctrl-C end it properly.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/watch_a_run.py users.txt

The file holds one user id a line. Ctrl-C begins nothing new and waits for what is under way; the
report then says who was not sent to.

Without an account: run `pushwoosh-async sandbox --latency 1` in another shell, and copy the lines that
it prints.
"""

import asyncio
import signal
import sys

from pushwoosh_async import Notification, Progress, PushwooshClient, RunStoppedError, read_ids


async def main(path: str) -> None:
    """Send, printing a line for each chunk of up to 1000 users."""
    notification = Notification(content="The sale has begun")
    async with PushwooshClient() as client:
        run = client.fan_out(notification, users=read_ids(path), concurrency=4)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, run.drain)
        try:
            async with run:
                async for outcome in run:
                    print(f"{outcome.recipients:5} {outcome.outcome}; {describe(run.progress)}")
                    if outcome.outcome == "rejected":
                        # The next chunk carries the same message: look first, then send the rest.
                        print(f"draining: {outcome.reason}")
                        run.drain()
        except RunStoppedError as error:
            print(f"stopped: {error}", file=sys.stderr)

        # The report is there however the block was left.
        report = run.report
        print(
            f"accepted {report.accepted}, rejected {report.rejected}, in doubt {report.in_doubt}, "
            f"read but not sent {report.not_sent}"
        )
        if not report.input_complete:
            print(f"the end of the file was not read; the run ended early: {report.stopped}")


def describe(progress: Progress) -> str:
    """Say how far the run has come."""
    text = f"{progress.accepted} accepted, {progress.rate:.0f} a second"
    if progress.retries:
        text += f", {progress.retries} retries"
    if progress.in_doubt:
        text += f", {progress.in_doubt} in doubt for now"
    if progress.seconds_left is not None:  # known for a list, not for a file
        text += f", {progress.seconds_left:.0f} s left"
    return text


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FILE")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # so that a pipe sees lines
    asyncio.run(main(sys.argv[1]))
