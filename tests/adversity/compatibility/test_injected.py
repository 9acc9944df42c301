"""HTTP clients that the user brought: a send through each, with all that may happen to an answer."""

from pathlib import Path

import pytest
from fault_server import (
    Script,
    accept,
    answer,
    close_after_body,
    fault_server,
    hang,
    http,
    processed,
    raw,
    reset_after_body,
    reset_on_accept,
)
from fault_server.api_scripts import accept_with
from wire_clients import Way

from adversity.network.test_redirects import led_astray, redirect
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


each_brought = pytest.mark.parametrize(
    "way",
    [
        pytest.param("injected_httpx", marks=pytest.mark.row("C6")),
        pytest.param("injected_httpx2", marks=pytest.mark.row("C7")),
    ],
)


@each_brought
async def test_redirect(tmp_path: Path, story: Story, way: Way) -> None:
    """The client would follow it by itself, body and token and all; for us it does not."""
    async with fault_server(default=accept) as other, fault_server(default=accept) as server:
        server.play(redirect(307, other.url, taken=True))
        await led_astray(Trial(tmp_path, server, story, way=way, concurrency=1))

        assert (other.connections, other.bytes_received) == (0, 0)
        story.saw(f"redirected: the other server got {other.bytes_received} bytes")


@each_brought
async def test_cookies(tmp_path: Path, story: Story, way: Way) -> None:
    """The client keeps them in its jar; our requests do not bear them."""
    crumbs = [("Set-Cookie", "session=1; Path=/")]
    giving = accept_with(crumbs)
    async with fault_server(answer(500, b"", crumbs), default=giving) as server:
        # By name: cookie jars commonly take none from bare addresses.
        server.url = server.url.replace("127.0.0.1", "localhost")
        trial = Trial(tmp_path, server, story, way=way, sound=giving)
        told = await trial.send()

        assert told.report.accepted == 40
        returned = sum("cookie" in request.headers for request in server.requests)
        assert (returned, len(server.requests)) == (0, 5)
        story.saw(f"{returned} of {len(server.requests)} requests bore a cookie")
        await trial.end_well()
