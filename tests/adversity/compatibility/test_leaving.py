"""Programs that end while they still send: the interpreter is gone at once, and nobody is lost."""

import asyncio
import time
from pathlib import Path

import pytest
from fault_server import Connection, FaultServer, accept

from adversity.story import Story
from adversity.trial import Trial

from .leaving import EXIT_CODE
from .programs import Ended, run
from .serving import serving

HOWS = {"exit": EXIT_CODE, "daemon": 0, "forget": 0}
# Seconds; all but the start of an interpreter is over in less than one.
AT_ONCE = 15.0
each_how = pytest.mark.parametrize(
    "how", [pytest.param(how, marks=() if how == "exit" else pytest.mark.slow) for how in HOWS]
)


async def late(connection: Connection) -> None:
    """Let the API take a request, and answer when the program is about to end, or has."""
    taken = connection.server.ledger.take(await connection.read_request())
    await asyncio.sleep(0.3)
    await connection.send(taken)


def leave(what: str, how: str, server: FaultServer, journal: Path) -> Ended:
    """Run the program to its early end, which is no hang and no crash."""
    server.default = late
    began = time.monotonic()
    ended = run("adversity.compatibility.leaving", what, how, server.url, str(journal))
    assert time.monotonic() - began < AT_ONCE
    assert ended.code == HOWS[how], ended.err
    assert "Fatal Python error" not in ended.err
    assert "TOKEN-OF-THE-TESTS" not in ended.err
    return ended


@each_how
@pytest.mark.row("C5")
def test_a_run(tmp_path: Path, story: Story, how: str) -> None:
    """Its journal is as after a kill, or better: what was taken is known, or in doubt and repeated."""
    with serving(accept) as server:
        trial = Trial(tmp_path, server, story)
        ended = leave("run", how, server, trial.journal)
        assert ended.err == ""
        left = sum(server.ledger.sent_to().values())
        assert 0 < left < len(trial.ids)

        server.default = accept
        asyncio.run(trial.send())
        asyncio.run(trial.end_well())
    story.saw(f"a run, left by {how}: exit code {ended.code}, nothing said")


@each_how
@pytest.mark.row("C5")
@pytest.mark.parametrize("what", ["sender", "client"])
def test_what_has_no_journal(tmp_path: Path, story: Story, what: str, how: str) -> None:
    """It ends too; Python may name what was left open, and nobody is sent to twice."""
    with serving(accept) as server:
        ended = leave(what, how, server, tmp_path / "unused")
        assert set(server.ledger.sent_to().values()) == {1}
    story.saw(f"a {what}, left by {how}: exit code {ended.code}")
    story.check("G1", by="the ledger")
