"""An interpreter ends, or a second event loop comes, with a client open and a run under way: no hang, and
the journal is sound.
"""  # noqa: D205 -- one question

import asyncio
import re
import time
from pathlib import Path

import pytest
from fault_server import FaultServer, accept, fault_server, processed, read_and_hang
from wire_clients import NOTE, Way, each_own_way

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import ConfigurationError, PushwooshClient, SendReport

from .cancelling import HeldAnswer, entered
from .children import Children, over

# Seconds that it may take: a start, a drain of what is under way, and a machine that is busy.
BOUND = 15.0
BY = "the ledger, the journal, and the report of the resume"
# What the interpreter itself says of event loops that nobody closed.
_NOT_OURS = re.compile(r"Task was destroyed but it is pending!\ntask: .*\n")


async def resumed(children: Children) -> SendReport:
    """Go on with the run in a process that ends as it should; everybody is accepted, once."""
    report, said = await children.end(await children.start())
    assert (said["error"], report.accepted, report.in_doubt) == ("", 40, 0)
    return report


@each_own_way
@pytest.mark.parametrize(
    ("how", "code", "complaint"),
    [
        ("return", 0, ""),
        pytest.param("exit", 3, "", marks=pytest.mark.slow),
        pytest.param("raise", 1, "LookupError: mine", marks=pytest.mark.slow),
        pytest.param("abandon", 0, "", marks=pytest.mark.slow),
        pytest.param("thread", 0, "", marks=pytest.mark.slow),
    ],
)
@pytest.mark.row("P28")
async def test_the_interpreter_ends(
    tmp_path: Path, story: Story, way: Way, how: str, code: int, complaint: str
) -> None:
    """In each way: no hang, nothing of ours on stderr, and whoever resumes finds the truth."""
    scripts = (accept, processed(read_and_hang))
    async with fault_server(*scripts, default=accept) as server:
        children = Children(tmp_path, server)
        begun, (ended, out, err) = time.monotonic(), await end_in(how, way, server, children)
        seconds = time.monotonic() - begun

        assert (ended, out) == (code, "")
        assert seconds < BOUND
        said = _NOT_OURS.sub("", err).strip()
        assert said.endswith(complaint) if complaint else said == ""
        assert "TOKEN-OF" not in err
        children.hold_against_ledger(None)
        report = await resumed(children)
        assert report.accepted_on_repeat == 10
        told = said.rpartition("\n")[2] or "silence"
        story.saw(f"{how}: exit code {ended}, {told}; resumed: {report.accepted} accepted")
        story.check("G1", "G2", "G3", by=BY)


async def end_in(
    how: str, way: Way, server: FaultServer, children: Children
) -> tuple[int, str, str]:
    """Run the program, and let it end once its second request was taken; return how it ended."""
    module = "adversity.process.shutdown_program"
    process = await children.start_python(
        *("-W", "error", "-m", module, server.url, str(children.journal), way, how)
    )
    assert process.stdin is not None
    await server.until(lambda: len(server.ledger.arrivals) == 2)
    process.stdin.write(b"end\n")
    return await over(process)


@each_own_way
@pytest.mark.slow
@pytest.mark.row("P28")
async def test_asyncio_run_twice_with_one_client(tmp_path: Path, story: Story, way: Way) -> None:
    """The second loop is told that the client is the first one's, and nothing is sent."""
    async with fault_server(accept, processed(read_and_hang), default=accept) as server:
        children = Children(tmp_path, server)
        code, said, err = await end_in("twice", way, server, children)

        assert (code, err) == (0, "")
        error, _, why = said.partition(": ")
        assert "another event loop" in why
        assert len(server.requests) == 2
        children.hold_against_ledger(None)
        report = await resumed(children)
        story.saw(f"asyncio.run twice: {error}; resumed: {report.accepted} accepted")
        story.check("G1", "G2", "G3", by=BY)


@each_own_way
@pytest.mark.row("P28")
async def test_two_loops_at_once_share_one_client(tmp_path: Path, story: Story, way: Way) -> None:
    """While the first waits for an answer of a run, the second is refused, unsent; the run goes on."""
    held = HeldAnswer()

    async def call(client: PushwooshClient) -> None:
        async with asyncio.timeout(BOUND / 3):  # accepted by mistake, it would wait for ever
            await client.create_message(NOTE)

    async with fault_server(accept, held, default=accept) as server:
        trial = Trial(tmp_path, server, Story("P28"), way=way, concurrency=1)
        async with trial.begin() as begun:
            job = asyncio.ensure_future(entered(begun.run))
            await held.taken.wait()
            with pytest.raises(ConfigurationError, match="another event loop") as caught:
                await asyncio.to_thread(asyncio.run, call(begun.client))
            held.let_go.set()
            await job
        report = begun.run.report
        assert (report.accepted, report.requests, len(server.ledger.arrivals)) == (40, 4, 4)
        await trial.end_well()
        error = type(caught.value).__name__
        story.saw(
            f"two loops at once: {error} in the second; {report.accepted} accepted in the first"
        )
        story.check("G1", "G2", "G3", by="the ledger, the journal, and the report of each run")
