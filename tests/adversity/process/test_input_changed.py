"""A run that is gone on with by other input than it was begun with: refused, and nothing is requested."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve
from fault_server import FaultServer, accept, fault_server, processed, read_and_hang
from wire_clients import open_client

from adversity.story import Story
from adversity.trial import HELLO, Trial
from pushwoosh_async import InputChangedError, SendReport
from pushwoosh_async.sources import read_ids

IDS = [f"u{number}" for number in range(40)]
# The first words of what the error says to differ; and how it differs.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "a byte": ("recipients", {"users": [*IDS[:3], "U3", *IDS[4:]]}),
    "the order": ("recipients", {"users": [IDS[1], IDS[0], *IDS[2:]]}),
    "one more": ("number of recipients", {"users": [*IDS, "u40"]}),
    "one less": ("number of recipients", {"users": IDS[:-1]}),
    "the chunk size": ("chunk_size", {"chunk_size": 20}),
    "the text": ("what is sent", {"notification": evolve(HELLO, content="Bye")}),
    "an option of the message": ("what is sent", {"notification": evolve(HELLO, title="x")}),
}
# A file is compared before any of it is used: its size, its digest.
OTHERWISE = {
    "a byte": IDS[0] + "\nU1\n" + "\n".join(IDS[2:]) + "\n",
    "the order": "\n".join(reversed(IDS)) + "\n",
    "one more": "\n".join([*IDS, "u40"]) + "\n",
}


async def break_off(trial: Trial, server: FaultServer, **options: Any) -> None:
    """Have a chunk accepted, one in doubt, and the others not begun."""
    server.play(accept, processed(read_and_hang))
    async with trial.begin(concurrency=1, timeout=0.2, **options) as begun:
        with anyio.CancelScope() as scope:
            async with begun.run as run:
                async for _ in run:
                    await server.until(lambda: len(server.complete) == 2)
                    scope.cancel()
    report = trial.sessions[0].report
    assert (report.accepted, report.in_doubt, report.not_sent) == (10, 10, 20)


async def assert_refused(
    trial: Trial, server: FaultServer, story: Story, field: str, **changed: Any
) -> None:
    """Go on with a run by something else: it stays as it was, and the server hears nothing."""
    options: dict[str, Any] = {
        "notification": HELLO,
        "users": IDS,
        "chunk_size": 10,
        "concurrency": 2,
    } | changed
    before = (len(server.ledger.arrivals), server.connections, trial.records())
    async with open_client("httpx", server.url) as client:
        run = client.fan_out(options.pop("notification"), journal=trial.journal, **options)
        with pytest.raises(InputChangedError) as caught:
            await run

    error = caught.value
    assert error.field.startswith(field)
    assert error.expected != error.found
    assert error.delivery == "not_sent"
    assert isinstance(error.report, SendReport)
    assert error.report.accepted == 10
    assert (len(server.ledger.arrivals), server.connections, trial.records()) == before
    requests = len(server.ledger.arrivals) - before[0]
    story.saw(f"{type(error).__name__}: {field}, {requests} requests")


@pytest.mark.row("P25")
@pytest.mark.parametrize("change", CHANGES)
async def test_another_input(tmp_path: Path, story: Story, change: str) -> None:
    """The error names what differs and both of it; by its own input the run goes on."""
    field, changed = CHANGES[change]
    async with fault_server(default=accept) as server:
        trial = Trial(tmp_path, server, story)
        await break_off(trial, server)

        await assert_refused(trial, server, story, field, **changed)

        await trial.end_well()


@pytest.mark.row("P25")
@pytest.mark.parametrize("change", OTHERWISE)
async def test_another_file(tmp_path: Path, story: Story, change: str) -> None:
    """It has the same name, and is not the same."""
    file = tmp_path / "users.txt"
    file.write_text("\n".join(IDS) + "\n")
    async with fault_server(default=accept) as server:
        trial = Trial(tmp_path, server, story)
        await break_off(trial, server, users=read_ids(file))

        file.write_text(OTHERWISE[change])
        await assert_refused(trial, server, story, "the file of recipients", users=read_ids(file))

        file.write_text("\n".join(IDS) + "\n")
        await trial.end_well(users=read_ids(file))
