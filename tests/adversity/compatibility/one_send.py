"""A program: one journalled send through a lost answer, on an event loop of the caller's choice.

It says as JSON what became of it, and what of that is not true by the ledger: it asserts nothing, so that
``python -O`` changes nothing.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from fault_server import accept, fault_server, processed, reset_after_body
from oracle import check
from wire_clients import OURS, PATIENCE, Way, open_client

from pushwoosh_async import Notification, RetryPolicy
from pushwoosh_async._fanout.sqlite_journal import read_journal

from .loops import LOOPS

IDS = tuple(f"u{number}" for number in range(40))


async def send(way: Way, journal: Path) -> dict[str, object]:
    """Send to everybody; return what the run says, and what is wrong with it."""
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = PATIENCE  # a machine under load is nothing to warn of
    async with (
        fault_server(processed(reset_after_body), default=accept) as server,
        open_client(way, server.url, retry=RetryPolicy(base_delay=0.001)) as client,
    ):
        report = await client.fan_out(
            Notification(content="Hello"), users=IDS, journal=journal, chunk_size=10, concurrency=2
        )
        with read_journal(journal) as kept:
            wrong = check(server.ledger.arrivals, kept.records(), report, ids=IDS)
    return {
        "loop": type(loop).__module__,
        "debug": loop.get_debug(),
        "accepted": report.accepted,
        "on_repeat": report.accepted_on_repeat,
        "arrivals": len(server.ledger.arrivals),
        "wrong": wrong,
    }


def main(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Send over each transport of ours, one loop for each."""
    for way in OURS:
        with (
            tempfile.TemporaryDirectory() as folder,
            asyncio.Runner(loop_factory=new_loop) as runner,
        ):
            said = runner.run(send(way, Path(folder) / "run.journal"))
        sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(LOOPS[sys.argv[1]])
