"""A server that says no: to one message, or to whoever asks. What is known, and when it goes on."""

from pathlib import Path

import pytest
from fault_server import accept, fault_server, http, reset_after_body
from fault_server.api_scripts import envelope, only_for, says

from adversity.story import Story
from adversity.trial import Trial
from pushwoosh_async import AuthenticationError, RunStoppedError

from .surroundings import Fate, each_fate, each_fate_in_full

TOKEN = "TOKEN-OF-THE-TESTS"
OTHER = "TOKEN-OF-TOMORROW"


@pytest.mark.row("S8")
async def test_210_to_a_first_attempt(tmp_path: Path, story: Story) -> None:
    """A clean refusal of one chunk: the others go on, and the server's words are fit for a log."""
    spoken = f"no \x1b[31m{TOKEN[:5]}\u200b{TOKEN[5:]} " + "x" * 2_000
    async with fault_server(accept, says(210, spoken), default=accept) as server:
        trial = Trial(tmp_path, server, story)
        told = await trial.send()

        assert (told.report.accepted, told.report.rejected) == (30, 10)
        [chunk] = told.report.rejected_chunks
        assert "status_code 210" in chunk.reason
        assert "\x1b" not in chunk.reason
        assert len(chunk.reason) < 600
        assert TOKEN not in chunk.reason
        assert TOKEN.encode() not in trial.journal.read_bytes()
        story.saw(f"{len(spoken)} characters of the server cut to a reason of {len(chunk.reason)}")
        await trial.end_well()


@each_fate
@pytest.mark.row("S9")
async def test_210_to_a_repeat(tmp_path: Path, story: Story, fate: Fate) -> None:
    """It may be of the repeat itself: nobody is called rejected who may have got it."""
    lost = fate(reset_after_body)
    async with fault_server(lost, says(210), default=accept) as server:
        trial = Trial(tmp_path, server, story, concurrency=1)
        told = await trial.send()

        assert (told.report.accepted, told.report.rejected, told.report.in_doubt) == (30, 0, 10)
        [chunk] = told.report.in_doubt_chunks
        assert chunk.reason.startswith("rejected_after_doubt: ")
        assert trial.records()[0].life.reason == chunk.reason
        await trial.end_well()


KNOWN_TEXTS = (
    "Account not found",
    "Application not found",
    "API token or application is not set",
    "This feature is available for Premium accounts only",
)
REFUSALS = {
    **{f"HTTP {status}": http(status, b"<html>") for status in (401, 403, 404)},
    **{f"body {code}": http(200, envelope(code)) for code in (401, 403, 404)},
    **{f"210 {text}": http(200, envelope(210, text)) for text in KNOWN_TEXTS},
}
each_refusal = pytest.mark.parametrize("refusal", REFUSALS)


@each_refusal
@pytest.mark.row("S15")
async def test_caller_refused_from_the_start(tmp_path: Path, story: Story, refusal: str) -> None:
    """It stops at once, however long the audience; another token goes on with the same journal."""
    guarded = only_for(OTHER, REFUSALS[refusal])
    async with fault_server(default=guarded) as server:
        trial = Trial(tmp_path, server, story, count=1_000, chunk_size=50, sound=guarded)
        told = await trial.send()

        assert isinstance(told.error, RunStoppedError)
        assert isinstance(told.error.__cause__, AuthenticationError)
        assert (told.report.not_sent, told.report.in_doubt, told.failures) == (1_000, 0, {})
        assert len(server.complete) <= 2
        story.saw(f"{len(server.ledger.arrivals)} taken, {told.report.retries} repeated")
        await trial.send()
        assert len(server.complete) <= 4
        assert (await trial.end_well(api_token=OTHER)).report.accepted == 1_000
        assert len(server.ledger.arrivals) == 20


@each_fate_in_full
@each_refusal
@pytest.mark.row("S16")
async def test_caller_refused_in_mid_run(
    tmp_path: Path, story: Story, refusal: str, fate: Fate
) -> None:
    """Who was begun stays as he is; the doubt among them is cleared by a resume inside its window."""
    guarded = only_for(OTHER, REFUSALS[refusal])
    async with fault_server(accept, accept, fate(reset_after_body), default=guarded) as server:
        trial = Trial(tmp_path, server, story, count=100, sound=guarded)
        told = await trial.send()

        assert isinstance(told.error, RunStoppedError)
        assert (told.report.accepted, told.report.in_doubt) == (20, 10)
        assert told.report.not_sent == 70
        assert len(server.complete) <= 5
        resumed = await trial.end_well(api_token=OTHER)
        assert (resumed.report.accepted, resumed.report.accepted_on_repeat) == (100, 10)
