"""HTTP clients that the user brought: a send through each, with all that may happen to an answer."""

from pathlib import Path

import pytest
from fault_server import (
    Script,
    accept,
    close_after_body,
    fault_server,
    hang,
    http,
    processed,
    raw,
    reset_after_body,
    reset_on_accept,
)
from wire_clients import Way

from adversity.story import Story
from adversity.trial import Trial

# An answer whose promised end never comes, and one that is no JSON.
CUT = raw(http()[:-10], lambda connection: connection.close())
HTML = raw(http(502, b"<html>Bad Gateway</html>"))
LOST: tuple[Script, ...] = (reset_after_body, close_after_body, CUT, HTML)


async def assert_same_promises(folder: Path, story: Story, way: Way) -> None:
    """Four answers are lost after the API took the request, two requests before it could."""
    scripts = (hang, reset_on_accept, *map(processed, LOST))
    async with fault_server(*scripts, default=accept) as server:
        trial = Trial(folder, server, story, way=way, count=80, timeout=0.3)
        told = await trial.send()

        verdicts = [each.verdict for each in server.ledger.arrivals]
        assert verdicts.count("replay") == len(LOST)
        assert (told.report.accepted, told.report.in_doubt) == (80, 0)
        await trial.end_well()


@pytest.mark.row("C6")
async def test_httpx(tmp_path: Path, story: Story) -> None:
    """It follows redirects, keeps cookies and has its own pool; nobody gets anything twice."""
    await assert_same_promises(tmp_path, story, "injected_httpx")


@pytest.mark.row("C7")
async def test_httpx2(tmp_path: Path, story: Story) -> None:
    """The continuation of httpx, which this library does not depend on, brought by the user."""
    await assert_same_promises(tmp_path, story, "injected_httpx2")
